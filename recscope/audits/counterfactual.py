"""Counterfactual: would a user be shown the same, had the attribute said something else?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RecScopeError
from core.tables import Codes, Floats, Ints
from evaluators import counterfactual as like
from evaluators.metric import Metric
from recommenders.base import ReadsUsers
from recommenders.contract import check_topk
from recommenders.guard import guarded
from recscope.audits.case import Case
from recscope.audits.numbers import from_sums, rows
from recscope.audits.report import (
    Note,
    Report,
    curves_frame,
    effects_frame,
    estimates_frame,
    joined,
)
from recscope.compare import holm
from recscope.config_values import need
from recscope.engine_models import made_model
from recscope.groups import Cell

QUESTION = "Would a user be shown the same, had an attribute said something else?"
NEUTRAL, SWAPPED = "neutral ", "swapped "  # group_by, before the name of the attribute
LIKENESS: tuple[Metric, ...] = (like.list_jaccard, like.list_serp, like.list_prag)
BLIND = (
    "reads no attribute of the users: nothing to swap, its lists stay as they are. (A model that "
    "reads some says so: recommenders.base.ReadsUsers)"
)
ALARM = 0.05
TEST = "lists change with the attribute alone"
NOBODY = "no model of this run reads attributes of users, so there is no list to compare"


@dataclass(frozen=True)
class Settings:
    """What is swapped.

    attributes  of those that a model reads; "auto" for all
    k           places compared; 0: the cutoff that speaks for the run
    most        values of an attribute that are tried, the most frequent first
    tolerated   share of a list (1 - Jaccard) that may change without an alarm
    """

    attributes: tuple[str, ...] = ("auto",)
    k: int = 0
    most: int = 12
    tolerated: float = 0.1

    def __post_init__(self) -> None:
        where = "[audit.counterfactual]"
        need(bool(self.attributes), f"{where} attributes", 'one name or more, such as ["gender"]')
        need(self.k >= 0, f"{where} k", "0 (the run's own) or more")
        need(self.most >= 2, f"{where} most", "2 or more")
        need(0 <= self.tolerated < 1, f"{where} tolerated", "from 0 to below 1, such as 0.1")


def audit(case: Case, settings: Settings) -> Report:
    """Fit each model that reads attributes once, and ask it again about users described otherwise.

    Estimates: list_jaccard, list_serp, list_prag between a user's list and the one under another
    value (group_by "swapped ATTRIBUTE", group: the true value, or null for all), and between the
    list without the attribute and the one under each value (group_by "neutral ATTRIBUTE", group:
    the value); snsr and snsv of the latter (group: the likeness they are taken of). Curve "likeness
    to neutral by ATTRIBUTE": label the value, series the likeness. Tests: TEST, whether more of the
    list than `tolerated` changes, one-sided, p corrected by Holm over models and attributes; an
    alarm only for attributes that the data set calls sensitive.
    """
    reports = []
    for model in case.models:
        made = made_model(model, case.config, case.given.dataset)
        if not isinstance(made, ReadsUsers):
            reports.append(Report(notes=[Note(model, BLIND)]))
            continue
        try:
            reports.append(_of_model(case, settings, model))
        except RecScopeError as error:
            reports.append(Report(notes=[Note(model, f"cannot be judged, because {error}")]))
    if all(report.estimates.empty for report in reports):
        reports.append(Report(notes=[Note("all models", NOBODY)]))
    report = joined(reports)
    report.tests["p_adjusted"] = holm(report.tests["p"].to_numpy(dtype=np.float64))
    report.tests["is_alarm"] &= report.tests["p_adjusted"] < ALARM
    return report


def _of_model(case: Case, settings: Settings, model: str) -> Report:
    fitted: Any = case.fitted(model)
    users = case.given.dataset.side.users
    asked = [
        name
        for name in fitted.reads
        if "auto" in settings.attributes or name in settings.attributes
    ]
    k = min(settings.k or case.k, case.config.evaluate.length)
    reports = []
    try:
        for attribute in asked:
            lists = partial(_lists, case, model, fitted, k)
            reports.append(_of_attribute(case, settings, attribute, model, lists, k))
    finally:
        fitted.bind_users(users)
    return joined(reports)


def _lists(case: Case, model: str, fitted: Any, k: int, users: pd.DataFrame) -> Codes:
    """What the model lists for the judged users, where the users are as told: (n_users, k)."""
    timeout = case.config.run.model_timeout
    guarded(partial(fitted.bind_users, users), timeout, f"bind_users of {model}")
    asked, block = case.judged_users, case.config.run.block
    found = []
    for start in range(0, len(asked), block):
        some = asked[start : start + block]
        answer = guarded(partial(fitted.recommend, some, k), timeout, f"recommend of {model}")
        found.append(check_topk(answer, some, k, case.given.history, model).items[:, :k])
    return np.concatenate(found)


def _of_attribute(
    case: Case, settings: Settings, attribute: str, model: str, lists: Any, k: int
) -> Report:
    users = case.given.dataset.side.users
    told = users[attribute].reindex(case.judged_users)
    counts = told.map(str, na_action="ignore").value_counts()
    values = list(counts.index[: settings.most])
    if len(values) < 2:
        reason = (
            f"swapping {attribute!r} cannot be judged, because the judged users have "
            f"{len(values)} value of it: there is nothing to swap it for"
        )
        return Report(notes=[Note(model, reason)])
    original = {str(value): value for value in told.dropna().unique()}
    true = lists(users)
    without = lists(users.assign(**{attribute: _missing(users[attribute])}))
    under = {value: lists(_all_with(users, attribute, original[value])) for value in values}
    facts = {"model": model, "k": k}
    notes = []
    if len(counts) > len(values):
        reason = (
            f"{attribute!r} has {len(counts):,} values, of which the {len(values)} most frequent "
            "were tried"
        )
        notes.append(Note(model, reason))
    texts = told.map(str, na_action="ignore")
    likeness = _likeness(texts, true, under)
    swapped = list(_swapped(case, attribute, texts, likeness, facts))
    neutral, curves = _neutral(case, attribute, without, under, facts)
    sensitive = case.given.dataset.facts.get("sensitive") or (attribute,)
    changed = 1 - likeness[like.list_jaccard.name]
    about = {**facts, "group_by": attribute}
    tests = _tests(changed, swapped, settings.tolerated, about)
    found = effects_frame([{**row, "is_alarm": attribute in sensitive} for row in tests])
    return Report(estimates_frame([*swapped, *neutral]), curves_frame(curves), found, notes)


def _tests(
    changed: Floats, numbers: Sequence[Mapping[str, Any]], tolerated: float, facts: Any
) -> list[dict[str, Any]]:
    """Does more of the list change than is tolerated, on average over users?

    changed  float (n_users,) 1 - Jaccard, NaN for who has nothing to swap
    numbers  estimates, of which one is the mean likeness of all users with its interval
    """
    from scipy.special import ndtr

    known = changed[~np.isnan(changed)]
    if len(known) < 2:
        return []
    row = next(row for row in numbers if row["group"] is None)
    effect, error = float(known.mean()), float(known.std(ddof=1) / np.sqrt(len(known)))
    away = effect - tolerated
    z = away / error if error else float(np.copysign(np.inf, away))
    return [
        {
            **facts,
            "test": TEST,
            "metric": like.list_jaccard.name,
            "statistic": z,
            "effect": effect,
            "low": 1 - row["high"],
            "high": 1 - row["low"],
            "p": float(ndtr(-z)),
            "n": len(known),
        }
    ]


def _missing(values: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.Series([None] * len(values), index=values.index, dtype=object)


def _all_with(users: pd.DataFrame, attribute: str, value: Any) -> pd.DataFrame:
    return users.assign(**{attribute: pd.Series([value] * len(users), index=users.index)})


def _likeness(told: "pd.Series[Any]", true: Codes, under: Mapping[str, Codes]) -> dict[str, Floats]:
    """Of the true list to those under the other values, mean over them: each (n_users,)."""
    is_of = np.stack([(told == value).to_numpy(dtype=bool) for value in under])
    found = {}
    for metric in LIKENESS:
        by_value = np.stack([metric(true.astype(np.int64), items) for items in under.values()])
        by_value[is_of] = np.nan
        found[metric.name] = _means(by_value)
        found[metric.name][told.isna().to_numpy()] = np.nan  # nothing to swap
    return found


def _swapped(
    case: Case,
    attribute: str,
    told: "pd.Series[Any]",
    likeness: Mapping[str, Floats],
    facts: Mapping[str, Any],
) -> Iterator[Mapping[str, Any]]:
    """Mean likeness over all users, and over those of each true value."""
    cells: list[tuple[str | None, Ints]] = [(None, np.arange(len(told)))]
    cells += [
        (value, np.flatnonzero((told == value).to_numpy(dtype=bool)))
        for value in told.value_counts().index
    ]
    for metric in LIKENESS:
        for group, members in cells:
            cell = Cell(SWAPPED + attribute, group, members)
            yield from _mean_rows(case, metric, likeness[metric.name][members], cell, facts)


def _means(values: Floats) -> Floats:
    """Mean over the first axis of what is not NaN."""
    n = (~np.isnan(values)).sum(axis=0)
    return np.where(n > 0, np.nansum(values, axis=0) / np.maximum(n, 1), np.nan)


def _mean_rows(
    case: Case, metric: Metric, values: Floats, cell: Cell, facts: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    is_known = ~np.isnan(values)
    together = np.stack([np.where(is_known, values, 0), is_known.astype(np.float64)], axis=1)
    numbers = from_sums(together, _mean_of_sums, case.sure, cell)
    n = int(is_known.sum())
    return rows(
        [metric.name], numbers, case.sure, n, **facts,
        group_by=cell.group_by, group=cell.group, n_undefined=len(values) - n,
    )  # fmt: skip


def _mean_of_sums(sums: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):  # nobody in the cell, or in the resample
        return np.asarray(sums[..., :-1] / sums[..., -1:])


def _neutral(
    case: Case,
    attribute: str,
    without: Codes,
    under: Mapping[str, Codes],
    facts: Mapping[str, Any],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Likeness of the lists under each value to those without the attribute; snsr and snsv."""
    estimates: list[Mapping[str, Any]] = []
    curves: list[Mapping[str, Any]] = []
    for metric in LIKENESS:
        found = [metric(without.astype(np.int64), items) for items in under.values()]
        by_value = np.stack(found, axis=1)
        is_known = np.asarray(~np.isnan(by_value).any(axis=1))
        together = np.column_stack([np.where(is_known[:, None], by_value, 0), is_known])

        def compute(sums: Floats) -> Floats:
            means = _mean_of_sums(sums)
            ends = [like.snsr(means)[..., None], like.snsv(means)[..., None]]
            return np.concatenate([means, *ends], axis=-1)

        value, low, high = from_sums(together, compute, case.sure)
        n = int(is_known.sum())
        labels = [*((metric.name, name) for name in under),
                  ("snsr", metric.name), ("snsv", metric.name)]  # fmt: skip
        for place, (name, group) in enumerate(labels):
            one = (value[[place]], low[[place]], high[[place]])
            estimates += rows(
                [name], one, case.sure, n, **facts,
                group_by=NEUTRAL + attribute, group=group, n_undefined=len(is_known) - n,
            )  # fmt: skip
        curves += [
            {"curve": f"likeness to neutral by {attribute}", "model": facts["model"],
             "series": metric.name, "x": place, "label": name, "y": value[place],
             "low": low[place], "high": high[place], "n": n}
            for place, name in enumerate(under)
        ]  # fmt: skip
    return estimates, curves
