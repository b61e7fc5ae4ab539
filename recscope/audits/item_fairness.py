"""Items and providers: who gets seen, held against what there is and what users want?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.item_groups import groups_of
from core.tables import Floats
from evaluators import METRICS
from evaluators.item_fairness import shares
from recscope.audits.case import Case
from recscope.audits.item_numbers import (
    ALARM,
    FOUR_FIFTHS,
    ByGroup,
    away_from_relevance,
    of_groups,
    over_groups,
)
from recscope.audits.item_parts import Groups, Parts, groups_shown, parts_of, wanted
from recscope.audits.report import (
    Note,
    Report,
    curves_frame,
    effects_frame,
    estimates_frame,
    joined,
)
from recscope.catalogue import Catalogue, catalogue_of
from recscope.compare import holm
from recscope.config_values import need

QUESTION = "Which items and providers get seen, against what there is and what users want?"
AUTO = "auto"
BY = "item "  # group_by of items, so that no column of users is mistaken for it
TEST = "exposure is out of proportion to relevance"
NO_PROVIDER = "providers cannot be judged, because no item column is declared to name them"
NO_COLUMN = (
    "items cannot be grouped, because no column of the items makes groups; name one in "
    "[audit.item_fairness] columns"
)
NO_LISTS = "cannot be judged, because no list names an item with a value in {column!r}"
OF_WANTING = {"exposure_to_relevance", "found_rate"}  # of users who want some of the group
LORENZ = np.unique(np.concatenate([np.linspace(0, 1, 21), np.linspace(0.9, 1, 21)]))


@dataclass(frozen=True)
class Settings:
    """What items are grouped by.

    columns   item columns, "auto" for those that the data set's card declares, at most five
    provider  column naming who offers an item, "auto" for the card's, "" for none
    k         places of a list that are seen; 0: the cutoff that speaks for the run
    most      groups on show: the largest, and the others as one
    smallest  items, and users who want some, that a group needs to be compared with others
    """

    columns: tuple[str, ...] = (AUTO,)
    provider: str = AUTO
    k: int = 0
    most: int = 20
    smallest: int = 5

    def __post_init__(self) -> None:
        where = "[audit.item_fairness]"
        need(bool(self.columns), f"{where} columns", 'one name or more, such as ["genres"]')
        need(self.k >= 0, f"{where} k", "0 (the run's own) or more")
        need(self.most >= 3, f"{where} most", "3 or more")
        need(self.smallest >= 1, f"{where} smallest", "1 or more")


def audit(case: Case, settings: Settings) -> Report:
    """Shares, parities and provider inequality of every model, for each grouping of the items.

    Estimates: group_by "item COLUMN", group one of its shown groups or null for numbers over all
    groups; n counts users. Curves: "exposure by COLUMN" (series exposure, catalogue, relevance;
    label: the group) and "lorenz by COLUMN" of providers. Tests: TEST, by shown group, p corrected
    by Holm over the groups of a model; an alarm takes a ratio outside 4/5 to 5/4 as well.
    """
    catalogue = catalogue_of(case.given.dataset, case.given.history)
    notes: list[Note] = []
    groupings = list(_groupings(catalogue, settings, notes))
    reports = [Report(notes=notes)]
    k = min(settings.k or case.k, case.config.evaluate.length)
    demand: dict[str, Any] = {}
    for model in case.models:
        judged = case.judged(model)
        for groups in groupings:
            if groups.column not in demand:
                demand[groups.column] = wanted(judged, groups)
                reports.append(_background(groups, demand[groups.column], case))
            parts = parts_of(judged, groups, k, case.given.history, demand[groups.column])
            facts = {"model": model, "k": k, "group_by": BY + groups.column}
            reports.append(_of_model(parts, groups, case, settings, facts))
    return joined(reports)


def _groupings(catalogue: Catalogue, settings: Settings, notes: list[Note]) -> Iterator[Groups]:
    """Those groupings that can be judged; why the others cannot goes into the notes."""
    provider = catalogue.provider if settings.provider == AUTO else settings.provider or None
    if settings.provider and provider is None:
        notes.append(Note("providers", NO_PROVIDER))
    named = [name for name in settings.columns if name != AUTO]
    if AUTO in settings.columns:
        named += catalogue.columns[:5]
    columns = [name for name in dict.fromkeys(named) if name != provider]
    if not columns:
        notes.append(Note("item groups", NO_COLUMN))
    for column in [*columns, *([provider] if provider else [])]:
        is_provider = column == provider
        try:
            if is_provider and column in catalogue.items:
                found = groups_of(catalogue.items[column], column, catalogue.n_items, 1 << 31)
            else:
                found = catalogue.grouping(column)
        except ConfigError as error:
            notes.append(Note(BY + column, f"cannot be judged, because {error}"))
            continue
        yield groups_shown(found, catalogue.is_available, settings.most, is_provider=is_provider)


def _background(groups: Groups, demand: Any, case: Case) -> Report:
    """What there is and what users want, the same for all models."""
    n_items = groups.folded(groups.n_items)
    rows = [
        {"curve": f"exposure by {groups.column}", "series": "catalogue", "x": place,
         "label": groups.shown[place], "y": share, "n": int(groups.folded(groups.n_members)[place])}
        for place, share in enumerate(shares(n_items))
    ]  # fmt: skip
    n_without = int((groups.is_available & ~groups.has_group).sum())
    notes = []
    if n_without:
        reason = (
            f"{n_without:,} of {int(groups.is_available.sum()):,} items have no value in "
            f"{groups.column!r}: they are in no group, and no share counts them"
        )
        notes.append(Note(BY + groups.column, reason))
    if not demand[0].nnz:
        reason = (
            f"relevance by {groups.column!r} cannot be judged, because no relevant test item of "
            f"the {len(case.judged_users):,} judged users has a value in it"
        )
        notes.append(Note(BY + groups.column, reason))
    return Report(curves=curves_frame(rows), notes=notes)


def _of_model(
    parts: Parts, groups: Groups, case: Case, settings: Settings, facts: Mapping[str, Any]
) -> Report:
    """All that is said of one model's lists in one grouping."""
    model = str(facts["model"])
    listing = parts.exposure.sum(axis=1) > 0
    n_lists, n_users = int(np.asarray(listing).sum()), parts.lost.shape[0]
    if not n_lists:
        return Report(notes=[Note(model, NO_LISTS.format(column=groups.column))])
    by_group = of_groups(parts, groups, case.sure)
    estimates, curves = _group_rows(by_group, groups, n_lists, n_users, case.sure.smallest, facts)
    numbers, n_entered, n_small = over_groups(parts, groups, case.sure, settings.smallest)
    for name, (value, low, high) in numbers.items():
        estimates.append(_row(facts, name, None, value, low, high, n_lists, n_users, "jackknife"))
    value, low, high = by_group.awrf[:, 0]
    estimates.append(
        _row(facts, "awrf", None, value, low, high, by_group.n_lists, n_users, by_group.method)
    )
    curves += _lorenz(parts, groups, model)
    notes = []
    if n_small:
        reason = (
            f"{n_small:,} of {n_small + n_entered:,} groups hold fewer than {settings.smallest} "
            "items: numbers that compare groups leave them out"
        )
        notes.append(Note(str(facts["group_by"]), reason))
    lost = float(parts.lost.sum() / (parts.lost.sum() + parts.exposure.sum()))
    if lost > 0.005:
        reason = f"{lost:.1%} of what its lists show has no value in {groups.column!r}"
        notes.append(Note(model, reason))
    times = by_group.numbers["exposure_to_relevance"]
    tests = effects_frame(_tests(parts, groups, times, case.sure.smallest, facts))
    return Report(estimates_frame(estimates), curves_frame(curves), tests, notes)


