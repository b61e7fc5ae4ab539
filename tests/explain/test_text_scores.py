"""Scores of words alone: values worked by hand, and what cannot be scored is not 0."""

import numpy as np
import pytest

from explain import text_scores
from explain.scorer import Scorer, not_available
from explain.text_scores import (
    distinct_1,
    distinct_2,
    fcr,
    feature_diversity,
    fmr,
    n_words,
    reading_ease,
    usr,
)

DECLARED = [one for one in vars(text_scores).values() if isinstance(one, Scorer)]


def test_equal_texts_count_once_whatever_their_punctuation():
    assert usr(["You like war films.", "you like war films", "A comedy."]) == pytest.approx(2 / 3)


def test_repeated_words_are_not_distinct():
    assert distinct_1(["a b a", "b c"]) == pytest.approx(3 / 5)
    assert distinct_2(["a b a b"]) == pytest.approx(2 / 3)


def test_a_feature_of_the_item_that_is_named_matches():
    told = fmr([{"war"}, {"war"}, set()], [{"war", "drama"}, {"comedy"}, set()])
    assert told.tolist()[:2] == [1.0, 0.0]
    assert np.isnan(told[2])


def test_coverage_counts_features_that_exist():
    assert fcr([{"war"}, {"war", "ufo"}], {"war", "drama", "comedy"}) == pytest.approx(1 / 3)


def test_shared_features_equal_the_comparison_of_all_pairs():
    rng = np.random.default_rng(0)
    named = [set(rng.choice(list("abcdef"), size=rng.integers(0, 4))) for _ in range(12)]
    pairs = [len(named[i] & named[j]) for i in range(12) for j in range(12) if i != j]
    assert feature_diversity(named) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_reading_ease_is_the_formula_of_a_sentence_counted_by_hand():
    # 6 words, 1 sentence, syllables 1 1 1 1 1 2
    expected = 206.835 - 1.015 * 6 - 84.6 * 7 / 6
    assert reading_ease(["The cat sat on a table."])[0] == pytest.approx(expected, abs=1e-9)


def test_longer_words_read_harder():
    easy, hard = reading_ease(["You may like it.", "Recommendation considerations predominate."])
    assert easy > hard + 50


def test_words_are_counted_with_their_apostrophes():
    assert n_words(["Don't miss it, it's 1977's best."]).tolist() == [7.0]


def test_nothing_to_score_is_undefined():
    assert np.isnan([usr([]), distinct_1([""]), feature_diversity([set()]), fcr([], set())]).all()
    assert np.isnan(reading_ease(["…"]))[0]


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one.name)
def test_a_scorer_says_what_it_needs(one):
    told = not_available(one, {})
    assert told is not None
    assert told.startswith("not available: needs ")
    assert all(f"({name})" in told for name in one.needs)
    assert not_available(one, dict.fromkeys(one.needs, ())) is None
    assert one.doc
    assert one.source
