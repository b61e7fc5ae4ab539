"""Candidates of another recommender, and lists made of how they were scored."""

import tomllib
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.tables import PAD, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import NeedsIds, ReadsUsers, Told

AT_A_TIME = 256  # users whose whole lists are held at once


def parameters(text: str, what: str) -> dict[str, Any]:
    """Parameters written in one line as in a configuration: "l2 = 500, seed = 1".

    what  names the setting in messages. Raises ConfigError for what cannot be read.
    """
    try:
        found: dict[str, Any] = tomllib.loads(f"given = {{{text}}}")["given"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f'{what} is {text!r}, which cannot be read ({error}); write it as "l2 = 500, seed = 1"'
        ) from error
    return found


def inner(spec: str, text: str, what: str, train: Interactions, ids: tuple[Ids, Ids] | None) -> Any:
    """The recommender of this name, told what it needs to know, not fitted yet.

    spec  as recommenders.doors.resolve; text: its parameters; what: the setting that names it
    ids   users' and items' outside names, None where nobody told them
    """
    # the registry lists the models that ask for others
    from recommenders.doors import resolve

    model = resolve(spec, parameters(text, f"{what}_params"))
    if isinstance(model, NeedsIds) and ids is not None:
        model = model.bind(*ids) or model
    if isinstance(model, ReadsUsers):
        model = model.bind_users(train.side.users) or model
    return model


def arranged(found: TopK, scores: Floats, k: int) -> TopK:
    """The candidates by score, best first; ties and what has no score in the order found.

    found   candidates, PAD past the end; scores: float, their shape, -inf or NaN where there is
            no opinion: such candidates follow after the others
    """
    is_real = found.items != PAD
    has_score = is_real & np.isfinite(scores)
    lowest = np.where(has_score, scores, np.inf).min(axis=1, initial=np.inf, keepdims=True)
    lowest = np.where(np.isfinite(lowest), lowest, 0.0)
    places = np.arange(found.k)
    values = np.where(has_score, scores, lowest - 1.0 - places)
    values = np.where(is_real, values, -np.inf)
    order = np.lexsort((np.broadcast_to(places, values.shape), -values), axis=1)[:, :k]
    items = np.full((len(found.users), k), PAD, dtype=np.int32)
    best = np.full((len(found.users), k), -np.inf)
    items[:, : order.shape[1]] = np.take_along_axis(found.items, order, axis=1)
    best[:, : order.shape[1]] = np.take_along_axis(values, order, axis=1)
    return TopK(found.users, items, best)


def own_scores(model: Any, users: Codes | Ints, candidates: Codes, n_items: int) -> Floats:
    """What any recommender thinks of candidates: its own scores in its list of the whole catalogue.

    candidates  int32 (n_users, m), PAD past the end. Returns float64 of that shape, -inf for what
    it does not list.
    """
    told = np.full(candidates.shape, -np.inf)
    for start in range(0, len(users), AT_A_TIME):
        some = slice(start, start + AT_A_TIME)
        whole = model.recommend(users[some], n_items)
        scores = np.full((len(whole.users), n_items + 1), -np.inf)
        # places without an item fall into one more column
        columns = np.where(whole.items == PAD, n_items, whole.items)
        np.put_along_axis(scores, columns, whole.scores.astype(np.float64), axis=1)
        scores[:, n_items] = -np.inf
        asked = np.where(candidates[some] == PAD, n_items, candidates[some])
        told[some] = np.take_along_axis(scores, asked, axis=1)
    return told


def let_tell(model: Any, told: Told) -> None:
    """An inner model that tells how far it is, tells it to whom the outer one does."""
    from recommenders.base import TellsProgress

    if isinstance(model, TellsProgress):
        model.bind_progress(told)
