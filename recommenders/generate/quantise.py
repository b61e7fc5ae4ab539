"""Vectors as short sequences of codes: k-means, residual quantisation, a tree of clusters."""

import math

import numpy as np

from core.tables import Floats, Ints

PASSES = 25  # of k-means at most: assignments of catalogues settle earlier


def nearest(vectors: Floats, centres: Floats) -> Ints:
    """The centre nearest to each vector; ties go to the lower number."""
    far = (centres**2).sum(axis=1) - 2 * vectors @ centres.T
    return np.asarray(far.argmin(axis=1), dtype=np.int64)


def k_means(vectors: Floats, k: int, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Clusters of Lloyd's algorithm: int64 (n,) cluster of each vector, float (k, d) centres.

    The first centres are drawn far from each other (k-means++: Arthur & Vassilvitskii 2007, ACM
    SODA). A cluster that ran empty takes the vector farthest from its centre. k is cut to the
    number of different vectors.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    centres = vectors[[rng.integers(len(vectors))]]
    far = ((vectors - centres[0]) ** 2).sum(axis=1)
    while len(centres) < k and far.sum() > 0:
        drawn = min(int(np.searchsorted(far.cumsum(), rng.random() * far.sum(), "right")),
                    len(far) - 1)  # fmt: skip
        centres = np.vstack([centres, vectors[drawn]])
        far = np.minimum(far, ((vectors - vectors[drawn]) ** 2).sum(axis=1))
    before = np.full(len(vectors), -1)
    for _ in range(PASSES):
        cluster = nearest(vectors, centres)
        if (cluster == before).all():
            break
        before = cluster
        for number in range(len(centres)):
            members = vectors[cluster == number]
            if len(members):
                centres[number] = members.mean(axis=0)
            else:
                far = ((vectors - centres[cluster]) ** 2).sum(axis=1)
                centres[number] = vectors[int(far.argmax())]
    return nearest(vectors, centres), centres


def residual_codes(vectors: Floats, size: int, levels: int, rng: np.random.Generator) -> Ints:
    """Codes of growing fineness: int64 (n, levels), each below `size`.

    Each level clusters what the centres of the levels before left over (residual quantisation, as
    TIGER's by an autoencoder: Rajput et al. 2023, arXiv:2305.05065; here by k-means).
    """
    left = np.asarray(vectors, dtype=np.float64).copy()
    codes = np.zeros((len(left), levels), dtype=np.int64)
    for level in range(levels):
        codes[:, level], centres = k_means(left, size, rng)
        left -= centres[codes[:, level]]
    return codes


def told_apart(codes: Ints, size: int) -> list[tuple[int, ...]]:
    """Each row of codes with digits behind that tell equal rows apart, as many for every row."""
    groups = np.unique(codes, axis=0, return_inverse=True)[1].ravel()
    order = np.argsort(groups, kind="stable")
    counts = np.bincount(groups)
    place = np.empty(len(groups), dtype=np.int64)
    place[order] = np.arange(len(groups)) - np.repeat(np.cumsum(counts) - counts, counts)
    behind = digits(place, size, n_digits(int(counts.max()), size))
    return [tuple(row) for row in np.hstack([codes, behind]).tolist()]


def n_digits(n: int, size: int) -> int:
    """Digits that numbers 0 … n - 1 need in this base, one at least."""
    found, reach = 1, size
    while reach < n:
        found, reach = found + 1, reach * size
    return found


def digits(numbers: Ints, size: int, n: int) -> Ints:
    """Numbers as n digits of this base, highest first: int64 (len(numbers), n)."""
    return np.asarray(numbers)[:, None] // size ** np.arange(n - 1, -1, -1) % size


def tree_codes(vectors: Floats, size: int, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """A path down a tree of clusters, and the place within the last one.

    No node has more than `size` branches. Where most vectors stay in one cluster (those of items
    that nobody liked are all the same), they are cut into even pieces along their main direction.
    """
    paths: list[tuple[int, ...]] = [()] * len(vectors)
    waiting = [np.arange(len(vectors))]
    while waiting:
        members = waiting.pop()
        if len(members) <= size:
            for place, item in enumerate(members.tolist()):
                paths[item] = (*paths[item], place)
            continue
        deep = n_digits(len(members), size)
        k = min(size, math.ceil(len(members) ** (1 / deep)))
        cluster, _ = k_means(vectors[members], k, rng)
        if np.bincount(cluster).max() > len(members) / 2:
            cluster = _even_pieces(vectors[members], k)
        for number in range(int(cluster.max()) + 1):
            part = members[cluster == number]
            for item in part.tolist():
                paths[item] = (*paths[item], number)
            if len(part):
                waiting.append(part)
    return paths


def _even_pieces(vectors: Floats, k: int) -> Ints:
    """K clusters of one size, in the order of the direction in which vectors differ most."""
    centred = vectors - vectors.mean(axis=0)
    main = np.linalg.svd(centred, full_matrices=False)[2][0]
    pieces = np.empty(len(vectors), dtype=np.int64)
    pieces[np.argsort(centred @ main, kind="stable")] = np.arange(len(vectors)) * k // len(vectors)
    return pieces
