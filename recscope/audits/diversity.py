"""How varied are lists, what of the catalogue do they show, and do models differ at all?"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from core.tables import Codes, Floats
from evaluators.between_models import rbo
from evaluators.doors import resolve
from evaluators.spread import coverage
from recscope.audits.case import Case
from recscope.audits.numbers import from_sums
from recscope.audits.report import Note, Report, Row, curves_frame, estimates_frame
from recscope.config_values import need
from recscope.estimate import estimate
from recscope.judge import reason_missing
from recscope.judged import Judged
from recscope.run_sums import RunSums

QUESTION = "How varied are lists, what do they show of the catalogue, and do models differ?"
FAMILY = "diversity"
POINTS = 101  # of a Lorenz curve
BANDS = 10
OVERLAP, GROWTH, LORENZ, BAND = "overlap", "coverage growth", "exposure", "popularity band"
LISTS, HISTORY = "lists", "history"


@dataclass(frozen=True)
class Settings:
    """[audit.diversity].

    k        places of each list that are looked at; None: the run's (10, or the middle one)
    p        how likely a reader goes on to the next place, for rank-biased overlap
    depths   list lengths at which coverage is told; longer ones than the lists are left out
    """

    k: int | None = None
    p: float = 0.9
    depths: tuple[int, ...] = (1, 2, 3, 5, 10, 20, 50, 100)

    def __post_init__(self) -> None:
        where = "[audit.diversity]"
        need(self.k is None or self.k >= 1, f"{where} k", "1 or more")
        need(0 < self.p < 1, f"{where} p", "between 0 and 1, such as 0.9")
        fits = bool(self.depths) and min(self.depths, default=0) >= 1
        need(fits, f"{where} depths", "list lengths of 1 or more, such as [1, 5, 10]")


def audit(case: Case, settings: Settings) -> Report:
    """What the run's own estimates do not hold: how models overlap, and what lists show.

    estimates  rbo of each two models: group_by "model", group the other one
    curves     "overlap" y: rbo of model and series; "coverage growth" y: share of the catalogue in
               the first x places; "exposure" y: share of all places that the least shown x of the
               catalogue takes, label: places looked at; "popularity band" y: share of places in
               the x-th tenth of the items by popularity. Series "history", without a model: what
               users had.
    """
    k = min(settings.k or case.k, case.config.evaluate.length)
    notes: list[Note] = []
    curves: list[Row] = []
    for model in case.models:
        judged = case.judged(model)
        notes += [Note(name, f"cannot be judged, because {why}") for name, why in _lacking(judged)]
        curves += _growth(case, model, judged, settings.depths)
        curves += _lorenz(model, LISTS, RunSums(judged, np.arange(len(judged)), (0,)), judged, k)
        curves += _bands(case, model, judged, k)
    history = case.given.catalogue.popularity
    if history is not None:
        curves += _lorenz_points(history.astype(np.float64), len(history), HISTORY)
        curves += _history_bands(case)
    overlaps, pairs = _overlaps(case, k, settings.p)
    if not overlaps:
        why = "cannot be judged, because the run has one model only"
        notes.append(Note("overlap between models", why))
    return Report(
        estimates=estimates_frame(pairs),
        curves=curves_frame([*curves, *overlaps]),
        notes=list(dict.fromkeys(notes)),
        settings=asdict(settings),
    )


def _lacking(judged: Judged) -> Iterator[tuple[str, str]]:
    """Metrics of the family that cannot be had here, and why."""
    for metric in resolve(FAMILY):
        if why := reason_missing(metric, judged):
            yield metric.name, why


def _growth(case: Case, model: str, judged: Judged, depths: tuple[int, ...]) -> Iterator[Row]:
    sums = RunSums(judged, np.arange(len(judged)), (case.sure.seed,))
    confidence = case.sure.confidence if case.sure.resamples else None
    for depth in sorted({depth for depth in depths if depth <= judged.width}):
        value, low, high = sums.estimate(coverage, depth, confidence)
        yield {
            "curve": GROWTH, "model": model, "series": LISTS, "x": depth, "y": value,
            "low": low, "high": high, "n": len(judged),
        }  # fmt: skip


def _lorenz(model: str, series: str, sums: RunSums, judged: Judged, k: int) -> Iterator[Row]:
    counts = sums.parts("item_counts", k).sum(axis=0)
    for point in _lorenz_points(counts, judged.n_catalogue, series, model):
        yield {**point, "label": str(k)}


def _lorenz_points(
    counts: Floats, n_available: int, series: str, model: str | None = None
) -> Iterator[Row]:
    """Share of all places taken by the least shown items, at POINTS shares of the catalogue."""
    total = counts.sum()
    if not total:
        return
    ascending = np.sort(counts)
    reached = np.append(np.zeros(n_available - len(counts) + 1), np.cumsum(ascending) / total)
    at = np.linspace(0, 1, POINTS)
    heights = np.interp(at * n_available, np.arange(n_available + 1), reached)
    for x, y in zip(at, heights, strict=True):
        yield {"curve": LORENZ, "model": model, "series": series, "x": x, "y": y, "n": int(total)}


def _band_of(case: Case) -> Codes | None:
    """Tenth of the catalogue that each item is in by popularity, 0 the most popular one."""
    popularity = case.given.catalogue.popularity
    if popularity is None:
        return None
    place = np.empty(len(popularity), dtype=np.int64)
    place[np.argsort(-popularity, kind="stable")] = np.arange(len(popularity))
    return (place * BANDS // len(popularity)).astype(np.int32)


def _band_label(band: int) -> str:
    if not band:
        return "most popular tenth"
    return "least popular tenth" if band == BANDS - 1 else f"tenth {band + 1}"


def _bands(case: Case, model: str, judged: Judged, k: int) -> Iterator[Row]:
    band = _band_of(case)
    if band is None:
        return
    items = judged.items[:, :k]
    parts = np.stack(
        [((band[items] == b) & (items >= 0)).sum(axis=1) for b in range(BANDS)], axis=1
    )

    def shares(sums: Floats) -> Floats:
        return np.asarray(sums / np.maximum(sums.sum(axis=-1, keepdims=True), 1))

    value, low, high = from_sums(parts.astype(np.float64), shares, case.sure)
    for b in range(BANDS):
        yield {
            "curve": BAND, "model": model, "series": LISTS, "x": b + 1, "label": _band_label(b),
            "y": value[b], "low": low[b], "high": high[b], "n": len(judged),
        }  # fmt: skip


def _history_bands(case: Case) -> Iterator[Row]:
    band, popularity = _band_of(case), case.given.catalogue.popularity
    if band is None or popularity is None:
        return
    rows = np.bincount(band, popularity, minlength=BANDS)
    for b in range(BANDS):
        yield {
            "curve": BAND, "series": HISTORY, "x": b + 1, "label": _band_label(b),
            "y": rows[b] / max(rows.sum(), 1), "n": int(rows.sum()),
        }  # fmt: skip


def _overlaps(case: Case, k: int, p: float) -> tuple[list[Row], list[Row]]:
    """Points of the map of models, both ways round, and estimates of each two models."""
    lists = {model: case.lists(model).items[:, :k] for model in case.models}
    values = {
        (one, other): rbo(lists[one], lists[other], p=p) for one, other in combinations(lists, 2)
    }
    if not values:
        return [], []
    pairs = list(values)
    found = estimate(
        pd.DataFrame({number: values[pair] for number, pair in enumerate(pairs)}),
        resamples=case.sure.resamples,
        confidence=case.sure.confidence,
        seed=case.sure.seed,
    )
    curves: list[Row] = []
    made: list[Row] = []
    for (one, other), row in zip(pairs, found.to_dict("records"), strict=True):
        numbers = {name: row[name] for name in ("low", "high", "n")}
        for model, beside in ((one, other), (other, one)):
            point = {"curve": OVERLAP, "model": model, "series": beside, "label": beside}
            curves.append({**point, "x": list(lists).index(beside), "y": row["mean"], **numbers})
            cell = {"model": model, "group_by": "model", "group": beside, "k": k}
            facts = {"metric": rbo.name, "mean": row["mean"], "method": row["method"]}
            made.append({**cell, **facts, **numbers, "n_undefined": row["n_undefined"]})
    return curves, made
