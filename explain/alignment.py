"""Reasons aligned with a black box at the level of data: what goes in, what comes out, no more.

A part of the history is chosen by what the recommender does with it, and then checked both ways:
with it alone, and without it. No score, weight or vector of the model is looked at, only where the
item stands in the list.
"""

import numpy as np

from core.naming import listed
from core.tables import Bools, Floats
from explain.attribution_reasons import history_of
from explain.explanation import Evidence
from explain.masking import MaskedHistory
from explain.reasons import Question, Reasons

KIND = "alignment"
K = 10
MOST = 5  # items of the history that may be chosen


def alignment_reasons(question: Question) -> list[Reasons]:
    """The fewest liked items for which alone the recommender lists the item as well.

    params["k"]  length of the list; params["n_named"]: how many items may be chosen, 5

    Greedy: the item that lifts the recommended one furthest, then the one that does so beside it,
    until it stands among the first k. Gao et al. 2024 (DRE, arXiv:2404.06311) align explanations
    with a recommender at the level of data too, but let a language model guess which history items
    belong to the recommendation; here every choice is tried on the recommender itself. Facts:
    rank_alone and rank_without, what came of the two checks. The attribution of a chosen item is
    the share of the way up (in the logarithm of the rank) that it was good for.
    """
    history = history_of(question)
    k = int(question.params.get("k", K))
    most = int(question.params.get("n_named", MOST))
    return [_one(question, history, int(item), k, most) for item in question.items]


def _one(question: Question, history: MaskedHistory, item: int, k: int, most: int) -> Reasons:
    chosen, ranks = _chosen(history, item, k, most)
    start = float(_rank(history, item, np.zeros((1, len(history)), dtype=bool))[0])
    without = np.ones((1, len(history)), dtype=bool)
    without[0, chosen] = False
    facts = {
        "method": "greedy, by rank",
        "k": k,
        "rank_alone": ranks[-1],
        "rank_without": float(_rank(history, item, without)[0]),
        "is_sufficient": ranks[-1] <= k,
        "n_chosen": len(chosen),
    }
    codes = tuple(int(history.history[row]) for row in chosen)
    gained = np.maximum(0, -np.diff(np.log([start, *ranks])))
    shares = gained / gained.sum() if gained.sum() > 0 else np.full(len(chosen), 1 / len(chosen))
    if not facts["is_sufficient"]:
        facts["reason"] = (
            f"no {most} liked items are enough: with the best of them alone it stands at rank "
            f"{ranks[-1]:.0f}"
        )
        return Reasons(facts=facts)
    evidence = Evidence(
        kind=KIND,
        item=item,
        sources=codes,
        weight=1 / len(codes),
        text=_told(question, codes, question.world.titles[item], ranks[-1]),
        facts={"rank_alone": ranks[-1], "rank_without": facts["rank_without"]},
    )
    return Reasons((evidence,), dict(zip(codes, shares.tolist(), strict=True)), facts=facts)


def _told(question: Question, codes: tuple[int, ...], title: str, rank: float) -> str:
    names = listed([question.world.titles[code] for code in codes])
    return f"Knowing only that the user liked {names}, it would list {title} at rank {rank:.0f}."


def _chosen(history: MaskedHistory, item: int, k: int, most: int) -> tuple[list[int], list[float]]:
    """Rows of the history in the order chosen, and the rank that each led to."""
    chosen: list[int] = []
    ranks: list[float] = []
    n = len(history)
    while len(chosen) < min(most, n) and not (ranks and ranks[-1] <= k):
        masks = np.eye(n, dtype=bool)
        masks[:, chosen] = True
        masks[chosen] = False  # asked already
        found = _rank(history, item, masks)
        found[chosen] = np.inf
        best = int(np.argmin(found))
        chosen.append(best)
        ranks.append(float(found[best]))
    return chosen, ranks


def _rank(history: MaskedHistory, item: int, masks: Bools) -> Floats:
    items = np.full(len(masks), item, dtype=np.int64)
    return history.ranks(history.scores(masks), items)
