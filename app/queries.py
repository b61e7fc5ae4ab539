"""Cached reads of finished runs, keyed by run and the moment its manifest was written.

No frame is ever a hashed argument: Streamlit hashes a sample of large ones and would answer with
what belongs to another. Everything is bounded.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.gaps import group_gaps, grouped
from app.words import metric_at
from evaluators.doors import metrics
from recscope import store
from recscope.estimate import SMALLEST_CELL

Stamp = tuple[str, int]


def finished_runs() -> list[str]:
    """Ids of runs that can be read, newest first."""
    return [run.id for run in store.list_runs() if (run.path / "estimates.parquet").is_file()]


def stamp(run_id: str) -> Stamp:
    """Changes whenever the run does."""
    path = store.open_run(run_id).path
    return str(path), (path / "manifest.json").stat().st_mtime_ns


def manifest(run_id: str) -> Mapping[str, Any]:
    return _manifest(run_id, stamp(run_id))


def models(run_id: str) -> list[str]:
    return store.open_run(run_id).models()


def estimates(run_id: str) -> pd.DataFrame:
    """Estimates of groups smaller than SMALLEST_CELL are left out."""
    return _estimates(run_id, stamp(run_id))


def comparisons(run_id: str) -> pd.DataFrame:
    return _comparisons(run_id, stamp(run_id))


def users(run_id: str) -> pd.DataFrame:
    return _users(run_id, stamp(run_id))


def items(run_id: str) -> pd.DataFrame:
    return _items(run_id, stamp(run_id))


def column(run_id: str, metric: str) -> pd.DataFrame:
    """One metric for everybody: index user, a column per model that has it."""
    return _column(run_id, stamp(run_id), metric)


def reach(run_id: str) -> pd.DataFrame:
    """Columns model, n_recommended (distinct items), n_items, fallback (share of lists)."""
    return _reach(run_id, stamp(run_id))


def leakage(run_id: str) -> dict[str, float]:
    """How much of training lies after the first test interaction, and cold items of the test."""
    return _leakage(run_id, stamp(run_id))


def gaps(run_id: str, metric: str, model: str) -> pd.DataFrame:
    """Every group of users against everybody else; see app.gaps."""
    return _gaps(run_id, stamp(run_id), metric, model)


def history(run_id: str, user: int) -> pd.DataFrame:
    return _history(run_id, stamp(run_id), user)


def lists(run_id: str, user: int) -> pd.DataFrame:
    """Columns model, rank, item, score, is_hit, is_fallback of one user."""
    return _lists(run_id, stamp(run_id), user)


def attributes(run_id: str) -> list[str]:
    """Columns of users that cut them into groups; those the run was asked to judge come first."""
    table = users(run_id)
    left_out = {"user", "user_id", "n_train", "n_test"}
    found = [
        str(name)
        for name in table.columns
        if name not in left_out and grouped(table[name]).nunique() in range(2, 31)
    ]
    judged = set(estimates(run_id)["group_by"].dropna())
    return sorted(found, key=lambda name: name not in judged)


@st.cache_data(max_entries=32, show_spinner=False)
def _manifest(run_id: str, at: Stamp) -> dict[str, Any]:
    return store.open_run(run_id).manifest


@st.cache_data(max_entries=16, show_spinner=False)
def _estimates(run_id: str, at: Stamp) -> pd.DataFrame:
    table = _numbered(store.open_run(run_id).estimates())
    return table[table["group"].isna() | (table["n"] >= SMALLEST_CELL)].reset_index(drop=True)


@st.cache_data(max_entries=16, show_spinner=False)
def _comparisons(run_id: str, at: Stamp) -> pd.DataFrame:
    return _numbered(store.open_run(run_id).comparisons())


@st.cache_data(max_entries=8, max_size="300mb", show_spinner=False)
def _users(run_id: str, at: Stamp) -> pd.DataFrame:
    return store.open_run(run_id).users()


@st.cache_data(max_entries=8, max_size="300mb", show_spinner=False)
def _items(run_id: str, at: Stamp) -> pd.DataFrame:
    return store.open_run(run_id).items()


@st.cache_data(max_entries=32, max_size="300mb", show_spinner=False)
def _column(run_id: str, at: Stamp, metric: str) -> pd.DataFrame:
    run = store.open_run(run_id)
    having = [model for model in run.models() if metric in run.metric_columns(model)]
    return pd.DataFrame({model: run.per_user(model, [metric])[metric] for model in having})


@st.cache_data(max_entries=16, show_spinner=False)
def _reach(run_id: str, at: Stamp) -> pd.DataFrame:
    run, rows = store.open_run(run_id), []
    for model in run.models():
        per_item, lists_ = run.per_item(model), run.lists(model)
        rows.append(
            {
                "model": model,
                "n_recommended": int((per_item["n_recommended"] > 0).sum()),
                "n_items": len(run.items()),
                "n_lists": lists_["user"].nunique(),
                "n_fallback": lists_.loc[lists_["is_fallback"], "user"].nunique(),
            }
        )
    return pd.DataFrame(rows)


@st.cache_data(max_entries=16, show_spinner=False)
def _leakage(run_id: str, at: Stamp) -> dict[str, float]:
    table = store.open_run(run_id).interactions()
    train, test = table[table["part"] == "train"], table[table["part"] == "test"]
    has_times = "timestamp" in table and table["timestamp"].notna().any() and len(test) > 0
    late = (train["timestamp"] > test["timestamp"].min()).sum() if has_times else 0
    return {
        "has_times": float(has_times),
        "n_train": float(len(train)),
        "n_late": float(late),
        "n_test_items": float(test["item"].nunique()),
        "n_cold_items": float((~test["item"].drop_duplicates().isin(train["item"])).sum()),
        "n_test": float(len(test)),
    }


@st.cache_data(max_entries=32, show_spinner=False)
def _gaps(run_id: str, at: Stamp, metric: str, model: str) -> pd.DataFrame:
    table, names = _users(run_id, at), attributes(run_id)
    return group_gaps(_column(run_id, at, metric)[model], table[names], SMALLEST_CELL)


@st.cache_data(max_entries=64, show_spinner=False)
def _history(run_id: str, at: Stamp, user: int) -> pd.DataFrame:
    """Newest first, with what is known of the items."""
    rows = store.open_run(run_id).history(user)
    known = _items(run_id, at).drop(columns=["item"])
    joined = rows.join(known, on="item")
    return (
        joined.iloc[::-1]
        if "timestamp" not in joined
        else joined.sort_values("timestamp", ascending=False, kind="stable")
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _lists(run_id: str, at: Stamp, user: int) -> pd.DataFrame:
    run = store.open_run(run_id)
    found = [run.lists(model, user).assign(model=model) for model in run.models()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def everybody(run_id: str) -> pd.DataFrame:
    """Estimates over all users, no group."""
    table = estimates(run_id)
    return table[table["group"].isna()]


def at(table: pd.DataFrame, metric: str, k: float | None) -> pd.DataFrame:
    """Rows of one metric at one cutoff; k None for a metric without."""
    rows = table[table["metric"] == metric]
    return rows[rows["k"].isna()] if k is None else rows[rows["k"] == k]


def costs(run_id: str) -> dict[str, dict[str, float]]:
    """Model to fit_seconds, recommend_seconds, peak_memory_bytes, users_per_second."""
    entries = manifest(run_id)["models"]
    return {name: dict(entry.get("cost") or {}) for name, entry in entries.items()}


Cell = tuple[str, str]  # an attribute of users and one of its values


def paired(
    run_id: str,
    metric: str,
    k: float | None,
    baseline: str,
    others: tuple[str, ...],
    cell: Cell | None = None,
) -> pd.DataFrame:
    """Paired differences of some models to any other one: columns of comparisons."""
    return _paired(run_id, stamp(run_id), metric, k, baseline, others, cell)


def compared(
    run_id: str, metric: str, k: float | None, baseline: str, models: tuple[str, ...]
) -> pd.DataFrame:
    """As paired, the baseline left out of the models; no rows where none is left."""
    others = tuple(model for model in models if model != baseline)
    if not others:
        return pd.DataFrame(columns=["model", "baseline", "difference", "low", "high", "p_holm"])
    return paired(run_id, metric, k, baseline, others)


def baseline(run_id: str) -> str:
    """The model that the run compares with: the asked one, else popularity, else the first."""
    known = models(run_id)
    asked = manifest(run_id).get("config", {}).get("evaluate", {}).get("baseline")
    return next((name for name in (asked, "popularity") if name in known), known[0])


def groups(run_id: str, attribute: str) -> list[str]:
    """Values of an attribute that enough users share."""
    counts = grouped(users(run_id)[attribute]).value_counts()
    return sorted(str(name) for name in counts.index[counts >= SMALLEST_CELL])


def group_estimates(run_id: str, metric: str, attribute: str) -> pd.DataFrame:
    """Estimates of one metric for every group of an attribute: the run's, or computed now."""
    table = estimates(run_id)
    stored = table[(table["group_by"] == attribute) & (table["metric"] == metric)]
    if len(stored):
        return stored
    found = _group_estimates(run_id, stamp(run_id), metric, attribute)
    return found[found["n"] >= SMALLEST_CELL]


