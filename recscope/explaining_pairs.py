"""Which recommendations are explained: models, users, and the first items of their lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, RecScopeError, UnknownNameError
from core.tables import Ints
from explain.explainers import EXPLAINERS
from recommenders.base import ScoresHistories
from recscope.config import RunConfig
from recscope.config_sections import AUTO
from recscope.engine_models import made_model
from recscope.files import read_table
from recscope.stages import Material

FIRST = "ease"  # the model whose attributions are exact, where it is there
USUAL = (
    "template",
    "language-model",
    "counterfactual",
    "alignment",
    "surrogate",
    "paths",
    "similar-items",
    "rules",
    "profile-match",
    "review-aspects",
    "reasoning-graph",
    "similarity",
    "popularity",
    "random",
    "reversed",
)
ASKS_A_MODEL = "a language model"  # in Explainer.needs


@dataclass(frozen=True, eq=False)
class Pairs:
    """What is explained of one model's lists.

    fitted  the model itself; items: user code → int64 codes of the first items of the list
    able    does it score histories? Without, nothing looks at the user's history through it
    """

    model: str
    fitted: Any
    items: Mapping[int, Ints]
    able: bool

    @property
    def n(self) -> int:
        return sum(map(len, self.items.values()))

    def first(self, n: int) -> "Pairs":
        """So many of the pairs: the first item of every user, then the second, and so on."""
        ranked = sorted(
            (rank, place, user)
            for place, (user, items) in enumerate(self.items.items())
            for rank in range(len(items))
        )
        kept: dict[int, int] = {}
        for rank, _, user in ranked[:n]:
            kept[user] = rank + 1
        fewer = {user: items[: kept[user]] for user, items in self.items.items() if user in kept}
        return replace(self, items=fewer)

    def of(self, users: Sequence[int]) -> "Pairs":
        """The pairs of these users."""
        return replace(self, items={user: self.items[user] for user in users})


def explainers_of(asked: Sequence[str]) -> list[str]:
    """Names of explainers, "auto" spelt out, each once.  UnknownNameError."""
    named: list[str] = []
    for name in asked:
        if name == AUTO:
            named += [usual for usual in USUAL if usual in EXPLAINERS]
        elif name in EXPLAINERS:
            named.append(name)
        else:
            raise UnknownNameError("explainer", name, [*EXPLAINERS, AUTO])
    return list(dict.fromkeys(named))


def asks_a_model(name: str) -> bool:
    """Does this explainer ask a language model, so that it is asked for few pairs?"""
    return ASKS_A_MODEL in EXPLAINERS[name].needs


def check(config: RunConfig) -> None:
    """Refuse unknown explainers and models before anything is computed."""
    explainers_of(config.explain.explainers)
    for name in config.explain.models:
        if name not in config.models:
            raise UnknownNameError("model of this run ([explain] models)", name, config.models)


def models_of(path: Path, config: RunConfig, given: Material, done: Sequence[str]) -> list[str]:
    """Models to explain: those asked for, else EASE, or the best of those that score histories.

    done  models that were judged. Where none scores histories, the best one: what looks at lists
    and data alone can still be said.
    """
    asked = config.explain.models
    if asked:
        return [name for name in asked if name in done]
    ranked = _best_first(path, done)
    able = [name for name in ranked if _scores_histories(name, config, given)]
    first = [name for name in able if config.models[name].use == FIRST]
    return list(dict.fromkeys([*first, *able]))[:1] or ranked[:1]


def _best_first(path: Path, done: Sequence[str]) -> list[str]:
    """By the mean ndcg of everybody at the cutoff nearest to 10, in the run's order where equal."""
    table = read_table(path / "estimates.parquet", ["model", "metric", "k", "group_by", "mean"])
    rows = table[(table["metric"] == "ndcg") & table["group_by"].isna()]
    if rows.empty:
        return list(done)
    k = min(rows["k"].dropna().unique(), key=lambda at: (abs(at - 10), at))
    means = rows[rows["k"] == k].set_index("model")["mean"]
    return sorted(done, key=lambda name: -float(means.get(name, -np.inf)))


def _scores_histories(name: str, config: RunConfig, given: Material) -> bool:
    try:
        return isinstance(made_model(name, config, given.dataset), ScoresHistories)
    except RecScopeError:
        return False  # a plug-in that can no longer be made explains nothing


def drawn_users(path: Path, config: RunConfig, given: Material, models: Sequence[str]) -> list[int]:
    """Codes of users who are explained to: the same for every model, drawn by the seed.

    Judged users with a liked item in what models learned, and a list of every model's own making.
    """
    n_liked = np.diff(given.history.liked.indptr)
    fitting = given.users[n_liked[given.users] > 0]
    for name in models:
        table = read_table(path / "models" / name / "topk.parquet", ["user", "is_fallback"])
        fitting = np.intersect1d(fitting, table.loc[~table["is_fallback"], "user"].unique())
    if not len(fitting):
        raise ConfigError(
            "no judged user has both a liked item in train and a list, so there is nothing to "
            "explain; see [relevance] threshold and [split]"
        )
    rng = np.random.default_rng(config.explain.seed)
    n = min(config.explain.users, len(fitting))
    return sorted(int(user) for user in rng.choice(fitting, n, replace=False))


def pairs_of(
    path: Path, model: str, fitted: Any, users: Sequence[int], items_per_user: int
) -> Pairs:
    """The first items of these users' lists, as the run keeps them."""
    table = read_table(path / "models" / model / "topk.parquet", ["user", "rank", "item"])
    rows = table[table["user"].isin(list(users)) & (table["rank"] <= items_per_user)]
    items = {
        user: rows[rows["user"] == user].sort_values("rank")["item"].to_numpy(np.int64)
        for user in sorted(users)
    }
    return Pairs(model, fitted, items, isinstance(fitted, ScoresHistories))


def ranks_of(path: Path, model: str, user: int) -> "pd.Series[int]":
    """Place of each item in one user's list, index: item code."""
    table = read_table(
        path / "models" / model / "topk.parquet", ["user", "rank", "item"], [("user", "==", user)]
    )
    return table.set_index("item")["rank"]
