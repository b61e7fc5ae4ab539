"""Rows of recommendations, in any order, to one ranked list a user."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import PAD, Codes, Ints, TopK

STAGE = "recommendations"
TIES = "tie in score: the order of the rows decides"
DOUBLED = "rank given twice in a list: the order of the rows decides"
GAPS = "ranks with a gap: the list is closed up"
LONGER = "list longer than the largest k: what lies beyond counts for no metric at a cutoff"
SHORTER = "list shorter than the largest k: its empty places are misses"
MOST_CELLS = 200_000_000
LISTS_AT_A_TIME = 1 << 12


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
    order = _order(rows.users, key, falls=falls)
    users, key = (rows.users, key) if order is None else (rows.users[order], key[order])
    starts = np.flatnonzero(np.append(True, users[1:] != users[:-1]))
    lengths = np.diff(np.append(starts, len(users)))
    _note(key, starts, lengths, k, is_score=falls, ledger=ledger)
    width = max(k, int(lengths.max())) if whole else k
    if width * len(starts) > max(MOST_CELLS, 20 * len(users)):
        raise ConfigError(
            f"the longest list has {width:,} items and there are {len(starts):,} lists: judging "
            "whole lists would take too much memory. Cut the lists, or leave out the metrics "
            "without a cutoff (auc, bpref …)"
        )
    scored = rows.score if with_scores else None
    items = np.empty((len(starts), width), dtype=np.int32)
    scores = np.zeros(1 if scored is None else items.shape, dtype=np.float32)
    for first in range(0, len(starts), LISTS_AT_A_TIME):
        some = slice(first, first + LISTS_AT_A_TIME)
        place = starts[some, None] + np.arange(width)
        is_past_end = np.arange(width) >= lengths[some, None]
        place[is_past_end] = 0
        if order is not None:
            place = order[place]
        items[some] = np.where(is_past_end, np.int32(PAD), rows.items[place])
        if scored is not None:
            scores[some] = np.where(is_past_end, -np.inf, scored[place])
    return TopK(users[starts], items, np.broadcast_to(scores, items.shape))


def _order(users: Codes, key: npt.NDArray[Any], *, falls: bool) -> Ints | None:
    """Positions of the rows by user, then best first; None where they lie so already."""
    same = users[1:] == users[:-1]
    n_runs = len(same) + 1 - int(same.sum())
    wrong = key[1:] > key[:-1] if falls else key[1:] < key[:-1]
    wrong &= same
    if not wrong.any():
        heads = users[np.flatnonzero(np.append(True, ~same))]
        if n_runs <= int(users.max()) + 1 and np.bincount(heads).max() == 1:
            return None
    packed = None if falls else _packed(users, key)
    if packed is not None:
        return packed
    return np.lexsort((-key.astype(np.float64) if falls else key, users))


def _packed(users: Codes, rank: npt.NDArray[Any]) -> Ints | None:
    """The order by one plain sort of (user, rank, row) in a single number, where 63 bits do."""
    if not np.issubdtype(rank.dtype, np.integer):
        return None
    low = int(rank.min())
    bits = [int(top).bit_length() for top in (users.max(), int(rank.max()) - low, len(users))]
    if sum(bits) > 63:
        return None
    keys = users.astype(np.int64)
    keys <<= bits[1]
    keys |= (rank - low).astype(np.int64)
    keys <<= bits[2]
    keys |= np.arange(len(users))
    keys.sort()
    keys &= (1 << bits[2]) - 1
    return keys


def _note(
    key: npt.NDArray[Any], starts: Ints, lengths: Ints, k: int, *, is_score: bool, ledger: Ledger
) -> None:
    """Count what is odd in sorted lists."""
    equal = key[1:] == key[:-1]
    equal[starts[1:] - 1] = False
    ledger.add(STAGE, "noted", TIES if is_score else DOUBLED, equal.sum(), unit="entries")
    if not is_score:
        jumps = key[1:] > key[:-1] + 1
        jumps[starts[1:] - 1] = False
        lists = np.searchsorted(starts, np.flatnonzero(jumps), side="right") - 1
        has_gap = np.zeros(len(starts), dtype=bool)
        has_gap[lists] = True
        has_gap |= key[starts] > max(1, key[starts].min())
        ledger.add(STAGE, "repaired", GAPS, has_gap.sum(), unit="lists")
    ledger.add(STAGE, "noted", LONGER, (lengths > k).sum(), unit="lists")
    ledger.add(STAGE, "noted", SHORTER, (lengths < k).sum(), unit="lists")
