"""Evidence that enters the ranking: a base recommender's scores and evidence, added up.

s(u, i) = z(base score) + w · z(evidence), each standardised over the items that the base lists for
the user (Definition 5 of explanations made before the recommendation: s = f(h_u, h_i, E)).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.tables import PAD, Codes, Floats, Ids, Interactions, Ints, TopK
from explain.evidence.cells import values_at
from explain.evidence.kinds import CHEAP, evidence_scores, kind_named, why_not
from explain.world import World
from explain.worlds import world_from
from recommenders.base import NeedsIds, require_fitted
from recommenders.parameters import setting
from recommenders.rank import BLOCK_BYTES, rank

WEIGHTS = (0.0, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0)
K = 10  # the cutoff that a weight is chosen at
MOST_CELLS = 50_000_000  # of dense scores in all: with more, users are drawn
LEAST_USERS = 20  # with fewer no weight is chosen: what looks best is best by luck


def standardised(scores: Floats, is_listed: Any) -> Floats:
    """Each row less its mean, over its deviation, of what is listed: float64 (n, m).

    is_listed  bool (n, m); what is not listed gets 0, and so does a row in which all are equal:
               evidence that says the same of all items says nothing
    """
    n = np.maximum(is_listed.sum(axis=1, keepdims=True), 1)
    values = np.where(is_listed, scores, 0.0).astype(np.float64)
    mean = values.sum(axis=1, keepdims=True) / n
    centred = np.where(is_listed, values - mean, 0.0)
    spread = np.sqrt((centred**2).sum(axis=1, keepdims=True) / n)
    # what only rounding tells apart is equal
    is_flat = spread <= 1e-9 * np.abs(values).max(axis=1, keepdims=True, initial=0)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=~is_flat))


def base_scores(model: Any, users: Codes | Ints, n_items: int) -> Floats:
    """What a recommender thinks of every item: float64 (n_users, n_items), -inf where unlisted.

    Read off lists as long as the catalogue, so that any recommender can be a base and what it hides
    stays hidden.
    """
    lists = model.recommend(users, n_items)
    scores = np.full((len(users), n_items), -np.inf)
    rows, columns = np.nonzero(lists.items != PAD)
    scores[rows, lists.items[rows, columns]] = lists.scores[rows, columns]
    return scores


def dense_evidence(name: str, world: World, users: Codes | Ints) -> Floats:
    """Evidence of one kind as float64 (n_users, n_items), 0 where it says nothing."""
    found = evidence_scores(name, world, users)
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found, dtype=np.float64)


def fused(base: Floats, evidence: Floats, weight: float) -> Floats:
    """z(base) + weight · z(evidence): float64 (n_users, n_items), -inf where nothing is listed.

    base  float (n_users, n_items), -inf for what is not listed
    """
    (total,) = fused_by(base, evidence, (weight,))
    return total


def fused_by(base: Floats, evidence: Floats, weights: Sequence[float]) -> Iterator[Floats]:
    """As `fused`, for one weight after the other."""
    is_listed = np.isfinite(base)
    own, added = standardised(base, is_listed), standardised(evidence, is_listed)
    for weight in weights:
        yield np.where(is_listed, own + weight * added, -np.inf)


def users_at_a_time(n_items: int) -> int:
    """How many users' dense scores there may be at once."""
    return max(1, BLOCK_BYTES // (8 * max(n_items, 1)))


def drawn(users: Ints, n_items: int, seed: int = 0) -> Ints:
    """All of these users, or so many of them, drawn by lot, that their scores can be looked at."""
    n_most = max(200, MOST_CELLS // max(n_items, 1))
    if len(users) <= n_most:
        return users
    return np.sort(np.random.default_rng([seed, len(users)]).choice(users, n_most, replace=False))


def validation_gain(
    model: Any,
    world: World,
    kinds: Sequence[str],
    validation: Interactions,
    *,
    weights: Sequence[float] = WEIGHTS,
    k: int = K,
) -> Mapping[str, Floats]:
    """What would each weight of each kind of evidence come to on held-back rows?

    model       fitted on world.train; validation: rows that neither it nor the world has seen
    answers     kind → float64 (n_weights, n_users) ndcg@k of the users with something to find and
                a list: those with a history and a liked, new item in `validation`; of very many
                some are drawn
    """
    found = _new_likings(world.train, validation)
    has = np.flatnonzero((np.diff(found.indptr) > 0) & (np.diff(world.train.liked.indptr) > 0))
    has = drawn(has, world.n_items)
    parts: dict[str, list[Floats]] = {kind: [] for kind in kinds}
    step = users_at_a_time(world.n_items)
    for start in range(0, len(has), step):
        users = has[start : start + step]
        base = base_scores(model, users, world.n_items)
        for kind in kinds:
            evidence = dense_evidence(kind, world, users)
            rows = [
                ndcg(rank(users, total, world.train.seen, k).items, users, found)
                for total in fused_by(base, evidence, weights)
            ]
            parts[kind].append(np.array(rows))
    nobody = np.zeros((len(weights), 0))
    return {kind: np.concatenate([nobody, *rows], axis=1) for kind, rows in parts.items()}


def _new_likings(train: Interactions, validation: Interactions) -> Any:
    """0/1 CSR (n_users, n_items): liked in validation, not had in train."""
    found = (validation.liked - validation.liked.multiply(train.seen)).tocsr()
    found.eliminate_zeros()
    return found


def ndcg(items: Codes, users: Ints, relevant: Any) -> Floats:
    """Discounted gain over the best possible, float64 (n_users,); relevant: 0/1 CSR."""
    k = items.shape[1]
    table = relevant[users]
    hits = np.zeros(items.shape)
    rows, columns = np.nonzero(items != PAD)
    hits[rows, columns] = values_at(table, rows, items[rows, columns])
    discount = 1 / np.log2(np.arange(k) + 2)
    ideal = np.concatenate([[np.nan], np.cumsum(discount)])
    n_best = np.minimum(np.diff(table.indptr), k)
    return np.asarray((hits * discount).sum(axis=1) / ideal[n_best])


def chosen(gains: Floats, weights: Sequence[float] = WEIGHTS) -> float:
    """The weight with the highest mean; of equal ones the smallest, so that 0 wins a draw.

    gains  float (n_weights, n_users); with fewer than 20 users the weight is 0
    """
    if gains.shape[1] < LEAST_USERS:
        return 0.0
    means = gains.mean(axis=1)
    order = np.lexsort((np.asarray(weights), -np.round(means, 12)))
    return float(weights[order[0]])


@dataclass
class EvidenceFusion:
    """A recommender whose scores are joined by evidence that was made before the ranking.

    s = z(base score) + weight · z(evidence), over the items that the base lists; with weight 0 the
    lists are the base's. Items that the base does not list stay unlisted. Without a weight, the
    last liked item of each user is held back from a first fit, and the weight that finds it best
    is taken; 0 is among them.
    """

    source: ClassVar[str] = "Definition 5 (explanations before the recommendation)"

    base: str = setting("ease", "Recommender whose scores are the base.")
    evidence: str = setting("paths", "Kind of evidence that is added.", choices=CHEAP)
    weight: float | None = setting(
        None, "Weight of the evidence; none: chosen on held-back likings.", low=0
    )
    _ids: tuple[Ids, Ids] | None = field(default=None, init=False, repr=False)

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        """As `recommenders.base.NeedsIds`: items without a title are called by their id."""
        self._ids = (user_ids, item_ids)
        return self

    def fit(self, train: Interactions) -> Self:
        kind_named(self.evidence)
        item_ids = None if self._ids is None else self._ids[1]
        world = world_from(train, item_ids)
        if reason := why_not(self.evidence, world):
            raise ConfigError(f"evidence {self.evidence!r} cannot be fused: {reason}")
        self.weight_ = self.weight if self.weight is not None else self._chosen(train, item_ids)
        self.base_ = self._base(train)
        self.world_ = world
        return self

    def _base(self, train: Interactions) -> Any:
        from recommenders.doors import resolve

        model = resolve(self.base)
        if isinstance(model, NeedsIds) and self._ids is not None:
            model = model.bind(*self._ids) or model
        answer = model.fit(train)
        return model if answer is None else answer

    def _chosen(self, train: Interactions, item_ids: Ids | None) -> float:
        early, late = last_held_back(train)
        world = world_from(early, item_ids)
        if why_not(self.evidence, world):
            return 0.0
        gains = validation_gain(self._base(early), world, [self.evidence], late)
        return chosen(gains[self.evidence])

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        world = self.world_
        if not self.weight_:
            lists: TopK = self.base_.recommend(codes, k)
            return lists
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        scores = np.full((len(codes), k), -np.inf)
        step = users_at_a_time(world.n_items)
        for start in range(0, len(codes), step):
            some = codes[start : start + step]
            base = base_scores(self.base_, some, world.n_items)
            total = fused(base, dense_evidence(self.evidence, world, some), self.weight_)
            part = rank(some, total, world.train.seen, k)
            items[start : start + step], scores[start : start + step] = part.items, part.scores
        return TopK(codes, items, scores)


def last_held_back(train: Interactions) -> tuple[Interactions, Interactions]:
    """All but the last liked row of each user, and those rows; by time, else in the order given.

    Users with a single liked row keep it.
    """
    rows = np.flatnonzero(train.is_liked)
    times = rows if train.timestamps is None else train.timestamps[rows]
    order = rows[np.lexsort((rows, times, train.users[rows]))]
    users = train.users[order]
    is_last = np.append(users[1:] != users[:-1], True) if len(users) else np.zeros(0, bool)
    has_more = np.bincount(users, minlength=train.n_users)[users] > 1
    late = np.sort(order[is_last & has_more])
    is_late = np.zeros(len(train), dtype=bool)
    is_late[late] = True
    return train.take(~is_late), train.take(is_late)
