"""Lists as arrays and as a table, and the popular items that fill a list nobody could make."""

import numpy as np
import pandas as pd

from core.tables import PAD, Bools, Floats, Interactions, Ints, TopK
from recommenders.rank import rank

USERS_AT_A_TIME = 1024


def shaped(lists: TopK, k: int) -> TopK:
    """The same lists, exactly k wide, scores as float32."""
    n, width = lists.items.shape
    items = np.full((n, k), PAD, dtype=np.int32)
    scores = np.full((n, k), -np.inf, dtype=np.float32)
    taken = min(width, k)
    items[:, :taken] = lists.items[:, :taken]
    scores[:, :taken] = lists.scores[:, :taken]
    return TopK(lists.users, items, scores)


def stacked(blocks: list[TopK]) -> TopK:
    """Blocks of users below one another."""
    return TopK(
        np.concatenate([block.users for block in blocks]),
        np.concatenate([block.items for block in blocks]),
        np.concatenate([block.scores for block in blocks]),
    )


def fill(lists: TopK, history: Interactions) -> tuple[TopK, Bools]:
    """Give users whose list is empty what most people liked, and say who they are.

    The second answer is bool (n_users,). Items a user had before are left out; the score is the
    number of people who liked the item, ties go to the lower code.
    """
    is_empty = (lists.items == PAD).all(axis=1)
    if not is_empty.any():
        return lists, is_empty
    items, scores = lists.items.copy(), lists.scores.copy()
    popularity = np.asarray(history.liked.sum(axis=0), dtype=np.float32).ravel()
    rows = np.flatnonzero(is_empty)
    for start in range(0, len(rows), USERS_AT_A_TIME):
        some = rows[start : start + USERS_AT_A_TIME]
        everywhere = np.broadcast_to(popularity, (len(some), len(popularity)))
        filled = rank(lists.users[some], everywhere, history.seen, lists.k)
        items[some], scores[some] = filled.items, filled.scores
    return TopK(lists.users, items, scores), is_empty


def to_table(lists: TopK, is_hit: Bools, is_fallback: Bools) -> pd.DataFrame:
    """user, rank from 1, item, score, is_hit, is_fallback; by user, then rank.

    is_hit       bool (n_users, k); is_fallback  bool (n_users,)
    """
    order = np.argsort(lists.users, kind="stable")
    items = lists.items[order]
    row, column = np.nonzero(items != PAD)
    return pd.DataFrame(
        {
            "user": lists.users[order][row].astype(np.int32),
            "rank": (column + 1).astype(np.int32),
            "item": items[row, column],
            "score": lists.scores[order][row, column].astype(np.float32),
            "is_hit": is_hit[order][row, column],
            "is_fallback": is_fallback[order][row],
        }
    )


def from_table(table: pd.DataFrame, users: Ints, k: int) -> TopK:
    """The arrays again, for these users (ascending); who has no row gets PAD."""
    items = np.full((len(users), k), PAD, dtype=np.int32)
    scores = np.full((len(users), k), -np.inf, dtype=np.float32)
    row = np.searchsorted(users, table["user"].to_numpy())
    column = table["rank"].to_numpy() - 1
    items[row, column] = table["item"].to_numpy()
    scores[row, column] = table["score"].to_numpy()
    return TopK(users, items, scores)


def exposure(lists: TopK, is_hit: Bools, n_items: int) -> pd.DataFrame:
    """item, n_recommended, n_hits, exposure (sum of 1 / log2(rank + 1)); one row an item."""
    row, column = np.nonzero(lists.items != PAD)
    items = lists.items[row, column]
    weights: Floats = 1.0 / np.log2(column + 2.0)
    return pd.DataFrame(
        {
            "item": np.arange(n_items, dtype=np.int32),
            "n_recommended": np.bincount(items, minlength=n_items).astype(np.int32),
            "n_hits": np.bincount(items[is_hit[row, column]], minlength=n_items).astype(np.int32),
            "exposure": np.bincount(items, weights=weights, minlength=n_items),
        }
    )
