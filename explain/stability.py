"""Does an explanation stay what it is when something small changes that should not matter?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.embedding import DEFAULT
from core.tables import Floats, Interactions
from explain.scorer import Scorer, scorer
from explain.world import World

N_TOP = 5
SHARE = 0.1  # of a history, or of all rows, that is taken away
ROBUST = "Alvarez-Melis & Jaakkola 2018, arXiv:1806.08049"
DISAGREE = "feature agreement and rank correlation of Krishna et al. 2022, arXiv:2202.01602"
FAMILY = "stability"

Attributions = Sequence[Mapping[int, float]]


def _declared(
    bounds: tuple[float, float], source: str = f"{ROBUST}; {DISAGREE}"
) -> Callable[[Callable[..., Floats]], Scorer]:
    return scorer(better="higher", bounds=bounds, source=source, family=FAMILY, per="explanation")


@_declared((0, 1))
def overlap_history(attributions: Attributions, attributions_history: Attributions) -> Floats:
    """Are the five strongest items the same when a tenth of the history is gone?

    Jaccard overlap of the five strongest, among the items that are still there. NaN where fewer
    than two are.
    """
    return _pairwise(overlap, attributions, attributions_history)


@_declared((-1, 1))
def order_history(attributions: Attributions, attributions_history: Attributions) -> Floats:
    """Is the order of items the same when a tenth of the history is gone?  Spearman's rho."""
    return _pairwise(correlation, attributions, attributions_history)


@_declared((0, 1))
def overlap_seed(attributions: Attributions, attributions_seed: Attributions) -> Floats:
    """Are the five strongest items the same with another seed?  1 where nothing is drawn."""
    return _pairwise(overlap, attributions, attributions_seed)


@_declared((-1, 1))
def order_seed(attributions: Attributions, attributions_seed: Attributions) -> Floats:
    """Is the order of items the same with another seed?  Spearman's rho."""
    return _pairwise(correlation, attributions, attributions_seed)


@_declared((0, 1))
def overlap_retrained(attributions: Attributions, attributions_retrained: Attributions) -> Floats:
    """Are the five strongest items the same for the model fitted to nine tenths of its data?

    What the explained users had is kept whole, so that only the model changes.
    """
    return _pairwise(overlap, attributions, attributions_retrained)


@_declared((-1, 1))
def order_retrained(attributions: Attributions, attributions_retrained: Attributions) -> Floats:
    """Is the order of items the same for the model fitted to nine tenths of its data?"""
    return _pairwise(correlation, attributions, attributions_retrained)


@_declared((-1, 1), "Reimers & Gurevych 2019, arXiv:1908.10084 (the vectors)")
def same_text(
    texts: Sequence[str], texts_reordered: Sequence[str], embedding: str = DEFAULT
) -> Floats:
    """Does the text say the same when the evidence comes in the opposite order?

    Cosine of the two texts as vectors of sentences; NaN where either is empty.
    """
    from core.embedding import embed

    values = np.full(len(texts), np.nan)
    both = [n for n, pair in enumerate(zip(texts, texts_reordered, strict=True)) if all(pair)]
    if both:
        one = embed([texts[place] for place in both], embedding).astype(np.float64)
        other = embed([texts_reordered[place] for place in both], embedding)
        values[both] = (one * other).sum(axis=1)
    return values


SCORERS: tuple[Scorer, ...] = (
    overlap_history,
    order_history,
    overlap_seed,
    order_seed,
    overlap_retrained,
    order_retrained,
    same_text,
)


def overlap(one: Mapping[int, float], other: Mapping[int, float], n: int = N_TOP) -> float:
    """Jaccard overlap of the n strongest of the items that both speak of; NaN below two."""
    shared = sorted(one.keys() & other.keys())
    if len(shared) < 2:
        return np.nan
    first, second = (set(_strongest(each, shared, n)) for each in (one, other))
    return len(first & second) / len(first | second)


def correlation(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """Spearman's rho over the items that both speak of; NaN below three, or where all are equal."""
    from scipy.stats import rankdata

    shared = sorted(one.keys() & other.keys())
    if len(shared) < 3:
        return np.nan
    ranks = np.array([rankdata([each[code] for code in shared]) for each in (one, other)])
    if (np.ptp(ranks, axis=1) == 0).any():
        return np.nan
    return float(np.corrcoef(ranks)[0, 1])


def _strongest(each: Mapping[int, float], among: Iterable[int], n: int) -> list[int]:
    return sorted(among, key=lambda code: (-each[code], code))[:n]


def _pairwise(
    compare: Callable[[Mapping[int, float], Mapping[int, float]], float],
    first: Attributions,
    second: Attributions,
) -> Floats:
    pairs = zip(first, second, strict=True)
    return np.array([compare(one, other) for one, other in pairs], dtype=np.float64)


def less_history(world: World, users: Sequence[int], share: float = SHARE, seed: int = 0) -> World:
    """The same world, where these users liked a share less: drawn, one item or more stays."""
    train = world.train
    keep = np.ones(len(train), dtype=bool)
    for user in users:
        rows = np.flatnonzero((train.users == user) & train.is_liked)
        n = min(int(np.ceil(share * len(rows))), len(rows) - 1)
        if n > 0:
            keep[np.random.default_rng([seed, user]).choice(rows, n, replace=False)] = False
    return replace(world, train=train.take(keep))


def fewer_rows(
    train: Interactions, users: Sequence[int], share: float = SHARE, seed: int = 0
) -> Interactions:
    """What models learn from without a drawn share of the rows of everybody but these users."""
    others = ~np.isin(train.users, np.asarray(users))
    gone = np.random.default_rng(seed).random(len(train)) < share
    return train.take(~(others & gone))
