"""The check of words tells known-good sentences from spoilt ones, of users it was not made with."""

import numpy as np
import pytest
from words_case import GODFATHER, real_briefs

from core.naming import article, listed
from explain.corrupt import CORRUPTIONS, MEANT, corrupted
from explain.phrases import ties
from explain.reward import reward
from explain.verify import KINDS, verify
from explain.writers.template import Template

# rules and shapes of sentences were written while looking at users 0, 10, 20 … and 0, 19, 38 …
HELD_OUT = [user for user in range(7, 943, 20) if user % 19]


def paraphrase(place: int, brief) -> str:
    """A true sentence in a shape that no template has."""
    kind = f"{listed(brief.groups[:2])} {brief.noun}"
    kind = f"{article(kind)} {kind}"
    first, title = brief.because[0], brief.title
    tie = next(iter(ties(brief)), "")
    shapes = (
        f"{title} is {kind} of {brief.year}; you enjoyed {first}, so it may suit you.",
        f"As a fan of {first}, you will enjoy {title} ({brief.year}), {kind}.",
        f"If you loved {listed(brief.because)}, then {title} is a good choice: it is {kind}.",
        f"Given that you liked {first}, we think you would like {title}"
        + (f", which has {tie}." if tie else f", {kind}."),
    )
    return shapes[place % len(shapes)]


@pytest.fixture(scope="module")
def good():
    """Briefs and true sentences: one of the template and one of another shape each."""
    briefs = [brief for brief in real_briefs(HELD_OUT) if brief.year and brief.groups]
    texts = [one.text for one in Template().write(briefs)]
    texts += [paraphrase(place, brief) for place, brief in enumerate(briefs)]
    return briefs * 2, texts


@pytest.fixture(scope="module")
def spoilt(good):
    briefs, texts = good
    return corrupted(texts, briefs, seed=1)


@pytest.fixture(scope="module")
def n_found(good):
    """Violations found in each good sentence: false alarms."""
    return np.array([len(verify(text, brief)) for brief, text in zip(*good, strict=True)])


def auc(bad: np.ndarray, fine: np.ndarray) -> float:
    """Share of pairs in which the spoilt sentence has more violations; ties count half."""
    return float(((bad[:, None] > fine).mean() + (bad[:, None] >= fine).mean()) / 2)


def test_true_sentences_raise_next_to_no_alarm(n_found):
    assert len(n_found) > 70
    assert (n_found > 0).mean() < 0.03


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_the_check_finds_each_planted_violation_on_held_out_text(kind, good, spoilt, n_found):
    briefs, _ = good
    found = [verify(one.text, briefs[one.place]) for one in spoilt if one.kind == kind]
    assert len(found) >= 10
    assert auc(np.array([len(one) for one in found]), n_found) >= 0.9
    named = [MEANT[kind] in {violation.kind for violation in one} for one in found]
    assert np.mean(named) >= 0.8  # and mostly calls it by its name: "it" stands for no title


def test_spoilt_sentences_are_worth_less_than_the_good_ones_they_come_from(good, spoilt):
    briefs, texts = good
    few = spoilt[::11]
    fine = np.array([reward(texts[one.place], briefs[one.place]).total for one in few])
    bad = np.array([reward(one.text, briefs[one.place]).total for one in few])
    assert (bad < fine).mean() > 0.95


def test_spoiling_is_seeded_and_sentences_do_not_affect_each_other(good):
    briefs, texts = good
    all_of_them = corrupted(texts[:4], briefs[:4], seed=3)
    alone = corrupted(texts[2:3], briefs[2:3], seed=3)
    assert [one.text for one in all_of_them if one.place == 2] == [one.text for one in alone]
    assert corrupted(texts[:4], briefs[:4], seed=3) == all_of_them
    assert corrupted(texts[:4], briefs[:4], seed=4) != all_of_them


def test_what_cannot_be_spoilt_is_left_out():
    kinds = {one.kind for one in corrupted(["Try The Godfather."], [GODFATHER])}
    assert kinds.isdisjoint({"wrong group", "wrong relation", "overstated", "wrong history"})
    assert {"wrong target", "wrong year", "no target", "refusal"} <= kinds


def test_some_kinds_alone_can_be_asked_for():
    text = "The Godfather has one of the same actors as The Rock."
    (one,) = corrupted([text], [GODFATHER], kinds=["overstated"])
    assert one.text == "The Godfather has the same actors as The Rock."


def test_every_corruption_has_its_name_in_the_check():
    assert MEANT.keys() == CORRUPTIONS.keys()
    assert set(MEANT.values()) <= KINDS.keys()
    assert all((spoil.__doc__ or "").strip() for spoil in CORRUPTIONS.values())
