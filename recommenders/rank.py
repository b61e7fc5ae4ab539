"""From scores to lists: the one place that hides seen items, cuts, pads and breaks ties."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from core.errors import PluginError
from core.tables import PAD, Bools, Codes, Floats, Interactions, Ints, TopK

BLOCK_BYTES = 32 * 2**20  # of one block's dense scores: far below memory, well above call overhead

Score = Callable[[Codes | Ints], Floats]


def product(rows: "csr_array[Any] | Floats", matrix: Floats) -> Floats:
    """Compute rows @ matrix so that a row's bits do not depend on the rows around it.

    rows    CSR or dense (n, n_inner)
    matrix  float (n_inner, n_columns), C order is fastest
    Returns the type of `matrix`, (n, n_columns).
    """
    from recommenders.kernels import add_rows

    sparse = rows if isinstance(rows, csr_array) else _as_csr(rows)
    matrix = np.ascontiguousarray(matrix)
    out = np.empty((sparse.shape[0], matrix.shape[1]), dtype=matrix.dtype)
    data = sparse.data.astype(matrix.dtype, copy=False)
    add_rows(sparse.indptr, sparse.indices, data, matrix, out)
    return out


def _as_csr(rows: Floats) -> "csr_array[Any]":
    """Every entry of dense rows, zeros too, so that all rows add up in the same order."""
    n, width = rows.shape
    columns = np.tile(np.arange(width, dtype=np.int32), n)
    starts = np.arange(0, n * width + 1, width, dtype=np.int32) if width else np.zeros(n + 1, int)
    return csr_array((rows.ravel(), columns, starts), shape=(n, width))


def rank(users: Codes | Ints, scores: Floats, seen: "csr_array[Any]", k: int) -> TopK:
    """List each user's k best unseen items, best first; ties go to the lower item code.

    users   int (n,) codes
    scores  float (n, n_items), one row per entry of `users`; -inf hides an item
    seen    CSR (all users, n_items): row u holds what user u must not get again
    Rows with fewer than k items left are filled with PAD and -inf. NaN raises PluginError.
    """
    from recommenders.kernels import NO_NAN, select

    if k < 1:
        raise ValueError(f"a list needs k of at least 1; got k={k}")
    if scores.shape != (len(users), seen.shape[1]):
        raise ValueError(
            f"scores must be (users, items) = {(len(users), seen.shape[1])}; got {scores.shape}"
        )
    if not seen.has_sorted_indices:
        seen = seen.sorted_indices()
    if not np.issubdtype(scores.dtype, np.floating):
        scores = scores.astype(np.float64)
    codes: Ints = np.asarray(users, dtype=np.int64)
    items = np.full((len(codes), k), PAD, dtype=np.int32)
    best = np.full((len(codes), k), -np.inf, dtype=scores.dtype)
    bad = select(codes, np.ascontiguousarray(scores), seen.indptr, seen.indices, items, best)
    if bad != NO_NAN:
        item = int(np.flatnonzero(np.isnan(scores[bad]))[0])
        raise PluginError(
            f"scores must be numbers, or -inf to hide an item; user code {codes[bad]} has NaN at "
            f"item code {item}. Check the model for divisions by zero or training that diverged"
        )
    return TopK(codes, items, best)


def rank_in_blocks(
    score: Score,
    users: Codes | Ints,
    train: Interactions,
    k: int,
    *,
    block: int | None = None,
    known: Bools | None = None,
) -> TopK:
    """Score and rank some users at a time, so that nothing dense of all users ever exists.

    score  maps int (n,) user codes to float (n, n_items) scores
    block  users at a time; by default as many as fit BLOCK_BYTES
    known  bool (n_users,) whom the model can serve; by default users with a liked item in train.
           The others get a row of PAD.
    """
    if known is None:
        known = np.diff(train.liked.indptr) > 0
    codes: Ints = np.asarray(users, dtype=np.int64)
    block = block or max(1, BLOCK_BYTES // (8 * max(train.n_items, 1)))
    items = np.full((len(codes), k), PAD, dtype=np.int32)
    scores = np.full((len(codes), k), -np.inf, dtype=np.float32)
    places = np.flatnonzero(known[codes])
    for start in range(0, len(places), block):
        chosen = places[start : start + block]
        part = rank(codes[chosen], score(codes[chosen]), train.seen, k)
        if part.scores.dtype != scores.dtype:
            scores = scores.astype(part.scores.dtype)
        items[chosen], scores[chosen] = part.items, part.scores
    return TopK(codes, items, scores)


def warm_up() -> None:
    """Load the compiled kernels (compile them on a fresh install), so that no model's time pays."""
    nothing = csr_array(np.zeros((1, 2), dtype=np.float32))
    for kind in (np.float32, np.float64):
        scores = product(np.ones((1, 1), dtype=kind), np.ones((1, 2), dtype=kind))
        rank(np.zeros(1, dtype=np.int64), scores, nothing, 1)
