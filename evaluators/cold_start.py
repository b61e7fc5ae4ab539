"""What happens to users and items that little is known of?

Arrays are sums over users, so that an interval comes of drawing users again and adding up again;
every function works on sums of any shape (...,), one answer each.
"""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio

SCHEIN = "Schein et al. 2002, doi:10.1145/564376.564421"
SINGH = "Singh & Joachims 2018, doi:10.1145/3219819.3220088"


@metric(better="higher", bounds=(0, 1), source=SCHEIN, family="cold-start", per="audit")
def slice_recall(n_found: Ints | Floats, n_chosen: Ints | Floats) -> Floats:
    """Of the choices that fall on these items, which share was in the list of who made it?

    n_found   int (...,)  test choices of these items that stood in the chooser's list of k
    n_chosen  int (...,)  test choices of these items; 0 gives NaN

    n_found / n_chosen: each choice counts once, whoever made it (a micro-average), because most
    users have no choice among cold items and would be undefined. RecTools and LensKit have no
    recall by slice of items; filtering their input gives the mean over users instead.
    """
    return ratio(n_found, n_chosen)


@metric(better="neither", bounds=(0, 1), source=SCHEIN, family="cold-start", per="audit")
def slice_choice_share(n_chosen: Ints | Floats, n_all_chosen: Ints | Floats) -> Floats:
    """Which share of what users went on to choose falls on these items?

    n_chosen      int (...,)  test choices of these items
    n_all_chosen  int (...,)  test choices in all; 0 gives NaN

    n_chosen / n_all_chosen. It is what the share of the lists is held against.
    """
    return ratio(n_chosen, n_all_chosen)


@metric(better="neither", bounds=(0, 1), source=SCHEIN, family="cold-start", per="audit")
def slice_list_share(n_places: Ints | Floats, n_all_places: Ints | Floats) -> Floats:
    """Which share of the places in the lists goes to these items?

    n_places      int (...,)  places of the first k that hold one of these items
    n_all_places  int (...,)  places that hold any item; 0 gives NaN

    n_places / n_all_places, every rank the same.
    """
    return ratio(n_places, n_all_places)


@metric(better="neither", bounds=(0, 1), source=SINGH, family="cold-start", per="audit")
def slice_exposure_share(exposure: Floats, all_exposure: Floats) -> Floats:
    """Which share of the attention that lists get goes to these items?

    exposure      float (...,)  sum of 1 / log2(rank + 1) over the places of these items
    all_exposure  float (...,)  the same over all filled places; 0 gives NaN

    exposure / all_exposure, a place high in the list counting for more.
    """
    return ratio(exposure, all_exposure)


@metric(better="neither", bounds=(0, np.inf), source=SINGH, family="cold-start", per="audit")
def slice_exposure_ratio(
    exposure: Floats, all_exposure: Floats, n_chosen: Ints | Floats, n_all_chosen: Ints | Floats
) -> Floats:
    """How much attention do these items get, for each part that users would give them?

    exposure      float (...,)  sum of 1 / log2(rank + 1) over the places of these items
    all_exposure  float (...,)  the same over all filled places; 0 gives NaN
    n_chosen      int (...,)    test choices of these items; 0 gives NaN
    n_all_chosen  int (...,)    test choices in all

    (exposure / all_exposure) / (n_chosen / n_all_chosen): 1 is attention in proportion to what
    users chose, below 1 the items are kept from them.
    """
    return ratio(ratio(exposure, all_exposure), ratio(n_chosen, n_all_chosen))


@metric(better="lower", bounds=(0, 1), source=SCHEIN, family="cold-start", per="audit")
def fallback_share(n_fallback: Ints | Floats, n_users: Ints | Floats) -> Floats:
    """Which share of the users got popular items in place of a list of the model's own?

    n_fallback  int (...,)  users whose list was empty and has been filled
    n_users     int (...,)  judged users; 0 gives NaN

    n_fallback / n_users.
    """
    return ratio(n_fallback, n_users)


@metric(better="lower", bounds=(-np.inf, np.inf), source=SCHEIN, family="cold-start", per="audit")
def cold_user_gap(
    n_cold: Ints | Floats, cold: Floats, n_warm: Ints | Floats, warm: Floats
) -> Floats:
    """How much better are users with a long history served than those with none or a short one?

    n_cold  int (...,)    users with a short history or none for whom the metric is defined
    cold    float (...,)  sum of the metric over them; nobody gives NaN
    n_warm  int (...,)    users with a longer history
    warm    float (...,)  sum of the metric over them

    warm / n_warm - cold / n_cold, in the unit of the metric whose cutoff k names it.
    """
    return ratio(warm, n_warm) - ratio(cold, n_cold)


