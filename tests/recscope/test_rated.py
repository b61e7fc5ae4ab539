"""What people's ratings come to."""

import numpy as np
import pandas as pd
import pytest

from recscope.rated import OVERALL, alphas, correlations, means
from recscope.ratings import QUESTIONS, words_of

N, FEW = 30, 40  # explanations; resamples


def ratings(noise: float, seed: int = 0, n_raters: int = 3) -> pd.DataFrame:
    """Raters who see the same worth in each explanation, but for noise."""
    rng = np.random.default_rng(seed)
    worth = np.arange(N) % 5 + 1
    rows = []
    for rater in range(n_raters):
        for place in range(N):
            said = np.clip(np.rint(worth[place] + noise * rng.normal(size=3)), 1, 5).astype(int)
            rows.append(
                {
                    "model": "ease",
                    "explainer": "template" if place % 2 else "random",
                    "user": place // 2,
                    "item": place,
                    "words": words_of(f"text {place}"),
                    "rater": f"r{rater}",
                    **dict(zip(QUESTIONS, said.tolist(), strict=True)),
                }
            )
    return pd.DataFrame(rows)


def explained(worth: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = ratings(0, n_raters=1)
    texts = rows.assign(text=[f"text {place}" for place in range(N)])
    scores = rows[["model", "explainer", "user", "item"]].assign(scorer="grounded", value=worth)
    return texts, scores


def test_raters_who_say_the_same_agree_entirely():
    table = alphas(ratings(0), FEW)
    assert table["alpha"].tolist() == [1, 1, 1]
    assert table["n"].tolist() == [3 * N] * 3
    assert table["n_explanations"].tolist() == [N] * 3


def test_raters_by_lot_agree_no_more_than_by_chance():
    rng = np.random.default_rng(1)
    lots = ratings(0).assign(**{name: rng.integers(1, 6, 3 * N) for name in QUESTIONS})
    table = alphas(lots, FEW)
    assert (table["low"] < 0.05).all()
    assert table["alpha"].abs().max() < 0.25


def test_noise_lowers_agreement_and_the_interval_holds_it():
    table = alphas(ratings(0.8), FEW)
    assert table["alpha"].between(0.3, 0.95).all()
    assert (table["low"] < table["alpha"]).all()
    assert (table["alpha"] < table["high"]).all()


def test_one_rater_alone_agrees_with_nobody():
    table = alphas(ratings(0, n_raters=1))
    assert table["alpha"].isna().all()
    assert table["n_explanations"].tolist() == [0, 0, 0]


def test_means_are_over_explanations_not_over_ratings():
    two = ratings(0).iloc[:0]
    one = ratings(0).iloc[0].to_dict()
    rows = [
        {**one, "item": 1, "rater": f"r{n}", "clear": 5, "convincing": 5, "helpful": 5}
        for n in range(9)
    ] + [{**one, "item": 2, "rater": "r0", "clear": 1, "convincing": 1, "helpful": 1}]
    table = means(pd.concat([two, pd.DataFrame(rows)]))
    assert table["mean"].tolist() == [3, 3, 3]
    assert table["n"].tolist() == [10, 10, 10]
    assert table["n_raters"].tolist() == [9, 9, 9]
    assert table["n_explanations"].tolist() == [2, 2, 2]


def test_a_single_explanation_has_a_mean_and_no_interval():
    table = means(ratings(0).iloc[:1])
    assert table["low"].isna().all()
    assert table["mean"].notna().all()


@pytest.mark.parametrize("better, sign", [("higher", 1), ("lower", -1)])
def test_a_score_that_says_what_people_say_correlates(better, sign):
    worth = np.arange(N) % 5 + 1.0
    texts, scores = explained(worth)
    table = correlations(ratings(0.3), texts, scores, {"grounded": better}, resamples=FEW)
    assert table["question"].tolist() == [*QUESTIONS, OVERALL]
    assert (sign * table["spearman"] > 0.7).all()
    assert table["n"].tolist() == [N] * 4
    assert (table["low"] <= table["spearman"]).all()
    assert (table["spearman"] <= table["high"]).all()


def test_words_that_have_changed_since_are_not_counted():
    texts, scores = explained(np.arange(N, dtype=float))
    table = correlations(ratings(0), texts.assign(text="other words"), scores, {}, resamples=FEW)
    assert table["n"].tolist() == [0] * 4
    assert table["spearman"].isna().all()


def test_a_score_without_a_value_is_left_out_of_n():
    worth = np.arange(N, dtype=float)
    worth[:10] = np.nan
    table = correlations(ratings(0), *explained(worth), {"grounded": "higher"}, resamples=FEW)
    assert table["n"].tolist() == [N - 10] * 4


def test_nobody_rated_anything_yet():
    texts, scores = explained(np.arange(N, dtype=float))
    nobody = ratings(0).iloc[:0]
    assert means(nobody).empty
    assert alphas(nobody)["alpha"].isna().all()
    assert correlations(nobody, texts, scores, {})["n"].eq(0).all()
