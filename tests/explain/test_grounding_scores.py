"""Grounding: rules are counted, likelihood and likeness tell evidence from other evidence."""

import numpy as np
import pytest

from core.language import LanguageModel, language_model
from core.tables import Floats
from explain.grounding_scores import (
    by_class,
    evidence_similarity,
    evidence_text,
    grounded,
    likelihood,
    likelihood_lowest,
    n_violations,
    yes_no,
)

FACTS = [
    "Alien (1979) is a Horror film.",
    "Fargo (1996) is a Crime film.",
    "Babe is a Comedy film.",
]
TEXTS = [
    "You may enjoy Alien, a Horror film.",
    "You may enjoy Fargo, a Crime film.",
    "Babe is fun.",
]


class Fixed:
    """Says ln p of each word by a table: known words are likely."""

    name = "fixed"

    def log_likelihood(self, prompts: list[str], continuations: list[str]) -> list[Floats]:
        return [
            np.array([-0.1 if word in prompt else -5.0 for word in text.split()])
            for prompt, text in zip(prompts, continuations, strict=True)
        ]


FIXED = LanguageModel("fixed", backend=None, scorer=Fixed())


def test_rules_count_by_kind():
    found = [[], ["bad group: Horror", "bad group: War"], ["bad year: 1950"]]
    assert grounded(found).tolist() == [1, 0, 0]
    assert n_violations(found).tolist() == [0, 2, 1]
    assert by_class(found) == {"bad group": 2, "bad year": 1}


def test_words_that_the_evidence_holds_are_likelier():
    told = likelihood(["known words here", "", "x"], ["known words here", "a", " "], FIXED)
    assert told[0] > -1
    assert np.isnan(told[1:]).all()


def test_a_wrong_word_in_a_long_sentence_weighs_more_among_the_lowest():
    evidence = ["a b c d e f g h i j k l"] * 2
    right, wrong = "a b c d e f g h i j k l", "a b c d e f g h i j k zzz"
    mean = likelihood([right, wrong], evidence, FIXED)
    low = likelihood_lowest([right, wrong], evidence, FIXED)
    assert low[0] - low[1] > 2 * (mean[0] - mean[1]) > 0


def test_texts_are_like_their_own_evidence():
    own = evidence_similarity(TEXTS, FACTS)
    other = evidence_similarity(TEXTS, [*FACTS[1:], FACTS[0]])
    assert (own > other).all()
    assert np.isnan(evidence_similarity([""], ["a"])[0])


def test_what_a_writer_was_told_is_one_text():
    told = evidence_text(("Alien", "Babe"), FACTS[:1])
    assert told == "The user liked Alien and Babe.\nAlien (1979) is a Horror film."
    assert not evidence_text((), ())


@pytest.mark.slow
def test_a_real_model_finds_texts_likelier_after_their_own_evidence():
    model = language_model()
    other = [*FACTS[1:], FACTS[0]]
    assert (likelihood(TEXTS[:2], FACTS[:2], model) > likelihood(TEXTS[:2], other[:2], model)).all()
    low = likelihood_lowest(TEXTS[:2], FACTS[:2], model)
    assert (low <= likelihood(TEXTS[:2], FACTS[:2], model)).all()
    assert np.isfinite(yes_no(TEXTS[:1], FACTS[:1], model)).all()
