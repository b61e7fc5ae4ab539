"""Why these items for this user?  Asked of a run's model, answered now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, RecScopeError, StorageError, UnknownNameError
from core.tables import PAD, Ints
from explain.explainers import EXPLAINERS
from explain.explanation import Explanation
from explain.make import worded, writer_of
from explain.reasons import Question
from recscope.bench import Bench, bench_of
from recscope.config_sections import ExplainConfig
from recscope.explaining_make import answer_of, params_of
from recscope.outputs import as_json, records, write
from recscope.store import Run

N_ITEMS = 5  # of the list, where no item is named
DEFAULT = ("template",)


@dataclass(frozen=True, eq=False)
class Told:
    """Explanations of one user's recommendations.

    table  one row per item and explainer: user_id, item_id, title, rank (0: not listed), model,
           explainer, stage, text, evidence (sentences), attribution (title → value), error (of
           each value), is_fallback, own_text, violations, facts
    notes  about, reason: who could not explain what, and why
    """

    run: str
    table: pd.DataFrame
    notes: list[dict[str, str]] = field(default_factory=list)

    def to_json(self) -> str:
        return as_json({"run": self.run, "explanations": records(self.table), "notes": self.notes})

    def write(self, path: Path | str) -> Path:
        """As the ending of the path says: .json, .parquet or .csv."""
        return write(Path(path), self.table, self.to_json())


def ask(  # noqa: PLR0913 - what is asked, and of whom
    run: Run,
    model: str,
    user: str,
    item: str | None = None,
    explainers: Sequence[str] = DEFAULT,
    *,
    settings: ExplainConfig | None = None,
    bench: Bench | None = None,
) -> Told:
    """Why does this model of the run recommend the item, or its first items, to the user?

    user, item  outside ids; item None: the first 5 of the list
    explainers  names; one that cannot explain here is noted
    settings    seed, language_model …; None: those of the run

    Raises UnknownNameError, with the nearest, for a name, id or model that there is not, and
    ConfigError where nothing can be explained: nothing liked, nothing listed, an item that nobody
    liked or that the user had, or no explainer of these can answer.
    """
    for name in explainers:
        if name not in EXPLAINERS:
            raise UnknownNameError("explainer", name, EXPLAINERS)
    if not explainers:
        raise ConfigError("name at least one explainer; see: python -m recscope explainers")
    if model not in run.models():
        raise UnknownNameError("model of this run", model, run.models())
    laid = bench or bench_of(run)
    ids = laid.given.dataset
    code = ids.user_ids.code(user)
    items = None if item is None else np.array([ids.item_ids.code(item)], dtype=np.int64)
    _require_history(laid, code, user)
    if items is not None:
        _require_item(laid, code, int(items[0]), str(item))
    fitted = laid.fitted(model)
    listed = _list_of(run, laid, fitted, model, code, user)
    items = listed[:N_ITEMS] if items is None else items
    asked = settings or laid.config.explain
    found, notes = _answers(laid, fitted, code, items, list(explainers), asked)
    if not found:
        raise ConfigError("; ".join(note["reason"] for note in notes))
    notes += _bare(laid, items)
    ranks = {int(item): rank for rank, item in enumerate(listed, start=1)}
    rows = [_row(laid, model, one, ranks.get(one.item, 0)) for one in found]
    return Told(run.id, pd.DataFrame(rows), notes)


def _require_history(laid: Bench, user: int, name: str) -> None:
    if not len(laid.world.liked(user)):
        raise ConfigError(
            f"user {name!r} liked nothing in what the models learned from, so there is no history "
            "to explain by; ask for another user"
        )


def _require_item(laid: Bench, user: int, item: int, name: str) -> None:
    if item in laid.given.history.seen[[user]].indices:
        raise ConfigError(
            f"the user has had item {name!r} ({laid.world.titles[item]}) already, so it is never "
            "recommended; ask for an item of the list"
        )
    if not laid.world.popularity[item]:
        raise ConfigError(
            f"nobody liked item {name!r} ({laid.world.titles[item]}) in what the models learned "
            "from: they know nothing of it, and nothing explains it; ask for an item of the list"
        )


def _list_of(run: Run, laid: Bench, fitted: Any, model: str, user: int, name: str) -> Ints:
    """The user's list as the run keeps it; made now for somebody who was not judged."""
    kept = run.lists(model, user)
    if len(kept):
        return np.asarray(kept.sort_values("rank")["item"], dtype=np.int64)
    length = min(laid.config.evaluate.length, laid.world.n_items)
    items: Ints = np.asarray(fitted.recommend(np.array([user]), length).items[0], np.int64)
    items = items[items != PAD]
    if not len(items):
        raise ConfigError(f"{model} lists nothing for user {name!r}; ask for another user or model")
    return items


def _answers(
    laid: Bench, fitted: Any, user: int, items: Ints, names: list[str], asked: ExplainConfig
) -> tuple[list[Explanation], list[dict[str, str]]]:
    found: list[Explanation] = []
    notes: list[dict[str, str]] = []
    question = Question(laid.world, user, items, fitted, params_of(asked, {}))
    for name in names:
        try:
            reasons = answer_of(question, EXPLAINERS[name])
            writer = writer_of(name, {"language_model": asked.language_model, "seed": asked.seed})
            made = worded([question], name, [reasons], writer)[0]
        except StorageError:
            raise  # the disk, not the explainer
        except RecScopeError as error:
            notes.append({"about": name, "reason": str(error)})
            continue
        found += made
        why = dict.fromkeys(str(one.facts["reason"]) for one in made if not one.text)
        notes += [{"about": name, "reason": reason} for reason in why]
    order = {int(item): place for place, item in enumerate(items)}
    return sorted(found, key=lambda one: order[one.item]), notes


def _bare(laid: Bench, items: Ints) -> list[dict[str, str]]:
    """Items of which so little is known that words can hardly speak of them."""
    notes = []
    for item in (int(code) for code in items):
        if not laid.world.groups_of(item):
            about = laid.world.titles[item]
            reason = "no attributes: nothing is known of what it is like, only who liked it"
            notes.append({"about": about, "reason": reason})
    return notes


def _row(laid: Bench, model: str, one: Explanation, rank: int) -> dict[str, Any]:
    titles, ids = laid.world.titles, laid.given.dataset
    facts = dict(one.facts)
    spread, own_text = facts.pop("spread", {}), facts.pop("own_text", "")
    return {
        "user_id": ids.user_ids.names[one.user],
        "item_id": ids.item_ids.names[one.item],
        "title": titles[one.item],
        "rank": rank,
        "model": model,
        "explainer": one.explainer,
        "stage": one.stage,
        "text": one.text,
        "evidence": [evidence.text for evidence in one.evidence],
        "attribution": _by_title(one.attribution, titles),
        "error": _by_title(spread, titles),
        "is_fallback": one.is_fallback,
        "own_text": own_text,
        "violations": list(one.violations),
        "facts": facts,
    }


def _by_title(values: Any, titles: Sequence[str]) -> dict[str, float]:
    """The strongest first; two items of one name are told apart by their code."""
    ranked = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    named: dict[str, float] = {}
    for code, value in ranked:
        name = titles[code] if titles[code] not in named else f"{titles[code]} [{code}]"
        named[name] = value
    return named
