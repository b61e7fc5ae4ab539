"""What scores of paths are computed from, and the choice of paths by what they score."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.tables import Floats, Ints
from explain.evidence.graph import SEQUEL, graph_of
from explain.evidence.kept import kept
from explain.evidence.paths import KIND, between
from explain.explanation import Evidence, Explanation
from explain.world import World

Goal = Literal["lir", "sep", "etd", "lid", "sed"]
GOALS: tuple[Goal, ...] = ("lir", "sep", "etd", "lid", "sed")


def smoothed(values: Floats) -> Floats:
    """Values in order, smoothed by an exponentially weighted mean of span n and brought to 0 … 1.

    values   float (n,) ascending
    answers  float64 (n,); equal values share their mean; NaN where all are equal
    """
    if len(values) < 2 or values[0] == values[-1]:
        return np.full(len(values), np.nan)
    mean = pd.Series(np.asarray(values, dtype=np.float64)).ewm(span=len(values)).mean().to_numpy()
    scaled = (mean - mean.min()) / (mean.max() - mean.min())
    groups = np.unique(values, return_inverse=True)[1]
    sums, n = np.bincount(groups, weights=scaled), np.bincount(groups)
    return np.asarray((sums / n)[groups])


def recency(world: World, user: int) -> dict[int, float]:
    """Item code → how lately the user liked it, 0 … 1; empty without times."""
    train = world.train
    if train.timestamps is None:
        return {}
    rows = np.flatnonzero((train.users == user) & train.is_liked)
    # seconds since the first liking: whole numbers of that size keep their last digit
    times = train.timestamps[rows] - train.timestamps[rows].min(initial=np.iinfo(np.int64).max)
    order = np.argsort(times, kind="stable")
    values = smoothed(times[order].astype(np.float64))
    return dict(zip(train.items[rows][order].tolist(), values.tolist(), strict=True))


@kept
def entity_popularity(world: World) -> dict[str, dict[str, float]]:
    """Relation → entity → how many items have it, smoothed, 0 … 1."""
    found = {}
    for name, relation in graph_of(world).relations.items():
        order = np.argsort(relation.n_items, kind="stable")
        values = smoothed(relation.n_items[order].astype(np.float64))
        found[name] = dict(zip(relation.entities[order].tolist(), values.tolist(), strict=True))
    return found


def path_of(explanation: Explanation) -> Evidence | None:
    """The path that an explanation leads with; None where it has none."""
    return next((one for one in explanation.evidence if one.kind == KIND), None)


def path_material(world: World, explanations: Sequence[Explanation]) -> Mapping[str, Any]:
    """What explain.path_scores asks for, rows aligned with the explanations.

    Of each explanation its strongest path counts, and of that the rarest entity. Empty where no
    explanation has a path: these scores then are not available.
    """
    paths = [path_of(one) for one in explanations]
    if not any(paths):
        return {}
    users = [one.user for one in explanations]
    lately = {user: recency(world, user) for user in dict.fromkeys(users)}
    has_times = world.train.timestamps is not None
    material: dict[str, Any] = {
        "users": np.asarray(users, dtype=np.int64),
        "path_types": [one.facts["relation"] if one else "" for one in paths],
        "linked_items": np.array([one.sources[0] if one else -1 for one in paths], dtype=np.int64),
        "shared_entities": [_entity(one) for one in paths],
        "entity_popularity": np.array([_popularity(world, one) for one in paths]),
        "n_path_types": n_path_types(world),
    }
    if has_times:
        material["linking_recency"] = np.array(
            [
                lately[user].get(one.sources[0], np.nan) if one else np.nan
                for user, one in zip(users, paths, strict=True)
            ]
        )
    return material


def n_path_types(world: World) -> int:
    """Kinds of paths that the graph has."""
    graph = graph_of(world)
    return len(graph.relations) + bool(graph.sequels.nnz)


def _entity(path: Evidence | None) -> str:
    return str(path.facts["entities"][0]) if path and path.facts["entities"] else ""


def _popularity(world: World, path: Evidence | None) -> float:
    if path is None or path.facts["relation"] == SEQUEL:
        return np.nan
    return entity_popularity(world)[path.facts["relation"]].get(_entity(path), np.nan)


def chosen_paths(
    world: World, user: int, items: Ints | Sequence[int], by: Goal
) -> list[Evidence | None]:
    """One path an item, chosen so that the list of them scores high.

    by  lir: the latest liking; sep: the best-known entity; etd, lid, sed: the kind, liked item or
        entity that the list has least of so far; ties go to the stronger path

    Answers with None for an item that no path leads to. Raises ConfigError for another goal.
    """
    if by not in GOALS:
        raise ConfigError(f"paths are chosen by {', '.join(GOALS)}; got {by!r}")
    lately = recency(world, user)
    times: dict[str, int] = {}
    chosen: list[Evidence | None] = []
    for item in items:
        found = between(world, world.liked(user), int(item))
        values = [_value(world, path, by, lately, times) for path in found]
        best = found[int(np.argmax(values))] if found else None
        chosen.append(best)
        if best is not None and by in {"etd", "lid", "sed"}:
            key = _key(best, by)
            times[key] = times.get(key, 0) + 1
    return chosen


def _key(path: Evidence, by: Goal) -> str:
    if by == "etd":
        return str(path.facts["relation"])
    return str(path.sources[0]) if by == "lid" else _entity(path)


def _value(
    world: World, path: Evidence, by: Goal, lately: Mapping[int, float], times: Mapping[str, int]
) -> float:
    if by == "lir":
        value = lately.get(path.sources[0], np.nan)
    elif by == "sep":
        value = _popularity(world, path)
    else:
        value = -float(times.get(_key(path, by), 0)) - (by == "sed" and not _entity(path))
    return -np.inf if np.isnan(value) else value


def reranked(scores: Floats, qualities: Floats, weight: float) -> Ints:
    """Positions of a list's items, ordered by relevance and by how good their paths are.

    scores     float (k,) of the recommender; qualities: float (k,) of each item's path, NaN: none
    weight     0 keeps the recommender's order, 1 looks at paths alone

    (1 - weight) · score + weight · quality, both brought to 0 … 1 within the list; ties keep the
    recommender's order.
    """
    if not 0 <= weight <= 1:
        raise ConfigError(f"the weight of path quality lies between 0 and 1; got {weight}")
    parts = [_unit(np.asarray(scores, dtype=np.float64)), _unit(np.nan_to_num(qualities))]
    mixed = (1 - weight) * parts[0] + weight * parts[1]
    order = np.lexsort((-parts[0], -mixed))
    return np.asarray(order, dtype=np.int64)


def _unit(values: Floats) -> Floats:
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    return np.zeros(len(values)) if high <= low else (values - low) / (high - low)