def cell_estimates(run_id: str, metric: str, cell: Cell | None) -> pd.DataFrame:
    """Estimates of one metric over everybody, or over the users of one group."""
    if cell is None:
        table = everybody(run_id)
        return table[table["metric"] == metric]
    table = group_estimates(run_id, metric, cell[0])
    return table[table["group"].astype(str) == cell[1]]


@st.cache_data(max_entries=64, show_spinner=False)
def _group_estimates(run_id: str, at: Stamp, metric: str, attribute: str) -> pd.DataFrame:
    from recscope.estimate import estimate

    declared = metrics()[metric]
    run, found = store.open_run(run_id), []
    labels = grouped(_users(run_id, at)[attribute]).to_frame(attribute)
    for model in run.models():
        named = [c for c in run.metric_columns(model) if c.partition("@")[0] == metric]
        if named:
            values = run.per_user(model, named)
            cut = labels.reindex(values.index).astype("category")
            found.append(estimate(values, [declared], model=model, groups=cut))
    table = _numbered(pd.concat(found, ignore_index=True))
    return table[table["group"].notna()]


@st.cache_data(max_entries=64, show_spinner=False)
def _paired(  # noqa: PLR0913 - all of it is the key of the cache
    run_id: str,
    at: Stamp,
    metric: str,
    k: float | None,
    baseline: str,
    others: tuple[str, ...],
    cell: Cell | None,
) -> pd.DataFrame:
    from recscope.compare import compare

    values = _column(run_id, at, metric_at(metric, k))
    if cell is not None:
        values = values[in_cell(run_id, cell).reindex(values.index, fill_value=False)]
    tables = {
        model: values[[model]].set_axis([metric_at(metric, k)], axis=1)
        for model in (baseline, *others)
    }
    return _numbered(compare(tables, baseline))


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Cutoffs as plain floats, NaN for none: nullable integers do not compare with them."""
    return table.assign(k=table["k"].astype("float64"))


def in_cell(run_id: str, cell: Cell) -> pd.Series:
    """Which users belong to a group: bool, index user."""
    attribute, group = cell
    return grouped(users(run_id)[attribute]) == group
