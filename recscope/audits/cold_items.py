"""Are items that nobody, or hardly anybody, has had yet found and shown?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import RecScopeError
from core.tables import Bools, Floats, Interactions, Ints
from evaluators import cold_start as measures
from recscope.audits import numbers
from recscope.audits.case import Case
from recscope.audits.report import Note, Report, Row, effects_frame, estimates_frame
from recscope.compare import compare
from recscope.judge import label
from recscope.judged import Judged

HISTORY, AGE = "item history", "item age"
KEPT_BACK = "new or rare items are kept back"
NO_DATE = 1_000_000  # seconds: numbers below count something else
METRICS = (
    "slice_recall",
    "slice_choice_share",
    "slice_list_share",
    "slice_exposure_share",
    "slice_exposure_ratio",
)


@dataclass(frozen=True, eq=False)
class Slice:
    """Some of the items.  of_item: int (n_items,) place in `groups`, -1 for none of them."""

    name: str
    groups: tuple[str, ...]
    of_item: Ints
    cold: int  # groups before this place are those that a cold start is about


def item_slices(case: Case, rare: int, new_share: float) -> tuple[list[Slice], list[Note]]:
    """Items by how often they occur in the history, and by when they came into it."""
    history = case.given.history
    n_rows = np.bincount(history.items, minlength=history.n_items)
    seen = np.where(n_rows == 0, 0, np.where(n_rows < rare, 1, 2))
    groups = ("never seen", f"rare (1 to {rare - 1} rows)", f"known ({rare} rows or more)")
    found, notes = [Slice(HISTORY, groups, seen, 2)], []
    if history.timestamps is None:
        reason = "new items cannot be told from old ones, because the data have no timestamps"
        notes.append(Note(AGE, reason))
    elif np.ptp(history.timestamps) == 0:
        reason = "new items cannot be told from old ones, because all rows are of one moment"
        notes.append(Note(AGE, reason))
    elif history.timestamps.max() < NO_DATE:
        reason = (
            "new items cannot be told from old ones, because the times are no dates: all lie in "
            "the first days of 1970, as places in a sequence would"
        )
        notes.append(Note(AGE, reason))
    else:
        names = ("new", "older")
        found.append(Slice(AGE, names, ages(history, history.timestamps, new_share), 1))
    return found, notes


def ages(history: Interactions, timestamps: Ints, new_share: float) -> Ints:
    """0: first row in the last `new_share` of the history's time; 1: before; -1: never seen."""
    first = np.full(history.n_items, np.iinfo(np.int64).max)
    np.minimum.at(first, history.items, timestamps)
    start, end = int(timestamps.min()), int(timestamps.max())
    edge = end - new_share * (end - start)
    is_seen = first < np.iinfo(np.int64).max
    return np.where(is_seen, np.where(first >= edge, 0, 1), -1)


def audit_items(case: Case, model: str, is_fallback: Bools, slices: list[Slice]) -> Report:
    """Recall, shares and exposure of each slice of items, in the model's own lists."""
    judged = case.judged(model)
    rows: list[Row] = []
    tests: list[Row] = []
    notes: list[Note] = []
    if not (~is_fallback).any():
        reason = "items cannot be judged, because no list is the model's own"
        return Report(notes=[Note(model, reason)])
    for cut in slices:
        for k in case.config.evaluate.k:
            sums = sums_by_user(judged, k, cut, ~is_fallback)
            rows += _rows(case, model, k, cut, sums)
            if k == case.k:
                tests += _tests(case, model, k, cut, sums, notes)
    return Report(estimates_frame(rows), tests=effects_frame(tests), notes=notes)


