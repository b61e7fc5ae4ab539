"""One model through rolling windows: left as it was, fitted again, and taught what came since."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from core.split import rolling
from core.tables import PAD, Codes, Floats, Interactions, Ints, Split, TopK
from evaluators.metric import Metric
from recommenders.base import LearnsMore
from recommenders.contract import check_topk
from recommenders.guard import guarded
from recscope.audits.case import Case
from recscope.judge import judge, label, per_user
from recscope.lists import fill, shaped

DAY = 86_400.0
SPARE = 50  # entries asked for beyond k: some are what the user had since the model was fitted
FROZEN, REFITTED, UPDATED = "frozen", "refitted", "updated"


@dataclass(frozen=True, eq=False)
class Stretch:
    """One window of time: what was known before it, and what happened in it.

    users  int64 (n,) who is asked, ascending; test: their rows alone; at: middle of the window
    """

    split: Split
    users: Ints
    test: Interactions
    at: float
    label: str

    @property
    def known(self) -> Interactions:
        return self.split.train


def stretches(
    rows: Interactions, n_windows: int, share: float, n_users: int, seed: int
) -> list[Stretch]:
    """Windows of equally many rows at the end of the data, oldest first."""
    found = []
    for at, part in enumerate(rolling(rows, n_windows=n_windows, test=share, validation=0.0)):
        users = np.unique(part.test.users).astype(np.int64)
        if len(users) > n_users:
            rng = np.random.default_rng([seed, at])
            users = np.sort(rng.choice(users, n_users, replace=False))
        is_asked = np.zeros(rows.n_users, dtype=bool)
        is_asked[users] = True
        times = part.test.timestamps
        if times is None:  # rolling has refused it before
            continue
        first, last = (
            str(np.datetime64(int(t), "s").astype("datetime64[D]"))
            for t in (times.min(), times.max())
        )
        test = part.test.take(is_asked[part.test.users])
        found.append(Stretch(part, users, test, float(np.median(times)), f"{first} to {last}"))
    return found


@dataclass(frozen=True, eq=False)
class Asked:
    """What a model said in one window.

    quality  series → float64 (n_users,) of the metric, NaN where undefined
    lists    series → int32 (n_users, k); "previous": of the model fitted one window earlier
    is_known bool (n_users,) had rows when the frozen model was fitted; was_known: one window ago
    """

    stretch: Stretch
    quality: dict[str, Floats]
    lists: dict[str, Codes]
    is_known: Any
    was_known: Any


def through(
    case: Case, model: str, parts: list[Stretch], metric: Metric, k: int
) -> Iterator[Asked]:
    """Ask the model in every window; it is fitted once a window, and taught where it can learn."""
    frozen = case.fitted(model, parts[0].known)
    updated = case.fitted(model, parts[0].known) if isinstance(frozen, LearnsMore) else None
    fresh, before = frozen, parts[0]
    for at, part in enumerate(parts):
        previous, earlier = fresh, before
        if at:
            fresh = case.fitted(model, part.known)
            updated = _taught(case, model, updated, earlier.split.test)
        before = part
        asked = partial(_lists, case, model, part, k)
        lists = {FROZEN: asked(frozen, parts[0].known)}
        lists[REFITTED] = asked(fresh, part.known) if at else lists[FROZEN]
        lists["previous"] = asked(previous, earlier.known) if at > 1 else lists[FROZEN]
        if updated is not None:
            lists[UPDATED] = asked(updated, part.known) if at else lists[FROZEN]
        quality = {
            name: quality_of(one, part, metric, k)
            for name, one in lists.items()
            if name != "previous"
        }
        yield Asked(
            part,
            quality,
            lists,
            _has_rows(parts[0].known, part.users),
            _has_rows(earlier.known, part.users),
        )


def _taught(case: Case, model: str, fitted: Any, new: Interactions) -> Any:
    if fitted is None:
        return None
    timeout = case.config.run.model_timeout
    return guarded(lambda: fitted.partial_fit(new), timeout, f"partial_fit of {model}") or fitted


def _has_rows(rows: Interactions, users: Ints) -> Any:
    has = np.zeros(rows.n_users, dtype=bool)
    has[rows.users] = True
    return has[users]


def _lists(
    case: Case, model: str, part: Stretch, k: int, fitted: Any, learned: Interactions
) -> Codes:
    """The first k entries that the user has not had by now."""
    ask = partial(fitted.recommend, part.users, k + SPARE)
    answer = guarded(ask, case.config.run.model_timeout, f"recommend of {model}")
    lists = shaped(check_topk(answer, part.users, k + SPARE, learned, model), k + SPARE)
    if case.config.run.fallback:
        lists, _ = fill(lists, learned)
    return without(lists, part.known, k)


def without(lists: TopK, had: Interactions, k: int) -> Codes:
    """The first k items of each list that its user has not had: int32 (n, k)."""
    seen = had.seen[lists.users]
    rows = np.repeat(np.arange(len(lists.users)), np.diff(seen.indptr))
    keys = np.sort(rows * had.n_items + seen.indices)
    asked = np.arange(len(lists.users))[:, None] * had.n_items + lists.items
    place = np.minimum(np.searchsorted(keys, asked), max(len(keys) - 1, 0))
    is_out = lists.items == PAD
    if len(keys):
        is_out = is_out | (keys[place] == asked)
    order = np.argsort(is_out, axis=1, kind="stable")[:, :k]
    kept = np.take_along_axis(np.where(is_out, PAD, lists.items), order, axis=1)
    return np.asarray(kept, dtype=np.int32)


def quality_of(items: Codes, part: Stretch, metric: Metric, k: int) -> Floats:
    """The metric of each user's list, which holds nothing that the user had before."""
    scores = np.where(items == PAD, -np.inf, -np.arange(float(items.shape[1])))
    judged = judge(TopK(part.users, items, scores), part.test, k=k)
    table = per_user(judged, [metric], [k], np.float64)
    return table[label(metric.name, k)].to_numpy()
