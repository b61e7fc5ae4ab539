"""The inner loops, compiled. Imported lazily: numba takes a second to load.

All handle each row by itself and add in one fixed order. BLAS does not (the last bits of a row
depend on its place in the batch), so a tie could fall differently alone and in a batch.
No parallel=True: its workqueue layer aborts the process when two threads enter.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from core.paths import cache_dir

if not os.access(Path(__file__).parent, os.W_OK):
    # numba would look beside this file, then in a home folder that a container may not have
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_dir() / "kernels"))

import numba  # after the lines above: it reads the variable when it is imported

Array = npt.NDArray[Any]
Kernel = TypeVar("Kernel", bound=Callable[..., Any])

NO_NAN = -1


def compiled(kernel: Kernel) -> Kernel:
    """Compile at the first call, keep the machine code on disk, let other threads run."""
    fast: Kernel = numba.njit(kernel, cache=True, nogil=True)
    return fast


@compiled
def add_rows(indptr: Array, indices: Array, data: Array, matrix: Array, out: Array) -> None:
    """Compute rows @ matrix, adding in the order of each row's entries.

    indptr, indices, data  the rows, as CSR
    matrix, out            (n_inner, n_columns), (n_rows, n_columns), C order
    Four entries at a time halves the traffic through `out`; the order of additions stays the same.
    """
    n_columns = matrix.shape[1]
    for row in range(out.shape[0]):
        total = out[row]
        total[:] = 0
        at, end = indptr[row], indptr[row + 1]
        while at + 4 <= end:
            a, b, c, d = data[at], data[at + 1], data[at + 2], data[at + 3]
            row_a, row_b = matrix[indices[at]], matrix[indices[at + 1]]
            row_c, row_d = matrix[indices[at + 2]], matrix[indices[at + 3]]
            for j in range(n_columns):
                part = ((total[j] + a * row_a[j]) + b * row_b[j]) + c * row_c[j]
                total[j] = part + d * row_d[j]
            at += 4
        while at < end:
            a, row_a = data[at], matrix[indices[at]]
            for j in range(n_columns):
                total[j] += a * row_a[j]
            at += 1


@compiled
def _mix(x: Any) -> Any:
    """SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195) of a uint64."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@compiled
def draw_uniforms(seed: Any, users: Array, out: Array) -> None:
    """Fill float64 out (n, n_items) with numbers in [0, 1) that depend on seed, user, item alone.

    seed uint64, users uint64 (n,).
    """
    for row in range(out.shape[0]):
        start = _mix(_mix(seed) ^ users[row])
        for item in range(out.shape[1]):
            out[row, item] = np.float64(_mix(start + np.uint64(item)) >> np.uint64(11)) * 2.0**-53


@compiled
def descend(  # noqa: PLR0913, PLR0917 - a kernel takes flat arrays
    order: Array,
    users: Array,
    items: Array,
    residuals: Array,
    user_bias: Array,
    item_bias: Array,
    user_factors: Array,
    item_factors: Array,
    rate: float,
    penalty: float,
) -> None:
    """One pass of stochastic gradient over ratings less their mean; biases and factors change.

    Koren, Bell & Volinsky 2009, doi:10.1109/MC.2009.263, equations 4 and 5.
    """
    n_factors = user_factors.shape[1]
    for at in order:
        user, item = users[at], items[at]
        p, q = user_factors[user], item_factors[item]
        error = residuals[at] - user_bias[user] - item_bias[item]
        for f in range(n_factors):
            error -= p[f] * q[f]
        user_bias[user] += rate * (error - penalty * user_bias[user])
        item_bias[item] += rate * (error - penalty * item_bias[item])
        for f in range(n_factors):
            old = p[f]
            p[f] += rate * (error * q[f] - penalty * old)
            q[f] += rate * (error * old - penalty * q[f])


@compiled
def _dot(a: Any, b: Any) -> Any:
    """Sum of products, added from the first to the last."""
    total = 0.0
    for place in range(len(a)):
        total += a[place] * b[place]
    return total


