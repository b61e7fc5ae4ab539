"""pyltr computes the same expected reciprocal rank."""

import pytest
from golden_lists import CUTOFFS, Ours, assert_same, read

PYLTR = read("pyltr")
OURS = Ours(read("cases")["users"])


@pytest.mark.parametrize("k", CUTOFFS)
def test_expected_reciprocal_rank_agrees_with_pyltr(k):
    assert PYLTR["top_rating"] == 5
    assert_same(OURS.values("err", k), PYLTR["values"][f"ERR@{k}"], OURS.has_relevant())
