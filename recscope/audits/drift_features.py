"""Points in space for the comparison by MMD: random features of users, factors of items."""

import numpy as np

from core.tables import Floats, Interactions

N_FEATURES = 128


def bandwidth(points: Floats, seed: int) -> float:
    """Median distance between points, of at most 500 drawn."""
    drawn = np.random.default_rng([seed, 2]).integers(len(points), size=(2, 500))
    apart = np.sqrt(((points[drawn[0]] - points[drawn[1]]) ** 2).sum(axis=1))
    apart = apart[apart > 0]
    return float(np.median(apart)) if len(apart) else 1.0


def fourier(points: Floats, width: float, n: int, seed: int) -> Floats:
    """Random features float (n_points, n) whose inner products are exp(-|x - y|² / 2σ²) on average.

    doi:10.5555/2981562.2981710
    """
    rng = np.random.default_rng([seed, 3])
    waves = rng.standard_normal((points.shape[1], n // 2)) / width
    angle = points @ waves
    return np.asarray(np.concatenate([np.cos(angle), np.sin(angle)], axis=1) / np.sqrt(n // 2))


def factors(rows: Interactions, seed: int, n: int = 16) -> Floats:
    """Items as float (n_items, 16): leading directions of the matrix of who had what."""
    seen = rows.seen.astype(np.float64)
    n = min(n, min(seen.shape) - 1)
    if n < 1:
        return np.ones((rows.n_items, 1))
    block = np.random.default_rng([seed, 4]).standard_normal((rows.n_items, n + 4))
    for _ in range(3):  # subspace iteration (Halko, Martinsson & Tropp 2011)
        block, _ = np.linalg.qr(seen.T @ (seen @ block))
    return np.asarray(block[:, :n] * np.sqrt(rows.n_items))
