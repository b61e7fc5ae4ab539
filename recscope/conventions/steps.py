"""One user's list, step by step: what each tool divides by what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.tables import PAD, Bools, Floats
from evaluators.conventions import CONVENTIONS, Given
from evaluators.conventions.parts import best, discount

OTHERWISE = ""
Divisor = tuple[str, Callable[[Given, int], Floats]]


def _hits_in_rows(given: Given) -> Floats:
    return np.asarray(given.is_match.sum(axis=1), dtype=np.float64)


def _ideal(most: Callable[[Given, int], Floats]) -> Callable[[Given, int], Floats]:
    return lambda given, k: np.asarray(best(discount(k))[most(given, k).astype(np.int64)])


def _lenskit_ideal(given: Given, k: int) -> Floats:
    weights = 1 / np.log2(np.maximum(np.arange(1, k + 1), 2))
    return best(weights)[np.minimum(given.n_relevant, k)]


K: Divisor = ("k", lambda given, k: np.full(len(given), float(k)))
LISTED: Divisor = ("places of the list", lambda given, k: np.minimum(given.n_listed, k) * 1.0)
RELEVANT: Divisor = ("relevant items", lambda given, _: given.n_relevant * 1.0)
LEAST: Divisor = ("min(k, relevant items)", lambda given, k: np.minimum(given.n_relevant, k) * 1.0)
IN_LIST: Divisor = (
    "min(relevant items, places of the list)",
    lambda given, k: np.minimum(given.n_relevant, np.minimum(given.n_listed, k)) * 1.0,
)
IN_ROWS: Divisor = ("hits in the user's rows", lambda given, _: _hits_in_rows(given))
MOST_HITS: Divisor = (
    "gain of min(k, relevant items) hits on top",
    _ideal(lambda given, k: np.minimum(given.n_relevant, k) * 1.0),
)
ALL_HITS: Divisor = (
    "gain of k hits on top",
    _ideal(lambda given, k: np.full(len(given), float(k))),
)
ROW_HITS: Divisor = (
    "gain of the hits in the user's rows on top",
    _ideal(lambda given, k: np.minimum(_hits_in_rows(given), k)),
)
FLAT_HITS: Divisor = ("the same on top, ranks 1 and 2 weighing the same", _lenskit_ideal)

DIVISORS: Mapping[str, Mapping[str, Divisor]] = {
    "precision": {"lenskit": LISTED, "evidently": LISTED, "implicit": LEAST, OTHERWISE: K},
    "recall": {"lenskit": LEAST, "evidently": IN_ROWS, OTHERWISE: RELEVANT},
    "map": {
        "lenskit": IN_LIST,
        "rectools": RELEVANT,
        "trec_eval": RELEVANT,
        "ranx": RELEVANT,
        "evidently": IN_ROWS,
        "elliot": K,
        OTHERWISE: LEAST,
    },
    "ndcg": {
        "lenskit": FLAT_HITS,
        "rectools": ALL_HITS,
        "evidently": ROW_HITS,
        OTHERWISE: MOST_HITS,
    },
}
UP: Mapping[str, str] = {
    "precision": "hits",
    "recall": "hits",
    "map": "sum of precision at the hits",
    "ndcg": "discounted gain",
}
UP_OTHERWISE = {
    ("map", "elliot"): "sum of precision at every rank",
    ("map", "evidently"): "sum of precision where the last row so far is a hit",
}


@dataclass(frozen=True)
class Step:
    """What a tool says of one user.

    text  "2 hits / 5 (k)", or the bare value where the metric is no such fraction
    why   why the tool does not count the user; empty where it does
    """

    tool: str
    name: str
    value: float
    text: str
    why: str


def steps(given: Given, row: int, metric: str, k: int) -> list[Step]:
    """How does each tool come to its number for this user?

    row  of `given`

    Tools that stop, or lack what they need, are left out; a number that no user has alone, such as
    a Gini coefficient, gives no step at all.
    """
    found = []
    for name, convention in CONVENTIONS.items():
        rule = convention.rules.get(metric)
        if rule is None or any(getattr(given, need) is None for need in rule.needs):
            continue
        answer = rule.answer(given, k)
        if not answer.counts[row]:
            found.append(Step(name, convention.tool, np.nan, "", _why_not(given, row)))
        elif not np.isnan(answer.per_user[row]):
            value = float(answer.per_user[row])
            text = _fraction(given, row, metric, k, name, value)
            found.append(Step(name, convention.tool, value, text, ""))
    return found


def _why_not(given: Given, row: int) -> str:
    if not given.has_list[row]:
        return "no list" if given.has_test[row] else "neither list nor test rows"
    if not given.has_test[row]:
        return "nothing in the test set"
    if not given.has_relevant[row]:
        return "nothing relevant in the test set"
    return "no hit in the whole list" if not given.is_match[row].any() else "nothing to count"


def _fraction(given: Given, row: int, metric: str, k: int, tool: str, value: float) -> str:
    divisors = DIVISORS.get(metric)
    if divisors is None or (metric, tool, given.gains is not None) == ("ndcg", "elliot", True):
        return ""
    words, compute = divisors.get(tool, divisors[OTHERWISE])
    below = float(compute(given, k)[row])
    above = value * below
    up = UP_OTHERWISE.get((metric, tool), UP[metric])
    up = "hit" if up == "hits" and _plain(above) == "1" else up
    return f"{_plain(above)} {up} / {_plain(below)} ({words})"


def _plain(number: float) -> str:
    return f"{number:.0f}" if abs(number - round(number)) < 1e-9 else f"{number:.3f}"


def telling_user(per_user: Floats, has_list: Bools) -> int:
    """Row of the user about whom the tools disagree most; among equals the first with a list.

    per_user  float (n_users, n_tools), NaN where a tool does not count the user
    """
    filled = np.nan_to_num(per_user)
    spread = filled.max(axis=1) - filled.min(axis=1)
    return int(np.argmax(spread + 1e-6 * np.asarray(has_list, dtype=np.float64)))


def listed(given: Given, row: int, k: int) -> list[tuple[int, bool]]:
    """Item and hit of each of the first k places of one user's list."""
    items, hits = given.items[row, :k], given.is_match[row, :k]
    return [(int(item), bool(hit)) for item, hit in zip(items, hits, strict=True) if item != PAD]