def sums_by_user(judged: Judged, k: int, cut: Slice, is_own: Bools) -> Mapping[str, Floats]:
    """What each user adds to each group: found, chosen, places, exposure; (n_users, n_groups).

    A last column holds items of no group. Users whose list is not the model's own add nothing.
    """
    n_users, n_groups = len(judged), len(cut.groups) + 1
    truth = judged.truth
    counts_of = truth.is_relevant & is_own[truth.row_of]
    items, weight = judged.items[:, :k], 1 / np.log2(np.arange(2, k + 2))
    is_place = judged.is_listed[:, :k] & is_own[:, None]
    of_user = np.broadcast_to(np.arange(n_users)[:, None], items.shape)

    def added(users: Any, listed: Any, weights: npt.NDArray[Any] | None = None) -> Floats:
        cells = users * n_groups + cut.of_item[listed] % n_groups
        made = np.bincount(cells, weights=weights, minlength=n_users * n_groups)
        return made.reshape(n_users, n_groups).astype(np.float64)

    is_hit = judged.hits[:, :k] & is_own[:, None]
    return {
        "found": added(of_user[is_hit], items[is_hit]),
        "chosen": added(truth.row_of[counts_of], truth.items[counts_of]),
        "places": added(of_user[is_place], items[is_place]),
        "exposure": added(
            of_user[is_place],
            items[is_place],
            np.broadcast_to(weight, items.shape)[is_place],
        ),
    }


def _rows(case: Case, model: str, k: int, cut: Slice, sums: Mapping[str, Floats]) -> list[Row]:
    n_groups = len(cut.groups)
    parts = np.hstack(list(sums.values()))

    def compute(total: Floats) -> Floats:
        found, chosen, places, exposure = np.split(total, 4, axis=-1)
        all_chosen, all_places, all_exposure = (
            part.sum(axis=-1, keepdims=True) for part in (chosen, places, exposure)
        )
        answers = [
            measures.slice_recall(found, chosen),
            measures.slice_choice_share(chosen, np.broadcast_to(all_chosen, chosen.shape)),
            measures.slice_list_share(places, np.broadcast_to(all_places, places.shape)),
            measures.slice_exposure_share(exposure, np.broadcast_to(all_exposure, exposure.shape)),
            measures.slice_exposure_ratio(
                exposure,
                np.broadcast_to(all_exposure, exposure.shape),
                chosen,
                np.broadcast_to(all_chosen, chosen.shape),
            ),
        ]
        return np.concatenate([answer[..., :n_groups] for answer in answers], axis=-1)

    value, low, high = numbers.from_sums(parts, compute, case.sure)
    made: list[Row] = []
    for place, metric in enumerate(METRICS):
        for number, group in enumerate(cut.groups):
            at = slice(place * n_groups + number, place * n_groups + number + 1)
            n_items = int((cut.of_item == number).sum())
            if not n_items:
                continue
            facts = {"model": model, "k": k, "group_by": cut.name, "group": group}
            n = int((sums["chosen"].sum(axis=1) > 0).sum())
            made += numbers.rows([metric], (value[at], low[at], high[at]), case.sure, n, **facts)
    return made


def _tests(
    case: Case, model: str, k: int, cut: Slice, sums: Mapping[str, Floats], notes: list[Note]
) -> list[Row]:
    """Do users choose cold items more than their lists show them? Paired by user."""
    chosen, exposure = sums["chosen"], sums["exposure"]
    both = (chosen.sum(axis=1) > 0) & (exposure.sum(axis=1) > 0)
    about = " or ".join(cut.groups[: cut.cold])
    if both.sum() < case.sure.smallest or not chosen[both, : cut.cold].any():
        reason = f"cannot be judged for {about} items, because nobody's test choices hold one"
        notes.append(Note(cut.name, reason))
        return []
    share = {
        name: part[both, : cut.cold].sum(axis=1) / part[both].sum(axis=1)
        for name, part in (("chosen", chosen), ("shown", exposure))
    }
    column = label("slice_exposure_share", k)
    tables = {name: pd.DataFrame({column: values}) for name, values in share.items()}
    try:
        found = compare(
            tables, "shown", resamples=case.sure.resamples, confidence=case.sure.confidence,
            seed=case.sure.seed, flips=2000,
        ).iloc[0]  # fmt: skip
    except RecScopeError as error:
        notes.append(Note(model, f"{KEPT_BACK}: {error}"))
        return []
    return [
        {
            "test": KEPT_BACK, "model": model, "metric": "slice_exposure_share", "k": k,
            "group_by": cut.name, "group": about, "statistic": found["difference"],
            "effect": found["difference"], "low": found["low"], "high": found["high"],
            "p": found["p"], "n": int(found["n"]),
        }
    ]  # fmt: skip
