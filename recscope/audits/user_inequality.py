"""Numbers of how unequally users are served, whatever groups they are in."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from core.tables import Floats
from evaluators.user_inequality import worst_tenth
from recscope.audits.numbers import from_sums
from recscope.audits.user_gaps import Column
from recscope.bootstrap import interval
from recscope.estimate import ENOUGH_FOR_NORMAL, Sureness

INEQUALITY = ("theil", "generalised_entropy", "jain")
USERS = "users"  # group_by of numbers that look at users, whatever their groups
SHARE = 0.1


def inequality(column: Column, sure: Sureness) -> Iterator[Mapping[str, Any]]:
    """Rows of Theil, generalised entropy at 2, Jain and the worst tenth, each with its interval."""
    is_defined = ~np.isnan(column.scores)
    values = column.scores[is_defined].astype(np.float64)
    facts = {
        "model": column.model,
        "k": column.k,
        "group_by": USERS,
        "group": column.metric.name,
        "n": len(values),
        "n_undefined": int((~is_defined).sum()),
        "n_imputed": int((column.is_imputed & is_defined).sum()),
    }
    found = _shares(values, sure)
    for place, name in enumerate(INEQUALITY):
        value, low, high = (float(part[place]) for part in found)
        method = "none" if not sure.resamples else "percentile"
        if np.isnan(value):
            method = "undefined"
        yield {**facts, "metric": name, "mean": value, "low": low, "high": high, "method": method}
    sign = -1.0 if column.metric.better == "lower" else 1.0
    value = sign * float(worst_tenth(sign * values, SHARE))
    reach = _reach(sign * values, sure) if sure.resamples and len(values) > 1 else np.nan
    yield {
        **facts,
        "metric": "worst_tenth",
        "mean": value,
        "low": value - reach,
        "high": value + reach,
        "method": "none" if np.isnan(reach) else "normal",
    }


def of_sums(sums: Floats) -> Floats:
    """Theil, generalised entropy at 2 and Jain, from sums of 1, x, x² and x ln x: (..., 3)."""
    n, total, squares, logs = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / n
        theil = np.where(total > 0, logs / total - np.log(mean), np.nan)
        entropy = np.where(total > 0, (squares / n / mean**2 - 1) / 2, np.nan)
        jain = np.where(total > 0, total**2 / (n * squares), np.nan)
    return np.stack([np.maximum(theil, 0), np.maximum(entropy, 0), jain], axis=-1)


def _shares(values: Floats, sure: Sureness) -> tuple[Floats, Floats, Floats]:
    if (values < 0).any():
        nothing = np.full(len(INEQUALITY), np.nan)
        return nothing, nothing, nothing
    logs = values * np.log(np.where(values > 0, values, 1))
    parts = np.stack([np.ones(len(values)), values, values**2, logs], axis=1)
    if len(values) < ENOUGH_FOR_NORMAL or not sure.resamples:
        return from_sums(parts, of_sums, sure)
    # of many users the sums are normal: the limit of drawing them again
    total = parts.sum(axis=0)
    rng = np.random.default_rng(sure.seed)
    spread = np.cov(parts, rowvar=False) * len(values)
    again = of_sums(rng.multivariate_normal(total, spread, sure.resamples, method="eigh"))
    value = of_sums(total)
    n = np.full(len(value), len(values))
    bounds = interval(value, again, n, sure.confidence, "percentile")
    return value, np.where(np.isnan(value), np.nan, bounds.low), bounds.high


def _reach(values: Floats, sure: Sureness) -> float:
    """Half an interval of the mean of the worst: its influence function's spread.

    Rockafellar & Uryasev's mean below a quantile q moves by q + min(x - q, 0) / share.
    """
    from statistics import NormalDist

    q = float(np.quantile(values, SHARE))
    influence = q + np.minimum(values - q, 0) / SHARE
    z = NormalDist().inv_cdf((1 + sure.confidence) / 2)
    return float(z * influence.std(ddof=1) / np.sqrt(len(values)))
