"""Cached reads of finished runs, keyed by run folder and the moment its manifest was written.

No frame is ever a hashed argument: Streamlit hashes a sample of large ones and would answer with
what belongs to another. Everything is bounded.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from recscope import store
from recscope.audits.report import Report
from recscope.estimate import SMALLEST_CELL
from recscope.files import columns_of, read_table
from recscope.store import Run

Stamp = tuple[str, int]  # changes whenever the run does


def finished_runs() -> list[str]:
    """Ids of runs that can be read, newest first."""
    return [run.id for run in store.list_runs() if (run.path / "estimates.parquet").is_file()]


def stamp(run_id: str) -> Stamp:
    path = store.open_run(run_id).path
    return str(path), (path / "manifest.json").stat().st_mtime_ns


def run_at(at: Stamp) -> Run:
    return Run(Path(at[0]))


def manifest(run_id: str) -> Mapping[str, Any]:
    return _manifest(stamp(run_id))


def drawn_users(run_id: str) -> tuple[int, int] | None:
    """How many users were judged, and of how many; None where it was all of the test set."""
    counts = manifest(run_id)["data"]["counts"]
    judged, every = counts["judged_users"], counts.get("test_users", counts["judged_users"])
    return (judged, every) if judged < every else None


def models(run_id: str) -> list[str]:
    return [name for name, entry in manifest(run_id)["models"].items() if entry["status"] == "done"]


def costs(run_id: str) -> dict[str, dict[str, float]]:
    """Model to fit_seconds, recommend_seconds, peak_memory_bytes, users_per_second."""
    entries = manifest(run_id)["models"]
    return {name: dict(entry.get("cost") or {}) for name, entry in entries.items()}


def estimates(run_id: str) -> pd.DataFrame:
    """Estimates of groups smaller than SMALLEST_CELL are left out."""
    return _estimates(stamp(run_id))


def everybody(run_id: str) -> pd.DataFrame:
    """Estimates over all users, no group."""
    table = estimates(run_id)
    return table[table["group"].isna()]


def at_cutoff(table: pd.DataFrame, metric: str, k: float | None) -> pd.DataFrame:
    """Rows of one metric at one cutoff; k None for a metric without."""
    rows = table[table["metric"] == metric]
    return rows[rows["k"].isna()] if k is None else rows[rows["k"] == k]


def audit(run_id: str, family: str) -> Report | None:
    """What the audit of a family found; None where this run was not audited for it."""
    return _audit(stamp(run_id), family) if family in audits(run_id) else None


def audits(run_id: str) -> list[str]:
    """Families that the run was audited for."""
    return store.open_run(run_id).audits()


def users(run_id: str) -> pd.DataFrame:
    return cached_users(stamp(run_id))


def items(run_id: str) -> pd.DataFrame:
    return _items(stamp(run_id))


def column(run_id: str, metric: str) -> pd.DataFrame:
    """One metric for everybody: index user, a column per model that has it."""
    return cached_column(stamp(run_id), metric)


def reach(run_id: str) -> pd.DataFrame:
    """Columns model, n_recommended (distinct items), n_items, n_lists, n_fallback (lists)."""
    return _reach(stamp(run_id))


def leakage(run_id: str) -> dict[str, int]:
    """n_train, n_late (of them after the first test row), n_test_items, n_cold_items."""
    return _leakage(stamp(run_id))


def history(run_id: str, user: int) -> pd.DataFrame:
    """A user's interactions newest first, with what is known of the items."""
    return _history(stamp(run_id), user)


def lists(run_id: str, user: int) -> pd.DataFrame:
    """Columns model, rank, item, score, is_hit, is_fallback of one user."""
    return _lists(stamp(run_id), user)


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Cutoffs as plain floats, NaN for none: nullable integers do not compare with them."""
    return table.assign(k=table["k"].astype("float64"))


@st.cache_data(max_entries=32, show_spinner=False)
def _manifest(at: Stamp) -> dict[str, Any]:
    return run_at(at).manifest


@st.cache_data(max_entries=16, max_size="300mb", show_spinner=False)
def _estimates(at: Stamp) -> pd.DataFrame:
    table = numbered(run_at(at).estimates())
    return table[table["group"].isna() | (table["n"] >= SMALLEST_CELL)].reset_index(drop=True)


@st.cache_data(max_entries=32, max_size="300mb", show_spinner=False)
def _audit(at: Stamp, family: str) -> Report:
    return run_at(at).audit(family)


@st.cache_data(max_entries=8, max_size="300mb", show_spinner=False)
def cached_users(at: Stamp) -> pd.DataFrame:
    return run_at(at).users()


@st.cache_data(max_entries=8, max_size="300mb", show_spinner=False)
def _items(at: Stamp) -> pd.DataFrame:
    return run_at(at).items()


@st.cache_data(max_entries=32, max_size="300mb", show_spinner=False)
def cached_column(at: Stamp, metric: str) -> pd.DataFrame:
    run = run_at(at)
    having = [model for model in run.models() if metric in run.metric_columns(model)]
    return pd.DataFrame({model: run.per_user(model, [metric])[metric] for model in having})


@st.cache_data(max_entries=16, show_spinner=False)
def _reach(at: Stamp) -> pd.DataFrame:
    run, rows = run_at(at), []
    n_items = len(_items(at))
    for model in run.models():
        # the first rank alone says who has a list, and whether it is the model's own
        first = read_table(
            run.path / "models" / model / "topk.parquet",
            ["user", "is_fallback"],
            [("rank", "==", 1)],
        )
        rows.append(
            {
                "model": model,
                "n_recommended": int((run.per_item(model)["n_recommended"] > 0).sum()),
                "n_items": n_items,
                "n_lists": len(first),
                "n_fallback": int(first["is_fallback"].sum()),
            }
        )
    return pd.DataFrame(rows)


@st.cache_data(max_entries=16, show_spinner=False)
def _leakage(at: Stamp) -> dict[str, int]:
    path = run_at(at).path / "interactions.parquet"
    has_times = "timestamp" in columns_of(path)
    table = read_table(path, ["item", "part", *(["timestamp"] if has_times else [])])
    train, test = table[table["part"] == "train"], table[table["part"] == "test"]
    late = train["timestamp"] > test["timestamp"].min() if has_times else pd.Series(dtype=bool)
    tested = test["item"].drop_duplicates()
    return {
        "n_train": len(train),
        "n_late": int(late.sum()),
        "n_test_items": len(tested),
        "n_cold_items": int((~tested.isin(train["item"])).sum()),
    }


@st.cache_data(max_entries=64, show_spinner=False)
def _history(at: Stamp, user: int) -> pd.DataFrame:
    rows = run_at(at).history(user).iloc[::-1]  # a run keeps them oldest first
    return rows.join(_items(at).drop(columns=["item"]), on="item")


@st.cache_data(max_entries=64, show_spinner=False)
def _lists(at: Stamp, user: int) -> pd.DataFrame:
    run = run_at(at)
    found = [run.lists(model, user).assign(model=model) for model in run.models()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