@compiled
def follow_pairs(  # noqa: PLR0913, PLR0917 - a kernel takes flat arrays
    indptr: Array,
    indices: Array,
    vectors: Array,
    panel: Array,
    rate: float,
    penalty: float,
    steps: int,
    out: Array,
) -> None:
    """Where would users with these likings have ended up, were items ranked in pairs?

    indptr, indices  likings of one user a row, as CSR
    vectors          float64 (n_items, n_factors), held fast; the last column is the item's bias
    panel            codes of items that stand for all that was not liked
    out              float64 (n_rows, n_factors) the users' vectors, where they begin; the last
                     entry goes with the items' biases and stays

    Each step follows the mean over the panel of what one pass of Rendle et al. 2009
    (arXiv:1205.2618, figure 4) does with drawn pairs; nothing is drawn.
    """
    n_panel, n_factors = len(panel), vectors.shape[1]
    scores, pull = np.zeros(n_panel), np.zeros(n_panel)
    slope, is_free = np.zeros(n_factors), np.ones(n_panel)
    for row in range(out.shape[0]):
        user, first, last = out[row], indptr[row], indptr[row + 1]
        liked = indices[first:last]
        for place in range(n_panel):
            is_free[place] = 0.0 if (liked == panel[place]).any() else 1.0
        is_free /= max(1.0, is_free.sum())
        for _ in range(steps):
            slope[:] = 0.0
            pull[:] = 0.0
            for place in range(n_panel):
                scores[place] = _dot(vectors[panel[place]], user)
            for item in liked:
                score, push = _dot(vectors[item], user), 0.0
                for place in range(n_panel):
                    weight = is_free[place] / (1.0 + np.exp(score - scores[place]))
                    push += weight
                    pull[place] += weight
                slope += push * vectors[item]
            for place in range(n_panel):
                slope -= pull[place] * vectors[panel[place]]
            user[:-1] += rate * (slope[:-1] - penalty * (last - first) * user[:-1])


@compiled
def _sift_down(scores: Array, items: Array, score: Any, item: int, size: int) -> None:
    """Put an entry on top of the heap and let it sink: the top stays the worst entry.

    Worse is a lower score, and among equal scores the higher item code.
    """
    parent = 0
    while True:
        child = 2 * parent + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            scores[right] < scores[child]
            or (scores[right] == scores[child] and items[right] > items[child])
        ):
            child = right
        if score < scores[child] or (score == scores[child] and item > items[child]):
            break
        scores[parent] = scores[child]
        items[parent] = items[child]
        parent = child
    scores[parent] = score
    items[parent] = item


@compiled
def select(
    users: Array,
    scores: Array,
    indptr: Array,
    indices: Array,
    best_items: Array,
    best_scores: Array,
) -> int:
    """Write each row's best unseen items, best first, into best_items and best_scores.

    users        (n,) rows of the CSR structure indptr, indices: seen items, ascending
    scores       (n, n_items)
    best_items   int32 (n, k) filled with PAD, best_scores (n, k) filled with -inf
    Returns the first row with a NaN, or NO_NAN. -inf hides an item.
    """
    k = best_items.shape[1]
    n_items = scores.shape[1]
    for row in range(scores.shape[0]):
        values, heap_scores, heap_items = scores[row], best_scores[row], best_items[row]
        worst = heap_scores[0]  # -inf until k items are in: the heap begins full of padding
        start = 0
        first, last = indptr[users[row]], indptr[users[row] + 1]
        for entry in range(first, last + 1):
            stop = indices[entry] if entry < last else n_items
            for item in range(start, stop):
                if not values[item] <= worst:  # also true of NaN, at no cost
                    if np.isnan(values[item]):
                        return row
                    _sift_down(heap_scores, heap_items, values[item], item, k)
                    worst = heap_scores[0]
            start = stop + 1
        for size in range(k - 1, 0, -1):  # the worst goes last, over and over
            score, item = heap_scores[size], heap_items[size]
            heap_scores[size], heap_items[size] = heap_scores[0], heap_items[0]
            _sift_down(heap_scores, heap_items, score, item, size)
    return NO_NAN
