"""All scorers by name: each answers or says why not, and shuffling leaves no text its own."""

import numpy as np
import pytest

from core.errors import LanguageError, UnknownNameError
from explain import scorers
from explain.scorer import MATERIAL, Scorer, scorer
from explain.scorers import SCORERS, score_all, scorer_named, shuffled

EVERY = pytest.mark.parametrize("one", SCORERS.values(), ids=lambda one: one.name)


@EVERY
def test_what_a_scorer_lacks_is_told_and_never_zero(one: Scorer):
    scored = score_all({}, [one.name])
    assert scored.reasons[one.name].startswith("not available: needs ")
    assert not scored.each
    assert not scored.whole


@EVERY
def test_a_scorer_is_declared_in_full(one: Scorer):
    assert one.doc.split("\n")[0].partition("?")[1] == "?"  # it begins with what it answers
    assert one.source
    assert one.bounds[0] < one.bounds[1]
    assert set(one.needs) <= set(MATERIAL)


def test_an_unknown_scorer_is_named_with_the_nearest():
    with pytest.raises(
        UnknownNameError, match="no scorer of explanations is called 'blue'; did you"
    ):
        scorer_named("blue")


def test_a_scorer_that_fails_leaves_its_reason_and_the_others_go_on(monkeypatch):
    @scorer(better="higher", bounds=(0, 1), source="a test", family="judge", per="explanation")
    def broken(texts):
        raise LanguageError("the server is gone")

    monkeypatch.setattr(scorers, "SCORERS", {"broken": broken, "n_words": SCORERS["n_words"]})
    scored = score_all({"texts": ["two words"]})
    assert scored.reasons == {"broken": "not available: the server is gone"}
    assert scored.each["n_words"].tolist() == [2.0]


@pytest.mark.parametrize("seed", range(5))
def test_shuffling_gives_every_text_what_is_another_ones(seed):
    rng = np.random.default_rng(seed)
    users = rng.integers(6, size=24)
    material = {
        "texts": [f"text {n}" for n in range(24)],
        "references": [f"reference {n}" for n in range(24)],
        "evidence_texts": [f"evidence {n}" for n in range(24)],
        "violations": [[]] * 24,
        "users": users,
        "universe": {"a"},
    }
    moved = shuffled(material, seed)
    places = [int(text.split()[1]) for text in moved["references"]]
    assert sorted(places) == list(range(24))
    assert all(place != other for place, other in enumerate(places))
    assert moved["evidence_texts"] == [f"evidence {place}" for place in places]
    assert moved["texts"] == material["texts"]
    assert "violations" not in moved  # they speak of the right facts
    assert moved["universe"] == {"a"}
    assert shuffled(material, seed)["references"] == moved["references"]


def test_shuffling_keeps_away_from_the_same_user_where_it_can():
    material = {"texts": list("abcd"), "references": list("abcd"), "users": [0, 0, 1, 1]}
    moved = shuffled(material, 3)["references"]
    owner = dict(zip("abcd", material["users"], strict=True))
    assert all(owner[a] != owner[b] for a, b in zip("abcd", moved, strict=True))


def test_one_text_cannot_be_shuffled():
    with pytest.raises(ValueError, match="shuffling pairs needs two texts or more; got 1"):
        shuffled({"texts": ["a"], "references": ["b"]})
