"""How are the places of all lists spread over the items, and how unlike are users' lists?

These numbers depend on how many lists there are: a thousand users are shown more items than a
hundred, whatever the recommender. What is estimated is what another draw of as many users of the
same kind would give on average; groups of unlike size should not be held against each other.
"""

import numpy as np

from core.tables import Floats, Ints
from evaluators.metric import metric, ratio

GE = "Ge et al. 2010, doi:10.1145/1864708.1864761"
ADOMAVICIUS = "Adomavicius & Kwon 2012, doi:10.1109/TKDE.2011.15"


@metric(better="higher", bounds=(0, 1), source=GE, family="diversity", per="run")
def coverage(item_counts: Floats, n_available: Ints) -> Floats:
    """What share of the catalogue is recommended to anybody?

    item_counts  float (..., n_items)  places that the item takes in the first k of all lists
    n_available  int ()                items that could be recommended

    Σ (1 if item_counts > 0) / n_available. RecPack and RecBole: the same. RecTools gives the count,
    RePlay and Evidently divide by the items of the training data.
    """
    return ratio((item_counts > 0).sum(axis=-1), np.asarray(n_available))


@metric(better="higher", bounds=(0, 1), source=GE, family="diversity", cutoff=False)
def user_coverage(n_listed: Ints) -> Floats:
    """What share of the users is given any list at all?

    n_listed  int (n_users,)  places of the list that are filled

    1 if n_listed > 0, else 0; its mean over users is what the name says.
    """
    return (n_listed > 0).astype(np.float64)


@metric(
    better="lower",
    bounds=(0, 1),
    source="Gini 1912; Fleder & Hosanagar 2009, doi:10.1287/mnsc.1080.0974",
    family="diversity",
    per="run",
)
def gini(item_counts: Floats, n_available: Ints) -> Floats:
    """How unequally are places spread over the items of the catalogue?

    item_counts  float (..., n_items)  places that the item takes in the first k of all lists
    n_available  int ()                items that could be recommended

    Σ (2i - n - 1) x_i / (n Σ x), the counts x of all n = n_available items ascending, so never
    recommended ones come first: 0 is even, 1 - 1/n is one item for everybody. NaN without a place.
    RecBole and LensKit: the same; WarpRec divides by n - 1, Elliot gives 1 minus it, Evidently and
    ClayRS leave out never recommended items.
    """
    ascending = np.sort(item_counts, axis=-1)
    n, n_listed = float(n_available), ascending.shape[-1]
    place = np.arange(n - n_listed + 1, n + 1)
    unevenness = (ascending * (2 * place - n - 1)).sum(axis=-1)
    return ratio(unevenness, n * ascending.sum(axis=-1))


@metric(better="higher", bounds=(0, np.inf), source=ADOMAVICIUS, family="diversity", per="run")
def entropy(item_counts: Floats) -> Floats:
    """How hard is it to guess which item stands at a place? [bits].

    item_counts  float (..., n_items)  places that the item takes in the first k of all lists

    -Σ p · log2(p), p = item_counts / Σ item_counts. NaN without a place. Recommenders'
    distributional_coverage: the same; RecBole takes nats and divides by the number of items.
    """
    total = item_counts.sum(axis=-1)
    inner = (item_counts * np.log2(np.maximum(item_counts, 1))).sum(axis=-1)
    bits = np.log2(np.maximum(total, 1)) - inner / np.maximum(total, 1)
    return np.where(total > 0, np.maximum(bits, 0), np.nan)


@metric(better="lower", bounds=(0, 1), source=ADOMAVICIUS, family="diversity", per="run")
def hhi(item_counts: Floats) -> Floats:
    """How likely are two places, drawn by chance, to show the same item?

    item_counts  float (..., n_items)  places that the item takes in the first k of all lists

    Σ (item_counts / Σ item_counts)², the Herfindahl-Hirschman index: 1 / n when n items share the
    places evenly. NaN without a place.
    """
    total = item_counts.sum(axis=-1)
    return ratio((item_counts * item_counts).sum(axis=-1), total * total)


@metric(
    better="neither",
    bounds=(0, 1),
    source="Zhou et al. 2010, doi:10.1073/pnas.1000488107",
    family="diversity",
    per="run",
)
def personalisation(item_weights: Floats, n_lists: Floats) -> Floats:
    """How unlike are the lists of two users?

    item_weights  float (..., n_items)  sum over the lists that hold the item of 1 / √(items listed)
    n_lists       float (...,)          lists that hold anything

    1 - mean over all pairs of users of items both lists hold / √(items of one · of the other),
    which Σ item_weights² comes to without looking at pairs: 1 - (Σ w² - n) / (n (n - 1)), n =
    n_lists. Evidently and recmetrics: the same where all lists are of one length. NaN for one list.
    """
    alike = (item_weights * item_weights).sum(axis=-1) - n_lists
    overlap = ratio(alike, n_lists * (n_lists - 1))
    return 1 - np.clip(overlap, 0, 1)
