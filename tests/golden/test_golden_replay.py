"""RePlay agrees wherever the definitions do, and differs by the clause named."""

import math

import pytest
from golden_lists import CUTOFFS, Ours, assert_same, read

REPLAY = read("replay")["values"]
OURS = Ours(read("cases")["users"])
RELEVANT = OURS.has_relevant()

every_cutoff = pytest.mark.parametrize("k", CUTOFFS)


@every_cutoff
@pytest.mark.parametrize(
    "ours,theirs",
    [
        ("precision", "Precision"),
        ("recall", "Recall"),
        ("hit_rate", "HitRate"),
        ("map", "MAP"),
        ("mrr", "MRR"),
        ("ndcg", "NDCG"),
    ],
)
def test_every_user_with_something_to_find_agrees_with_replay(ours, theirs, k):
    assert "no-list" in RELEVANT
    assert_same(OURS.values(ours, k), REPLAY[f"{theirs}@{k}"], RELEVANT)


def test_replay_scores_zero_where_nothing_is_relevant_and_we_say_undefined():
    nothing = set(OURS.people) - RELEVANT
    assert {"only-bad", "no-truth"} <= nothing
    ours = OURS.values("ndcg", 5)
    for user in nothing:
        assert REPLAY["NDCG@5"][user] == 0
        assert math.isnan(ours[user])


@every_cutoff
def test_replays_auc_looks_at_pairs_within_the_list_alone(k):
    at = OURS.at(k)
    found = at["hits"].sum(axis=1)
    ours = OURS.values("auc", k, n_relevant=found, n_candidates=at["n_listed"])
    has_pair = {user for user, value in ours.items() if not math.isnan(value)}
    if k > 1:
        assert_same(ours, REPLAY[f"RocAuc@{k}"], has_pair & RELEVANT)
    no_pair = RELEVANT - has_pair
    assert {REPLAY[f"RocAuc@{k}"][user] for user in no_pair} <= {0.0, 1.0}
