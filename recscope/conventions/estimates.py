"""What a tool says, through the one statistics layer: value, interval, whom it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.errors import UnknownNameError
from core.tables import Bools, Floats, Ints
from evaluators.conventions import CONVENTIONS, Answer, Convention, Given
from recscope.audits.numbers import from_sums
from recscope.estimate import COLUMNS, Sureness, estimate
from recscope.groups import Cell, cells
from recscope.jackknife import blocks_of, jackknife
from recscope.judge import label

WHY_NOT: Mapping[str, str] = {
    "history": "what users had before is not known: hand over the training rows",
    "features": "no column groups the items: hand over a table of items with one",
    "scores": "the lists have no scores",
}


@dataclass(frozen=True, eq=False)
class Said:
    """What one tool says.

    estimates  the columns of recscope.estimate.COLUMNS
    per_user   one column per metric@k, a row a user; NaN: the tool does not count the user
    clauses    metric → what makes the difference, in words
    stops      metric@k → why the tool gives no number
    left_out   metric → why it cannot be had here
    """

    estimates: pd.DataFrame
    per_user: pd.DataFrame
    clauses: Mapping[str, str]
    stops: Mapping[str, str]
    left_out: Mapping[str, str] = field(default_factory=dict)


def convention_of(name: str) -> Convention:
    """The convention of this name; UnknownNameError, with the nearest, if there is none."""
    if name not in CONVENTIONS:
        raise UnknownNameError("convention", name, ["recscope", *CONVENTIONS])
    return CONVENTIONS[name]


def reason_not(convention: Convention, metric: str, given: Given) -> str | None:
    """Why the tool's metric cannot be computed from what is here; None if it can."""
    if metric not in convention.rules:
        return f"{convention.tool} has no metric that goes by this name"
    lacking = [name for name in convention.rules[metric].needs if getattr(given, name) is None]
    return "; ".join(WHY_NOT[name] for name in lacking) or None


def say(
    convention: Convention,
    given: Given,
    metrics: Sequence[str],
    ks: Sequence[int],
    *,
    groups: pd.DataFrame | None = None,
    sure: Sureness | None = None,
) -> Said:
    """What does the tool say of these lists, for everybody and for each group?

    given    what it is handed
    metrics  names that RecScope has for them; those the tool lacks are left out, and why is said
    groups   one categorical column per attribute, a row per row of `given`
    sure     how intervals are made; by default none is

    n counts the users that the tool counts; n_undefined those with a list or a test row whom it
    leaves out; n_imputed those it counts without a list.
    """
    sure = sure or Sureness(resamples=0)
    reasons = {name: reason_not(convention, name, given) for name in metrics}
    wanted = [
        (name, k)
        for name in metrics
        if not reasons[name]
        for k in (ks if convention.rules[name].cutoff else (None,))
    ]
    answers = {(name, k): convention.rules[name].answer(given, k or max(ks)) for name, k in wanted}
    takes_part = given.has_list | given.has_test
    frames = [
        _estimates(label_, answer, given, takes_part, groups, sure)
        for label_, answer in answers.items()
    ]
    empty = pd.DataFrame(columns=list(COLUMNS))
    values = {label(*key): answer.per_user for key, answer in answers.items()}
    return Said(
        estimates=pd.concat(frames, ignore_index=True) if frames else empty,
        per_user=pd.DataFrame(values),
        clauses={name: convention.rules[name].clause for name, _ in wanted},
        stops={label(*key): answer.stops for key, answer in answers.items() if answer.stops},
        left_out={name: why for name, why in reasons.items() if why},
    )


def _estimates(  # one answer and all it is cut by
    key: tuple[str, int | None],
    answer: Answer,
    given: Given,
    takes_part: Bools,
    groups: pd.DataFrame | None,
    sure: Sureness,
) -> pd.DataFrame:
    """Rows of one metric; only users who take part are drawn again."""
    rows = np.flatnonzero(takes_part | answer.counts)
    cut = None if groups is None else groups.iloc[rows].reset_index(drop=True)
    if answer.is_mean:
        shown = np.full(len(given), np.nan) if answer.stops else answer.per_user
        frame = estimate(
            pd.DataFrame({label(*key): shown[rows]}),
            groups=cut,
            is_imputed=~given.has_list[rows],
            resamples=sure.resamples,
            confidence=sure.confidence,
            seed=sure.seed,
            method=sure.method,
            smallest=sure.smallest,
        )
        return frame.assign(metric=key[0], k=pd.array([key[1]] * len(frame), dtype="Int64"))
    made = [
        _of_sums(key, answer, given, rows[cell.rows], cell, sure) for cell in cells(len(rows), cut)
    ]
    frame = pd.DataFrame(made, columns=list(COLUMNS))
    return frame.astype({"k": "Int64"})


def _of_sums(  # one answer over the users of one cell
    key: tuple[str, int | None],
    answer: Answer,
    given: Given,
    rows: Ints,
    cell: Cell,
    sure: Sureness,
) -> dict[str, Any]:
    counts = answer.counts[rows]
    n = int(counts.sum())
    value = low = high = np.full(1, np.nan)
    method = "undefined"
    if not answer.stops and n:
        if isinstance(answer.parts, np.ndarray):
            value, low, high = from_sums(answer.parts[rows], answer.compute, sure, cell)
            method = "percentile"
        else:
            value, low, high = _of_item_counts(answer, rows[counts], cell, sure)
            method = "jackknife"
        if np.isnan(value[0]) or np.isnan(low[0]):
            method = "undefined" if np.isnan(value[0]) else "none"
    if cell.group_by is not None and 0 < n < sure.smallest:
        value = low = high = np.full(1, np.nan)
        method = f"suppressed (n < {sure.smallest})"
    return {
        "metric": key[0],
        "k": key[1],
        "group_by": cell.group_by,
        "group": cell.group,
        "mean": value[0],
        "low": low[0],
        "high": high[0],
        "n": n,
        "n_undefined": len(rows) - n,
        "n_imputed": int((counts & ~given.has_list[rows]).sum()),
        "method": method,
    }


def _of_item_counts(
    answer: Answer, rows: Ints, cell: Cell, sure: Sureness
) -> tuple[Floats, Floats, Floats]:
    """Value and both ends: users are left out in blocks, for resamples lose rarely listed items."""
    from scipy.sparse import csr_array

    parts = csr_array(answer.parts[rows])
    total = np.asarray(parts.sum(axis=0), dtype=np.float64).ravel()
    value = np.asarray(answer.compute(total), dtype=np.float64).reshape(1)
    missing = np.full(1, np.nan)
    if not sure.resamples or len(rows) < 2:
        return value, missing, missing
    block, n_blocks = blocks_of(len(rows), sure.key(cell))
    of_block = csr_array(
        (np.ones(len(rows)), (block, np.arange(len(rows)))), shape=(n_blocks, len(rows))
    )
    without = answer.compute(total - (of_block @ parts).toarray())
    low, high = jackknife(
        float(value[0]), without, np.bincount(block, minlength=n_blocks), sure.confidence
    )
    return value, np.array([low]), np.array([high])