def _row(  # noqa: PLR0913, PLR0917 - the columns of an estimate
    facts: Mapping[str, Any], metric: str, group: str | None,
    value: float, low: float, high: float, n: int, n_users: int, method: str,
) -> dict[str, Any]:  # fmt: skip
    if np.isnan(value):
        method = "undefined"
    elif np.isnan(low):
        method = "none"
    top = METRICS[metric].bounds[1]
    return {
        **facts, "metric": metric, "group": group, "mean": value, "low": low,
        "high": min(high, top) if not np.isnan(high) else high, "n": n,
        "n_undefined": n_users - n, "method": method,
    }  # fmt: skip


def _group_rows(
    by_group: ByGroup,
    groups: Groups,
    n_lists: int,
    n_users: int,
    smallest: int,
    facts: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Estimates of each shown group, and the curves of what it gets and what it is due.

    smallest  what fewer users speak of is withheld
    """
    estimates = []
    for name, bounds in by_group.numbers.items():
        for place, group in enumerate(groups.shown):
            value, low, high = bounds[:, place]
            n = int(by_group.n_wanting[place]) if name in OF_WANTING else n_lists
            is_small = name in OF_WANTING and 0 < n < smallest
            if is_small:
                value = low = high = np.nan
            row = _row(facts, name, group, value, low, high, n, n_users, by_group.method)
            withheld = {"method": f"suppressed (n < {smallest})"} if is_small else {}
            estimates.append({**row, **withheld})
    enough = np.where(by_group.n_wanting < smallest, np.nan, 1.0)
    curve = {"curve": f"exposure by {groups.column}", "model": facts["model"]}
    series = {
        "exposure": by_group.numbers["exposure_share"],
        "relevance": by_group.relevance * enough,
    }
    curves = [
        {
            **curve,
            "series": name,
            "x": place,
            "label": groups.shown[place],
            "y": bounds[0, place],
            "low": bounds[1, place],
            "high": bounds[2, place],
            "n": n_lists if name == "exposure" else int(by_group.n_wanting[place]),
        }
        for name, bounds in series.items()
        for place in range(len(groups.shown))
    ]
    return estimates, curves


def _lorenz(parts: Parts, groups: Groups, model: str) -> list[dict[str, Any]]:
    """Share of what is seen that falls to the least seen share of providers, finer at the top."""
    if not groups.is_provider:
        return []
    exposure = np.sort(np.asarray(parts.exposure.sum(axis=0)).ravel())
    reached = np.append(0, np.cumsum(exposure)) / exposure.sum()
    y = np.interp(LORENZ, np.linspace(0, 1, len(reached)), reached)
    return [
        {"curve": f"lorenz by {groups.column}", "model": model, "series": "exposure", "x": x,
         "y": share, "n": len(exposure)}
        for x, share in zip(LORENZ, y, strict=True)
    ]  # fmt: skip


def _tests(
    parts: Parts, groups: Groups, times: Floats, smallest: int, facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """times: float64 (3, n_shown) exposure_to_relevance, low and high."""
    z, p = away_from_relevance(parts, groups)
    n = np.asarray((groups.folded(parts.relevant) > 0).sum(axis=0))
    p = np.where(n < smallest, np.nan, p)
    adjusted = holm(p)
    rows = []
    for place in np.flatnonzero(~np.isnan(p)):
        effect, low, high = times[:, place]
        matters = effect < FOUR_FIFTHS or effect > 1 / FOUR_FIFTHS
        rows.append(
            {
                **facts,
                "test": TEST,
                "metric": "exposure_to_relevance",
                "group": groups.shown[place],
                "statistic": z[place],
                "effect": effect,
                "low": low,
                "high": high,
                "p": p[place],
                "p_adjusted": adjusted[place],
                "n": int(n[place]),
                "is_alarm": bool(adjusted[place] < ALARM and matters),
            }
        )
    return rows
