"""Can the answers of a language model be used as lists, and are they always the same?"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.answers import FACTORS, Answer, parse
from core.answers_match import UNKNOWN, Names, key
from core.errors import DatasetError
from core.tables import PAD, Bools, Codes, Floats, Ids, Ints
from evaluators import language_lists as measures
from recscope.audits import numbers
from recscope.audits.report import Note, Report, Row, estimates_frame, joined
from recscope.estimate import Sureness
from recscope.groups import Cell
from recscope.language_pairs import audit_pairs, audit_positions

COUNTS = (
    "n_answers",
    "n_refusals",
    "n_unreadable",
    "n_asked",
    "n_short",
    "n_entries",
    "n_unknown",
    "n_repeats",
    "n_checked",
    "n_had",
    "n_chosen_from",
    "n_outside",
)
RATES = {  # metric → what is counted, and of what
    "out_of_catalogue_rate": ("n_unknown", "n_entries"),
    "duplicate_rate": ("n_repeats", "n_entries"),
    "history_repeat_rate": ("n_had", "n_checked"),
    "off_candidate_rate": ("n_outside", "n_chosen_from"),
    "refusal_rate": ("n_refusals", "n_answers"),
    "format_error_rate": ("n_unreadable", "n_answers"),
    "short_list_rate": ("n_short", "n_asked"),
}
WHY_NOT = {
    "history_repeat_rate": "no history of these users is known",
    "off_candidate_rate": "no answer says which candidates it was to choose from",
    "short_list_rate": "no answer says how many items were asked for",
}


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers as counted, one row each.

    table   user (code), kind, template, order, seed, and COUNTS
    lists   int32 (n_answers, width) what each lists: item codes, codes from n_items on for names
            of no item, PAD past the end; repeats are left out
    shown   candidates of each answer in the order shown, as codes; empty where it does not say
    texts   what was listed, for those entries that are no item: at most 20
    """

    table: pd.DataFrame
    lists: Codes
    shown: list[list[int]]
    texts: tuple[str, ...]
    n_strangers: int


def counted(
    answers: Iterable[Answer],
    user_ids: Ids,
    names: Names,
    had: Mapping[int, Collection[int]] | None = None,
) -> Answers:
    """Read and count every answer of a known user.  had: user → items of the history, if known.

    Raises DatasetError where no answer is of a known user.
    """
    rows: list[dict[str, Any]] = []
    lists: list[list[int]] = []
    shown: list[list[int]] = []
    invented: dict[str, int] = {}
    orders: dict[tuple[int, ...], int] = {}
    n_strangers = 0
    for answer in answers:
        user = user_ids.codes.get(answer.user)
        if user is None:
            n_strangers += 1
            continue
        candidates = [names.ids.codes.get(one, UNKNOWN) for one in answer.candidates or ()]
        parsed = parse(answer.answer)
        codes = [_code(entry, candidates, names, invented) for entry in parsed.entries]
        own = None if had is None else had.get(user, ())
        facts = {factor: getattr(answer, factor) for factor in FACTORS}
        if candidates:  # what was shown says more than what the order is called
            facts["order"] = str(orders.setdefault(tuple(candidates), len(orders)))
        counts = _counts(codes, answer, candidates, own, len(names.ids))
        counts |= {
            "n_answers": 1,
            "n_refusals": int(parsed.kind == "refusal"),
            "n_unreadable": int(parsed.kind == "unreadable"),
        }
        rows.append({"user": user, "kind": parsed.kind, **facts, **counts})
        lists.append(list(dict.fromkeys(codes)))
        shown.append(candidates)
    if not rows:
        raise DatasetError(
            f"none of the {n_strangers} answers is for a user of the data; check that users are "
            "named the same way"
        )
    width = max(1, *map(len, lists))
    table = np.full((len(lists), width), PAD, dtype=np.int32)
    for row, codes in zip(table, lists, strict=True):
        row[: len(codes)] = codes
    return Answers(pd.DataFrame(rows), table, shown, tuple(invented)[:20], n_strangers)


def _code(entry: str, candidates: list[int], names: Names, invented: dict[str, int]) -> int:
    """Code of the item; a name of none gets one of its own, the same wherever it comes again."""
    code = names.code(entry, candidates)
    if code != UNKNOWN:
        return code
    return invented.setdefault(key(entry) or entry, len(names.ids) + len(invented))


