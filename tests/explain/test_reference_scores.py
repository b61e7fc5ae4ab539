"""Scores beside references: values worked by hand, and what holds whatever the words are."""

from collections import Counter

import numpy as np
import pytest

from explain.reference_scores import (
    bert_f1,
    bert_precision,
    bert_recall,
    bleu,
    bleu_corpus,
    chrf,
    rouge_1,
    rouge_2,
    rouge_l,
)

CAT, OTHER_CAT = "the cat sat on the mat", "the cat is on the mat"
BESIDE = (bleu, rouge_1, rouge_2, rouge_l, chrf, bert_precision, bert_recall, bert_f1)
TEXTS = [
    "A quiet drama about two brothers and their farm.",
    "The strings stay in tune and sound bright.",
    "Great tacos, friendly staff and a short wait.",
    "You may enjoy this space adventure for its battles.",
]
REFERENCES = [
    "Two brothers keep a farm in this slow, quiet drama.",
    "These strings sound bright and hold their tune.",
    "The staff is friendly and the tacos are great.",
    "Its battles make this adventure in space a joy.",
]


def test_bleu_is_the_product_worked_by_hand():
    # 5 of 6 words, 3 of 5 pairs, 1 of 4 triples; 0 of 3 runs of four counts as half of one of them
    by_hand = (5 / 6 * 3 / 5 * 1 / 4 * 1 / (2 * 3)) ** (1 / 4)
    assert bleu([CAT], [OTHER_CAT])[0] == pytest.approx(by_hand, abs=1e-9)
    assert bleu_corpus([CAT], [OTHER_CAT]) == pytest.approx(by_hand, abs=1e-9)


def test_a_text_shorter_than_four_words_can_match_whole():
    assert bleu(["the cat"], ["the cat"])[0] == pytest.approx(1)


def test_a_short_text_pays_for_its_brevity():
    assert bleu(["the cat is on"], [OTHER_CAT])[0] == pytest.approx(np.exp(1 - 6 / 4))


def test_two_sentences_against_three_do_not_reach_one():
    # ragas splits both at full stops, takes references for streams, and answers 1 here
    text = "It is warm. It is light."
    assert bleu([text], [f"{text} It was made in a small town by the sea."])[0] < 0.7


def test_corpus_bleu_sums_before_it_divides():
    each = bleu(TEXTS, REFERENCES)
    assert bleu_corpus(TEXTS, REFERENCES) != pytest.approx(each.mean(), abs=1e-6)
    assert bleu_corpus(TEXTS, TEXTS) == pytest.approx(1)


def test_rouge_counts_shared_words_pairs_and_runs():
    assert rouge_1([CAT], [OTHER_CAT])[0] == pytest.approx(5 / 6)
    assert rouge_2([CAT], [OTHER_CAT])[0] == pytest.approx(3 / 5)
    # the cat on the mat: 5 of 6 in order on both sides
    assert rouge_l([CAT], [OTHER_CAT])[0] == pytest.approx(5 / 6)
    assert rouge_l(["mat the on cat"], ["the cat on mat"])[0] == pytest.approx(2 / 4)


def test_chrf_is_its_formula():
    def grams(text: str, n: int) -> Counter[str]:
        bare = text.replace(" ", "")
        return Counter(bare[i : i + n] for i in range(len(bare) - n + 1))

    precisions, recalls = [], []
    for n in range(1, 7):
        told, wanted = grams(CAT, n), grams(OTHER_CAT, n)
        shared = sum((told & wanted).values())
        precisions.append(shared / sum(told.values()))
        recalls.append(shared / sum(wanted.values()))
    p, r = np.mean(precisions), np.mean(recalls)
    assert chrf([CAT], [OTHER_CAT])[0] == pytest.approx(5 * p * r / (4 * p + r), abs=1e-9)


@pytest.mark.parametrize("one", BESIDE, ids=lambda one: one.name)
def test_what_is_equal_scores_one_and_what_is_missing_nothing(one):
    told = one([TEXTS[0], "", " "], [TEXTS[0], "words", "words"])
    assert told[0] == pytest.approx(1, abs=1e-5)
    assert np.isnan(told[1:]).all()


@pytest.mark.parametrize("one", BESIDE, ids=lambda one: one.name)
def test_the_right_reference_scores_above_another_one(one):
    other = [*REFERENCES[1:], REFERENCES[0]]
    assert one(TEXTS, REFERENCES).mean() > one(TEXTS, other).mean() + 0.02


def test_what_is_precision_one_way_is_recall_the_other():
    assert bert_precision(TEXTS, REFERENCES) == pytest.approx(bert_recall(REFERENCES, TEXTS))
    assert bert_f1(TEXTS, REFERENCES) == pytest.approx(bert_f1(REFERENCES, TEXTS))
    p, r = bert_precision(TEXTS, REFERENCES), bert_recall(TEXTS, REFERENCES)
    assert bert_f1(TEXTS, REFERENCES) == pytest.approx(2 * p * r / (p + r))


def test_words_left_out_cost_recall_and_words_added_precision():
    short, long = ["two brothers"], ["two brothers and their farm in a valley by the sea"]
    assert bert_precision(short, long)[0] > bert_recall(short, long)[0]
    assert bert_precision(long, short)[0] < bert_recall(long, short)[0]


def test_a_text_scores_the_same_alone_and_among_others():
    alone = [bert_f1([a], [b])[0] for a, b in zip(TEXTS, REFERENCES, strict=True)]
    assert bert_f1(TEXTS, REFERENCES) == pytest.approx(alone, abs=1e-5)


def test_nothing_together_has_no_corpus_bleu():
    assert np.isnan(bleu_corpus(["", " "], ["a", "b"]))
