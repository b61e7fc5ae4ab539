"""Groups of items as bits, so that what two items share is counted a word at a time."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.tables import Codes, Floats, Ints

Bits = npt.NDArray[np.uint64]
WORD = 64


def packed(item_groups: Floats) -> Bits:
    """uint64 (n_items, n_words): bit g of a row is set where the item is in group g."""
    n_items, n_groups = item_groups.shape
    n_words = max(1, -(-n_groups // WORD))
    bits = np.zeros((n_items, n_words * WORD), dtype=bool)
    bits[:, :n_groups] = item_groups > 0
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64)


def n_set(bits: Bits) -> Ints:
    """How many bits are set in each row: int64 (...,) of uint64 (..., n_words)."""
    total = np.zeros(bits.shape[:-1], dtype=np.int64)
    for word in range(bits.shape[-1]):
        total += np.bitwise_count(bits[..., word])
    return total


def of_listed(item_groups: Floats, items: Codes) -> Bits:
    """uint64 (k, n_users, n_words): groups of the item at each rank, none at an empty place."""
    bits = packed(item_groups)[items.T]
    bits[items.T < 0] = 0
    return bits


Similarity = Callable[[Ints, Ints, Ints], Floats]  # of shared groups, and those of either item


def cosine(shared: Ints, one: Ints, other: Ints) -> Floats:
    """Groups that two items share, over the geometric mean of how many each has."""
    return np.asarray(shared / np.sqrt(np.maximum(one * other, 1)))


def jaccard(shared: Ints, one: Ints, other: Ints) -> Floats:
    """Groups that two items share, over those that either has."""
    return np.asarray(shared / np.maximum(one + other - shared, 1))


def mean_similarity(bits: Bits, similarity: Similarity) -> Floats:
    """Mean over pairs of a list of how alike they are: float64 (n_users,), NaN without a pair.

    bits  uint64 (k, n_users, n_words); an item of no group is in no pair
    """
    sizes = n_set(bits)
    total = np.zeros(bits.shape[1])
    n_known = np.zeros(bits.shape[1], dtype=np.int64)
    for rank, (row, size) in enumerate(zip(bits, sizes, strict=True)):
        n_known += size > 0
        for above, size_above in zip(bits[:rank], sizes[:rank], strict=True):
            total += similarity(n_set(row & above), size, size_above)  # 0 if one has no group
    n_pairs = n_known * (n_known - 1) // 2
    return np.where(n_pairs > 0, total / np.maximum(n_pairs, 1), np.nan)
