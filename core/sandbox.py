"""Generated data with known truths: what an evaluator reports can be held against what was planted.

Nothing here comes from anybody. Same arguments, same bits, on any machine with the same NumPy.
"""

import hashlib
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.cards import card
from core.errors import UnknownNameError
from core.ledger import Ledger
from core.sandbox_draw import Slice, draw, popularity
from core.tables import Dataset, Floats, Ids, Interactions, Side

DAY = 86_400
START = 1_577_836_800  # 2020-01-01 UTC
STARS = (1.0, 5.0)
THRESHOLD = 4.0


@dataclass(frozen=True)
class Truths:
    """What is planted, and how strongly.

    n_per_user          interactions a user has on average, before repeats are dropped
    n_topics            every item has one topic, every user one favourite, drawn evenly
    popularity_exponent an item of popularity rank r is drawn as often as (r + offset)^-exponent
    worse_share         share of users in group "b"; the others are "a"
    taste_a, taste_b    share of a user's draws that come from the favourite topic alone; the rest
                        falls on all topics alike. What a model can learn of a user is this share
    n_days, drift_day   from drift_day on, drift_share of the users like another topic than before
    cold_day, cold_share  that share of the items exists only from that day on
    join_day, new_share   that share of the users exists only from that day on
    topic_match_a, topic_match_b, topic_match_gap follow from these: the share of a group's draws
    that lie in the favourite topic, and by how much group "b" is harder to serve.
    `gender` is drawn by a fair coin and changes nothing: a gap found between genders is chance.
    """

    n_per_user: float = 40.0
    n_topics: int = 5
    popularity_exponent: float = 1.0
    worse_share: float = 0.3
    taste_a: float = 0.8
    taste_b: float = 0.4
    n_days: int = 200
    drift_day: int = 120
    drift_share: float = 0.5
    cold_day: int = 150
    cold_share: float = 0.05
    join_day: int = 160
    new_share: float = 0.1


@dataclass(frozen=True)
class _World:
    """Who likes what, before anybody acts."""

    truths: Truths
    group: npt.NDArray[np.object_]
    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    joins: npt.NDArray[np.int64]
    activity: Floats
    topic: npt.NDArray[np.int64]
    weight: Floats
    released: npt.NDArray[np.int64]
    offset: float

    def taste(self, topic: int, day: int) -> Floats:
        """How often, float (n_users,), each user draws from a topic on a day, up to a factor."""
        favourite = self.after if day >= self.truths.drift_day else self.before
        share = np.where(self.group == "a", self.truths.taste_a, self.truths.taste_b)
        wish = share * (favourite == topic) + (1 - share) / self.truths.n_topics
        wished: Floats = wish * self.activity * (self.joins <= day)
        return wished


def sandbox(n_users: int = 2000, n_items: int = 1000, seed: int = 0, **planted: Any) -> Dataset:
    """A data set of any size with known truths: facts["truths"] and two tables of the Side.

    planted   any field of Truths; a name that is none of them raises UnknownNameError
    truth_users  user, group, topic_before, topic_after, switches, joins (day)
    truth_items  item, topic, weight (chance of a draw), n_drawn (before repeats), is_cold, released
    """
    known = [entry.name for entry in fields(Truths)]
    if unknown := sorted(planted.keys() - set(known)):
        raise UnknownNameError("truth of the sandbox", unknown[0], known)
    truths = Truths(**planted)
    rng = np.random.default_rng(seed)
    world = _world(n_users, n_items, truths, rng)
    users, items, days, n_drawn = draw(
        world.taste, world.topic, world.weight, world.released, _slices(truths),
        round(truths.n_per_user * n_users), rng,
    )  # fmt: skip
    rows, n_repeated = _rows(world, users, items, days, rng)
    ledger = Ledger()
    ledger.add("load", "dropped", "repeated (user, item) pair, last one kept", n_repeated)
    side = _side(world, n_drawn, rng)
    facts = {
        **card("sandbox").facts,
        "truths": {**asdict(truths), **_topic_match(truths),
                   "popularity_offset": world.offset, "start": START,
                   "drift_time": START + truths.drift_day * DAY,
                   "cold_time": START + truths.cold_day * DAY},
        "generated": {"n_users": n_users, "n_items": n_items, "seed": seed, **planted},
    }  # fmt: skip
    interactions = Interactions(
        rows["user"], rows["item"], n_users, n_items, rows["rating"], rows["timestamp"],
        THRESHOLD, side,
    )  # fmt: skip
    digest = _digest(interactions)
    ids = Ids("user", _names("u", n_users)), Ids("item", _names("i", n_items))
    return Dataset("sandbox", interactions, *ids, digest, ledger, facts)


