"""Rows of recommendations, in any order, to one ranked list a user."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import PAD, Codes, Ints, TopK
from recscope.judged_rows import stable_order

STAGE = "recommendations"
TIES = "tie in score: the order of the rows decides"
DOUBLED = "rank given twice in a list: the order of the rows decides"
GAPS = "ranks with a gap: the list is closed up"
LONGER = "list longer than the largest k: what lies beyond counts for no metric at a cutoff"
SHORTER = "list shorter than the largest k: its empty places are misses"
MOST_CELLS = 200_000_000
LISTS_AT_A_TIME = 1 << 12
ROWS_AT_A_TIME = 1 << 16
CELLS_AT_A_TIME = 1 << 18
PACKED_BITS = 63


@dataclass(frozen=True, eq=False)
class Rows:
    """One row per recommended item.

    users, items  int32 (n,) codes
    rank          (n,) numbers, the lowest is the best; None: score decides
    score         (n,) numbers, the highest is the best; None: there are none
    """

    users: Codes
    items: Codes
    rank: npt.NDArray[Any] | None
    score: npt.NDArray[Any] | None


@dataclass(frozen=True, eq=False)
class Steps:
    """What changes from each row to the next one.

    starts  int64 (n_lists,)  first row of each run of equal users
    wrong   rows that stand below a worse one of the same user
    equal   rows of the same user, rank or score as the one before
    jumps   rows whose rank is over 1 more than that of the one before, same user
    """

    starts: Ints
    wrong: int
    equal: int
    jumps: Ints


def to_lists(rows: Rows, k: int, *, whole: bool, with_scores: bool, ledger: Ledger) -> TopK:
    """Ranked lists of all users who have any, at least k wide; what is odd in them is counted.

    k            the largest cutoff
    whole        keep all of each list, not just the first k
    with_scores  hand the scores on; they are 0 otherwise

    Where rank, or else score, does not decide, the order of the rows does. ConfigError if whole
    lists would not fit: one very long list among many makes all rows that wide.
    """
    key = rows.rank if rows.rank is not None else rows.score
    if key is None:
        raise ValueError("rows of recommendations need a rank or a score")
    falls = rows.rank is None
    users, order = rows.users, None
    steps = _steps(users, key, falls=falls)
    if steps.wrong or _has_torn_users(users, steps.starts):
        order, users, key = _sorted(users, key, falls=falls)
        steps = _steps(users, key, falls=falls)
    lengths = np.diff(np.append(steps.starts, len(users)))
    _note(key, steps, lengths, k, is_score=falls, ledger=ledger)
    longest = int(lengths.max())
    width = max(k, longest) if whole else k
    if width * len(lengths) > max(MOST_CELLS, 20 * len(users)):
        if k > longest:
            raise ConfigError(
                f"k is {k:,}, but the longest of {len(lengths):,} lists has {longest:,} items: so "
                "many empty places would take too much memory. Name a smaller k"
            )
        raise ConfigError(
            f"the longest list has {width:,} items and there are {len(lengths):,} lists: judging "
            "whole lists would take too much memory. Cut the lists, or leave out the metrics "
            "without a cutoff (auc, bpref …)"
        )
    scored = rows.score if with_scores else None
    items = np.empty((len(lengths), width), dtype=np.int32)
    scores = np.zeros(1 if scored is None else items.shape, dtype=np.float32)
    for first in range(0, len(lengths), LISTS_AT_A_TIME):
        some = slice(first, first + LISTS_AT_A_TIME)
        place = steps.starts[some, None] + np.arange(width)
        is_past_end = np.arange(width) >= lengths[some, None]
        place = np.where(is_past_end, 0, place)
        if order is not None:
            place = order[place]
        items[some] = rows.items[place]
        items[some][is_past_end] = PAD
        if scored is not None:
            scores[some] = scored[place]
            scores[some][is_past_end] = -np.inf
    return TopK(users[steps.starts], items, np.broadcast_to(scores, items.shape))


def _steps(users: Codes, key: npt.NDArray[Any], *, falls: bool) -> Steps:
    """Look at neighbouring rows, some at a time so that they stay in the processor's cache."""
    starts, jumps = [np.zeros(1, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    wrong = equal = 0
    for first in range(0, len(users) - 1, ROWS_AT_A_TIME):
        last = min(first + ROWS_AT_A_TIME, len(users) - 1)
        same = users[first + 1 : last + 1] == users[first:last]
        starts.append(np.flatnonzero(~same) + (first + 1))
        step = np.diff(key[first : last + 1])
        as_hoped = step < 0 if falls else step == 1
        if not (same & ~as_hoped).any():
            continue
        step = step * same  # a step to another user is none
        worse = int(np.count_nonzero(step > 0))
        better = int(np.count_nonzero(step < 0))
        wrong += worse if falls else better
        equal += int(same.sum()) - worse - better
        if not falls:
            jumps.append(np.flatnonzero(step > 1) + (first + 1))
    return Steps(np.concatenate(starts), wrong, equal, np.concatenate(jumps))


def _has_torn_users(users: Codes, starts: Ints) -> bool:
    """Do the rows of some user stand in several places?"""
    heads = users[starts]
    if (heads[1:] > heads[:-1]).all():
        return False
    return len(np.unique(heads)) < len(heads)


def _sorted(
    users: Codes, key: npt.NDArray[Any], *, falls: bool
) -> tuple[Ints, Codes, npt.NDArray[Any]]:
    """Positions of the rows by user, then best first, then as they came; users and key so."""
    if not falls and np.issubdtype(key.dtype, np.integer):
        low = int(key.min())
        bits = [int(top).bit_length() for top in (users.max(), int(key.max()) - low, len(users))]
        if sum(bits) <= PACKED_BITS:  # (user, rank, row) in one number: one plain sort
            packed = users.astype(np.int64) << bits[1]
            packed |= key.astype(np.int64) - low
            packed <<= bits[2]
            packed |= np.arange(len(users))
            packed.sort()
            order = packed & ((1 << bits[2]) - 1)
            packed >>= bits[2]
            by_rank = (packed & ((1 << bits[1]) - 1)) + low
            packed >>= bits[1]
            return order, packed.astype(np.int32), by_rank
    order = _order(users, key, falls=falls)
    return order, users[order], key[order]


def _order(users: Codes, key: npt.NDArray[Any], *, falls: bool) -> Ints:
    """Positions of the rows, each user's sorted apart; lists of like length share a block."""
    by_user = stable_order(users)
    users = users[by_user]
    starts = np.flatnonzero(np.append(True, users[1:] != users[:-1]))
    lengths = np.diff(np.append(starts, len(users)))
    lists = np.argsort(-lengths, kind="stable")
    answer = np.empty(len(users), dtype=np.int64)
    first = 0
    while first < len(lists):
        width = int(lengths[lists[first]])
        some = lists[first : first + max(1, CELLS_AT_A_TIME // width)]
        place = starts[some, None] + np.arange(width)
        is_there = np.arange(width) < lengths[some, None]
        rows = by_user[np.where(is_there, place, 0)]
        keys = key[rows].astype(np.float64)
        keys = np.where(is_there, -keys if falls else keys, np.inf)
        best_first = np.argsort(keys, axis=1, kind="stable")
        answer[place[is_there]] = np.take_along_axis(rows, best_first, axis=1)[is_there]
        first += len(some)
    return answer


def _note(
    key: npt.NDArray[Any], steps: Steps, lengths: Ints, k: int, *, is_score: bool, ledger: Ledger
) -> None:
    """Count what is odd in sorted lists."""
    ledger.add(STAGE, "noted", TIES if is_score else DOUBLED, steps.equal, unit="entries")
    if not is_score:
        has_gap = key[steps.starts] > max(1, key[steps.starts].min())
        has_gap[np.searchsorted(steps.starts, steps.jumps, side="right") - 1] = True
        ledger.add(STAGE, "repaired", GAPS, has_gap.sum(), unit="lists")
    ledger.add(STAGE, "noted", LONGER, (lengths > k).sum(), unit="lists")
    ledger.add(STAGE, "noted", SHORTER, (lengths < k).sum(), unit="lists")
