"""Lists of language models: can they be used, and are they always the same?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.answers import read_answers
from core.answers_match import Names
from core.tables import Interactions
from recscope.audits import numbers
from recscope.audits.case import Case
from recscope.audits.report import Note, Report, Row, estimates_frame, joined
from recscope.compare import holm
from recscope.config_values import need
from recscope.files import read_table
from recscope.language_lists import RATES, audit_answers, counted
from recscope.language_pairs import ALARM
from recscope.measuring import ANSWERS, OUTSIDE

QUESTION = "Can the lists of language models be used, and are they always the same?"
NO_ANSWERS = (
    "cannot be judged by its answers, because it keeps none; a model with an attribute answers_, "
    'or use = "answers:FILE", does'
)


@dataclass(frozen=True)
class Settings:
    """depth: lists of two answers are compared so far down."""

    depth: int = 10

    def __post_init__(self) -> None:
        need(self.depth >= 1, "[audit.language] depth", "1 or more")


def audit(case: Case, settings: Settings) -> Report:
    """Every model whose answers are kept; of lists from outside what the lists alone tell.

    Estimates name the metrics of the family "language"; for ready lists those of out_of_catalogue,
    duplicate and history_repeat, counted in the lists as delivered. Curve "first choice by place in
    the prompt"; test "the answer follows the order of the candidates", p by Holm over the models.
    """
    history, test = case.given.history, case.given.split.test
    had, relevant = _sets(history), _sets(test.take(test.is_liked))
    dataset = case.given.dataset
    about = dataset.side.items
    titles = about["title"].fillna("") if "title" in about else None
    names = Names(dataset.item_ids, titles)
    parts: list[Report] = []
    for model in case.models:
        path = case.path / "models" / model / ANSWERS
        if path.is_file():
            read = counted(read_answers(path), dataset.user_ids, names, had)
            parts.append(
                audit_answers(read, case.sure, model=model, k=settings.depth, relevant=relevant)
            )
        elif case.config.models[model].use.startswith(OUTSIDE):
            parts.append(_of_lists(case, model))
        else:
            parts.append(Report(notes=[Note(model, NO_ANSWERS)]))
    report = joined(parts)
    tests = report.tests
    tests["p_adjusted"] = holm(tests["p"].to_numpy(dtype=np.float64))
    tests["is_alarm"] = tests["p_adjusted"] < ALARM
    return report


def _sets(rows: Interactions) -> dict[int, set[int]]:
    """User → items of these rows."""
    order = np.argsort(rows.users, kind="stable")
    users, starts = np.unique(rows.users[order], return_index=True)
    parts = np.split(rows.items[order], starts[1:])
    return {int(user): set(items.tolist()) for user, items in zip(users, parts, strict=True)}


def _of_lists(case: Case, model: str) -> Report:
    """What lists alone tell: places without an item, repeats, and what the user had before."""
    table = read_table(
        case.path / "models" / model / "topk.parquet", ["user", "rank", "item", "is_fallback"]
    )
    table = table[~table["is_fallback"]]
    if table.empty:
        reason = "its lists cannot be judged, because it gave none"
        return Report(notes=[Note(model, reason)])
    user, item = table["user"].to_numpy(), table["item"].to_numpy()
    users, row_of = np.unique(user, return_inverse=True)
    seen = case.given.history.seen
    pairs = user.astype(np.int64) * seen.shape[1] + item
    known = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr)) * seen.shape[1]
    is_had = np.isin(pairs, known + seen.indices)
    _, first = np.unique(pairs, return_index=True)
    is_repeat = np.ones(len(pairs), dtype=bool)
    is_repeat[first] = False
    longest = table.groupby("user")["rank"].max().to_numpy()
    n_items = np.bincount(row_of)
    of_user: dict[str, Any] = {
        "out_of_catalogue_rate": longest - n_items,
        "duplicate_rate": np.bincount(row_of, weights=is_repeat),
        "history_repeat_rate": np.bincount(row_of, weights=is_had),
    }
    rows: list[Row] = []
    for metric, counts in of_user.items():
        parts = np.column_stack([counts, longest]).astype(np.float64)
        number = numbers.from_sums(parts, _rate, case.sure)
        rows += numbers.rows([metric], number, case.sure, len(users), model=model)
    missing = [name for name in RATES if name not in of_user]
    reason = f"{', '.join(missing)}: {NO_ANSWERS}"
    return Report(estimates_frame(rows), notes=[Note(model, reason)])


def _rate(sums: Any) -> Any:
    from evaluators.metric import ratio

    return ratio(sums[..., :1], sums[..., 1:])
