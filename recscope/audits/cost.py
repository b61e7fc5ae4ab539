"""Cost: what does a list cost in time, memory, tokens and money, and what is it worth?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.tables import Floats
from evaluators import METRICS, cost
from recscope.audits.case import Case
from recscope.audits.report import Note, Report, Row, curves_frame, estimates_frame
from recscope.config_values import need
from recscope.files import read_table
from recscope.judge import label
from recscope.measuring import READY

QUESTION = "What does a list cost in time, memory, tokens and money, and what is it worth?"
PARETO = "pareto"
AXES = ("latency_p50", "fit_seconds", "model_size", "cost_per_1000_lists")
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
ORDERED = "order statistics of the calls, free of any distribution"
KINDS = ("prompt", "completion")


@dataclass(frozen=True)
class Settings:
    """Prices, in any one currency; what has no price costs nothing known.

    price_per_hour     of the machine that makes the lists
    prompt_prices      model → price of a million tokens of its prompts
    completion_prices  model → price of a million tokens of its answers
    quality            what costs are held against
    """

    price_per_hour: float | None = None
    prompt_prices: Mapping[str, float] = field(default_factory=dict)
    completion_prices: Mapping[str, float] = field(default_factory=dict)
    quality: str = "ndcg"

    def __post_init__(self) -> None:
        for name in ("prompt_prices", "completion_prices"):
            fits = all(price >= 0 for price in getattr(self, name).values())
            need(fits, f"[audit.cost] {name}", "prices of 0 or more by model")
        fits = self.price_per_hour is None or self.price_per_hour >= 0
        need(fits, "[audit.cost] price_per_hour", "a price of 0 or more")


def audit(case: Case, settings: Settings) -> Report:
    """Seconds, latency, throughput, memory, size, tokens, price; quality against cost.

    Estimates name the metrics of the family "cost"; n counts calls for latencies, fits and lists
    elsewhere. Curve "pareto": a point a model and kind of cost (series), x the cost, y the quality
    with its interval, label "on the front" or which model beats it.
    """
    rows: list[Row] = []
    notes: list[Note] = []
    for model in case.models:
        kept = case.cost(model)
        measured = kept.get("measured")
        if measured is None:
            reason = "latency and size cannot be judged, because the run was made without measuring"
            notes.append(Note(model, f"{reason}; compute it anew: python -m recscope run"))
            measured = {}
        elif measured["not_measured"]:
            reason = f"time and size cannot be judged, because {measured['not_measured']}"
            notes.append(Note(model, reason))
        if n_kept := kept.get("n_kept"):
            reason = f"{n_kept:,} answers or trainings were kept from before; they count with what"
            notes.append(Note(model, f"{reason} they took then, and waiting times are of new ones"))
        rows += _of_model(case, model, kept, measured, settings)
    table = estimates_frame(rows)
    strangers = {*settings.prompt_prices, *settings.completion_prices} - set(case.models)
    notes += [
        Note(name, "a price is given, but no model of the run has this name")
        for name in sorted(strangers)
    ]
    if settings.price_per_hour is None and not settings.prompt_prices:
        reason = "cannot be judged, because no price is given; set [audit.cost] price_per_hour"
        notes.append(Note("cost_per_1000_lists", reason))
    points, why = _pareto(case, table, settings)
    return Report(table, curves_frame(points), notes=[*notes, *why])


def _of_model(
    case: Case, model: str, kept: Mapping[str, Any], measured: Mapping[str, Any], asked: Settings
) -> list[Row]:
    n_users, seconds = kept["n_users"], kept["recommend_seconds"]
    rows: list[Row] = []

    def add(metric: str, value: Floats, n: int, **facts: Any) -> None:
        if not np.isnan(value):
            rows.append({"model": model, "metric": metric, "mean": float(value), "n": n, **facts})

    if measured.get("not_measured") == READY:  # what reading a file takes is no cost of the system
        rows += _price(model, 0.0, n_users, measured, asked)
        return rows
    add("fit_seconds", cost.fit_seconds(np.array([kept["fit_seconds"]])), 1)
    add("throughput", cost.throughput(np.array([n_users]), np.array([seconds])), n_users)
    add("peak_memory", cost.peak_memory(np.array([kept["peak_memory_bytes"]])), 1)
    if sizes := measured.get("model_bytes"):
        add("model_size", cost.model_size(np.array(list(sizes.values()))), 1)
    for kind in ("latency", "batch_latency"):
        calls = np.sort(measured.get("call_seconds" if kind == "latency" else "batch_seconds", []))
        for name, share in QUANTILES.items():
            metric = f"{kind}_{name}"
            bounds = _bounds(calls, share, case.sure.confidence)
            add(metric, METRICS[metric](calls), len(calls), method=ORDERED, **bounds)
    return rows + _price(model, seconds, n_users, measured, asked)


def _price(
    model: str, seconds: float, n_users: int, measured: Mapping[str, Any], asked: Settings
) -> list[Row]:
    """Tokens where the model counts them, and money where a price is given."""
    facts = {"model": model, "n": n_users}
    n_lists = np.array([n_users])
    tokens = measured.get("tokens") or {}
    counts = np.array([tokens.get(kind, 0) for kind in KINDS], dtype=np.float64)
    prices = [prices.get(model) for prices in (asked.prompt_prices, asked.completion_prices)]
    rows: list[Row] = []
    if counts.any():
        mean = float(cost.tokens_per_list(counts, n_lists))
        rows.append({"metric": "tokens_per_list", "mean": mean, **facts})
    is_priced = counts.any() and any(price is not None for price in prices)
    if is_priced or (asked.price_per_hour is not None and seconds):
        price = cost.cost_per_1000_lists(
            np.array([seconds]),
            np.array([asked.price_per_hour or 0.0]),
            counts,
            np.array([price or 0.0 for price in prices]),
            n_lists,
        )
        rows.append({"metric": "cost_per_1000_lists", "mean": float(price), **facts})
    return rows


def _bounds(calls: Floats, share: float, confidence: float) -> dict[str, float]:
    """Low and high of a quantile of the sorted calls [ms]; NaN where too few calls tell."""
    places = cost.quantile_bounds(len(calls), share, confidence) if len(calls) else (None, None)
    ends = [np.nan if place is None else cost.MILLI * calls[place] for place in places]
    return {"low": float(ends[0]), "high": float(ends[1])}


def _pareto(case: Case, table: pd.DataFrame, asked: Settings) -> tuple[list[Row], list[Note]]:
    worth = {model: _quality(case, model, asked.quality) for model in case.models}
    known = [model for model, row in worth.items() if row is not None]
    if not known:
        name = label(asked.quality, case.k)
        reason = f"quality cannot be held against cost, because the run has no {name}"
        return [], [Note(PARETO, f"{reason}; set [audit.cost] quality")]
    points: list[Row] = []
    for axis in AXES:
        paid = table[table["metric"] == axis].set_index("model")["mean"]
        models = [model for model in known if model in paid.index]
        if not models:
            continue
        x = paid[models].to_numpy(dtype=np.float64)
        declared = METRICS.get(asked.quality)
        sign = -1.0 if declared is not None and declared.better == "lower" else 1.0
        y = np.array([worth[model]["mean"] for model in models], dtype=np.float64)
        for place, model in enumerate(models):
            row = worth[model]
            points.append(
                {"curve": PARETO, "model": model, "series": axis, "x": x[place], "y": y[place],
                 "low": row["low"], "high": row["high"], "n": int(row["n"]),
                 "label": _standing(x, sign * y, models, place)}
            )  # fmt: skip
    return points, []


def _standing(x: Floats, y: Floats, models: list[str], place: int) -> str:
    """On the front, or beaten by the best of those that beat it."""
    if cost.non_dominated(x, y)[place]:
        return "on the front"
    beats = (x <= x[place]) & (y >= y[place]) & ((x < x[place]) | (y > y[place]))
    best = np.flatnonzero(beats)[np.argmax(y[beats])] if beats.any() else None
    return "undefined" if best is None else f"beaten by {models[int(best)]}"


def _quality(case: Case, model: str, metric: str) -> Any:
    """The model's estimate of a metric over everybody; None where there is none."""
    table = read_table(case.path / "models" / model / "estimates.parquet")
    rows = table[(table["metric"] == metric) & table["group"].isna()]
    at_k = rows[(rows["k"] == case.k) | rows["k"].isna()]
    return None if at_k.empty else at_k.iloc[0]