def _counts(
    codes: list[int],
    answer: Answer,
    candidates: list[int],
    had: Collection[int] | None,
    n_items: int,
) -> dict[str, int]:
    items = [code for code in codes if code < n_items]
    asked = answer.asked is not None and bool(codes)
    return {
        "n_entries": len(codes),
        "n_unknown": len(codes) - len(items),
        "n_repeats": len(codes) - len(set(codes)),
        "n_asked": int(asked),
        "n_short": int(asked and len(set(items)) < (answer.asked or 0)),
        "n_checked": 0 if had is None else len(codes),
        "n_had": 0 if had is None else sum(code in had for code in items),
        "n_chosen_from": len(codes) if answer.candidates is not None else 0,
        "n_outside": sum(code not in set(candidates) for code in items)
        if answer.candidates is not None
        else 0,
    }


def audit_answers(
    answers: Answers,
    sure: Sureness,
    *,
    model: str | None = None,
    k: int = 10,
    relevant: Mapping[int, Collection[int]] | None = None,
) -> Report:
    """Rates, position bias, sensitivity to wording and order, variance between runs.

    k         lists are compared, and judged, to this depth
    relevant  user → items to be found, for the deviation of quality between runs; None: not known

    Every interval is by drawing users again, all answers of a user with them.
    """
    table = answers.table
    users, row_of = np.unique(table["user"].to_numpy(), return_inverse=True)
    parts = sums_of(table, row_of, len(users))
    found = [_rates(parts, sure, model, Cell(None, None, np.arange(len(users))))]
    templates = sorted(set(table["template"]))
    if len(templates) > 1:
        for name in templates:
            rows = np.flatnonzero(table["template"] == name)
            some, place = np.unique(row_of[rows], return_inverse=True)
            cell = Cell("template", name or "(no name)", some)
            found.append(_rates(sums_of(table.iloc[rows], place, len(some)), sure, model, cell))
    notes = []
    if answers.n_strangers:
        reason = f"{answers.n_strangers} answers are for users the data do not hold: left out"
        notes.append(Note(str(model or "answers"), reason))
    if answers.texts:
        some_names = "; ".join(repr(text) for text in answers.texts[:5])
        reason = f"cannot be taken for items, because no id and no title is like them: {some_names}"
        notes.append(Note(f"{model or 'answers'}: entries of no item", reason))
    found += [
        audit_positions(answers.table, answers.lists, answers.shown, sure, model),
        audit_pairs(answers.table, answers.lists[:, :k], sure, model, k, relevant),
        Report(notes=notes),
    ]
    return joined(found)


def sums_of(table: pd.DataFrame, row_of: Ints, n_users: int) -> npt.NDArray[np.float64]:
    """COUNTS of each user's answers together: float64 (n_users, n_counts)."""
    sums = np.zeros((n_users, len(COUNTS)))
    np.add.at(sums, row_of, table[list(COUNTS)].to_numpy(dtype=np.float64))
    return sums


def _rates(parts: npt.NDArray[np.float64], sure: Sureness, model: str | None, cell: Cell) -> Report:
    rows: list[Row] = []
    notes: list[Note] = []
    for metric, (some, of) in RATES.items():
        pair = parts[:, [COUNTS.index(some), COUNTS.index(of)]]
        counts: Bools = pair[:, 1] > 0
        if not counts.any():
            if cell.group_by is None:
                because = WHY_NOT.get(metric, "no answer holds a list")
                about = f"{model or 'answers'}: {metric}"
                notes.append(Note(about, f"cannot be judged, because {because}"))
            continue
        number = numbers.from_sums(pair, _dividing(metric), sure, cell)
        facts: dict[str, Any] = {"model": model, "group_by": cell.group_by, "group": cell.group}
        facts["n_undefined"] = int((~counts).sum())
        rows += numbers.rows([metric], number, sure, int(counts.sum()), **facts)
    return Report(estimates_frame(rows), notes=notes)


def _dividing(metric: str) -> Callable[[Floats], Floats]:
    """From sums of a count and of what it is counted of to the rate."""
    rate = getattr(measures, metric)
    return lambda sums: rate(sums[..., :1], sums[..., 1:])
