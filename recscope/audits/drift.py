"""Drift: what changed in data, in quality, in lists, and would refreshing help?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.errors import ConfigError, DatasetError, RecScopeError
from core.tables import Interactions
from evaluators.doors import metrics as known_metrics
from evaluators.metric import Metric
from recscope.audits import drift_lists, drift_quality, drift_rolling, drift_segments
from recscope.audits.case import Case
from recscope.audits.drift_aspects import aspects
from recscope.audits.drift_change import change_points
from recscope.audits.drift_data import Given, judge
from recscope.audits.drift_newcomers import newcomers
from recscope.audits.drift_seasons import seasons
from recscope.audits.drift_windows import AUTO, DAY, UNITS, pairs_of, windows_of
from recscope.audits.report import (
    Note,
    Report,
    curves_frame,
    effects_frame,
    estimates_frame,
    joined,
)
from recscope.compare import benjamini_hochberg, holm
from recscope.config_values import need
from recscope.stages import DERIVED, group_columns

QUESTION = "What changed in data, quality and lists, and would refreshing help?"
# fitted five times over, so only what fits fast; EASE inverts a matrix of the items' size
CHEAP = ("popularity", "decayed-popularity", "item-knn", "ease")
MOST_ITEMS_OF_EASE = 2000
OUTSIDE = ("lists:", "answers:", "http://", "https://")
NO_TIMES = "cannot be judged, because the data have no timestamps"
ONE_DAY = "cannot be judged, because all interactions fall within a single day"


@dataclass(frozen=True)
class Settings:
    """What is looked at, and how closely.

    window           hour, day, week, month, quarter, year; auto: the finest that gives at most 60
    level            share of false alarms among the alarms of the data
    smallest_effect  Cramér's V below which a shift raises no alarm, however sure it is
    smallest_excess  share of newcomers beyond a steady coming, below which there is no alarm
    smallest_window  users that a window needs
    top              categories kept apart; the others count as one
    models           refitted over rolling windows; none: the cheap ones of the run
    metric           of quality, per user and with a cutoff
    windows          rolling ones, of equally many rows, over the last `share` of the rows
    users            asked in each of them, at most
    half_lives       days that popularity is decayed by; none: five, by the time of the data
    """

    window: str = AUTO
    level: float = 0.05
    smallest_effect: float = 0.05
    smallest_excess: float = 0.01
    smallest_window: int = 30
    top: int = 30
    models: tuple[str, ...] = ()
    metric: str = "ndcg"
    windows: int = 4
    share: float = 0.5
    users: int = 1000
    half_lives: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        where = "[audit.drift]"
        need(self.window in (AUTO, *UNITS), f"{where} window", f"{AUTO} or {', '.join(UNITS)}")
        need(0 < self.level < 1, f"{where} level", "between 0 and 1, such as 0.05")
        need(0 <= self.smallest_effect < 1, f"{where} smallest_effect", "from 0 to below 1")
        need(0 <= self.smallest_excess < 1, f"{where} smallest_excess", "from 0 to below 1")
        need(self.smallest_window >= 5, f"{where} smallest_window", "5 or more")
        need(self.top >= 2, f"{where} top", "2 or more")
        need(self.windows >= 2, f"{where} windows", "2 or more")
        need(0 < self.share < 1, f"{where} share", "between 0 and 1, such as 0.5")
        need(self.users >= 30, f"{where} users", "30 or more")
        need(min(self.half_lives, default=1) > 0, f"{where} half_lives", "days above 0")


def audit(case: Case, settings: Settings) -> Report:
    """Data, quality and lists over time.

    Estimates: distances of the last window from the first, by aspect; refresh_gain (also by `known
    at freezing`), quality_half_life, refit_overlap, refit_churn by model; decay_gain by half-life.
    Curves: a distance over windows (curve psi …, series the aspect), "shares: ASPECT", "moved:
    ASPECT", "driven: ASPECT", "newcomers", "newcomers expected", "newcomer_excess", "season",
    "quality" (series frozen, refitted, updated), "refresh_gain", "refit_overlap", "refit_churn",
    "decay". x is in seconds since 1970 where it is a time.
    Tests: "data against the first window", "… the previous window", "newcomers against a steady
    coming" (p by Benjamini-Hochberg over all of them), "change point", "segment drives the change",
    "season", "refreshing pays" (Holm over models), "forgetting pays" (Holm over half-lives).
    """
    rows = case.given.dataset.interactions
    if rows.timestamps is None:
        return Report(notes=[Note("drift", NO_TIMES)])
    if np.ptp(rows.timestamps) < DAY:
        return Report(notes=[Note("drift", ONE_DAY)])
    parts = [_data(case, settings), _seasons(case, rows)]
    return joined([*parts, *_models(case, settings)])


def _data(case: Case, settings: Settings) -> Report:
    given, notes = given_of(case, settings)
    found = judge(given)
    for kind in ("users", "items"):
        newcomers(given, kind, found)
    tests = effects_frame(found.tests)
    tests["p_adjusted"] = benjamini_hochberg(tests["p"].to_numpy(dtype=np.float64))
    is_sure = tests["p_adjusted"] < settings.level
    least = {"cramers_v": settings.smallest_effect, "newcomer_excess": settings.smallest_excess}
    is_large = tests["effect"].abs() >= tests["metric"].map(least).fillna(-np.inf).astype(float)
    tests["is_alarm"] = is_sure & is_large
    changes = change_points(given, settings.level, settings.smallest_effect)
    moved = drift_segments.moved(given, case.sure.confidence)
    attributes = user_attributes(case)
    driven, segments, why_not = drift_segments.driven(given, attributes, tests, case.sure)
    more = effects_frame([*changes, *segments])
    return Report(
        estimates=estimates_frame(found.estimates),
        curves=curves_frame([*found.curves, *moved, *driven]),
        tests=more
        if tests.empty
        else tests
        if more.empty
        else pd.concat([tests, more], ignore_index=True),
        notes=[*notes, *found.notes, *why_not],
    )


def given_of(case: Case, settings: Settings) -> tuple[Given, list[Note]]:
    """The windows of the data and every aspect of them; and what there is none of."""
    dataset = case.given.dataset
    rows, seed = dataset.interactions, case.sure.seed
    if rows.timestamps is None:
        raise DatasetError("drift needs timestamps and this data has none; map a time column")
    windows = windows_of(rows.timestamps, settings.window)
    place = windows.place(rows.timestamps)
    place = np.where(windows.is_full[place], place, -1)
    pairs = pairs_of(rows.users, place, len(windows), rows.n_users)
    found, notes = aspects(dataset, user_columns(case), settings.top, seed)
    notes += _partial(windows.labels, windows.is_full, windows.unit)
    profiles = {aspect.name: aspect.make(pairs) for aspect in found}
    smallest, sure = settings.smallest_window, case.sure.confidence
    return Given(rows, windows, pairs, found, profiles, smallest, sure, seed), notes


def _partial(
    labels: tuple[str, ...], is_full: "np.ndarray[tuple[int], np.dtype[np.bool_]]", unit: str
) -> list[Note]:
    cut = [name for name, full in zip(labels, is_full, strict=True) if not full]
    reason = f"cannot be judged, because the data cover only a part of the {unit}"
    return [Note(name, reason) for name in cut]


def user_columns(case: Case) -> list[str]:
    """Attributes that the data bring and the run is cut by; not those made of the history."""
    dataset = case.given.dataset
    asked = group_columns(case.users, case.config.evaluate.groups, dataset).columns
    return [name for name in map(str, asked) if name in dataset.side.users and name not in DERIVED]


def user_attributes(case: Case) -> pd.DataFrame:
    """What users are cut by to see who drives a change, index: code."""
    rows, columns = case.given.dataset.interactions, user_columns(case)
    if columns:
        beside: pd.DataFrame = case.given.dataset.side.users[columns]
        return beside.reindex(np.arange(rows.n_users))
    return drift_segments.activity_levels(rows.users, rows.n_users)


def _seasons(case: Case, rows: Interactions) -> Report:
    curves, tests, notes = seasons(rows, case.sure.confidence)
    table = effects_frame(tests)
    table["p_adjusted"] = holm(table["p"].to_numpy(dtype=np.float64))
    table["is_alarm"] = table["p_adjusted"] < 0.05
    return Report(curves=curves_frame(curves), tests=table, notes=notes)


def _models(case: Case, settings: Settings) -> list[Report]:
    metric, rows = metric_of(settings.metric), case.given.dataset.interactions
    sure = case.sure
    try:
        parts = drift_rolling.stretches(
            rows, settings.windows, settings.share, settings.users, sure.seed
        )
    except DatasetError as error:
        return [Report(notes=[Note("quality over time", f"cannot be judged, because {error}")])]
    names, notes = chosen(case, settings)
    reports = [Report(notes=notes)]
    for model in names:
        try:
            asked = list(drift_rolling.through(case, model, parts, metric, case.k))
        except RecScopeError as error:
            reports.append(Report(notes=[Note(model, f"cannot be judged, because {error}")]))
            continue
        reports.append(_of_model(case, model, asked))
    curves, estimates, tests = drift_lists.decay(parts, settings.half_lives, metric, case.k, sure)
    decay = Report(estimates_frame(estimates), curves_frame(curves), effects_frame(tests))
    return [_corrected(joined(reports)), decay]


def _of_model(case: Case, model: str, asked: list[drift_rolling.Asked]) -> Report:
    sure, k = case.sure, case.k
    rows, tests, notes = drift_quality.summary(model, asked, k, sure)
    curves, churn, why_not = drift_lists.churn(model, asked, k, sure)
    notes = [*notes, *why_not]
    if drift_rolling.UPDATED not in asked[0].quality:
        reason = "cannot be taught step by step, because it has no partial_fit: only refitted"
        notes.append(Note(f"{model}: updated", reason))
    return Report(
        estimates_frame([*rows, *churn]),
        curves_frame([*drift_quality.lines(model, asked, sure), *curves]),
        effects_frame(tests),
        notes,
    )


def _corrected(report: Report) -> Report:
    tests = report.tests.copy()
    tests["p_adjusted"] = holm(tests["p"].to_numpy(dtype=np.float64))
    tests["is_alarm"] = (tests["p_adjusted"] < 0.05) & (tests["effect"] > 0)
    return replace(report, tests=tests)


def metric_of(name: str) -> Metric:
    """The metric of quality.  ConfigError for one that has no value per user at a cutoff."""
    found = known_metrics().get(name)
    if found is None or found.per != "user" or not found.cutoff:
        fitting = [n for n, m in known_metrics().items() if m.per == "user" and m.cutoff]
        raise ConfigError(
            f"[audit.drift] metric must have a value per user at a cutoff; {name!r} has none. "
            f"Take one of {', '.join(fitting)}"
        )
    return found


def chosen(case: Case, settings: Settings) -> tuple[list[str], list[Note]]:
    """Models to refit: those asked for, else the cheap ones of the run."""
    uses = {name: case.config.models[name].use for name in case.models}
    if settings.models:
        if unknown := [name for name in settings.models if name not in uses]:
            raise ConfigError(
                f"[audit.drift] models names {', '.join(unknown)}, which this run has no lists of; "
                f"it has {', '.join(uses)}"
            )
        return list(settings.models), []
    n_items = case.given.dataset.interactions.n_items
    cheap = [
        name
        for name, use in uses.items()
        if use in CHEAP and not (use == "ease" and n_items > MOST_ITEMS_OF_EASE)
    ]
    others = [name for name in uses if name not in cheap]
    notes = []
    ready = [name for name in others if uses[name].startswith(OUTSIDE)]
    if ready:
        reason = "cannot be refitted, because its lists are ready made or come from elsewhere"
        notes += [Note(name, reason) for name in ready]
    slow = [name for name in others if name not in ready]
    if slow:
        reason = (
            "not refitted over time, to save time: name them in [audit.drift] models to have "
            "them judged"
        )
        notes.append(Note(", ".join(slow), reason))
    return cheap, notes
