"""How much does each item of the history add to the score of a recommended one?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ConfigError, UnknownNameError
from core.tables import Floats, Ints
from explain.masking import MASKS_AT_A_TIME, MaskedHistory


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each item of a history adds to the score of each explained item.

    values  float64 (n, k): a row an item of the history, a column an explained item
    spread  float64 (n, k) standard error over the permutations drawn; 0 where it is exact
    method  how it was computed
    """

    values: Floats
    spread: Floats
    method: str


def closed_form(history: MaskedHistory, items: Ints, **_: Any) -> Attribution:
    """Exact Shapley values of a model whose scores are sums over the history: its weights.

    Lundberg & Lee 2017 (arXiv:1705.07874), corollary 1, with an absent item as the baseline.
    Raises ConfigError where the scores are no such sums.
    """
    values = history.weights(items)
    if values is None:
        raise ConfigError(
            f"{type(history.model).__name__} is no sum over the history; use the attribution "
            "'shap' or 'leave-one-out'"
        )
    return Attribution(values, np.zeros_like(values), "closed form")


def leave_one_out(history: MaskedHistory, items: Ints, **_: Any) -> Attribution:
    """By how much does the score fall when one liked item is taken away?  n + 1 scorings.

    What two items say together is counted twice or not at all, unless scores are sums.
    """
    n = len(history)
    masks = np.vstack([np.ones(n, dtype=bool), ~np.eye(n, dtype=bool)])
    scores = history.scores(masks)[:, items]
    values = scores[0] - scores[1:]
    return Attribution(values, np.zeros_like(values), "leave-one-out")


def shap_permutation(
    history: MaskedHistory, items: Ints, n_permutations: int = 8, seed: int = 0
) -> Attribution:
    """Shapley values by permutations of the history, with their standard error.

    n_permutations  orders in which items are added and taken away again: 2 n + 1 scorings each

    Castro, Gómez & Tejada 2009, doi:10.1016/j.cor.2008.04.004, in antithetic pairs, by the package
    shap. One order is exact where scores are sums; otherwise look at `spread` before believing a
    ranking of items.
    """
    import shap

    n = len(history)
    if n < 2:
        return leave_one_out(history, items)

    def scores(masks: Floats) -> Floats:
        return history.scores(masks > 0.5)[:, items]

    def masker(mask: Any, whole: Any) -> Any:
        return (whole * mask).reshape(1, -1)

    settings = {"max_evals": 2 * n + 1, "batch_size": MASKS_AT_A_TIME, "silent": True}
    drawn = []
    state = np.random.get_state()  # noqa: NPY002 - shap seeds and draws from the global generator
    try:
        for place in range(n_permutations):
            explainer = shap.explainers.Permutation(scores, masker, seed=seed + place)
            told = explainer(np.ones((1, n)), **settings)
            drawn.append(np.asarray(told.values[0], dtype=np.float64).reshape(n, len(items)))
    finally:
        np.random.set_state(state)  # noqa: NPY002 - what others draw stays as it was
    values = np.mean(drawn, axis=0)
    spread = np.std(drawn, axis=0, ddof=1) if n_permutations > 1 else np.full_like(values, np.nan)
    return Attribution(values, spread / np.sqrt(n_permutations), "shap permutation")


def usual(history: MaskedHistory, items: Ints, **settings: Any) -> Attribution:
    """The closed form where scores are sums, else Shapley values by permutations."""
    if history.weights(items[:1]) is not None:
        return closed_form(history, items)
    return shap_permutation(history, items, **settings)


def at_random(history: MaskedHistory, items: Ints, seed: int = 0) -> Attribution:
    """No attribution at all: the floor that every other one must beat."""
    rng = np.random.default_rng([seed, history.user])
    values = rng.normal(size=(len(history), len(items)))
    return Attribution(values, np.zeros_like(values), "random")


def reversed_order(history: MaskedHistory, items: Ints, **settings: Any) -> Attribution:
    """The usual attribution upside down: what a test of faithfulness must put last."""
    found = usual(history, items, **settings)
    return Attribution(-found.values, found.spread, "reversed")


Attribute = Callable[..., Attribution]
ATTRIBUTIONS: Mapping[str, Attribute] = {
    "usual": usual,
    "closed-form": closed_form,
    "shap": shap_permutation,
    "leave-one-out": leave_one_out,
    "random": at_random,
    "reversed": reversed_order,
}


def attribute(name: str, history: MaskedHistory, items: Ints, **settings: Any) -> Attribution:
    """By the method of this name.  UnknownNameError where there is none."""
    if name not in ATTRIBUTIONS:
        raise UnknownNameError("attribution", name, ATTRIBUTIONS)
    return ATTRIBUTIONS[name](history, np.asarray(items, dtype=np.int64), **settings)
