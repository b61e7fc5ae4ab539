"""What others published with their data, computed again; golden tests hold the rest."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from evaluators import METRICS

K = 300  # every precision and recall of the examples is then a whole number of items
EXAMPLES = {  # Anelli et al., supplement, table 2: precision and recall of five users, and F1
    "a": ([0.2, 0.5, 0.3, 0.6, 0.2], [0.3, 0.6, 0.4, 0.3, 0.3], 0.354, 0.370),
    "b": ([0.2, 0.5, 0.4, 0.2, 0.5], [0.4, 0.2, 0.4, 0.6, 0.4], 0.339, 0.379),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_f1_is_their_per_user_f1_and_not_that_of_the_averages(name):
    precision, recall, per_user, of_averages = EXAMPLES[name]
    n_hits = np.rint(K * np.array(precision)).astype(int)
    n_relevant = np.rint(n_hits / recall).astype(int)
    hits = np.arange(K) < n_hits[:, None]
    assert round(float(METRICS["f1"](hits, n_relevant).mean()), 3) == per_user
    means = [float(METRICS[metric](hits, n_relevant).mean()) for metric in ("precision", "recall")]
    assert round(2 * np.prod(means) / sum(means), 3) == of_averages


def core(rows, least):
    """Users and items with at least so many rows, over and over until none goes."""
    while True:
        n = len(rows)
        for side in ("movie_id", "user_id"):
            rows = rows[rows.groupby(side)["rating"].transform("size") >= least]
        if len(rows) == n:
            return rows


@pytest.mark.slow
def test_the_hold_outs_of_the_top_n_quest_are_random_fifths_of_what_its_filters_leave(data_dir):
    path = data_dir / "topn-quest" / "topn-quest-5fold.zip"
    with zipfile.ZipFile(path) as archive:
        folds = [
            pd.read_csv(io.BytesIO(archive.read(f"movielens_1m/{fold}/test.tsv")), sep="\t",
                        names=["user_id", "movie_id", "liked", "timestamp"])
            for fold in range(5)
        ]  # fmt: skip
    ratings = pd.read_parquet(data_dir / "ml-1m" / "ratings.parquet")
    kept = core(ratings[ratings["rating"] >= 4], 10)
    assert (len(kept), kept["user_id"].nunique(), kept["movie_id"].nunique()) == (
        571_531,
        5949,
        2810,
    )
    fifth = np.ceil(kept.groupby("user_id").size() * 0.2)
    for fold in folds:
        assert len(fold.merge(kept, on=["user_id", "movie_id"])) == len(fold) == 116_671
        np.testing.assert_array_equal(fold.groupby("user_id").size(), fifth)
