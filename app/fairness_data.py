"""Users regrouped while the reader waits: codes and columns stay in memory, shared by readers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from app import queries
from app.queries import Stamp, stamp
from evaluators.metric import Metric
from recscope.cuts import Cut, crossed, cut, declared
from recscope.estimate import SMALLEST_CELL, split_label
from recscope.regroup import Bounds, Column, Grouped, column, normal_reach, numbers, sums

CONFIDENCE = 0.95
NO_ATTRIBUTES = {"user", "user_id", "n_train", "n_test"}


@dataclass(frozen=True, eq=False)
class Gaps:
    """One metric cut one way.

    groups    group, model, mean, low, high, n, n_undefined: a row a shown group and model
    between   model, number (user_gap, user_ratio …), value, low, high
    n_small   groups that are too small to show; why: the reason where nothing can be judged
    """

    groups: pd.DataFrame
    between: pd.DataFrame
    n_small: int
    why: str | None = None


def attributes(run_id: str) -> list[str]:
    """Columns of users, those worth a look first."""
    table = queries.users(run_id)
    first = declared(table, queries.manifest(run_id).get("data", {}).get("facts", {}))
    others = [str(name) for name in table.columns if name not in {*NO_ATTRIBUTES, *first}]
    return first + others


def labels(run_id: str) -> dict[str, list[str]]:
    """Per-user columns of the run by metric: ndcg to ndcg@5, ndcg@10 and so on."""
    found: dict[str, list[str]] = {}
    for label in _labels(stamp(run_id)):
        found.setdefault(split_label(label)[0], []).append(label)
    return found


def gaps(
    run_id: str, label: str, metric: Metric, by: tuple[str, ...], models: tuple[str, ...]
) -> Gaps:
    """Means by group of any attributes crossed, and how far apart the groups are."""
    at = stamp(run_id)
    users = _cut(at, by)
    if isinstance(users, str):
        return Gaps(pd.DataFrame(), pd.DataFrame(), 0, users)
    found = [(model, _column(at, model, label)) for model in models]
    return regrouped(
        users,
        {model: values for model, values in found if values is not None},
        metric,
    )


def regrouped(users: Cut, values: dict[str, Column], metric: Metric) -> Gaps:
    """The same of a cut and a column a model. Pure."""
    is_lower_better = metric.better == "lower"
    rows, ends, n_small = [], [], 0
    why = None
    for model, values_of in values.items():
        found = sums(values_of, users.place, len(users.groups))
        is_kept = found.n >= SMALLEST_CELL
        n_small = max(n_small, int(((found.n > 0) & ~is_kept).sum()))
        names = [name for name, kept in zip(users.groups, is_kept, strict=True) if kept]
        kept = found.keep(is_kept)
        rows.append(_means(model, names, kept, metric.bounds))
        if len(names) < 2:
            why = (
                f"{len(names) or 'no'} group{'' if len(names) == 1 else 's'} of {SMALLEST_CELL} "
                "users or more remain, and two are needed"
            )
            continue
        reach = normal_reach(kept.n, CONFIDENCE)
        bounds = numbers(kept, reach, CONFIDENCE, is_lower_better=is_lower_better)
        ends += [_end(model, name, bound) for name, bound in bounds.items()]
    groups = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    return Gaps(groups, pd.DataFrame(ends), n_small, why)


def _means(
    model: str, names: list[str], kept: Grouped, bounds: tuple[float, float]
) -> pd.DataFrame:
    low, high = (np.clip(end, *bounds) for end in kept.interval(CONFIDENCE))
    columns: dict[str, object] = {
        "group": names,
        "model": model,
        "mean": kept.mean,
        "low": low,
        "high": high,
        "n": kept.n,
        "n_undefined": kept.n_undefined,
    }
    return pd.DataFrame(columns)


def _end(model: str, name: str, bound: Bounds) -> dict[str, object]:
    value, low, high = bound
    return {"model": model, "number": name, "value": value, "low": low, "high": high}


@st.cache_data(max_entries=32, show_spinner=False)
def _labels(at: Stamp) -> list[str]:
    run = queries.run_at(at)
    return list(dict.fromkeys(name for model in run.models() for name in run.metric_columns(model)))


# shared by all readers of a run: cache_data would copy a million users at every look
@st.cache_resource(max_entries=32, show_spinner=False)
def _cut(at: Stamp, by: tuple[str, ...]) -> Cut | str:
    """Groups of the judged users; or why there are none."""
    if len(by) > 1:
        parts = [_cut(at, (name,)) for name in by]
        for name, part in zip(by, parts, strict=True):
            if isinstance(part, str):
                return f"of {name} {part}"
        made = crossed([part for part in parts if isinstance(part, Cut)])
    else:
        users = queries.cached_users(at)[by[0]].reindex(_judged(at))
        one = cut(users, by[0])
        if isinstance(one, str):
            return one
        made = one
    made.codes.flags.writeable = False
    return made


@st.cache_resource(max_entries=8, show_spinner=False)
def _judged(at: Stamp) -> "pd.Index[int]":
    run = queries.run_at(at)
    return run.per_user(run.models()[0], []).index


@st.cache_resource(max_entries=24, show_spinner=False)
def _column(at: Stamp, model: str, label: str) -> Column | None:
    run = queries.run_at(at)
    if label not in run.metric_columns(model):
        return None
    values = run.per_user(model, [label])[label].reindex(_judged(at))
    laid_out = column(values.to_numpy())
    for part in (laid_out.filled, laid_out.squares, laid_out.defined):
        if part is not None:
            part.flags.writeable = False
    return laid_out
