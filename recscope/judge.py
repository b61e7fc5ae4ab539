"""Was each recommended item one that the user went on to choose?"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, PluginError
from core.ledger import Ledger
from core.tables import PAD, Bools, Codes, Floats, Interactions, Ints, TopK
from evaluators.arrays import compute
from evaluators.metric import Metric
from recscope.catalogue import NO_HISTORY, Catalogue
from recscope.judged import Judged
from recscope.judged_rows import aligned, among, find, group
from recscope.judged_truth import gather

USERS_AT_A_TIME = 1 << 14

NO_LIST = "no list for the user: counts as an empty one"
UNKNOWN_USER = "list of a user who is not in the truth"
REPEATED = "item repeated in its list: counts as a miss"
SEEN = "listed item that the user had before: counts as a miss"
HOLE = "empty place inside a list: keeps its rank and counts as a miss"
UNDEFINED = "nothing relevant for the user: undefined"

NO_RATINGS = "the truth has no ratings"
NO_PREDICTIONS = "no ratings were predicted"
WHY_NOT = {
    "gains": NO_RATINGS,
    "ideal_gains": NO_RATINGS,
    "n_predicted": NO_PREDICTIONS,
    "squared_error": NO_PREDICTIONS,
    "absolute_error": NO_PREDICTIONS,
    "is_had": NO_HISTORY,
}


def judge(  # noqa: PLR0913 - one argument per thing that a list is held against
    lists: TopK,
    truth: Interactions,
    *,
    seen: Iterable[Interactions] = (),
    k: int | None = None,
    n_catalogue: int | None = None,
    predicted: Floats | None = None,
    has_scores: bool = True,
    catalogue: Catalogue | None = None,
) -> Judged:
    """Which items of each list did the user choose in the test set?

    lists        one list a user at most; entries past the end are PAD
    truth        the test rows; `threshold` says which are relevant. All parts share their codes
    seen         parts that the recommender could learn from: their items are no recommendation
    k            the largest cutoff: narrower lists are padded to it, wider ones stay as they are
    n_catalogue  items that could be recommended; all of the code space when not given
    predicted    float (n,) the model's rating of each row of `truth`, NaN where it has none
    has_scores   False: the scores of `lists` are filling and no metric may see them
    catalogue    what is known of the items and of the users' history

    Every user of the truth is in the answer, with an empty row where there is no list; lists of
    others are dropped and counted. A repeated item, and one seen before, is a miss and counted.
    Raises EmptyError if the truth has no rows, PluginError for two lists of one user or for codes
    outside the id space.
    """
    ledger = Ledger()
    seen = list(seen)
    facts, source = gather(truth, ledger)
    items, scores = _lay_out(lists, facts.users, truth, k or 1, ledger)
    match = find(items, facts.starts, facts.items)
    _void_repeats(items, match, ledger)
    n_seen, is_had = _void_seen(facts.users, items, match, seen, ledger)
    judged = Judged(
        truth=facts,
        items=items,
        match=match,
        scores=scores if has_scores else None,
        n_seen=n_seen,
        n_catalogue=truth.n_items if n_catalogue is None else n_catalogue,
        predicted=predicted if predicted is None or source is None else predicted[source],
        ledger=ledger,
        top_rating=_top_rating([truth, *seen]),
        n_items=truth.n_items,
        is_had=is_had,
        catalogue=catalogue,
    )
    ledger.add("judge", "imputed", NO_LIST, judged.is_imputed.sum(), unit="users")
    ledger.add("judge", "noted", UNDEFINED, (facts.n_relevant == 0).sum(), unit="users")
    return judged


def _top_rating(parts: Iterable[Interactions]) -> float | None:
    """Best rating that anybody gave: the top of the scale as far as the data tell."""
    best = [part.ratings.max() for part in parts if part.ratings is not None and len(part)]
    return float(max(best)) if best else None


def _lay_out(
    lists: TopK, users: Ints, truth: Interactions, k: int, ledger: Ledger
) -> tuple[Codes, Floats]:
    """One row of items and scores for every user of the truth, at least k wide."""
    if lists.items.size and not PAD <= lists.items.min() <= lists.items.max() < truth.n_items:
        raise PluginError(
            f"lists hold item codes from {lists.items.min()} to {lists.items.max()}, but there are "
            f"{truth.n_items} items: codes go from 0, and {PAD} fills a short list"
        )
    is_sorted = (lists.users[1:] > lists.users[:-1]).all()
    if not is_sorted and len(np.unique(lists.users)) < len(lists.users):
        raise PluginError("a user has two lists; a recommender answers with one per asked user")
    items, scores = lists.items, lists.scores
    _note_holes(items, ledger)
    place = np.minimum(np.searchsorted(users, lists.users), len(users) - 1)
    is_known = users[place] == lists.users
    ledger.add("judge", "dropped", UNKNOWN_USER, (~is_known).sum(), unit="lists")
    if len(lists.users) == len(users) and is_known.all() and lists.k >= k:
        if is_sorted:
            return items, scores
        order = np.argsort(place)
        return items[order], scores[order]
    width = max(k, lists.k)
    all_items = np.full((len(users), width), PAD, dtype=np.int32)
    all_scores = np.full((len(users), width), -np.inf, dtype=scores.dtype)
    all_items[place[is_known], : lists.k] = items[is_known]
    all_scores[place[is_known], : lists.k] = scores[is_known]
    return all_items, all_scores


def _note_holes(items: Codes, ledger: Ledger) -> None:
    """An empty place inside a list was an item nobody knows: it keeps its rank, as a miss."""
    is_pad = items == PAD
    has_hole = (is_pad[:, :-1] & ~is_pad[:, 1:]).any(axis=1)
    ledger.add("judge", "noted", HOLE, has_hole.sum(), unit="lists")


def _void_repeats(items: Codes, match: Codes, ledger: Ledger) -> None:
    """An item counts at its first place in a list, and nowhere else."""
    by_item = np.sort(items, axis=1)
    repeats = (by_item[:, 1:] == by_item[:, :-1]) & (by_item[:, 1:] != PAD)
    ledger.add("judge", "noted", REPEATED, repeats.sum(), unit="entries")
    rows = np.flatnonzero(repeats.any(axis=1))
    order = np.argsort(items[rows], axis=1, kind="stable")
    user, place = np.nonzero(repeats[rows])
    match[rows[user], order[user, place + 1]] = -1


def _void_seen(
    users: Ints, items: Codes, match: Codes, parts: Sequence[Interactions], ledger: Ledger
) -> tuple[Ints, Bools | None]:
    """A listed item that the user had before matches nothing; how many each had, and which."""
    if not parts:
        return np.zeros(len(users), dtype=np.int64), None
    known = [among(part.users, users, part.n_users) for part in parts]
    had_by = np.concatenate([part.users[rows] for part, rows in zip(parts, known, strict=True)])
    had = np.concatenate([part.items[rows] for part, rows in zip(parts, known, strict=True)])
    before = group(had_by, had, parts[0].n_items)
    starts = aligned(before, users)
    is_seen = find(items, starts, before.items) >= 0
    ledger.add("judge", "noted", SEEN, is_seen.sum(), unit="entries")
    match[is_seen] = -1
    return np.diff(starts), is_seen


def missing_arrays(metric: Metric, judged: Judged) -> list[str]:
    """Arrays that the metric asks for and that cannot be made here."""
    return [name for name in metric.needs if not judged.has(name)]


def reason_missing(metric: Metric, judged: Judged) -> str | None:
    """Why the metric cannot be computed here; None if it can."""
    lacking = missing_arrays(metric, judged)
    if not lacking:
        return None
    reasons = {judged.why_not(name) or WHY_NOT.get(name, f"no {name} here") for name in lacking}
    because = " and ".join(sorted(reasons))
    return f"it asks for {', '.join(lacking)}: {because}"


def require(metric: Metric, judged: Judged) -> None:
    """ConfigError where the metric asks for an array that cannot be made here."""
    if reason := reason_missing(metric, judged):
        raise ConfigError(
            f"the metric {metric.name!r} cannot be computed, {reason}. Leave it out, or hand over "
            "what it asks for"
        )


def columns_of(metrics: Sequence[Metric], ks: Sequence[int]) -> list[tuple[Metric, int | None]]:
    """Each metric at each cutoff, in order; once, with None, where it takes no cutoff."""
    return [(metric, k) for metric in metrics for k in (ks if metric.cutoff else (None,))]


def label(name: str, k: int | None) -> str:
    """How a column of the per-user table is called: ndcg@10, auc."""
    return name if k is None else f"{name}@{k}"


def per_user(
    judged: Judged,
    metrics: Sequence[Metric],
    ks: Sequence[int],
    dtype: type[np.floating[Any]] = np.float32,
) -> pd.DataFrame:
    """What does each user's list score?

    judged   lists held against the truth, at least max(ks) wide
    metrics  those of them that give one value a run are left out
    ks       cutoffs
    dtype    float32 is for keeping; means taken of float64 are exact to the last digit shown

    Index `user` (codes), one column per metric and cutoff: `ndcg@10`, `auc`. NaN is
    undefined. Raises ConfigError where a metric asks for an array that cannot be made here, and
    PluginError where a metric fails.
    """
    wanted = columns_of([metric for metric in metrics if metric.per == "user"], ks)
    for metric, _ in wanted:
        require(metric, judged)
    values = np.empty((len(judged), len(wanted)), dtype=dtype, order="F")
    for rows, block in judged.blocks(USERS_AT_A_TIME):
        for column, (metric, k) in enumerate(wanted):
            names = (*metric.needs, *metric.settings)
            values[rows, column] = compute(metric, block.arrays(names, k))
    labels = [label(metric.name, k) for metric, k in wanted]
    index = pd.Index(judged.truth.users, name="user")
    return pd.DataFrame(values, index=index, columns=labels, copy=False)


def one_value(judged: Judged, metric: Metric, k: int | None) -> float:
    """What a metric with one value a run says of everybody."""
    return float(compute(metric, judged.arrays((*metric.needs, *metric.settings), k)))
