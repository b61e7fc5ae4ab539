"""How well does a small language model put candidates in order?  MovieLens 100K, users by lot.

    python benchmarks/language_rankers.py [USERS] [MODEL …]

Writes docs/language-rankers.md. Every ranker is given the same candidates of EASE; what was asked
before comes from the cache, so a run that is broken off goes on. Slow: seconds a user and ranker.
"""

import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.common import write_section  # noqa: E402 - the path is set above
from core.load import load  # noqa: E402
from core.split import split  # noqa: E402
from core.tables import PAD, TopK  # noqa: E402
from recommenders.doors import resolve  # noqa: E402
from recommenders.language.candidates import arranged  # noqa: E402

N = 12  # candidates
SHARED = {"retriever": "", "noun": "film"}
RANKERS = {
    "llm-pointwise": ("llm-pointwise", {}),
    "llm-pointwise, times told": ("llm-pointwise", {"is_time_aware": True}),
    "llm-pointwise, by title": ("llm-pointwise", {"judged_by": "title"}),
    "llm-pointwise, by title, no prior": ("llm-pointwise", {"judged_by": "title", "prior": 0.0}),
    "llm-in-context": ("llm-in-context", {}),
    "llm-pairwise, one pass": ("llm-pairwise", {"passes": 1}),
    "llm-listwise, by first": ("llm-listwise", {"read_by": "first"}),
    "llm-listwise, by first, four orders": ("llm-listwise", {"read_by": "first", "orders": 4}),
}


def main() -> None:
    n_users = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    names = sys.argv[2:] or list(RANKERS)
    data = load("movielens-100k")
    parts = split(data.interactions, "leave-last", seed=0)
    train = parts.train
    truth = np.full(train.n_users, PAD)
    liked = parts.test.is_liked
    truth[parts.test.users[liked]] = parts.test.items[liked]
    able = np.flatnonzero((truth != PAD) & (np.diff(train.liked.indptr) > 0))
    found = resolve("ease").fit(train).recommend(able, N)
    # only where the held-out item is among the candidates does their order matter
    among = (found.items == truth[able][:, None]).any(axis=1)
    chosen = np.sort(np.random.default_rng(0).choice(np.flatnonzero(among), n_users, replace=False))
    users, candidates = able[chosen], found.items[chosen]
    print(f"{len(able)} users, the held-out item is among {N} candidates for {among.sum()}")
    values = {"EASE, the order found": gains(candidates, truth[users])}
    by_lot = [gains(shuffled(candidates, draw), truth[users]) for draw in range(200)]
    values["candidates shuffled, mean of 200"] = np.mean(by_lot, axis=0)
    told: dict[str, tuple[float, int]] = {}
    for name in names:
        spec, parameters = RANKERS[name]
        ranker = resolve(spec, {**SHARED, **parameters})
        ranker.bind(data.user_ids, data.item_ids).fit(train)
        start = time.perf_counter()
        scores = ranker.score_candidates(users, candidates)
        told[name] = (time.perf_counter() - start, ranker.tokens_["prompt"])
        listed = arranged(TopK(users, candidates, np.zeros(candidates.shape)), scores, N)
        values[name] = gains(listed.items, truth[users])
        print(name, values[name].mean(), told[name], flush=True)
    write(values, told, n_users, int(among.sum()), len(able))


def gains(items: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """1 / log2(1 + rank) of the held-out item: ndcg@12 where one item is to be found."""
    ranks = (items == truth[:, None]).argmax(axis=1) + 1
    return 1 / np.log2(1 + ranks)


def shuffled(items: np.ndarray, draw: int) -> np.ndarray:
    return np.random.default_rng(draw).permuted(items, axis=1)


def write(values, told, n_users, n_among, n_able) -> None:
    rng = np.random.default_rng(0)
    rows_of = rng.integers(0, n_users, (2000, n_users))
    base = values["candidates shuffled, mean of 200"]
    rows = []
    for name, each in values.items():
        low, high = np.quantile(each[rows_of].mean(axis=1), [0.025, 0.975])
        gain = each - base
        less, more = np.quantile(gain[rows_of].mean(axis=1), [0.025, 0.975])
        seconds = f"{told[name][0] / n_users:.1f}" if name in told else ""
        tokens = f"{told[name][1] / n_users:.0f}" if name in told else ""
        quality = f"{each.mean():.3f} [{low:.3f}, {high:.3f}]"
        gained = f"{gain.mean():+.3f} [{less:+.3f}, {more:+.3f}]"
        rows.append([name, quality, gained, tokens, seconds])
    note = (
        f"MovieLens 100K, each user's last rating held out, SmolLM2-135M, {n_users} users by lot "
        f"of the {n_among} (of {n_able}) whose held-out film is among EASE's {N} candidates: what "
        "is judged is the order alone. Intervals: 95 %, users drawn again. Tokens and seconds a "
        "user; "
        "seconds of this machine as busy as it was, 0.0 where the numbers came from the cache."
    )
    columns = ["order of the candidates", f"ndcg@{N}", "against shuffled", "tokens", "seconds"]
    write_section("rankers", columns, rows, note, ROOT / "docs" / "language-rankers.md")


if __name__ == "__main__":
    main()
