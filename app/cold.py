"""What the page on cold start and cost asks its reader, and the tables of its audits."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import queries
from recscope.audits.report import Report

PAGE = "cold_start"
USERS, ITEMS, COST, ANSWERS = "New users", "New items", "Cost", "Language models"
VIEWS = (USERS, ITEMS, COST, ANSWERS)
BEST = "the best model"
FEW = 5  # models on show where nobody chose
VIEW, MODELS, FOCUS, QUALITY, CUT, GROUP, CUTOFF, AXIS = (
    f"{PAGE}.{name}" for name in ("view", "models", "focus", "quality", "cut", "group", "k", "axis")
)
AXES = {
    "latency_p50": "median time for one list, ms",
    "fit_seconds": "seconds to learn",
    "model_size": "size of what was learned, MB",
    "cost_per_1000_lists": "price of 1,000 lists",
}


@dataclass(frozen=True)
class Choice:
    """What the filters say.  models: on show, in the order of the run; known: all of them."""

    run_id: str
    view: str
    models: list[str]
    known: list[str]


def choose(run_id: str) -> Choice:
    """Draw what all views share; it stands in the address."""
    view = st.segmented_control(
        "What to look at",
        list(VIEWS),
        default=USERS,
        required=True,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    known = queries.models(run_id)
    models = st.multiselect(
        "Models", known, key=MODELS, placeholder="all models", bind="query-params"
    )
    return Choice(run_id, view or USERS, [m for m in known if m in (models or known)], known)


def qualities(report: Report) -> list[str]:
    """Qualities with a warm-up curve, such as ndcg@10."""
    curves = report.curves
    found: list[str] = list(curves.loc[curves["curve"] == "warm-up", "series"].unique())
    return found


def curve(report: Report, name: str, models: list[str]) -> pd.DataFrame:
    """One curve's points of these models."""
    rows = report.curves[report.curves["curve"] == name]
    return rows[rows["model"].isin(models)]


def effects(report: Report, test: str, models: list[str]) -> pd.DataFrame:
    """Rows of one test of these models."""
    return report.tests[(report.tests["test"] == test) & report.tests["model"].isin(models)]


def numbers(report: Report, models: list[str], **facts: object) -> pd.DataFrame:
    """Estimates of these models in which every named column has this value."""
    rows = report.estimates[report.estimates["model"].isin(models)]
    for name, value in facts.items():
        rows = rows[rows[name].isna()] if value is None else rows[rows[name] == value]
    return queries.numbered(rows)


def best(report: Report, models: list[str], quality: str) -> str:
    """The model whose warm-up curve ends highest."""
    rows = curve(report, "warm-up", models)
    rows = rows[rows["series"] == quality]
    means = rows.groupby("model")["y"].mean()
    return str(means.idxmax()) if len(means) else models[0]


def shares(report: Report, models: list[str], cut: str, group: str, k: float) -> pd.DataFrame:
    """Columns model, chosen, shown, low, high, recall …: what lists show of a slice of items."""
    rows = numbers(report, models, group_by=cut, group=group, k=k)
    by_metric = {name: part.set_index("model") for name, part in rows.groupby("metric")}
    if "slice_exposure_share" not in by_metric:
        return pd.DataFrame()
    shown = by_metric["slice_exposure_share"]
    return pd.DataFrame(
        {
            "model": shown.index,
            "chosen": by_metric["slice_choice_share"]["mean"].reindex(shown.index).to_numpy(),
            "shown": shown["mean"].to_numpy(),
            "low": shown["low"].to_numpy(),
            "high": shown["high"].to_numpy(),
            "n": shown["n"].to_numpy(),
        }
    )


def latencies(report: Report, models: list[str], kind: str = "latency") -> pd.DataFrame:
    """Columns model, p50, p95, p99 [ms], each with _low and _high, and n (calls)."""
    columns: dict[str, pd.Series] = {}
    for quantile in ("p50", "p95", "p99"):
        rows = numbers(report, models, metric=f"{kind}_{quantile}").set_index("model")
        columns |= {quantile: rows["mean"]}
        columns |= {f"{quantile}_{end}": rows[end] for end in ("low", "high")}
        columns["n"] = rows["n"]
    table = pd.DataFrame(columns)
    return table.sort_values("p50").rename_axis("model").reset_index()


def costs(report: Report, models: list[str]) -> pd.DataFrame:
    """One row a model, one column per cost, in the order of the run."""
    rows = report.estimates[report.estimates["model"].isin(models)]
    table = rows.pivot_table(index="model", columns="metric", values="mean", aggfunc="first")
    return table.reindex([model for model in models if model in table.index]).reset_index()
