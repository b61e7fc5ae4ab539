"""Evidence in the ranking: nothing at weight 0, nothing where it says the same of all items."""

from dataclasses import dataclass

import numpy as np
import pytest
from evidence_case import LIKED, train

from core.errors import ConfigError
from core.sandbox import sandbox
from core.split import split
from core.tables import PAD, Interactions
from evaluators import METRICS
from explain.fusion import (
    WEIGHTS,
    EvidenceFusion,
    base_scores,
    chosen,
    dense_evidence,
    fused,
    last_held_back,
    ndcg,
    standardised,
    validation_gain,
)
from explain.worlds import world_from
from recommenders import RECOMMENDERS
from recommenders.doors import describe, resolve
from recommenders.rank import rank


@pytest.fixture(scope="module")
def parts():
    data = sandbox(n_users=300, n_items=120, seed=5)
    return split(data.interactions, "leave-last")


@pytest.fixture(scope="module")
def base(parts):
    return RECOMMENDERS["ease"](l2=20.0).fit(parts.train)


@dataclass
class Same:
    """Likes all items the same: what decides is only how ties are broken."""

    def fit(self, train: Interactions) -> "Same":
        self.train_ = train
        return self

    def recommend(self, users, k):
        scores = np.ones((len(users), self.train_.n_items))
        return rank(np.asarray(users), scores, self.train_.seen, k)


def test_a_row_in_which_all_are_equal_says_nothing():
    scores = np.array([[0.1 + 0.2, 0.3, 0.3], [1.0, 2.0, 3.0], [5.0, 5.0, -np.inf]])
    made = standardised(scores, np.isfinite(scores))
    assert made[0].tolist() == [0, 0, 0]
    assert made[1] == pytest.approx([-np.sqrt(1.5), 0, np.sqrt(1.5)])
    assert made[2].tolist() == [0, 0, 0]


def test_what_is_not_listed_neither_counts_nor_comes_back():
    scores = np.array([[1.0, -np.inf, 3.0]])
    total = fused(scores, np.array([[0.0, 100.0, 1.0]]), 1.0)
    assert total[0, 1] == -np.inf
    assert total[0, [0, 2]] == pytest.approx([-2, 2])


@pytest.mark.parametrize("name", ["ease", "item-knn", "popularity", "user-knn"])
def test_weight_0_gives_the_lists_of_the_base(parts, name):
    model = RECOMMENDERS[name]().fit(parts.train)
    users = np.arange(parts.train.n_users)
    plain = model.recommend(users, 10).items
    scores = base_scores(model, users, parts.train.n_items)
    world = world_from(parts.train)
    evidence = dense_evidence("similar-items", world, users)
    again = rank(users, fused(scores, evidence, 0.0), parts.train.seen, 10)
    assert (again.items == plain).all()
    fusion = EvidenceFusion(name, "similar-items", weight=0.0).fit(parts.train)
    assert (fusion.recommend(users, 10).items == plain).all()


def test_a_user_without_evidence_keeps_the_base_s_list_whatever_the_weight():
    rows = train()
    model = Same().fit(rows)
    users = np.array([3])
    evidence = np.zeros((1, rows.n_items))
    plain = model.recommend(users, 5).items
    total = fused(base_scores(model, users, rows.n_items), evidence, 9.0)
    assert (rank(users, total, rows.seen, 5).items == plain).all()


def test_sparse_evidence_lifts_what_it_names_and_leaves_the_others_in_order(base, parts):
    """Nearly all of it is 0: those ties must not shuffle what the base tells apart."""
    users = np.array([0])
    scores = base_scores(base, users, parts.train.n_items)
    order = base.recommend(users, 20).items[0]
    evidence = np.zeros(scores.shape)
    evidence[0, order[12]] = 1.0
    lifted = rank(users, fused(scores, evidence, 5.0), parts.train.seen, 20).items[0]
    assert lifted[0] == order[12]
    assert lifted[1:].tolist() == [item for item in order.tolist() if item != order[12]]


def test_ndcg_is_the_one_of_the_metrics(parts, base):
    users = np.unique(parts.validation.users).astype(np.int64)
    items = base.recommend(users, 10).items
    relevant = parts.validation.liked
    n = np.diff(relevant.indptr)[users]
    hits = np.array(
        [
            [i != PAD and relevant[u, i] > 0 for i in row]
            for u, row in zip(users, items, strict=True)
        ]
    )
    expected = METRICS["ndcg"](hits=hits, n_relevant=n)
    some = n > 0
    assert ndcg(items, users, relevant)[some] == pytest.approx(expected[some])


def test_the_smallest_of_equally_good_weights_is_chosen():
    same = np.full((len(WEIGHTS), 40), 0.5)
    assert chosen(same) == 0.0
    same[3] += 0.1
    same[5] += 0.1
    assert chosen(same) == WEIGHTS[3]


def test_no_weight_is_chosen_on_a_handful_of_users():
    gains = np.zeros((len(WEIGHTS), 19))
    gains[4] = 1.0
    assert chosen(gains) == 0.0


def test_evidence_is_worth_its_weight_where_the_base_knows_nothing(parts):
    nobody = RECOMMENDERS["random"]().fit(parts.train)
    world = world_from(parts.train)
    gains = validation_gain(nobody, world, ["similar-items"], parts.validation)["similar-items"]
    assert gains.shape[0] == len(WEIGHTS)
    assert gains[-1].mean() > gains[0].mean() + 0.05
    assert chosen(gains) > 0


def test_the_last_liked_row_of_each_user_is_held_back():
    rows = train()
    early, late = last_held_back(rows)
    assert late.items.tolist() == [items[-1] for items in LIKED.values()]
    assert len(early) + len(late) == len(rows)
    only = train(liked={0: [1], 1: [2, 3]})
    assert last_held_back(only)[1].items.tolist() == [3]


def test_a_fusion_chooses_its_weight_by_what_it_held_back(parts):
    model = EvidenceFusion("random", "similar-items").fit(parts.train)
    assert model.weight_ > 0
    lists = model.recommend(np.arange(50), 5)
    assert lists.items.shape == (50, 5)
    seen = parts.train.seen.toarray()
    assert not any(seen[u, i] for u, row in enumerate(lists.items) for i in row if i != PAD)
    alone = model.recommend(np.array([7]), 5)
    assert (alone.items[0] == lists.items[7]).all()


def test_a_run_can_name_a_fusion():
    model = resolve("explain.fusion:EvidenceFusion", {"base": "ease", "evidence": "rules"})
    assert (model.base, model.evidence, model.weight) == ("ease", "rules", None)
    told = {one.name: one for one in describe("explain.fusion:EvidenceFusion").parameters}
    assert set(told) == {"base", "evidence", "weight"}
    with pytest.raises(ConfigError, match="evidence must be one of 'paths'"):
        resolve("explain.fusion:EvidenceFusion", {"evidence": "tea leaves"})


def test_a_fusion_without_its_data_says_what_it_needs(parts):
    with pytest.raises(ConfigError, match="'paths' cannot be fused: not available: needs a know"):
        EvidenceFusion("ease", "paths").fit(parts.train)
