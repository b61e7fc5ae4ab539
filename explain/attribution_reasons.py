"""Reasons after the recommendation: which items of the user's history carry the score?

Each function answers a Question with one Reasons an item: the attribution over the whole history,
and its strongest items as evidence. Those of the baselines say true things that explain nothing.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.tables import Floats, Ints
from explain.attribution import Attribution, attribute
from explain.explanation import Evidence
from explain.masking import MaskedHistory, masked_history
from explain.reasons import Question, Reasons
from explain.world import World

N_NAMED = 5  # items of the history that become evidence; params["n_named"] says otherwise
KIND = "attribution"

Says = Callable[[World, int, int, float], str]  # world, source, item, share → a sentence


def history_of(question: Question) -> MaskedHistory:
    """The history that a question is answered from.

    Raises ConfigError where there is no model, it cannot score histories, or the user liked
    nothing.
    """
    if question.model is None:
        raise ConfigError(
            "reasons after the recommendation need the fitted model that made it; got none"
        )
    return masked_history(question.model, question.world.train, question.user)


def usual_reasons(question: Question) -> list[Reasons]:
    """What each liked item adds: exact where scores are sums, else Shapley values with errors."""
    names = ("n_permutations", "seed")
    settings = {key: question.params[key] for key in names if key in question.params}
    return _by_history(question, "usual", _carries, **settings)


def shap_reasons(question: Question) -> list[Reasons]:
    """Shapley values by permutations, whatever the model is."""
    names = ("n_permutations", "seed")
    settings = {key: question.params[key] for key in names if key in question.params}
    return _by_history(question, "shap", _carries, **settings)


def leave_one_out_reasons(question: Question) -> list[Reasons]:
    """By how much the score falls when one liked item is taken away."""
    return _by_history(question, "leave-one-out", _would_fall)


def random_reasons(question: Question) -> list[Reasons]:
    """Baseline: liked items drawn by lot."""
    seed = int(question.params.get("seed", 0))
    return _by_history(question, "random", _was_liked, is_signed=False, seed=seed)


def reversed_reasons(question: Question) -> list[Reasons]:
    """Baseline: the usual attribution upside down."""
    names = ("n_permutations", "seed")
    settings = {key: question.params[key] for key in names if key in question.params}
    return _by_history(question, "reversed", _was_liked, is_signed=False, **settings)


def similarity_reasons(question: Question) -> list[Reasons]:
    """Baseline: liked items whose users are most like the item's own, whatever the model does.

    Cosine between columns of the liked matrix. Plausible, and blind to the model.
    """
    history = history_of(question)
    values = cosine(question.world, history.history, question.items)
    found = Attribution(values, np.zeros_like(values), "cosine")
    return reasons_of(question, history.history, found, _liked_both)


def popularity_reasons(question: Question) -> list[Reasons]:
    """Baseline: the liked items that most users liked, the same for every recommendation."""
    history = history_of(question)
    n_users = question.world.popularity[history.history].astype(np.float64)
    values = np.repeat(n_users[:, None], len(question.items), axis=1)
    found = Attribution(values, np.zeros_like(values), "popularity")
    return reasons_of(question, history.history, found, _liked_by)


def cosine(world: World, sources: Ints, items: Ints) -> Floats:
    """Cosine between who liked the one and who liked the other: float64 (n_sources, n_items)."""
    columns = world.liked_by
    overlap = (columns[sources] @ columns[items].T).toarray().astype(np.float64)
    sizes = np.sqrt(world.popularity.astype(np.float64))
    scale = sizes[sources][:, None] * sizes[items]
    return np.asarray(np.divide(overlap, scale, out=np.zeros_like(overlap), where=scale > 0))


def reasons_of(
    question: Question,
    history: Ints,
    found: Attribution,
    says: Says,
    *,
    is_signed: bool = True,
    facts: dict[str, Any] | None = None,
) -> list[Reasons]:
    """An attribution as reasons, one an item of the question.

    history    int (n,) codes, the rows of found.values
    says       the sentence for one liked item
    is_signed  only what adds to the score becomes evidence; else the strongest whatever their sign
    """
    n_named = int(question.params.get("n_named", N_NAMED))
    known = {"method": found.method, "n_history": len(history), **(facts or {})}
    made = []
    for place, item in enumerate(int(code) for code in question.items):
        values, spread = found.values[:, place], found.spread[:, place]
        adding = np.maximum(values, 0).sum()
        strongest = np.argsort(-values, kind="stable")[:n_named]
        evidence = tuple(
            Evidence(
                kind=KIND,
                item=item,
                sources=(int(history[row]),),
                weight=float(values[row]),
                text=says(
                    question.world,
                    int(history[row]),
                    item,
                    float(max(values[row], 0) / adding) if adding > 0 else 0.0,
                ),
                facts={"value": float(values[row]), "error": float(spread[row])},
            )
            for row in strongest
            if values[row] > 0 or not is_signed
        )
        codes = history.tolist()
        errors = dict(zip(codes, spread.tolist(), strict=True)) if spread.any() else {}
        attribution = dict(zip(codes, values.tolist(), strict=True))
        made.append(Reasons(evidence, attribution, errors, known))
    return made


def _by_history(
    question: Question, method: str, says: Says, *, is_signed: bool = True, **settings: Any
) -> list[Reasons]:
    history = history_of(question)
    found = attributed(question, history, method, **settings)
    return reasons_of(question, history.history, found, says, is_signed=is_signed)


def attributed(
    question: Question, history: MaskedHistory, method: str, **settings: Any
) -> Attribution:
    """The attribution of this name; what params["kept"], a dict, holds is not computed again.

    Explainers of one user and one model ask for the same Shapley values over and over.
    """
    kept = question.params.get("kept")
    if method == "reversed":
        usual = attributed(question, history, "usual", **settings)
        return Attribution(-usual.values, usual.spread, "reversed")
    key = (method, question.user, question.items.tobytes(), *sorted(settings.items()))
    if kept is None or key not in kept:
        found = attribute(method, history, question.items, **settings)
        if kept is None:
            return found
        kept[key] = found
    answer: Attribution = kept[key]
    return answer


def _carries(world: World, source: int, item: int, share: float) -> str:
    told = f"{share:.0%}" if share >= 0.01 else "less than 1%"
    return (
        f"{world.titles[source]}, which the user liked, carries {told} of what speaks for "
        f"{world.titles[item]}."
    )


def _would_fall(world: World, source: int, item: int, _: float) -> str:
    return f"{world.titles[item]} would score lower had the user not liked {world.titles[source]}."


def _was_liked(world: World, source: int, _item: int, _share: float) -> str:
    return f"The user liked {world.titles[source]}."


def _liked_both(world: World, source: int, item: int, _: float) -> str:
    columns = world.liked_by
    n_both = int(columns[[source]].multiply(columns[[item]]).sum())
    of_all = int(world.popularity[source])
    return (
        f"{n_both} of the {of_all} users who liked {world.titles[source]} also liked "
        f"{world.titles[item]}."
    )


def _liked_by(world: World, source: int, _item: int, _share: float) -> str:
    n_users = int(world.popularity[source])
    return f"{n_users} users liked {world.titles[source]}, which the user liked too."
