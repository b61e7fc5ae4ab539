"""Are explanations the same after something small has changed?  Explained again, and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from core.errors import RecScopeError, StorageError
from explain import stability as stable
from explain.explanation import Explanation
from explain.make import explainer_named, worded
from explain.reasons import Question, Reasons
from explain.scorers import score_all
from explain.world import World
from recscope.config_sections import ExplainConfig
from recscope.explaining_desk import ExplainingDesk
from recscope.explaining_estimates import estimates_of, scores_frame
from recscope.explaining_make import answer_of, params_of
from recscope.explaining_pairs import Pairs, asks_a_model
from recscope.explaining_scores import Scores
from recscope.explaining_tables import Tables

USUAL = "template"


def stability(
    desk: ExplainingDesk,
    pairs: Pairs,
    name: str,
    explanations: Sequence[Explanation],
    tables: Tables,
) -> None:
    """Explain the first item of some users again after something small has changed."""
    asked = desk.asked
    first = {user: items[:1] for user, items in [*pairs.items.items()][: asked.unsettled]}
    some = replace(pairs, items=first)
    firsts = _firsts(some, explanations)
    material: dict[str, Any] = {"embedding": asked.embedding}
    if not asks_a_model(name) and any(one.attribution for one in firsts):
        material["attributions"] = [one.attribution for one in firsts]
        for key, change in _changes(desk, some, tables).items():
            material[key] = _attributions(name, firsts, change)
    if asked.embedded and (name == USUAL or asks_a_model(name)):
        material["texts"] = [one.text for one in firsts]
        material["texts_reordered"] = _reordered(desk, name, firsts)
    if len(material) == 1:
        return
    answer = score_all(material, [one.name for one in stable.SCORERS])
    scores = Scores(each=answer.each, reasons=answer.reasons)
    rows = scores_frame(pairs.model, name, firsts, [1] * len(firsts), answer.each)
    tables.add("scores", rows)
    tables.add("estimates", estimates_of(pairs.model, name, firsts, scores, desk.case.sure))


class Change(NamedTuple):
    """What is different when a user is explained to again.  kept: attributions already made."""

    world: World
    fitted: Any
    asked: ExplainConfig
    kept: dict[Any, Any]


def _changes(desk: ExplainingDesk, some: Pairs, tables: Tables) -> dict[str, Change]:
    """What can change, by the names of the material of the scorers; the same for all explainers."""
    key = some.model, "changes"
    if key not in desk.made:
        desk.made[key] = _changed(desk, some, tables)
    changes: dict[str, Change] = desk.made[key]
    return changes


def _changed(desk: ExplainingDesk, some: Pairs, tables: Tables) -> dict[str, Change]:
    case, world, asked = desk.case, desk.world, desk.asked
    users = list(some.items)
    less = stable.less_history(world, users, seed=asked.seed)
    changed = {
        "attributions_history": Change(less, some.fitted, asked, {}),
        "attributions_seed": Change(world, some.fitted, replace(asked, seed=asked.seed + 1), {}),
    }
    try:
        fewer = stable.fewer_rows(case.given.history, users, seed=asked.seed)
        again = case.fitted(some.model, fewer)
    except StorageError:
        raise
    except RecScopeError as error:
        tables.note(f"{some.model}: stability to retraining", str(error))
        return changed
    return changed | {"attributions_retrained": Change(world, again, asked, {})}


def _firsts(some: Pairs, explanations: Sequence[Explanation]) -> list[Explanation]:
    """Of these users, the explanation of the first item, where there is one with words."""
    asked = {(user, int(items[0])) for user, items in some.items.items() if len(items)}
    return [one for one in explanations if (one.user, one.item) in asked and one.text]


def _attributions(
    name: str, firsts: Sequence[Explanation], change: Change
) -> list[Mapping[int, float]]:
    """Attributions of the same items under other circumstances; {} where there is none."""
    explainer, params = explainer_named(name), params_of(change.asked, change.kept)
    answers: list[Mapping[int, float]] = []
    for one in firsts:
        items = np.array([one.item], dtype=np.int64)
        try:
            question = Question(change.world, one.user, items, change.fitted, params)
            answers.append(answer_of(question, explainer)[0].attribution)
        except RecScopeError:
            answers.append({})  # counted: the scorers answer NaN
    return answers


def _reordered(desk: ExplainingDesk, name: str, firsts: Sequence[Explanation]) -> list[str]:
    """The words for the same evidence, the weakest first."""
    writer = desk.writer(name)
    questions, found = [], []
    for one in firsts:
        questions.append(Question(desk.world, one.user, np.array([one.item], dtype=np.int64)))
        found.append([Reasons(one.evidence[::-1], one.attribution)])
    return [of_user[0].text for of_user in worded(questions, name, found, writer)]
