"""Numbers that other projects published with their data, computed again from the same lists."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluators import METRICS

FAIRDIVERSE = "fairdiverse/recommendation/"
N_TREC_LISTED = 500


def member(folder: Path, archive: str, name: str) -> bytes:
    with zipfile.ZipFile(folder / "fixtures" / archive) as files:
        return files.read(name)


@pytest.fixture(scope="module")
def java(data_dir):
    """One row per list of LensKit's Java version: its numbers, our hits, gains and ideal gains."""

    def table(name):
        raw = member(data_dir, "lenskit-fixtures.zip", f"tests/eval/topn-java-{name}.csv")
        return pd.read_csv(io.BytesIO(raw))

    metrics, recs, truth = table("metrics"), table("recs"), table("truth")
    ratings = {
        user: dict(zip(t["item"], t["rating"], strict=True)) for user, t in truth.groupby("user")
    }
    recs = recs.sort_values(["Algorithm", "user", "rank"]).groupby(["Algorithm", "user"])["item"]
    lists = recs.apply(list)
    gains, ideal = [], []
    for algorithm, user in zip(metrics["Algorithm"], metrics["user"], strict=True):
        listed = lists[algorithm, user]
        best = sorted(ratings[user].values(), reverse=True)
        gains.append([ratings[user].get(item, 0.0) for item in listed])
        ideal.append(best + [0.0] * (len(listed) - len(best)))
    return metrics, np.array(gains), np.array(ideal), truth.groupby("user")["item"].count()


def test_reciprocal_ranks_agree_with_lenskits_java_version(java):
    metrics, gains, _, n_truth = java
    ours = METRICS["mrr"](gains > 0, n_truth[metrics["user"]].to_numpy())
    assert (metrics["Java.RecipRank"] > 0).sum() > 10
    np.testing.assert_allclose(ours, metrics["Java.RecipRank"], rtol=0, atol=1e-12)


def test_lenskits_java_ndcg_is_ours_with_bare_ratings_and_rank_two_weighing_like_rank_one(java):
    metrics, gains, ideal, n_truth = java
    n_relevant = n_truth[metrics["user"]].to_numpy()

    def discounted(ratings):  # rank 1 in full, then our discount of one rank higher
        later = ratings[:, 1:]
        top = np.zeros_like(later)
        top[:, 0] = 1  # an ideal whose discounted gain is 1: the ratio is the bare sum
        gain = METRICS["ndcg_graded"](np.log2(later + 1), top, n_relevant)
        return ratings[:, 0] + gain

    ours = discounted(gains) / discounted(ideal)
    np.testing.assert_allclose(ours, metrics["Java.nDCG"], rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def trec(data_dir):
    """trec_eval's own test: per topic the hits in its order, relevant and irrelevant judgements."""

    def lines(name):
        raw = member(data_dir, "trec_eval-tests.zip", f"test/{name}").decode()
        return [line.split() for line in raw.splitlines()]

    judged = {(topic, doc): int(rel) for topic, _, doc, rel in lines("qrels.test")}
    retrieved = {}
    for topic, _, doc, _, score, _ in lines("results.test"):
        retrieved.setdefault(topic, []).append((np.float32(score), doc))
    topics = sorted(retrieved)
    order = [[doc for _, doc in sorted(retrieved[topic], reverse=True)] for topic in topics]
    verdicts = [
        [judged.get((topic, doc), -1) for doc in docs]
        for topic, docs in zip(topics, order, strict=True)
    ]
    n_with = {
        rel: np.array(
            [sum(t == topic and r == rel for (t, _), r in judged.items()) for topic in topics]
        )
        for rel in (0, 1)
    }
    said = {(name, topic): value for name, topic, value in lines("out.test.aq")}
    return topics, np.array(verdicts), n_with, said


@pytest.mark.parametrize("k", [5, 10, 15, 20, 30, 100, 200, 500])
@pytest.mark.parametrize(
    "ours,theirs", [("precision", "P"), ("recall", "recall"), ("ndcg", "ndcg_cut")]
)
def test_cut_off_measures_agree_with_trec_evals_own_test(trec, ours, theirs, k):
    topics, verdicts, n_with, said = trec
    values = METRICS[ours](verdicts[:, :k] == 1, n_with[1])
    for topic, value in zip(topics, values, strict=True):
        assert f"{value:.4f}" == said[f"{theirs}_{k}", topic]


def test_measures_of_the_whole_list_agree_with_trec_evals_own_test(trec):
    topics, verdicts, n_with, said = trec
    hits = verdicts == 1
    assert hits.shape == (len(topics), N_TREC_LISTED)
    n_relevant = n_with[1]
    average_precision = METRICS["map"](hits, n_relevant) * np.minimum(n_relevant, N_TREC_LISTED)
    values = {
        "recip_rank": METRICS["mrr"](hits, n_relevant),
        "Rprec": METRICS["r_precision"](hits, n_relevant),
        "bpref": METRICS["bpref"](hits, verdicts == 0, n_relevant, n_with[0]),
        "success_5": METRICS["hit_rate"](hits[:, :5], n_relevant),
        "map": average_precision / n_relevant,
    }
    for name, per_topic in values.items():
        for topic, value in zip(topics, per_topic, strict=True):
            assert f"{value:.4f}" == said[name, topic], name


@pytest.fixture(scope="module")
def steam(data_dir):
    """FairDiverse's matrix factorisation on Steam: hits in score order, positives, its numbers."""
    archive, run = "fairdiverse-steam.zip", "log/steam-base-mf/"
    raw = member(data_dir, archive, f"{FAIRDIVERSE}{run}ranking_scores.npz")
    with np.load(io.BytesIO(raw), allow_pickle=False) as stored:
        scores = stored["data"].reshape(stored["shape"][0], -1)
    lists = member(data_dir, archive, f"{FAIRDIVERSE}processed_dataset/steam/steam.test.ranking")
    n_positive = pd.read_csv(io.BytesIO(lists), sep="\t")["pos_length"].to_numpy()
    is_positive = np.arange(scores.shape[1]) < n_positive[:, None]  # positives come first in a row
    order = np.argsort(-scores, axis=1, kind="stable")
    said = json.loads(member(data_dir, archive, f"{FAIRDIVERSE}{run}test_result.json"))
    return np.take_along_axis(is_positive, order, axis=1), n_positive, said


@pytest.mark.parametrize("k", [5, 10, 20])
@pytest.mark.parametrize("metric", ["ndcg", "mrr"])
def test_means_agree_with_what_fairdiverse_reports_for_steam(steam, metric, k):
    hits, n_positive, said = steam
    assert round(float(METRICS[metric](hits[:, :k], n_positive).mean()), 4) == said[f"{metric}@{k}"]


@pytest.mark.parametrize("k", [5, 10, 20])
def test_fairdiverses_hr_is_recall_over_what_k_places_could_hold(steam, k):
    hits, n_positive, said = steam
    reachable = METRICS["recall"](hits[:, :k], n_positive) * n_positive / np.minimum(n_positive, k)
    assert round(float(reachable.mean()), 4) == said[f"hr@{k}"]
    if k == 5:
        hit_rate = float(METRICS["hit_rate"](hits[:, :k], n_positive).mean())
        assert round(hit_rate, 4) != said["hr@5"]
