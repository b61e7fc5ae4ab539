"""trec_eval: topics that are in the run and in the judgements, re-sorted by score."""

import numpy as np

from core.tables import Bools
from evaluators.conventions.convention import Answer, Convention, Rule, mean_of
from evaluators.conventions.given import Given
from evaluators.conventions.parts import (
    any_match,
    ndcg,
    over,
    precision_sum,
    reciprocal_rank,
)
from evaluators.rows import count

WHO = (
    "a user without a list vanishes unless -c is given, one whose test items are all irrelevant "
    "counts as 0"
)
TIES = "equal scores are sorted by item id, the last in the alphabet first"


def _sorted(given: Given) -> Given:
    return given.once.by_ties(given.text_order, np.float32)


def _counts(given: Given) -> Bools:
    return given.has_list & given.has_test


def precision(given: Given, k: int) -> Answer:
    return mean_of(count(_sorted(given).cut(k).is_match) / k, _counts(given))


def recall(given: Given, k: int) -> Answer:
    found = count(_sorted(given).cut(k).is_match)
    return mean_of(over(found, given.n_relevant), _counts(given))


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(any_match(_sorted(given).cut(k).is_match), _counts(given))


def map_(given: Given, k: int) -> Answer:
    total = precision_sum(_sorted(given).cut(k).is_match)
    return mean_of(over(total, given.n_relevant), _counts(given))


def mrr(given: Given, _: int) -> Answer:
    return mean_of(reciprocal_rank(_sorted(given).is_match), _counts(given))


def ndcg_(given: Given, k: int) -> Answer:
    return mean_of(ndcg(_sorted(given).cut(k), given.n_relevant), _counts(given))


TREC_EVAL = Convention(
    name="trec_eval",
    tool="trec_eval",
    version="0.5.11",
    users="everybody with a list and a test row, relevant or not; -c adds those without a list, as "
    "0",
    handed="through pytrec_eval a run with scores, and qrels of 1 for relevant and 0 for other "
    "test items; a run cannot name an item twice; scores as single precision",
    url="https://github.com/usnistgov/trec_eval",
    rules={
        "precision": Rule(precision, "P_k", f"divides by k, as here; {WHO}; {TIES}"),
        "recall": Rule(recall, "recall_k", f"as here; {WHO}; {TIES}"),
        "hit_rate": Rule(hit_rate, "success_k", f"as here; {WHO}; {TIES}"),
        "map": Rule(
            map_,
            "map_cut_k",
            f"divides by all relevant items, not by min(k, relevant items); {WHO}; {TIES}",
        ),
        "mrr": Rule(
            mrr,
            "recip_rank",
            f"looks through the whole list, whatever k is; {WHO}; {TIES}",
            cutoff=False,
        ),
        "ndcg": Rule(ndcg_, "ndcg_cut_k", f"as here; {WHO}; {TIES}"),
    },
)
