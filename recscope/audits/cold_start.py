"""Cold start: how are users and items served of whom little or nothing is known?"""

from dataclasses import dataclass

import numpy as np

from core.tables import Bools
from recscope.audits.case import Case
from recscope.audits.cold_items import audit_items, item_slices
from recscope.audits.cold_reach import audit_reach
from recscope.audits.cold_users import audit_users
from recscope.audits.report import Note, Report, joined
from recscope.compare import holm
from recscope.config_values import need
from recscope.files import read_table

QUESTION = "How are users and items served of whom little or nothing is known?"
ALARM = 0.05
FALLBACK = (
    "its lists cannot be judged for {n:,} of {all:,} users, because popular items stand in for "
    "them: slices of users show these apart, the slope over histories and everything about items "
    "leave them out"
)


@dataclass(frozen=True)
class Settings:
    """What counts as little.

    short_history  users with at most so many rows have a short one
    rare_item      items with fewer rows than this are rarely seen
    new_share      an item is new if its first row lies in this last share of the history's time
    lengths        last length of each step of the warm-up curve; thin steps are joined
    metrics        qualities that are shown, those of them that the run has; the first is tested
    """

    short_history: int = 5
    rare_item: int = 5
    new_share: float = 0.1
    lengths: tuple[int, ...] = (2, 5, 10, 20, 35, 50, 75, 100, 200, 500)
    metrics: tuple[str, ...] = ("ndcg", "recall")

    def __post_init__(self) -> None:
        where = "[audit.cold_start]"
        need(self.short_history >= 1, f"{where} short_history", "1 or more")
        need(self.rare_item >= 2, f"{where} rare_item", "2 or more")
        need(0 < self.new_share < 1, f"{where} new_share", "between 0 and 1, such as 0.1")
        need(min(self.lengths, default=0) >= 1, f"{where} lengths", "numbers of 1 or more")
        need(bool(self.metrics), f"{where} metrics", 'one name or more, such as ["ndcg"]')


def audit(case: Case, settings: Settings) -> Report:
    """Slices of users and of items, warm-up curves, the reach of the lists; model by model.

    Estimates: qualities by `cold start` and `history length`; cold_user_gap and warm_up_slope by
    `metric`; fallback_share; slice_* by `item history` and `item age`; never_listed, unreached,
    never_recommendable. Curves: "warm-up", "reach". Tests: "short histories are served worse",
    "quality rises with history", "new or rare items are kept back", p corrected by Holm over the
    models of a test.
    """
    slices, notes = item_slices(case, settings.rare_item, settings.new_share)
    parts = [Report(notes=notes)]
    for model in case.models:
        is_fallback = fallback(case, model)
        if is_fallback.any():
            about = FALLBACK.format(n=int(is_fallback.sum()), all=len(is_fallback))
            parts.append(Report(notes=[Note(model, about)]))
        parts += [
            audit_users(
                case, model, is_fallback, settings.metrics, settings.short_history, settings.lengths
            ),
            audit_items(case, model, is_fallback, slices),
            audit_reach(case, model, is_fallback),
        ]
    return _corrected(joined(parts))


def fallback(case: Case, model: str) -> Bools:
    """Whose list was filled with popular items? bool (n_judged_users,)."""
    path = case.path / "models" / model / "topk.parquet"
    first = read_table(path, ["user", "is_fallback"], [("rank", "==", 1)])
    filled = first.loc[first["is_fallback"], "user"]
    return np.isin(case.judged_users, filled)


def _corrected(report: Report) -> Report:
    """Each kind of test is a family: p by Holm over the models and groups asked the same."""
    tests = report.tests
    for rows in tests.groupby("test").groups.values():
        tests.loc[rows, "p_adjusted"] = holm(tests.loc[rows, "p"].to_numpy(dtype=np.float64))
    tests["is_alarm"] = (tests["p_adjusted"] < ALARM) & (tests["effect"] > 0)
    return report
