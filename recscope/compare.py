"""Which model is better, and could it be chance?"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr, stdtrit

from core.errors import ConfigError, DatasetError, UnknownNameError
from core.tables import Floats
from recscope.bootstrap import (
    Method,
    Summary,
    interval,
    normal_interval,
    resampled_means,
    summary,
    whole,
)
from recscope.estimate import ENOUGH_FOR_NORMAL, split_label

COLUMNS = (
    "model",
    "baseline",
    "metric",
    "k",
    "difference",
    "low",
    "high",
    "p",
    "p_holm",
    "p_bh",
    "effect_size",
    "mde",
    "n",
    "method",
)
FLIPS = 10_000
POWER = 0.8
ENOUGH_TO_ENUMERATE = 13  # 2^13 ways to flip the signs: fewer than FLIPS
FLIPPED_AT_A_TIME = 1 << 22


def compare(  # noqa: PLR0913 - what is compared, and how sure one wants to be
    per_user_by_model: Mapping[str, pd.DataFrame],
    baseline: str,
    metrics: Sequence[str] | None = None,
    *,
    resamples: int = 1000,
    flips: int = FLIPS,
    confidence: float = 0.95,
    seed: int = 0,
    method: Method = "bca",
) -> pd.DataFrame:
    """How far is each model from the baseline on the same users, and could it be chance?

    per_user_by_model  per-user tables; a comparison is over users defined for both
    metrics            labels such as ndcg@10; those that both tables have when not given
    resamples          for the interval of the mean difference; 0 asks for none
    flips              random sign flips of the test; 10,000 or more users take its normal limit,
                       13 or fewer are enumerated

    Columns model, baseline, metric, k, difference, low, high, p, p_holm, p_bh, effect_size, mde, n,
    method. p is two-sided, of the paired randomisation test that flips the signs of per-user
    differences (Smucker et al. 2007, doi:10.1145/1321440.1321528); p_holm and p_bh are it over all
    rows of the answer (`adjust` does the same for the rows on show); effect_size is Cohen's dz,
    mean over standard deviation of the differences; mde the true difference that a test at this
    confidence would find four times in five. Raises UnknownNameError, DatasetError, ConfigError.
    """
    if baseline not in per_user_by_model:
        raise UnknownNameError("model", baseline, per_user_by_model)
    if flips < 1 or resamples < 0 or not 0 < confidence < 1:
        raise ConfigError(
            "a comparison needs flips of 1 or more, resamples of 0 or more and a confidence "
            f"between 0 and 1; got {flips}, {resamples}, {confidence}"
        )
    base = per_user_by_model[baseline]
    parts = []
    for model, table in per_user_by_model.items():
        if model == baseline:
            continue
        differences = _differences(table, base, metrics, (model, baseline))
        part = _compared(differences, resamples, flips, confidence, seed, method)
        part.insert(0, "model", model)
        part.insert(1, "baseline", baseline)
        parts.append(part)
    if not parts:
        raise ConfigError(f"{baseline!r} is the only model; a comparison needs another one")
    return adjust(pd.concat(parts, ignore_index=True))[list(COLUMNS)]


def _differences(
    table: pd.DataFrame, base: pd.DataFrame, metrics: Sequence[str] | None, names: tuple[str, str]
) -> pd.DataFrame:
    """Model minus baseline for the users of both, NaN where either is undefined."""
    shared = [column for column in table.columns if column in base.columns]
    labels = shared if metrics is None else list(metrics)
    for label in labels:
        if label not in shared:
            raise UnknownNameError("metric of both models", label, [str(name) for name in shared])
    if not table.index.equals(base.index):
        users = table.index.intersection(base.index)
        if not len(users):
            raise DatasetError(
                f"{names[0]!r} and {names[1]!r} have no user in common; compare models that were "
                "judged on the same test set"
            )
        table, base = table.loc[users], base.loc[users]
    return table[labels].astype(np.float64) - base[labels].astype(np.float64)


def _compared(
    differences: pd.DataFrame,
    resamples: int,
    flips: int,
    confidence: float,
    seed: int,
    method: Method,
) -> pd.DataFrame:
    values = differences.to_numpy()
    found = summary(values)
    p, test = _p_values(values, found, flips, seed)
    low, high = np.full((2, values.shape[1]), np.nan)
    closed = found.n >= ENOUGH_FOR_NORMAL
    drawn = ~closed & (found.n > 1)
    if resamples:
        exact = normal_interval(found.mean, found.deviation, found.n, confidence)
        low[closed], high[closed] = exact.low[closed], exact.high[closed]
    if resamples and drawn.any():
        again = resampled_means(values[:, drawn], resamples, (seed,))
        bounds = interval(
            found.mean[drawn], again, found.n[drawn], confidence, method, found.skew[drawn]
        )
        low[drawn], high[drawn] = bounds.low, bounds.high
    names = [split_label(str(column)) for column in differences.columns]
    with np.errstate(invalid="ignore", divide="ignore"):  # no users, or all differ alike
        spread = found.deviation / np.sqrt(found.n)
        effect = np.where(found.deviation > 0, found.mean / found.deviation, np.nan)
    freedom = np.maximum(found.n - 1, 1)
    reach = stdtrit(freedom, (1 + confidence) / 2) + stdtrit(freedom, POWER)
    return pd.DataFrame(
        {
            "metric": [name for name, _ in names],
            "k": pd.array([k for _, k in names], dtype="Int64"),
            "difference": found.mean,
            "low": low,
            "high": high,
            "p": p,
            "effect_size": effect,
            "mde": reach * spread,
            "n": found.n,
            "method": test,
        }
    )


def _p_values(
    values: Floats, found: Summary, flips: int, seed: int
) -> tuple[Floats, npt.NDArray[np.object_]]:
    """Two-sided p of each column, and how it was had."""
    p = np.full(values.shape[1], np.nan)
    test = np.full(values.shape[1], "undefined", dtype=object)
    closed = found.n >= ENOUGH_FOR_NORMAL
    if closed.any():
        kept = np.nan_to_num(values[:, closed])
        size = np.sqrt((kept**2).sum(axis=0))
        z = kept.sum(axis=0) / np.where(size > 0, size, 1)
        p[closed], test[closed] = 2 * ndtr(-np.abs(z)), "sign flip, normal limit"
    flipped = ~closed & (found.n > 0)
    if flipped.any():
        numbers, _ = whole(values[:, flipped])
        numbers = numbers[(numbers != 0).any(axis=1)]  # flipping a zero changes nothing
        p[flipped], exact = _flipped(numbers, flips, seed)
        test[flipped] = "sign flip, all" if exact else f"sign flip, {flips:,}"
    return p, test


def _flipped(numbers: Floats, flips: int, seed: int) -> tuple[Floats, bool]:
    """P of whole-number differences (n_users, n_columns), and whether all flips were tried."""
    n_users = len(numbers)
    observed = np.abs(numbers.sum(axis=0))
    if n_users <= ENOUGH_TO_ENUMERATE:
        ways = np.arange(2**n_users)[:, None] >> np.arange(n_users) & 1
        return (np.abs((2.0 * ways - 1) @ numbers) >= observed).mean(axis=0), True
    as_far = np.zeros(numbers.shape[1], dtype=np.int64)
    n_rows = max(1, FLIPPED_AT_A_TIME // n_users)
    for block, start in enumerate(range(0, flips, n_rows)):
        size = min(n_rows, flips - start) * n_users
        random = np.random.default_rng([seed, block, n_users]).bytes(-(-size // 8))
        bits = np.unpackbits(np.frombuffer(random, dtype=np.uint8), count=size)
        signs = 2.0 * bits.reshape(-1, n_users) - 1
        as_far += (np.abs(signs @ numbers) >= observed).sum(axis=0)
    return (1 + as_far) / (flips + 1), False


def adjust(comparisons: pd.DataFrame) -> pd.DataFrame:
    """The same rows with p_holm and p_bh corrected for just these rows: the family on show."""
    p = comparisons["p"].to_numpy(dtype=np.float64)
    return comparisons.assign(p_holm=holm(p), p_bh=benjamini_hochberg(p))


def holm(p: Floats) -> Floats:
    """P corrected so that one false alarm among all is as unlikely as asked; NaN stays NaN.

    Holm 1979, https://www.jstor.org/stable/4615733: the i-th smallest of m times m - i + 1, never
    below one before it.
    """
    order = np.argsort(p)  # NaN goes last
    m = int((~np.isnan(p)).sum())
    raised = np.maximum.accumulate(p[order][:m] * (m - np.arange(m)))
    return _in_place(np.minimum(raised, 1), order, len(p))


def benjamini_hochberg(p: Floats) -> Floats:
    """P corrected so that the share of false alarms among alarms is as asked; NaN stays NaN.

    Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x: the i-th smallest of m times
    m / i, never above one after it.
    """
    order = np.argsort(p)
    m = int((~np.isnan(p)).sum())
    raised = p[order][:m] * m / np.arange(1, m + 1)
    lowered = np.minimum.accumulate(raised[::-1])[::-1]
    return _in_place(np.minimum(lowered, 1), order, len(p))


def _in_place(corrected: Floats, order: npt.NDArray[np.int64], n: int) -> Floats:
    answer = np.full(n, np.nan)
    answer[order[: len(corrected)]] = corrected
    return answer
