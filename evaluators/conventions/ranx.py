"""ranx: every query of the qrels, once run and qrels are made comparable."""

import numpy as np

from evaluators.conventions.convention import Answer, Convention, Rule, mean_of
from evaluators.conventions.given import Given
from evaluators.conventions.parts import (
    any_match,
    f1,
    ndcg,
    over,
    precision_sum,
    reciprocal_rank,
)
from evaluators.rows import count

WHO = "a user whose test items are all irrelevant counts as 0, one without a list too"


def precision(given: Given, k: int) -> Answer:
    return mean_of(count(given.once.cut(k).is_match) / k, given.has_test)


def recall(given: Given, k: int) -> Answer:
    return mean_of(over(count(given.once.cut(k).is_match), given.n_relevant), given.has_test)


def f1_(given: Given, k: int) -> Answer:
    found = count(given.once.cut(k).is_match)
    return mean_of(f1(found / k, over(found, given.n_relevant)), given.has_test)


def hit_rate(given: Given, k: int) -> Answer:
    return mean_of(any_match(given.once.cut(k).is_match), given.has_test)


def map_(given: Given, k: int) -> Answer:
    total = precision_sum(given.once.cut(k).is_match)
    return mean_of(over(total, given.n_relevant), given.has_test)


def mrr(given: Given, k: int) -> Answer:
    return mean_of(reciprocal_rank(given.once.cut(k).is_match), given.has_test)


def ndcg_(given: Given, k: int) -> Answer:
    return mean_of(np.asarray(ndcg(given.once.cut(k), given.n_relevant)), given.has_test)


RANX = Convention(
    name="ranx",
    tool="ranx",
    version="0.3.21",
    users="everybody with a test row, relevant or not; without make_comparable=True it stops where "
    "a user has only one of list and truth",
    handed="a Run and Qrels of 1 for relevant and 0 for other test items, make_comparable=True; a "
    "Run cannot name an item twice; it orders equal scores by no rule, so here they keep theirs",
    url="https://amenra.github.io/ranx",
    rules={
        "precision": Rule(precision, "precision@k", f"divides by k, as here; {WHO}"),
        "recall": Rule(recall, "recall@k", f"as here; {WHO}"),
        "f1": Rule(f1_, "f1@k", f"per user and then averaged, as here; {WHO}"),
        "hit_rate": Rule(hit_rate, "hit_rate@k", f"as here; {WHO}"),
        "map": Rule(
            map_, "map@k", f"divides by all relevant items, not by min(k, relevant items); {WHO}"
        ),
        "mrr": Rule(mrr, "mrr@k", f"as here; {WHO}"),
        "ndcg": Rule(ndcg_, "ndcg@k", f"as here; {WHO}"),
    },
)
