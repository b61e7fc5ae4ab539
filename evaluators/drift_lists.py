"""What does time do to a model: to its lists, and to how good they are?"""

import numpy as np

from core.tables import Codes, Floats, Ints
from evaluators.metric import metric, ratio
from evaluators.overlap import lengths, rank_biased, shared_by_depth

WEBBER = "Webber, Moffat & Zobel 2010, doi:10.1145/1852102.1852106"
FAGIN = "Fagin, Kumar & Sivakumar 2003, doi:10.1137/S0895480102412856"
ROLLING = "Campos, Díez & Cantador 2014, doi:10.1007/s11257-012-9136-x"
LEAST = 1e-3  # a ratio of qualities below this counts as this: the logarithm of 0 has no value


@metric(better="neither", bounds=(0, 1), source=WEBBER, family="drift", per="audit")
def refit_overlap(before: Codes | Ints, after: Codes | Ints, persistence: float = 0.9) -> Floats:
    """How alike are a user's lists before and after a refit, the top counting most?

    before       int (n_users, k)  codes of the model before the refit, -1 past the end
    after        int (n_users, k)  codes after it; NaN for a user whose lists are both empty
    persistence  p: chance that a reader goes on to the next place; 0.9 puts 86 % on ten places

    (1 - p) Σ_d p^(d-1) A_d + p^k A_k, A_d the share of the first d places held in common:
    rank-biased overlap, extrapolated (eq. 23), as the package rbo. An empty place of a shorter
    list agrees with nothing; eq. 32 lets it go on as before.
    """
    return rank_biased(before, after, persistence)


@metric(better="neither", bounds=(0, 1), source=FAGIN, family="drift", per="audit")
def refit_churn(before: Codes | Ints, after: Codes | Ints) -> Floats:
    """Which share of a user's list did a refit replace?

    before  int (n_users, k)  codes of the model before the refit, -1 past the end
    after   int (n_users, k)  codes after it; NaN for a user whose lists are both empty

    1 - shared / max(length before, length after), the order left aside.
    """
    longest = np.maximum(lengths(before), lengths(after))
    return 1 - ratio(shared_by_depth(before, after)[:, -1], longest)


@metric(better="neither", bounds=(-1, 1), source=ROLLING, family="drift", per="audit")
def refresh_gain(frozen: Floats, refitted: Floats) -> Floats:
    """What is refreshing worth: by how much does a refitted model beat the one left as it was?

    frozen    float (...,)  mean quality of the model as fitted at first
    refitted  float (...,)  mean quality of the model fitted again, same users, same window

    Σ refitted / n - Σ frozen / n over the users, in the unit of the metric: above 0 it pays.
    """
    return np.asarray(refitted - frozen)


@metric(
    better="higher", bounds=(0, float("inf")), source=ROLLING, family="drift", per="audit"
)  # fmt: skip
def quality_half_life(frozen: Floats, refitted: Floats, age: Floats) -> Floats:
    """After how many days is a model left alone half as good as one kept fresh?

    frozen    float (..., n_windows)  mean quality of the model as fitted at first
    refitted  float (..., n_windows)  mean quality of the model fitted again before each window
    age       float (n_windows,)      days from the freezing to the middle of the window

    -ln 2 · Σ age² / Σ age · ln(frozen / refitted): the exponential decay, from a ratio of 1 at age
    0, that fits best by least squares of the logarithm. Infinite where the frozen model loses
    nothing; NaN where the refitted one is worth nothing in every window. Windows where it is are
    left out; a ratio below 0.001 counts as that. The ratio takes out what time does to both: users
    who are harder to serve, tests that are shorter.
    """
    is_known = (np.asarray(refitted) > 0) & (age > 0)
    kept = np.maximum(ratio(np.asarray(frozen, dtype=np.float64), refitted), LEAST)
    loss = -np.where(is_known, age * np.log(np.where(is_known, kept, 1)), 0).sum(axis=-1)
    weight = np.where(is_known, age**2, 0.0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.log(2) * weight / np.maximum(loss, 0)
    return np.where(weight > 0, days, np.nan)


@metric(
    better="neither",
    bounds=(-1, 1),
    source="Koren 2010 (temporal dynamics), doi:10.1145/1721654.1721677",
    family="drift",
    per="audit",
)
def decay_gain(undecayed: Floats, decayed: Floats) -> Floats:
    """What is it worth to forget: how much better is recent popularity than popularity of all time?

    undecayed  float (...,)  mean quality of the most popular items, every liking counting the same
    decayed    float (...,)  mean quality where a liking counts half after each half-life

    Σ decayed / n - Σ undecayed / n over the users, in the unit of the metric.
    """
    return np.asarray(decayed - undecayed)
