"""How alike are two ranked lists? Kernels; `evaluators.drift_lists` declares metrics on them."""

import numpy as np

from core.tables import PAD, Codes, Floats, Ints


def shared_by_depth(before: Codes | Ints, after: Codes | Ints) -> Ints:
    """How many items do the first d places of both lists share? int64 (n, k), column d - 1.

    before, after  int (n, k) item codes, PAD past the end; no item twice in a list
    """
    if before.shape != after.shape:
        raise ValueError(f"lists to compare differ in shape: {before.shape} and {after.shape}")
    new = np.zeros(before.shape, dtype=np.int64)  # shared items that come in at this very depth
    for place in range(before.shape[1]):
        item = after[:, place, None]
        same = (before == item) & (item != PAD)
        new[:, place] += same[:, : place + 1].sum(axis=1)
        new[:, place + 1 :] += same[:, place + 1 :]
    return np.cumsum(new, axis=1)


def lengths(items: Codes | Ints) -> Ints:
    """Items before the padding: int64 (n,)."""
    return np.asarray((items != PAD).sum(axis=1))


def rank_biased(before: Codes | Ints, after: Codes | Ints, persistence: float) -> Floats:
    """Rank-biased overlap, extrapolated: float64 (n,), NaN where both lists are empty.

    persistence  p: chance that a reader goes on to the next place

    (1 - p) Σ_d p^(d-1) A_d + p^D A_D, A_d = shared items of the first d places / d, D the length of
    the longer list. Webber, Moffat & Zobel 2010, eq. 23, doi:10.1145/1852102.1852106. Where one
    list is shorter its empty places agree with nothing; eq. 32 of the paper lets them go on as
    before.
    """
    shared = shared_by_depth(before, after)
    depth = np.maximum(lengths(before), lengths(after))
    total = np.zeros(len(before))
    last = np.zeros(len(before))
    for place in range(before.shape[1]):
        agreement = shared[:, place] / (place + 1)
        inside = place < depth
        total += np.where(inside, (1 - persistence) * persistence**place * agreement, 0.0)
        last = np.where(inside, agreement * persistence ** (place + 1), last)
    return np.where(depth > 0, total + last, np.nan)
