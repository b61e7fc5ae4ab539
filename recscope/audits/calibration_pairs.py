"""Pairs of a user and a listed item: the score it was given, and whether the user chose it."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from core.tables import Bools, Floats, Interactions, Ints, TopK
from recommenders.contract import check_topk
from recommenders.guard import guarded
from recscope.audits.case import Case
from recscope.config import LISTS
from recscope.files import read_table
from recscope.judge import judge
from recscope.judged import Judged
from recscope.lists import shaped, stacked

OUTSIDE = (LISTS, "http://", "https://")  # systems that cannot be made to forget what they learned


@dataclass(frozen=True, eq=False)
class Pairs:
    """One entry a listed item.

    user      int64 (n,)    row of the user, below n_users
    scores    float64 (n,)  as the model gave them
    outcomes  bool (n,)     did the user choose the item?
    n_lists   users who have an entry
    """

    user: Ints
    scores: Floats
    outcomes: Bools
    n_users: int

    def __len__(self) -> int:
        return len(self.user)

    @property
    def has_pairs(self) -> Bools:
        """Which users have an entry: bool (n_users,)."""
        return np.bincount(self.user, minlength=self.n_users) > 0

    @property
    def n_lists(self) -> int:
        return int(self.has_pairs.sum())

    @property
    def n_hits(self) -> int:
        return int(self.outcomes.sum())


@dataclass(frozen=True, eq=False)
class Shown:
    """The lists of one model as users saw them.

    scores     float (n_users, width)  with what is not listed as -inf; is_listed: bool of the same
               shape, False also for users whose list is not the model's own
    hits       bool (n_users, width)
    """

    scores: Floats
    is_listed: Bools
    hits: Bools

    def pairs(self, k: int, scores: Floats | None = None) -> Pairs:
        """Entries among the first k places; `scores`, where given, stand for the model's own."""
        taken = self.is_listed[:, :k]
        given = self.scores if scores is None else scores
        user = np.repeat(np.arange(len(taken)), taken.sum(axis=1))
        return Pairs(
            user,
            given[:, :k][taken].astype(np.float64),
            self.hits[:, :k][taken],
            len(taken),
        )


def shown(judged: Judged, is_own: Bools) -> Shown | None:
    """Lists with their scores; None where there are none.  is_own: bool (n_users,)."""
    if judged.scores is None:
        return None
    is_listed = judged.is_listed & is_own[:, None] & np.isfinite(judged.scores)
    return Shown(judged.scores, is_listed, judged.hits)


def shown_of(case: Case, model: str) -> Shown | None:
    """The model's lists of the run, without those filled with popular items; None: no scores."""
    path = case.path / "models" / model / "topk.parquet"
    first = read_table(path, ["user", "is_fallback"], [("rank", "==", 1)])
    filled = first.loc[first["is_fallback"], "user"]
    is_own = ~np.isin(case.judged_users, filled)
    made = shown(case.judged(model), is_own)
    if made is not None and case.config.models[model].use.startswith(LISTS) and _is_filling(made):
        return None
    return made


def _is_filling(made: Shown) -> bool:
    """Ready lists without scores carry minus the place instead."""
    places = -1.0 - np.arange(made.scores.shape[1])
    return bool((made.scores == places)[made.is_listed].all())


def is_outside(case: Case, model: str) -> bool:
    """Is it a system of its own, that cannot be fitted on another part of the data?"""
    return case.config.models[model].use.startswith(OUTSIDE)


def seconds_again(case: Case, model: str) -> float:
    """How long it takes to fit the model again and to ask it for the users of validation."""
    cost = case.cost(model)
    n_users = len(np.unique(case.given.split.validation.users))
    return float(cost["fit_seconds"] + cost["recommend_seconds"] * n_users / cost["n_users"])


def validation_pairs(case: Case, model: str, k: int) -> Pairs:
    """Entries of lists by the model fitted on train alone, against validation.

    Lists go to the users who have a row in validation; what they had in train is left out. The
    test part is not touched. Raises PluginError where the model cannot be fitted or asked.
    """
    split = case.given.split
    fitted = case.fitted(model, split.train)
    users = np.unique(split.validation.users).astype(np.int64)
    lists = _asked(case, model, fitted, users, k, split.train)
    judged = judge(lists, split.validation, seen=(split.train,), k=k)
    made = shown(judged, np.ones(len(judged), dtype=bool))
    if made is None:
        raise ValueError("lists that a model was asked for have scores")
    return made.pairs(k)


def _asked(
    case: Case, model: str, fitted: object, users: Ints, k: int, train: Interactions
) -> TopK:
    blocks, config = [], case.config.run
    for start in range(0, len(users), config.block):
        some = users[start : start + config.block]
        call = partial(fitted.recommend, some, k)  # type: ignore[attr-defined] # checked on making
        answer = guarded(call, config.model_timeout, f"recommend of {model}")
        blocks.append(shaped(check_topk(answer, some, k, train, model), k))
    return stacked(blocks)
