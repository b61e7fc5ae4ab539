"""Unlearning: were these users really forgotten, what did it cost, and what quality is kept?"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.tables import Bools, Codes, Dataset, Floats, Interactions, Ints
from recommenders.base import Forgets, ScoresHistories
from recommenders.history import without_users
from recommenders.language.candidates import parameters
from recommenders.rank import warm_up
from recscope.config_values import need
from recscope.estimate import Sureness
from recscope.membership import Seen, signals
from recscope.trials import (
    Scene,
    Told,
    Trials,
    fitted_on,
    lists_of,
    moved,
    quality,
    scene_of,
    table_of,
    untold,
)

T = TypeVar("T")
WHOLE, SHARDED = "whole", "sharded"
FORGOTTEN, RETRAINED = "after forgetting", "trained again without them"
N_REQUESTS = 5  # users forgotten one at a time, to see what one request costs


@dataclass(frozen=True)
class Unlearning:
    """Who is forgotten, by which models.

    base, base_params  the recommender: trained once on everybody, and once on each shard
    shards     of users; share: of users to be forgotten, and as many more whom no model ever saw
    users      asked about quality, at most; k: length of lists
    probes     of each user's likings, left out one at a time for the membership attack
    """

    base: str = "ease"
    base_params: str = ""
    shards: int = 5
    share: float = 0.05
    users: int = 500
    k: int = 10
    probes: int = 20

    def __post_init__(self) -> None:
        need(self.shards >= 2, "shards", "2 or more")
        need(0 < self.share <= 0.5, "share", "above 0 and at most 0.5")
        need(self.users >= 2, "users", "2 or more")
        need(self.k >= 1, "k", "1 or more")
        need(self.probes >= 1, "probes", "1 or more")


def unlearn(
    dataset: Dataset,
    settings: Unlearning | None = None,
    sure: Sureness | None = None,
    told: Told = untold,
) -> Trials:
    """Is what was forgotten gone?

    Two kinds of model learn from everybody but the outsiders: the base on all users at once, and
    `sharded`. The users to be forgotten are then taken out (SISA, Bourtoule et al. 2021,
    arXiv:1912.03817; a base that is a `recommenders.base.Forgets` forgets by itself, any other is
    trained again), and beside it the same kind is trained again from nothing without them.

    membership_auc   an attacker who holds a user's likings leaves out one at a time and looks how
                     high the model ranks it, less how high a model that never had the user does
                     (Watson et al. 2022, arXiv:2111.08440): chance that a forgotten user looks more
                     like a member than an outsider does. 0.5 is none the wiser
    identical_lists  share of the other users whose list is, place by place, that of the model
                     trained again
    ndcg@k           of the other users' own held-out likings

    Facts: seconds of training again, of forgetting all of them, of one request. Raises ConfigError
    for a base that cannot score histories.
    """
    settings, sure = settings or Unlearning(), sure or Sureness()
    scene = scene_of(dataset, settings.users, settings.k, sure)
    gone, outside = _drawn(scene, settings.share, sure.seed)
    inside = without_users(scene.train, outside)
    others = scene.users[~np.isin(scene.users, np.append(gone, outside))]
    scene = asking(scene, others)
    never = without_users(inside, gone)
    told(WHOLE, 0, 2)
    rows: list[dict[str, Any]] = []
    seconds: dict[str, float] = {}
    tables = {}
    warm_up()
    for done, (kind, how) in enumerate(_kinds(settings).items()):
        attack = _Attack(scene.train, gone, outside, settings.probes, sure)
        forgetting = _forgetting(kind, how, (dataset, inside, never), gone, attack, scene)
        tables[kind] = forgetting.quality_before
        seconds |= {f"{kind}: {what}": spent for what, spent in forgetting.seconds.items()}
        facts = {"model": kind, "trial": FORGOTTEN, "size": settings.share, "against": "before"}
        rows.append({**facts, **forgetting.membership})
        rows += moved(forgetting.quality_before, forgetting.quality_after, sure, **facts)
        rows.append({**facts, "against": RETRAINED, **forgetting.same})
        told(kind, done + 1, 2)
    facts = {"model": SHARDED, "trial": "before forgetting", "size": 0.0, "against": WHOLE}
    rows += moved(tables[WHOLE], tables[SHARDED], sure, **facts)
    seconds = {name: round(value, 3) for name, value in seconds.items()}
    counted = {"data": dataset.name, "forgotten": len(gone), "outsiders": len(outside)}
    spent = {f"seconds, {name}": value for name, value in seconds.items()}
    shown = {**counted, "others asked": len(others), **spent}
    facts = {**counted, "settings": asdict(settings), "seed": sure.seed, "seconds": seconds}
    return Trials(table_of(rows), {**facts, "told": shown})


@dataclass(frozen=True, eq=False)
class _Attack:
    """What the membership attacker knows, and whom it asks about."""

    rows: Interactions
    members: Ints
    outsiders: Ints
    probes: int
    sure: Sureness

    def of(self, model: Any) -> tuple[Floats, Floats]:
        sides = (self.members, self.outsiders)
        one, other = (
            signals(model, self.rows, users, self.probes, self.sure.seed) for users in sides
        )
        return one, other

    def seen(self, found: tuple[Floats, Floats], reference: tuple[Floats, Floats]) -> Seen:
        return Seen(found[0] - reference[0], found[1] - reference[1], self.sure)


@dataclass(frozen=True, eq=False)
class _Forgetting:
    """What came of one kind of model."""

    seconds: Mapping[str, float]
    membership: Mapping[str, Any]
    same: Mapping[str, Any]
    quality_before: pd.DataFrame
    quality_after: pd.DataFrame


def _forgetting(
    kind: str,
    how: tuple[str, Mapping[str, Any]],
    data: tuple[Dataset, Interactions, Interactions],
    gone: Ints,
    attack: _Attack,
    scene: Scene,
) -> _Forgetting:
    dataset, inside, never = data
    spec, parameters = how
    model = fitted_on(spec, parameters, dataset, inside)
    if not isinstance(model, ScoresHistories):
        raise ConfigError(
            f"membership is told by how a model scores histories, and {spec} cannot score them; "
            "take a base that can, such as ease, item-knn or als"
        )
    before = lists_of(model, kind, scene, inside)
    at_first = attack.of(model)
    again, spent = timed(fitted_on, spec, parameters, dataset, never)
    seconds = {"training again": spent}
    reference = attack.of(again)
    if isinstance(model, Forgets):
        _, seconds["forgetting"] = timed(model.forget, gone)
        in_the_end = attack.of(model)
    else:
        model, in_the_end = again, reference
        seconds["forgetting"] = spent
    after, anew = (lists_of(one, kind, scene, never) for one in (model, again))
    if isinstance(model, Forgets):  # last, for it forgets more
        requests = [timed(model.forget, np.array([user]))[1] for user in scene.users[:N_REQUESTS]]
        seconds["one request"] = float(np.median(requests))
    seen = attack.seen(in_the_end, reference).since(attack.seen(at_first, reference))
    qualities = (quality(lists, scene) for lists in (before, after))
    return _Forgetting(seconds, seen, identical(after, anew), *qualities)


def _kinds(settings: Unlearning) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    given = {"base": settings.base, "base_params": settings.base_params, "shards": settings.shards}
    whole = parameters(settings.base_params, "base_params")
    return {WHOLE: (settings.base, whole), SHARDED: ("sharded", given)}


def _drawn(scene: Scene, share: float, seed: int) -> tuple[Ints, Ints]:
    """Users to be forgotten and as many outsiders, of those with three likings or more."""
    able = np.flatnonzero(np.diff(scene.train.liked.indptr) >= 3)
    n = max(2, round(share * len(able)))
    if 2 * n > len(able):
        raise ConfigError(
            f"{n} users to forget and as many outsiders are more than the {len(able)} users with "
            "three likings or more; take a smaller share, or more data"
        )
    drawn = np.random.default_rng([seed, 4]).choice(able, 2 * n, replace=False)
    return np.sort(drawn[:n]), np.sort(drawn[n:])


def asking(scene: Scene, users: Ints) -> Scene:
    """The same scene, of these users alone.  ConfigError where there is none."""
    if not len(users):
        raise ConfigError("nobody is left to be asked about quality; take a smaller share")
    return replace(scene, users=users, test=scene.test.take(np.isin(scene.test.users, users)))


def identical(one: Codes, other: Codes) -> dict[str, Any]:
    """Share of users whose two lists are the same, place by place."""
    same: Bools = (one == other).all(axis=1)
    return {"metric": "identical_lists", "after": float(same.mean()), "n": len(same)}


def timed(call: Callable[..., T], *given: Any) -> tuple[T, float]:
    """What a call answers, and its seconds."""
    started = time.perf_counter()
    answer = call(*given)
    return answer, time.perf_counter() - started
