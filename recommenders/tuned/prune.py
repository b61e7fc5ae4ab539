"""Which prompts are worth learning?  Judged by a small model before the large one sees any.

After DEALRec (Lin et al. 2024, arXiv:2401.17197): a surrogate of a few weights tells how hard each
prompt is (EL2N: Paul et al. 2021, arXiv:2107.07075), and the kept ones cover all degrees of
hardness (Zheng et al. 2023, arXiv:2210.15809), for the hardest alone are mostly noise.
"""

from collections.abc import Sequence

import numpy as np

from core.tables import Floats, Interactions, Ints
from recommenders.tuned.tasks import Moment

N_STRATA = 10
STEPS = 50  # of Newton's method; a handful suffices
RIDGE = 1e-3


def most_telling(
    train: Interactions, drawn: Sequence[Moment], keep: float, seed: int
) -> list[Moment]:
    """So great a share of the moments, in the order drawn, of every degree of hardness alike."""
    n_kept = max(1, round(keep * len(drawn)))
    if n_kept >= len(drawn):
        return list(drawn)
    order = np.argsort(hardness(train, drawn), kind="stable")
    rng = np.random.default_rng([seed, 40])
    strata = [rng.permutation(part) for part in np.array_split(order, N_STRATA)]
    # one from each stratum in turn
    turns = [part[turn] for turn in range(len(strata[0])) for part in strata if turn < len(part)]
    return [drawn[place] for place in sorted(turns[:n_kept])]


def hardness(train: Interactions, drawn: Sequence[Moment]) -> Floats:
    """Mean |p - answer| of each moment's asked items under the surrogate: float64 (n,)."""
    known, features, answers = _pairs(train, drawn)
    weights = _fitted(features, answers)
    errors = np.abs(1 / (1 + np.exp(-features @ weights)) - answers)
    sums = np.bincount(known, errors, minlength=len(drawn))
    found: Floats = sums / np.maximum(np.bincount(known, minlength=len(drawn)), 1)
    return found


def _pairs(train: Interactions, drawn: Sequence[Moment]) -> tuple[Ints, Floats, Floats]:
    """Every asked item: its moment, what the surrogate sees of it, and whether it was liked.

    Seen are a constant, the logarithm of how many liked it, and the sum of its cosines, by who
    liked both, with the history shown.
    """
    columns = train.liked.T.tocsr()
    popularity = np.diff(columns.indptr).astype(np.float64)
    known, rows, answers = [], [], []
    for place, moment in enumerate(drawn):
        asked = np.concatenate([moment.positive, moment.refused, moment.other]).astype(np.int64)
        both = (columns[asked] @ columns[moment.history].T).toarray()
        scale = np.sqrt(np.outer(popularity[asked] + 1, popularity[moment.history] + 1))
        near = (both / scale).sum(axis=1)
        rows.append(np.column_stack([np.ones(len(asked)), np.log1p(popularity[asked]), near]))
        known.append(np.full(len(asked), place))
        answers.append(np.arange(len(asked)) < len(moment.positive))
    features = np.concatenate(rows)
    scale = np.maximum(features.std(axis=0), 1e-9)
    scale[0] = 1.0
    return np.concatenate(known), features / scale, np.concatenate(answers).astype(np.float64)


def _fitted(features: Floats, answers: Floats) -> Floats:
    """Logistic regression by Newton's method: float64 (n_features,)."""
    weights = np.zeros(features.shape[1])
    for _ in range(STEPS):
        told = 1 / (1 + np.exp(-features @ weights))
        gradient = features.T @ (told - answers) / len(answers) + RIDGE * weights
        curvature = (features.T * (told * (1 - told))) @ features / len(answers)
        step = np.linalg.solve(curvature + RIDGE * np.eye(len(weights)), gradient)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(weights)
