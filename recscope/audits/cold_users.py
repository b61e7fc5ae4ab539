"""How does quality depend on what is known of the user?"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from core.tables import Bools, Ints
from evaluators.cold_start import fallback_share
from recscope.audits import numbers
from recscope.audits.case import Case
from recscope.audits.cold_tests import gap, slope
from recscope.audits.report import Note, Report, Row, curves_frame, effects_frame, estimates_frame
from recscope.estimate import estimate
from recscope.judge import label

SLICE, LENGTH, QUALITY = "cold start", "history length", "metric"
ENOUGH = 10  # users of a step of the warm-up curve


def audit_users(
    case: Case,
    model: str,
    is_fallback: Bools,
    metrics: Sequence[str],
    short: int,
    edges: Sequence[int],
) -> Report:
    """Quality by slice and by length of history, its slope, and the gap to short histories.

    metrics, short, edges  as `recscope.audits.cold_start.Settings` tells
    """
    names = [label(metric, case.k) for metric in metrics]
    columns = [name for name in names if name in case.metric_columns(model)]
    if not columns:
        reason = f"cannot be judged by history, because the run has none of {', '.join(names)}"
        return Report(notes=[Note(model, reason)])
    n_rows = case.users["n_train"].reindex(case.judged_users).to_numpy(dtype=np.int64)
    values = case.per_user(model, columns).astype(np.float64)
    groups = pd.DataFrame(
        {
            SLICE: slices(n_rows, is_fallback, short),
            LENGTH: lengths(n_rows, edges),
        },
        index=values.index,
    )
    table = estimate(
        values, model=model, groups=groups, is_imputed=case.judged(model).is_imputed,
        resamples=case.sure.resamples, confidence=case.sure.confidence, seed=case.sure.seed,
    )  # fmt: skip
    rows: list[Row] = [_fallback_row(case, model, is_fallback)]
    tests: list[Row] = []
    notes: list[Note] = []
    for column in columns:
        quality = values[column].to_numpy()
        facts = {"model": model, "k": case.k, "group_by": QUALITY, "group": column}
        for about, asked in (
            ("short histories", gap(quality, n_rows, short, case.sure)),
            (model, slope(quality[~is_fallback], n_rows[~is_fallback], case.sure)),
        ):
            if isinstance(asked, str):
                notes.append(Note(about, asked))
                continue
            rows += numbers.rows([asked.metric], asked.number, case.sure, asked.n, **facts)
            if column == columns[0]:
                tests.append({**asked.test(case.sure), **facts})
    sliced = table[table["group_by"].notna()]
    return Report(
        pd.concat([sliced, estimates_frame(rows)], ignore_index=True),
        curves_frame(_curve(sliced, n_rows, groups[LENGTH])),
        effects_frame(tests),
        notes,
    )


def slices(n_rows: Ints, is_fallback: Bools, short: int) -> "pd.Categorical[str]":
    """None, short or longer history, and whether the list is the model's own.

    n_rows  int (n_users,) rows of history of each user
    """
    spans = ("no history", f"1 to {short} rows", f"over {short} rows")
    names = [f"{span}, {whose}" for span in spans for whose in ("own list", "popular items")]
    span = np.where(n_rows == 0, 0, np.where(n_rows <= short, 1, 2))
    return pd.Categorical.from_codes(2 * span + is_fallback, categories=pd.Index(names))


def lengths(n_rows: Ints, edges: Sequence[int]) -> "pd.Categorical[str]":
    """Lengths of history in steps that grow; no history is a step of its own.

    n_rows  int (n_users,); edges: last length of each step but the longest
    A step of fewer than ENOUGH users is joined with the next one, the last with the one before.
    """
    warm = np.sort(n_rows[n_rows > 0])
    last = int(warm[-1]) if len(warm) else 1
    tops: list[int] = []
    n_before = 0
    for edge in sorted({*(edge for edge in edges if edge < last), last}):
        n_up_to = int(np.searchsorted(warm, edge, side="right"))
        if n_up_to - n_before >= ENOUGH or (edge == last and not tops):
            tops.append(edge)
            n_before = n_up_to
    tops[-1] = last
    lows = [1, *(top + 1 for top in tops[:-1])]
    names = ["0"] + [
        f"{low:,}" if low == top else f"{low:,} to {top:,}"
        for low, top in zip(lows, tops, strict=True)
    ]
    codes = np.where(n_rows == 0, 0, 1 + np.searchsorted(np.array(tops), n_rows))
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))


def _curve(table: pd.DataFrame, n_rows: Ints, length: pd.Series) -> list[Row]:
    middle = pd.Series(n_rows).groupby(length.to_numpy(), observed=True).median()
    rows = table[(table["group_by"] == LENGTH) & table["mean"].notna()]
    return [
        {
            "curve": "warm-up", "model": row.model, "series": label(row.metric, int(row.k)),
            "x": float(middle[row.group]), "label": row.group,
            "y": row.mean, "low": row.low, "high": row.high, "n": row.n,
        }
        for row in cast("Iterator[Any]", rows.itertuples())
    ]  # fmt: skip


def _fallback_row(case: Case, model: str, is_fallback: Bools) -> Row:
    parts = np.column_stack([is_fallback, np.ones(len(is_fallback))]).astype(np.float64)
    found = numbers.from_sums(
        parts, lambda sums: fallback_share(sums[..., :1], sums[..., 1:]), case.sure
    )
    return numbers.rows(["fallback_share"], found, case.sure, len(parts), model=model)[0]
