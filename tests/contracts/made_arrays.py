"""Arrays for metrics' contracts: users' lists, and the catalogue and histories behind them."""

import hypothesis.strategies as st
import numpy as np

from evaluators.subtopics import best_gains

LIKED = st.sampled_from([4.0, 4.5, 5.0])
DISLIKED = st.sampled_from([0.5, 1.0, 2.0, 3.5])


@st.composite
def one_user(draw: st.DrawFn, k: int) -> dict[str, object]:
    """A list of liked, disliked and unrated items, and what the list missed."""
    kinds = draw(st.lists(st.sampled_from(["hit", "bad", "unrated"]), max_size=k))
    unlisted = draw(st.lists(LIKED, max_size=3)), draw(st.lists(DISLIKED, max_size=2))
    rating = {"hit": LIKED, "bad": DISLIKED, "unrated": st.just(0.0)}
    gains = [draw(rating[kind]) for kind in kinds]
    rated = sorted([*(gain for gain in gains if gain), *unlisted[0], *unlisted[1]], reverse=True)
    places = kinds + ["empty"] * (k - len(kinds))
    n_predicted = draw(st.integers(0, 5))
    errors = draw(st.lists(st.floats(0, 4), min_size=n_predicted, max_size=n_predicted))
    return {
        "hits": [kind == "hit" for kind in places],
        "judged_bad": [kind == "bad" for kind in places],
        "gains": gains + [0.0] * (k - len(kinds)),
        "ideal_gains": (rated + [0.0] * k)[:k],
        "n_relevant": kinds.count("hit") + len(unlisted[0]),
        "n_judged_bad": kinds.count("bad") + len(unlisted[1]),
        "n_listed": len(kinds),
        "n_candidates": len(kinds) + len(unlisted[0]) + len(unlisted[1]) + draw(st.integers(0, 9)),
        "n_predicted": n_predicted,
        "squared_error": float(sum(error**2 for error in errors)),
        "absolute_error": float(sum(errors)),
    }


@st.composite
def judged(draw: st.DrawFn) -> dict[str, np.ndarray]:
    """Some users' lists, what they missed, and the items and histories behind them."""
    k = draw(st.integers(1, 7))
    users = draw(st.lists(one_user(k), min_size=1, max_size=4))
    lists = {name: np.array([user[name] for user in users]) for name in users[0]}
    return lists | beside(lists, np.random.default_rng(draw(st.integers(0, 2**32 - 1))))


def beside(lists: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A catalogue in which the lists' items have groups, vectors, popularity and age."""
    n_users, k = lists["hits"].shape
    n_items, n_groups = 3 * k + 5, 4
    is_listed = np.arange(k) < lists["n_listed"][:, None]
    items = np.where(
        is_listed, rng.permuted(np.tile(np.arange(n_items), (n_users, 1)), axis=1)[:, :k], -1
    )
    groups = (rng.random((n_items, n_groups)) < 0.4).astype(np.float32)
    groups[0] = 0  # of one item nothing is known
    vectors = rng.normal(size=(n_items, 5)).astype(np.float32)
    vectors[1] = 0
    popularity = rng.integers(0, 9, n_items)
    age = np.where(popularity > 0, rng.integers(0, 400, n_items), np.nan)
    made = {
        "items": items,
        "item_groups": groups,
        "item_vectors": vectors,
        "item_popularity": popularity,
        "is_available": np.ones(n_items, dtype=bool),
        "n_available": np.asarray(n_items),
        "n_history_users": np.asarray(9),
        "listed_popularity": np.where(is_listed, popularity[items], -1),
        "listed_tail": is_listed & (popularity[items] < 3),
        "listed_age": np.where(is_listed, age[items], np.nan),
        "is_had": is_listed & ~lists["hits"] & (rng.random(items.shape) < 0.2),
        "is_again": is_listed & ~lists["hits"] & (rng.random(items.shape) < 0.2),
        "scores": np.where(is_listed, -np.arange(float(k)), -np.inf),
    }
    return made | histories(made, rng, n_users) | best_order(lists, made, rng)


def histories(
    made: dict[str, np.ndarray], rng: np.random.Generator, n_users: int
) -> dict[str, np.ndarray]:
    """Profiles of users who liked some items before; every fifth liked none, by chance."""
    groups = made["item_groups"].astype(np.float64)
    liked = (rng.random((n_users, len(groups))) < 0.5) & (rng.random((n_users, 1)) < 0.8)
    known = (liked & groups.any(axis=1)).astype(np.float64)
    n_known = known.sum(axis=1, keepdims=True)
    sizes = np.maximum(groups.sum(axis=1, keepdims=True), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "profile_groups": known @ (groups / sizes) / n_known,
            "profile_direction": known @ (groups / np.sqrt(sizes)) / n_known,
            "profile_popularity": (liked @ made["item_popularity"]) / liked.sum(axis=1),
        }


def best_order(
    lists: dict[str, np.ndarray], made: dict[str, np.ndarray], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """The best order of the relevant items: the hits, and others that the list missed."""
    n_users, k = lists["hits"].shape
    found = [made["items"][user][lists["hits"][user]] for user in range(n_users)]
    n_missed = lists["n_relevant"] - lists["hits"].sum(axis=1)
    rest = [np.setdiff1d(np.arange(len(made["item_groups"])), listed) for listed in made["items"]]
    missed = [rng.permutation(some)[:n] for some, n in zip(rest, n_missed, strict=True)]
    relevant = [np.concatenate(both) for both in zip(found, missed, strict=True)]
    starts = np.append(0, np.cumsum([len(some) for some in relevant]))
    together = np.concatenate(relevant).astype(np.int64)
    return {"ideal_novel_gains": best_gains(starts, together, made["item_groups"], k)}


def sums(rng: np.random.Generator, shape: tuple[int, ...] = ()) -> dict[str, np.ndarray]:
    """Sums over users as metrics of a run take them, with any leading axes."""
    counts = rng.integers(0, 6, (*shape, 8)).astype(float)
    pair = rng.integers(0, 9, (*shape, 2)).astype(float)
    return {
        "item_counts": counts,
        "item_weights": np.sqrt(counts),
        "n_lists": counts.sum(axis=-1),
        "n_available": np.asarray(12),
        "tail_listed": pair,
        "tail_open": pair + rng.integers(1, 9, (*shape, 2)),
        "tail_hits": np.minimum(pair, 3),
        "tail_relevant": np.minimum(pair, 3) + rng.integers(0, 4, (*shape, 2)),
        "gap_sums": rng.uniform(1, 9, (*shape, 2)),
    }
