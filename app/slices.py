"""Groups of users and paired comparisons, for any attribute, baseline and cell: cached."""

import pandas as pd
import streamlit as st

from app import queries
from app.gaps import group_gaps, grouped
from app.queries import Stamp, stamp
from evaluators.doors import metrics
from recscope.estimate import SMALLEST_CELL

Cell = tuple[str, str]  # an attribute of users and one of its values
NO_GROUPS = {"user", "user_id", "n_train", "n_test"}
MOST_GROUPS = 30


def attributes(run_id: str) -> list[str]:
    """Columns of users that cut them into groups; those the run was asked to judge come first."""
    table = queries.users(run_id)
    found = [
        str(name)
        for name in table.columns
        if name not in NO_GROUPS and 2 <= grouped(table[name]).nunique() <= MOST_GROUPS
    ]
    judged = set(queries.estimates(run_id)["group_by"].dropna())
    return sorted(found, key=lambda name: name not in judged)


def groups(run_id: str, attribute: str) -> list[str]:
    """Values of an attribute that enough users share."""
    counts = grouped(queries.users(run_id)[attribute]).value_counts()
    return sorted(str(name) for name in counts.index[counts >= SMALLEST_CELL])


def n_small_groups(run_id: str, attribute: str) -> int:
    counts = grouped(queries.users(run_id)[attribute]).value_counts()
    return int((counts < SMALLEST_CELL).sum())


def in_cell(at: Stamp, cell: Cell, index: pd.Index) -> pd.Series:
    """Which of these users belong to a group: bool."""
    attribute, group = cell
    inside = grouped(queries.cached_users(at)[attribute]).eq(group)
    return inside.reindex(index, fill_value=False).astype(bool)


def gaps(run_id: str, metric: str, model: str) -> pd.DataFrame:
    """Every group of users against everybody else; see app.gaps."""
    return _gaps(stamp(run_id), metric, model, tuple(attributes(run_id)))


def column(run_id: str, metric: str, cell: Cell | None) -> pd.DataFrame:
    """One metric of the users of a cell: index user, a column per model."""
    values = queries.column(run_id, metric)
    return values if cell is None else values[in_cell(stamp(run_id), cell, values.index)]


def group_estimates(run_id: str, metric: str, attribute: str) -> pd.DataFrame:
    """Estimates of one metric for every group of an attribute: the run's, or computed now."""
    table = queries.estimates(run_id)
    stored = table[(table["group_by"] == attribute) & (table["metric"] == metric)]
    return stored if len(stored) else _group_estimates(stamp(run_id), metric, attribute)


def cell_estimates(run_id: str, metric: str, cell: Cell | None) -> pd.DataFrame:
    """Estimates of one metric over everybody, or over the users of one group."""
    if cell is None:
        table = queries.everybody(run_id)
        return table[table["metric"] == metric]
    table = group_estimates(run_id, metric, cell[0])
    return table[table["group"].astype(str) == cell[1]]


def baseline(run_id: str) -> str:
    """The model that the run compares with: the asked one, else popularity, else the first."""
    known = queries.models(run_id)
    asked = queries.manifest(run_id).get("config", {}).get("evaluate", {}).get("baseline")
    return next((name for name in (asked, "popularity") if name in known), known[0])


def compared(
    run_id: str, label: str, base: str, models: tuple[str, ...], cell: Cell | None = None
) -> pd.DataFrame:
    """Paired differences of models to any other one: columns of comparisons.

    label: a per-user column such as ndcg@10. p is corrected for the models on show. No rows where
    no other model, or too few users, are left.
    """
    others = tuple(model for model in models if model != base)
    if not others:
        return pd.DataFrame()
    return _compared(stamp(run_id), label, base, others, cell)


@st.cache_data(max_entries=32, show_spinner=False)
def _gaps(at: Stamp, metric: str, model: str, names: tuple[str, ...]) -> pd.DataFrame:
    table = queries.cached_users(at)
    return group_gaps(queries.cached_column(at, metric)[model], table[list(names)], SMALLEST_CELL)


@st.cache_data(max_entries=64, show_spinner=False)
def _group_estimates(at: Stamp, metric: str, attribute: str) -> pd.DataFrame:
    from recscope.estimate import estimate

    run, found = queries.run_at(at), []
    labels = grouped(queries.cached_users(at)[attribute]).to_frame(attribute)
    for model in run.models():
        named = [c for c in run.metric_columns(model) if c.partition("@")[0] == metric]
        if named:
            values = run.per_user(model, named)
            cut = labels.reindex(values.index).astype("category")
            found.append(estimate(values, [metrics()[metric]], model=model, groups=cut))
    table = queries.numbered(pd.concat(found, ignore_index=True))
    return table[table["group"].notna() & (table["n"] >= SMALLEST_CELL)]


@st.cache_data(max_entries=64, show_spinner=False)
def _compared(
    at: Stamp, label: str, base: str, others: tuple[str, ...], cell: Cell | None
) -> pd.DataFrame:
    from recscope.compare import compare

    values = queries.cached_column(at, label)
    if cell is not None:
        values = values[in_cell(at, cell, values.index)]
    having = [model for model in (base, *others) if model in values]
    if base not in having or len(having) < 2 or values[base].notna().sum() < SMALLEST_CELL:
        return pd.DataFrame()
    tables = {model: values[[model]].set_axis([label], axis=1) for model in having}
    return queries.numbered(compare(tables, base))
