"""Every convention says what its tool says, to 1e-9, and stops where the tool stops."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from convention_io import Case, cases

from core.tables import PAD
from evaluators.conventions import CONVENTIONS, Answer, Given

HERE = Path(__file__).parent
CASES = {case.name: case for case in cases()}
GOLDEN = {
    name: json.loads((HERE / f"convention_{name}.json").read_text(encoding="utf-8"))
    for name in CONVENTIONS
}
TOLERANCE = 1e-9
EVERY_CASE = [
    pytest.param(name, case, id=f"{name}-{case}")
    for name, golden in GOLDEN.items()
    for case in golden["values"]
]


def given(case: Case) -> Given:
    """The case as arrays, made the slow and obvious way."""
    users = sorted({*case.lists, *case.truth, *case.train})
    width = max(len(rows) for rows in case.lists.values())
    shape = (len(users), width)
    items = np.full(shape, PAD, dtype=np.int32)
    scores, gains = np.full(shape, -np.inf), np.full(shape, np.nan)
    is_match = np.zeros(shape, dtype=bool)
    relevant = case.relevant
    best = np.full((len(users), max(len(x) for x in relevant.values())), np.nan)
    for row, user in enumerate(users):
        for place, (item, score) in enumerate(case.lists.get(user, [])):
            items[row, place], scores[row, place] = item, score
            if item in relevant.get(user, []):
                is_match[row, place], gains[row, place] = True, case.truth[user][item]
        ratings = sorted((case.truth[user][i] for i in relevant.get(user, [])), reverse=True)
        best[row, : len(ratings)] = ratings
    texts = sorted(range(case.n_items), key=str)
    return Given(
        items=items,
        is_match=is_match,
        n_relevant=np.array([len(relevant.get(user, [])) for user in users]),
        n_tested=np.array([len(case.truth.get(user, [])) for user in users]),
        n_items=case.n_items,
        scores=scores if case.ranked_by == "score" else None,
        gains=gains,
        ideal_gains=best,
        threshold=case.threshold,
        text_order=np.argsort(texts),
        id_order=np.arange(case.n_items),
        history=history(case, users),
        features=np.array(case.features, dtype=float) if case.features else None,
    )


def history(case: Case, users: list[int]):
    from scipy.sparse import csr_array

    if not case.train:
        return None
    matrix = np.zeros((len(users), case.n_items), dtype=np.float32)
    for user, had in case.train.items():
        matrix[users.index(user), had] = 1
    return csr_array(matrix)


GIVEN = {name: given(case) for name, case in CASES.items()}


@pytest.mark.parametrize("name,case", EVERY_CASE)
def test_a_convention_says_what_its_tool_says(name, case):
    wrong = {}
    for label, theirs in GOLDEN[name]["values"][case].items():
        metric, _, k = label.rpartition("@")
        answer = CONVENTIONS[name].rules[metric].answer(GIVEN[case], int(k))
        if not agrees(answer, theirs):
            wrong[label] = (answer.stops or answer.value, theirs)
    assert not wrong


def agrees(answer: Answer, theirs: float | dict[str, str] | None) -> bool:
    """Equal to 1e-9; undefined where the tool is, and stopped where it raises."""
    if isinstance(theirs, dict):
        return bool(answer.stops)
    if answer.stops:
        return False
    return math.isnan(answer.value) if theirs is None else abs(answer.value - theirs) <= TOLERANCE


@pytest.mark.parametrize("name", CONVENTIONS)
def test_every_rule_has_golden_values_of_the_version_it_names(name):
    convention, golden = CONVENTIONS[name], GOLDEN[name]
    labels = {label for values in golden["values"].values() for label in values}
    assert {label.rpartition("@")[0] for label in labels} == set(convention.rules)
    assert golden["version"] == convention.version
    is_run = "how" not in golden
    assert {rule.golden for rule in convention.rules.values()} == {
        "run" if is_run else "hand-worked"
    }
