"""RePlay: every user of the ground truth; lists sorted again by rating, then item."""

import numpy as np

from core.tables import Bools, Floats
from evaluators.conventions.convention import Answer, Convention, Rule, mean_of, of_items
from evaluators.conventions.given import Given
from evaluators.conventions.parts import (
    any_match,
    item_counts,
    ndcg,
    over,
    precision_sum,
    reciprocal_rank,
    was_had,
)
from evaluators.rows import count

TIES = "equal scores are sorted by item, the highest id first"
WHO = "users of the ground truth; no list counts as 0"


def _sorted(given: Given) -> Given:
    return given.by_ties(given.id_order)


def _different(given: Given, k: int) -> Floats:
    """Different relevant items among the first k places."""
    ordered = _sorted(given)
    return count((ordered.is_match & ordered.is_first)[:, :k]).astype(np.float64)


def precision(given: Given, k: int) -> Answer:
    return mean_of(_different(given, k) / k, given.has_relevant)


def recall(given: Given, k: int) -> Answer:
    return mean_of(over(_different(given, k), given.n_relevant), given.has_relevant)


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(any_match(_sorted(given).cut(k).is_match), given.has_relevant)


def map_(given: Given, k: int) -> Answer:
    total = precision_sum(_sorted(given).cut(k).is_match)
    return mean_of(over(total, np.minimum(given.n_relevant, k)), given.has_relevant)


def mrr(given: Given, k: int) -> Answer:
    return mean_of(reciprocal_rank(_sorted(given).cut(k).is_match), given.has_relevant)


def ndcg_(given: Given, k: int) -> Answer:
    return mean_of(ndcg(_sorted(given).cut(k), given.n_relevant), given.has_relevant)


def auc(given: Given, k: int) -> Answer:
    cut = _sorted(given).cut(k)
    misses, wrong = np.zeros(len(given)), np.zeros(len(given))
    for place in range(k):
        is_match = cut.is_match[:, place]
        wrong += misses * is_match
        misses += cut.is_listed[:, place] & ~is_match
    value = 1 - over(wrong, misses * (cut.n_listed - misses))
    return mean_of(np.where(misses == cut.n_listed, 0.0, value), given.has_relevant)


def novelty(given: Given, k: int) -> Answer:
    if given.history is None:
        raise ValueError("novelty needs a history")
    ordered = _sorted(given)
    cut, is_first = ordered.cut(k), ordered.is_first[:, :k]
    n_known = count(was_had(ordered, cut)[:, : is_first.shape[1]] & is_first)
    return mean_of(1 - over(n_known, cut.n_listed), given.has_history)


def coverage(given: Given, k: int) -> Answer:
    counted = item_counts(_sorted(given).cut(k), given.has_list)
    is_known, n = known_items(given, counted.shape[1]), given.n_history_items
    return of_items(counted, lambda sums: ((sums > 0) & is_known).sum(axis=-1) / n, given.has_list)


def known_items(given: Given, n: int) -> Bools:
    """Which of the first n items did anybody have before?  bool (n,)."""
    had = given.popularity
    if had is None:
        raise ValueError("coverage needs a history")
    known = np.zeros(n, dtype=bool)
    known[: len(had)] = had[:n] > 0
    return known


REPLAY = Convention(
    name="replay",
    tool="RePlay",
    version="0.22.0",
    users="everybody with something relevant in the test set; no list counts as 0",
    handed="frames of query_id, item_id and rating; the relevant test rows as ground truth",
    url="https://sb-ai-lab.github.io/RePlay",
    rules={
        "precision": Rule(precision, "Precision", f"divides by k, as here; {WHO}; {TIES}"),
        "recall": Rule(recall, "Recall", f"as here; {WHO}; {TIES}"),
        "hit_rate": Rule(hit_rate, "HitRate", f"as here; {WHO}; {TIES}"),
        "map": Rule(
            map_,
            "MAP",
            f"divides by min(k, relevant items), as here; a repeated hit counts again; {TIES}",
        ),
        "mrr": Rule(mrr, "MRR", f"as here; {WHO}; {TIES}"),
        "ndcg": Rule(ndcg_, "NDCG", f"as here; a repeated hit counts again; {TIES}"),
        "auc": Rule(
            auc,
            "RocAuc",
            "pairs within the first k places only: a list of hits alone is 1, one without a hit is "
            f"0, and what was not listed does not matter; {TIES}",
        ),
        "novelty": Rule(
            novelty,
            "Novelty",
            "the share of the list that the user did not have in train, so 1 for most systems; not "
            "how rare the items are (that is its Surprisal); users of train, no list counts as 1",
            needs=("history",),
        ),
        "coverage": Rule(
            coverage,
            "Coverage",
            "over the items of train, and items outside it do not count",
            needs=("history",),
        ),
    },
)
