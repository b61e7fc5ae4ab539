"""How long explanations take: attributions of EASE, of other models, their faithfulness, words.

On MovieLens 100K, the default audit's split. Best of three in one process, after a first call that
loads and compiles; the machine's load is told beside the figures.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.common import write_section
from explain.attribution import attribute
from explain.counterfactual import smallest_history
from explain.explainers import EXPLAINERS
from explain.faithfulness import faithfulness
from explain.make import explain, found_reasons, writer_of
from explain.masking import masked_history
from explain.reasons import Question
from recommenders import RECOMMENDERS
from recscope import stages
from recscope.config import default_config
from recscope.engine_data import material_of
from recscope.explaining_world import world_of

N_USERS, K, REPEATS, ORDERS = 100, 10, 3, 4
NOTE = "MovieLens 100K, the split of the default audit; best of three, after a first call."
DRAWN = ("als", "user-knn", "bpr", "biased-mf")


def best(call: Callable[[], Any]) -> float:
    """Seconds of the quickest of some calls, the first left out."""
    call()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return min(taken)


def drawn(name: str, train: Any, user: int) -> float:
    """Seconds of the Shapley values of one list of ten."""
    model = RECOMMENDERS[name]().fit(train)
    history = masked_history(model, train, user)
    items = model.recommend(np.array([user]), K).items[0].astype(np.int64)
    return best(lambda: attribute("shap", history, items, n_permutations=ORDERS))


def rows() -> list[list[str]]:
    config = default_config()
    dataset, _ = stages.load_data(config.data)
    given = material_of(stages.with_threshold(dataset, config.relevance.threshold), config)
    world, train = world_of(given), given.history
    n_liked = np.diff(train.liked.indptr)
    users = np.random.default_rng(0).choice(np.flatnonzero(n_liked >= K), N_USERS, replace=False)
    ease = RECOMMENDERS["ease"]().fit(train)
    lists = ease.recommend(users, K).items.astype(np.int64)
    asked = [Question(world, int(u), items, ease) for u, items in zip(users, lists, strict=True)]
    row, writer = EXPLAINERS["template"], writer_of("template")
    middle = int(users[np.argsort(n_liked[users])[N_USERS // 2]])
    place = int(np.flatnonzero(users == middle)[0])
    history, items = masked_history(ease, train, middle), lists[place]
    exact = attribute("closed-form", history, items).values
    whole = best(lambda: [found_reasons(one, row) for one in asked])
    one_list = best(lambda: found_reasons(asked[place], row))
    words = best(lambda: explain(asked[place], "template", writer=writer))
    scores = best(lambda: faithfulness(history, items, exact))
    least = best(lambda: smallest_history(history, int(items[0]), exact[:, 0], K))
    told = [
        [f"{N_USERS * K:,} attributions of EASE, {K} items a user (goal: 10 s)", f"{whole:.2f} s"],
        ["attributions of one list of ten (goal: 50 ms)", f"{1000 * one_list:.1f} ms"],
        ["the same with evidence, the template's words and their check", f"{1000 * words:.0f} ms"],
        ["nine scores of faithfulness of the list", f"{1000 * scores:.0f} ms"],
        ["smallest counterfactual history of one item", f"{1000 * least:.0f} ms"],
    ]
    for name in DRAWN:
        what = f"Shapley values of one list of ten by shap, {ORDERS} orders, {name}"
        told.append([what, f"{drawn(name, train, middle):.2f} s"])
    told.append([f"liked items of the user of one list: {n_liked[middle]}", ""])
    told.append(["load of the machine at the end (2 cores)", f"{os.getloadavg()[0]:.1f}"])
    return told


if __name__ == "__main__":
    write_section("attributions", ["what", "taken"], rows(), NOTE)