def _world(n_users: int, n_items: int, truths: Truths, rng: np.random.Generator) -> _World:
    before = rng.integers(truths.n_topics, size=n_users)
    step = rng.integers(1, max(truths.n_topics, 2), size=n_users)
    switches = rng.random(n_users) < truths.drift_share
    n_cold = round(truths.cold_share * n_items)
    is_cold = np.zeros(n_items, dtype=bool)
    is_cold[rng.choice(n_items, n_cold, replace=False)] = True
    weight, offset = popularity(n_items, truths.popularity_exponent, truths.n_per_user)
    return _World(
        truths,
        group=np.where(rng.random(n_users) < truths.worse_share, "b", "a").astype(object),
        before=before,
        after=np.where(switches, (before + step) % truths.n_topics, before),
        joins=np.where(rng.random(n_users) < truths.new_share, truths.join_day, 0),
        activity=rng.gamma(4.0, 0.25, size=n_users),
        topic=rng.integers(truths.n_topics, size=n_items),
        weight=rng.permutation(weight),
        released=np.where(is_cold, truths.cold_day, 0),
        offset=offset,
    )


def _topic_match(truths: Truths) -> dict[str, float]:
    match_a, match_b = (
        taste + (1 - taste) / truths.n_topics for taste in (truths.taste_a, truths.taste_b)
    )
    return {
        "topic_match_a": match_a,
        "topic_match_b": match_b,
        "topic_match_gap": match_a - match_b,
    }


def _slices(truths: Truths) -> list[Slice]:
    """Stretches of days in which nothing planted changes."""
    inner = {truths.drift_day, truths.cold_day, truths.join_day}
    edges = sorted({0, truths.n_days, *(day for day in inner if 0 < day < truths.n_days)})
    return [Slice(first, end) for first, end in pairwise(edges)]


def _rows(
    world: _World,
    users: npt.NDArray[np.int32],
    items: npt.NDArray[np.int32],
    days: Floats,
    rng: np.random.Generator,
) -> tuple[dict[str, Any], int]:
    """Times and stars in order of time, and how many repeated pairs went."""
    order = np.argsort(days, kind="stable")
    users, items, days = users[order], items[order], days[order]
    pair = pd.Series(users.astype(np.int64) * len(world.topic) + items)
    once = ~pair.duplicated(keep="last").to_numpy()
    users, items, days = users[once], items[once], days[once]
    favourite = np.where(days >= world.truths.drift_day, world.after[users], world.before[users])
    liking = 3.3 + 0.9 * (favourite == world.topic[items])
    stars = np.rint(liking + rng.normal(0.0, 0.9, size=len(users)))
    return {
        "user": users,
        "item": items,
        "rating": np.clip(stars, *STARS).astype(np.float32),
        "timestamp": START + (days * DAY).astype(np.int64),
    }, int(len(once) - once.sum())


def _side(world: _World, n_drawn: npt.NDArray[np.int64], rng: np.random.Generator) -> Side:
    n_users, n_items = len(world.group), len(world.topic)
    topics = [f"topic {topic}" for topic in range(world.truths.n_topics)]
    providers = np.minimum(rng.zipf(1.8, size=n_items), 50)
    users = pd.DataFrame(
        {
            "group": pd.Series(world.group, dtype="str"),
            "gender": pd.Series(np.where(rng.random(n_users) < 0.5, "F", "M"), dtype="str"),
            "age": rng.integers(18, 80, size=n_users),
        }
    )
    lists = np.empty(n_items, dtype=object)
    lists[:] = [[topics[topic]] for topic in world.topic]
    items = pd.DataFrame(
        {
            "title": pd.Series(
                [f"Item {n} ({topics[t]})" for n, t in enumerate(world.topic)], dtype="str"
            ),
            "genres": lists,
            "provider": pd.Series([f"provider {p}" for p in providers], dtype="str"),
        }
    )
    truth_users = pd.DataFrame(
        {"user": np.arange(n_users, dtype=np.int32), "group": users["group"],
         "topic_before": world.before, "topic_after": world.after,
         "switches": world.before != world.after, "joins": world.joins}
    )  # fmt: skip
    truth_items = pd.DataFrame(
        {"item": np.arange(n_items, dtype=np.int32), "topic": world.topic, "weight": world.weight,
         "n_drawn": n_drawn, "is_cold": world.released > 0, "released": world.released}
    )  # fmt: skip
    return Side(users, items, tables={"truth_users": truth_users, "truth_items": truth_items})


def _names(prefix: str, n: int) -> npt.NDArray[np.object_]:
    names = np.empty(n, dtype=object)
    names[:] = [f"{prefix}{code}" for code in range(n)]
    return names


def _digest(rows: Interactions) -> str:
    together = hashlib.sha256()
    for column in (rows.users, rows.items, rows.ratings, rows.timestamps):
        together.update(np.ascontiguousarray(column).tobytes())
    return together.hexdigest()
