"""Which wording ranks best?  Tried on likings held out of the training part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.prompt_files import Words
from core.tables import PAD, Codes, Floats, Interactions, Ints
from recommenders.language.histories import Histories
from recommenders.language.prompts import prompts

TASKS = {"pointwise": "candidate", "pairwise": "first", "listwise": "candidates"}


@dataclass
class Arm:
    """One wording under trial.  values: what it earned, a user each, in the order tried."""

    template: str
    is_time_aware: bool
    values: list[float] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return float(np.mean(self.values)) if self.values else 0.0

    def bound(self, n_tried: int, width: float) -> float:
        """Upper confidence bound (UCB1, Auer et al. 2002, doi:10.1023/A:1013689704352)."""
        if not self.values:
            return np.inf
        return self.mean + width * float(np.sqrt(np.log(max(n_tried, 2)) / len(self.values)))


def templates_of(task: str) -> list[str]:
    """Names of the wordings that come with RecScope for this task."""
    wanted = f"{{{TASKS[task]}}}"
    return [
        name
        for name, words in prompts().items()
        if wanted in words.texts["user"] and (task != "listwise" or "opening" in words.texts)
    ]


@dataclass(frozen=True, eq=False)
class Trials:
    """What wordings are tried on.

    train       the training part without the held-out likings
    users       int64 (n,); candidates: int32 (n, m), the held-out item among them
    held_out    int64 (n,) the last liking of each user
    """

    train: Interactions
    users: Ints
    candidates: Codes
    held_out: Ints

    def values(self, scores: Floats, places: Sequence[int]) -> list[float]:
        """1 / log2(1 + rank) of the held-out item; a tie takes the mean rank."""
        found = []
        for row, place in zip(scores, places, strict=True):
            is_it = self.candidates[place] == self.held_out[place]
            is_other = (self.candidates[place] != PAD) & ~is_it
            own = row[is_it][0]
            rank = 1 + (row[is_other] > own).sum() + (row[is_other] == own).sum() / 2
            found.append(float(1 / np.log2(1 + rank)))
        return found


def trials(
    train: Interactions,
    retrieve: Callable[[Interactions], Any],
    *,
    n_users: int,
    n_candidates: int,
    seed: int,
    fewest: int = 3,
) -> Trials:
    """Hold the last liking of some users out, and find candidates without it.

    retrieve  fits the retriever on what is left. Where it does not find the held-out item, the item
              takes the last candidate's place: what is judged is the order alone. Candidates are
              shuffled, so that no place gives the item away.
    """
    histories = Histories(train)
    counts = np.diff(histories.starts)
    rng = np.random.default_rng([seed, 11])
    able = np.flatnonzero(counts >= fewest)
    users = np.sort(rng.choice(able, size=min(n_users, len(able)), replace=False))
    held_out = np.array([histories.of(user)[-1].item for user in users.tolist()], dtype=np.int64)
    pairs = train.users.astype(np.int64) * train.n_items + train.items
    left = train.take(~np.isin(pairs, users.astype(np.int64) * train.n_items + held_out))
    found = retrieve(left).recommend(users, n_candidates).items
    for row, item in enumerate(held_out.tolist()):
        listed = found[row][found[row] != PAD].tolist()
        if item not in listed:
            listed = [*listed[: n_candidates - 1], item]
        shuffled = rng.permutation(listed)
        found[row] = PAD
        found[row, : len(shuffled)] = shuffled
    return Trials(left, users, found, held_out)


def search(  # noqa: PLR0913 - arms, how they are tried, and for how long
    arms: Sequence[Arm],
    attempt: Callable[[Arm, Sequence[int]], list[float]],
    *,
    n_users: int,
    budget: int,
    batch: int,
    width: float,
    told: Callable[[int], None],
) -> list[Mapping[str, Any]]:
    """Try the wordings that promise most until the budget is spent; one row a step.

    attempt  an arm on users by place → a value each; budget: users asked in all; width: of bounds

    Every wording is tried on one batch of users, the same for all; from then on the one with the
    highest bound. A wording that has seen all users rests.
    """
    rows: list[Mapping[str, Any]] = []
    spent = 0
    while spent < budget:
        open_arms = [arm for arm in arms if len(arm.values) < n_users]
        if not open_arms:
            break
        arm = max(open_arms, key=lambda one: one.bound(spent, width))
        first = len(arm.values)
        places = range(first, min(first + batch, n_users))
        arm.values += attempt(arm, places)
        spent += len(places)
        told(min(spent, budget))
        best = winner(arms)
        rows.append({"step": len(rows) + 1, "loss": 1 - arm.mean, "validation": best.mean,
                     "metric": "ndcg of held-out likings"})  # fmt: skip
    return rows


def winner(arms: Sequence[Arm]) -> Arm:
    """The highest mean among those tried as often as half of the most tried."""
    most = max(len(arm.values) for arm in arms)
    tried = [arm for arm in arms if arm.values and len(arm.values) >= most / 2]
    return max(tried, key=lambda arm: arm.mean)


def reworded(words: Words, text: str) -> str | None:
    """The question in a model's own words, as a prompt's text; None where gaps were lost."""
    import re

    wanted = {gap for gap in re.findall(r"\{(\w+)\}", words.texts["user"]) if gap != "time"}
    given = re.findall(r"\{(\w*)\}", text)
    is_whole = wanted <= set(given) and set(given) <= wanted | {"time", "noun"}
    has_stray = text.count("{") != len(given) or text.count("}") != len(given)
    is_plain = all(sign.isprintable() or sign == "\n" for sign in text) and len(text) < 2000
    return text.strip() if is_whole and is_plain and not has_stray else None
