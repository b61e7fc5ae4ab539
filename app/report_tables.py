"""Tables of a report: models, the numbers of every family, explanations, what was not judged."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from app import explained, queries
from app.explanation_quality import FAMILIES
from app.headline import headline_cutoff
from app.report_page import folded, section, table
from app.words import each, interval, metric_at, number, seconds, settings
from core.errors import RecScopeError
from evaluators.doors import metrics
from recommenders import RECOMMENDERS
from recommenders.doors import describe
from recommenders.taxonomy import place_of

GAP, TOKENS = "user_gap", "tokens_per_list"


def models(run_id: str, rows: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """One row a model, those that failed last: what it is, how it was set, what it took.

    rows: of everybody()
    """
    manifest = queries.manifest(run_id)
    entries, asked = manifest["models"], manifest.get("config", {}).get("models", {})
    names = [*order, *(name for name in entries if name not in order)]
    tokens = rows[rows["metric"] == TOKENS].set_index("model")["mean"]
    return pd.DataFrame(
        [_model(name, entries[name], asked.get(name) or {}, tokens.get(name)) for name in names]
    )


def _model(
    name: str, entry: dict[str, Any], asked: dict[str, Any], tokens: float | None
) -> dict[str, Any]:
    cost = entry.get("cost") or {}
    n, listing = cost.get("n_users"), cost.get("recommend_seconds")
    peak = cost.get("peak_memory_bytes")
    return {
        "model": name,
        "what it does": _technique(entry.get("use") or name),
        "settings": settings(asked.get("params") or {}),
        "fit": seconds(cost.get("fit_seconds")),
        "one list": seconds(listing / n) if n and listing is not None else "–",
        "peak memory": f"{peak / 2**20:,.0f} MiB" if peak else "–",
        "tokens a list": "–" if tokens is None else f"{tokens:,.0f}",
        "ended": "" if entry["status"] == "done" else f"{entry['status']}: {entry.get('error')}",
    }


def _technique(use: str) -> str:
    """Its place in the survey; the first line of its own words where it names none."""
    place = place_of(RECOMMENDERS.get(use))
    if place is not None:
        return place.technique
    try:
        return describe(use).summary
    except RecScopeError:
        return use  # a plug-in that is not installed here


def everybody(run_id: str) -> pd.DataFrame:
    """Estimates over all users, of the run and its audits, at the headline's cutoff.

    A metric that was asked at other cutoffs alone stands at the nearest of them. Besides the
    columns of estimates: family.
    """
    tables = [queries.everybody(run_id)]
    for family in queries.audits(run_id):
        report = queries.audit(run_id, family)
        if report is not None:
            rows = queries.numbered(report.estimates)
            tables.append(rows[rows["group"].isna() & rows["group_by"].isna()])
    rows = pd.concat([one for one in tables if len(one)], ignore_index=True)
    declared = metrics()
    rows = rows[rows["metric"].isin(declared)].dropna(subset=["mean"])
    rows["family"] = rows["metric"].map(lambda name: declared[name].family)
    k = headline_cutoff([float(one) for one in tables[0]["k"].dropna().unique()])
    nearest = rows.assign(far=(rows["k"] - (k or 0)).abs().fillna(0))
    return nearest[nearest["far"] == nearest.groupby("metric")["far"].transform("min")]


def families(rows: pd.DataFrame) -> list[str]:
    """Families of metrics that these rows have numbers of, in the order of their declaration."""
    having = set(rows["family"])
    return [one for one in dict.fromkeys(m.family for m in metrics().values()) if one in having]


def lead(rows: pd.DataFrame, family: str, headline: str) -> str:
    """The metric that a family's chart shows: the headline's, or its first."""
    names = rows.loc[rows["family"] == family, "metric"].tolist()
    return headline if headline in names else names[0]


def numbers(rows: pd.DataFrame, family: str, order: Sequence[str]) -> pd.DataFrame:
    """A row a model, a column a metric: mean and interval."""
    of_family = rows[rows["family"] == family]
    names = [metric_at(row.metric, row.k) for row in each(of_family)]
    return _crossed(of_family, names, order)


def user_fairness(
    run_id: str, metric: str, order: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """A row a model: the largest gap by each attribute; how the metric is spread over users.

    None where the run was not audited for it.
    """
    report = queries.audit(run_id, "user_fairness")
    if report is None:
        return None
    rows = queries.numbered(report.estimates)
    rows = rows[(rows["group"] == metric) & rows["mean"].notna()]
    gaps = rows[(rows["metric"] == GAP) & ~rows["group_by"].str.contains("×", na=False)]
    spread = rows[rows["group_by"] == "users"]
    return (
        _crossed(gaps, gaps["group_by"].tolist(), order),
        _crossed(spread, spread["metric"].tolist(), order),
    )


def _crossed(rows: pd.DataFrame, columns: Sequence[str], order: Sequence[str]) -> pd.DataFrame:
    """A row a model that has a number, a column each name; the cells are mean and interval."""
    cells: dict[str, dict[str, str]] = {name: {"model": name} for name in order}
    for row, column in zip(each(rows), columns, strict=True):
        if row.model in cells:
            cells[row.model][column] = cell(row)
    return pd.DataFrame([one for one in cells.values() if len(one) > 1]).fillna("–")


def cell(row: Any) -> str:
    """Such as 0.312 [0.298 to 0.327]."""
    reach = interval(row.low, row.high)
    return number(row.mean) if reach == "no interval" else f"{number(row.mean)} [{reach}]"


def unjudged(run_id: str) -> pd.DataFrame:
    """What could not be judged, and because of what."""
    rows = []
    for family in queries.audits(run_id):
        report = queries.audit(run_id, family)
        notes = report.notes if report is not None else ()
        rows += [{"audit": family, "about": n.about, "because": n.reason} for n in notes]
    return pd.DataFrame(rows)


def explanations(run_id: str) -> list[str]:
    """Which explainer can be believed: its scores by family; [] where nothing was explained."""
    found = explained.explained(run_id)
    if found is None or not len(found.estimates):
        return []
    rows = found.estimates.dropna(subset=["mean"])
    parts = []
    for family, title in FAMILIES.items():
        some = rows[rows["family"] == family]
        cells: dict[str, dict[str, str]] = {}
        for row in each(some):
            about = f"{row.model}: {row.explainer}"
            cells.setdefault(about, {"explained by": about})[str(row.scorer)] = cell(row)
        if cells:
            parts.append(
                folded(title.capitalize(), table(pd.DataFrame([*cells.values()]).fillna("–")))
            )
    told = "Scores of explanations, with 95 % intervals over users in brackets. What stands beside "
    told += "the explainers as a baseline: random, reversed, popularity, shuffled pairs."
    return [section("Can the explanations be believed?", "".join(parts), told)]
