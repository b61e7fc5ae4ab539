"""Texts of items as vectors that tell items apart, and what a history makes of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from core.embedding import embed
from core.errors import UnknownNameError
from core.tables import Bools, Floats, Interactions
from recommenders.texts import KNOWN_PARTS

EMPTY = "items without a text, not listed"


def parts_of(setting: str) -> tuple[str, ...]:
    """What of an item is read: names in one line with commas.  UnknownNameError for another."""
    names = tuple(filter(None, (name.strip() for name in setting.split(","))))
    for name in names or ("",):
        if name not in KNOWN_PARTS:
            raise UnknownNameError("part of an item's text", name, KNOWN_PARTS)
    return names


def vectors_of(texts: Sequence[str], embedding: str) -> tuple[Floats, Bools]:
    """Vectors of texts, less what is common to all: float32 (n, width), and which have a text.

    Sentence embeddings lie in a narrow cone; without their mean, directions tell texts apart (Mu &
    Viswanath 2018, arXiv:1702.01417). Rows have length 1, of an empty text 0.
    """
    has_text = np.array([bool(text) for text in texts])
    raw = embed(list(texts), embedding)
    return centred(raw, has_text), has_text


def centred(raw: Floats, is_known: Bools) -> Floats:
    """Rows less the mean of the known ones, of length 1; unknown rows are zero."""
    mean = raw[is_known].mean(axis=0, dtype=np.float64) if is_known.any() else 0.0
    less = raw.astype(np.float64) - mean
    lengths = np.linalg.norm(less, axis=1, keepdims=True)
    unit = np.divide(less, lengths, out=np.zeros_like(less), where=lengths > 1e-9)
    unit[~is_known] = 0.0
    return np.ascontiguousarray(unit, dtype=np.float32)


def recency(train: Interactions, half_life: int) -> "csr_array[Any]":
    """float32 (n_users, n_items): what each liked item counts, half as much half_life likings ago.

    half_life  0: every liked item counts 1
    """
    liked = train.liked
    if not half_life:
        return liked
    order = np.argsort(train.timestamps, kind="stable") if train.timestamps is not None else None
    rows = np.flatnonzero(train.is_liked) if order is None else order[train.is_liked[order]]
    users, items = train.users[rows], train.items[rows]
    by_user = np.argsort(users, kind="stable")
    # each user's rows, oldest first: the last of them has age 0
    counts = np.bincount(users, minlength=train.n_users)
    ends = np.cumsum(counts)
    ages = np.repeat(ends, counts) - 1 - np.arange(len(rows))
    keys = users[by_user].astype(np.int64) * train.n_items + items[by_user]
    # of a pair that occurs twice the later row counts
    last, place = np.unique(keys[::-1], return_index=True)
    values = 0.5 ** (ages[::-1][place] / half_life)
    shape = (train.n_users, train.n_items)
    made = csr_array(
        (values.astype(np.float32), (last // train.n_items, last % train.n_items)), shape
    )
    made.sort_indices()
    return made


def weighed(
    histories: "csr_array[Any]", weights: "csr_array[Any]", user: int | None
) -> "csr_array[Any]":
    """Histories with each item weighing what it does in the user's own; 1 for anybody else's."""
    if user is None:
        return histories
    own = np.ones(histories.shape[1], dtype=np.float32)
    row = weights[[user]]
    own[row.indices] = row.data
    made = histories.copy()
    made.data = made.data * own[made.indices]
    return made