@metric(
    better="neither",
    bounds=(-np.inf, np.inf),
    source="Cremonesi & Turrin 2009, doi:10.1145/1639714.1639775",
    family="cold-start",
    per="audit",
)
def warm_up_slope(
    n_users: Ints | Floats, history: Floats, quality: Floats, squares: Floats, products: Floats
) -> Floats:
    """How much better is the list for every doubling of the history?

    n_users   int (...,)    users for whom the metric is defined; below 2 gives NaN
    history   float (...,)  sum over them of x = log2(1 + rows of history)
    quality   float (...,)  sum of the metric y
    squares   float (...,)  sum of x²
    products  float (...,)  sum of x · y

    (n Σxy - Σx Σy) / (n Σx² - (Σx)²), the slope of least squares; NaN where all histories are of
    one length.
    """
    spread = n_users * squares - history * history
    level = np.where(spread > 1e-9 * n_users * squares, spread, 0.0)  # rounding is no spread
    return ratio(n_users * products - history * quality, level)


@metric(better="lower", bounds=(0, 1), source=SCHEIN, family="cold-start", per="audit")
def never_listed(n_lists: Ints) -> Floats:
    """Which share of the catalogue stands in nobody's list?

    n_lists  int (n,)  judged users whose first k places hold the item, one entry an item

    Σ (n_lists = 0) / n. It speaks of these very users: more of them reach more items (`unreached`
    says how many more). 1 minus it is the catalogue coverage of RecTools and Elliot over the whole
    catalogue.
    """
    return np.asarray((n_lists == 0).mean() if len(n_lists) else np.nan)


@metric(
    better="lower",
    bounds=(0, 1),
    source="Chao 1987, doi:10.2307/2531532",
    family="cold-start",
    per="audit",
)
def unreached(n_lists: Ints, n_users: Ints) -> Floats:
    """Which share of the catalogue would stand in nobody's list, however many users came?

    n_lists  int (n,)    users whose list holds the item, one entry an item
    n_users  int (n_1,)  [users with a list]

    1 - min(S, n) / n with S = s + (m - 1) / m · q1 (q1 - 1) / (2 (q2 + 1)), s items listed, q1
    items in one list only, q2 in two, m users: Chao2 in its bias-corrected form. It is a lower
    bound of what is reached, and so an upper bound of what is not.
    """
    if not len(n_lists):
        return np.asarray(np.nan)
    return np.asarray(1 - min(chao2(n_lists, int(n_users[0]))[0], len(n_lists)) / len(n_lists))


def chao2(n_lists: Ints, n_users: int, z: float = 1.959963984540054) -> tuple[float, float, float]:
    """How many items would be listed by users without number? Estimate, low, high.

    n_lists  int (n,) users whose list holds the item; z: normal quantile of the interval
    The interval is log-normal above the items listed already (Chao 1987, eq. 8-9; the variance is
    that of EstimateS 9.1, appendix B, eq. 4).
    """
    listed = float((n_lists > 0).sum())
    once, twice = float((n_lists == 1).sum()), float((n_lists == 2).sum())
    share = (n_users - 1) / max(n_users, 1)
    more = share * once * (once - 1) / (2 * (twice + 1))
    if more <= 0:
        return listed, listed, listed
    part = 2 * (twice + 1)
    variance = more + share**2 * (
        once * (2 * once - 1) ** 2 / part**2
        + once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    )
    reach = float(np.exp(z * np.sqrt(np.log1p(variance / more**2))))
    return listed + more, listed + more / reach, listed + more * reach


@metric(better="lower", bounds=(0, 1), source=SCHEIN, family="cold-start", per="audit")
def never_recommendable(is_listed: Bools, is_learned: Bools, is_ranked: Bools) -> Floats:
    """Which share of the catalogue can this model, as it is now, recommend to nobody?

    is_listed   bool (n,)  does the item stand in any list, as deep as lists were asked for?
    is_learned  bool (n,)  did anybody like it in the history the model learned from?
    is_ranked   bool (n,)  does the model give it a place when asked for the whole catalogue? True
                           for all where that is not known

    Σ (not listed and (not learned or not ranked)) / n. An item that nobody liked is no verdict by
    itself: a model that reads titles, or draws by chance, lists it all the same.
    """
    if not len(is_listed):
        return np.asarray(np.nan)
    return np.asarray((~is_listed & (~is_learned | ~is_ranked)).mean())
