"""Do those who judge explanations agree: judges, scores, people?"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.tables import Floats

Level = Literal["nominal", "ordinal", "interval"]
LEVELS = ("nominal", "ordinal", "interval")


def krippendorff_alpha(ratings: Floats, level: Level = "interval") -> float:
    """How far do raters agree beyond what their ratings would by chance?

    ratings  float (n_raters, n_units), NaN where a rater gave none
    level    what numbers mean: names, ranks, or amounts

    1 - observed / expected disagreement over all pairs of values within units; 1 is agreement, 0
    chance, below 0 worse. Units with one rating say nothing. NaN where no unit has two ratings or
    all ratings are the same value. Expected pairs are drawn without replacement, n (n - 1).
    Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability",
    repository.upenn.edu/asc_papers/43.
    """
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}; got {level!r}")
    table = np.atleast_2d(np.asarray(ratings, dtype=np.float64))
    given = ~np.isnan(table)
    table = np.where(given & (given.sum(axis=0) > 1), table, np.nan)
    given = ~np.isnan(table)
    if not given.any():
        return np.nan
    values, codes = np.unique(table[given], return_inverse=True)
    units = np.nonzero(given)[1]
    counts = np.zeros((table.shape[1], len(values)))  # how often a unit was given each value
    np.add.at(counts, (units, codes), 1)
    n_given = counts.sum(axis=1)
    pairable = n_given > 1
    scaled = counts[pairable] / (n_given[pairable] - 1)[:, None]
    coincidences = scaled.T @ counts[pairable]
    coincidences[np.diag_indices(len(values))] -= scaled.sum(axis=0)  # no rating pairs with itself
    totals = coincidences.sum(axis=1)
    n = totals.sum()
    distance = _distances(values, totals, level)
    expected = float((np.outer(totals, totals) * distance).sum() / (n - 1))
    observed = float((coincidences * distance).sum())
    return 1 - observed / expected if expected > 0 else np.nan


def _distances(values: Floats, totals: Floats, level: Level) -> Floats:
    """Squared difference of every two values, by what numbers mean."""
    if level == "nominal":
        return 1.0 - np.eye(len(values))
    if level == "interval":
        return np.subtract.outer(values, values) ** 2
    # ranks: how many ratings lie between two values, half of those at either end
    middle = np.cumsum(totals) - totals / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2)


def agreement(
    verdicts: Mapping[str, Sequence[float] | Floats],
    users: Sequence[int] | None = None,
    n_resamples: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """How alike do any two judges order the same explanations?

    verdicts  judge → float (n,), higher is better (turn a score round where lower is); NaN: none.
              People's mean ratings are a judge like any other
    users     int (n,): whose explanations they are; drawn together for the interval

    judge, other, spearman, low, high (95 %, percentiles over resampled users), kendall (τ-b), alpha
    (Krippendorff's, of their ranks from 0 to 1, as scales differ), n, n_undefined. NaN where fewer
    than three explanations have both, or a judge says the same of all.
    """
    n = len(next(iter(verdicts.values()), ()))
    groups = np.arange(n) if users is None else np.asarray(users)
    columns = ["judge", "other", "spearman", "low", "high", "kendall", "alpha", "n", "n_undefined"]
    rows = []
    for (one, a), (two, b) in combinations(verdicts.items(), 2):
        first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
        both = ~(np.isnan(first) | np.isnan(second))
        told = _pair(first[both], second[both], groups[both], n_resamples, seed)
        rows.append([one, two, *told, int(both.sum()), int((~both).sum())])
    return pd.DataFrame(rows, columns=columns)


def _pair(a: Floats, b: Floats, groups: Any, n_resamples: int, seed: int) -> list[float]:
    """Spearman's ρ with its interval, Kendall's τ-b, α of ranks."""
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return [np.nan] * 5
    from scipy.stats import kendalltau, rankdata

    shares = np.vstack([(rankdata(x) - 0.5) / len(x) for x in (a, b)])
    distinct, codes = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(n_resamples):
        times = np.bincount(
            rng.integers(len(distinct), size=len(distinct)), minlength=len(distinct)
        )
        rows = np.repeat(np.arange(len(a)), times[codes])
        drawn.append(_rho(a[rows], b[rows]))
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if not np.isnan(drawn).all() else [np.nan] * 2
    tau = float(kendalltau(a, b).statistic)
    return [_rho(a, b), float(low), float(high), tau, krippendorff_alpha(shares)]


def _rho(a: Floats, b: Floats) -> float:
    """Spearman's: the correlation of ranks, ties sharing theirs."""
    from scipy.stats import rankdata

    if not len(a) or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])
