"""Generated inputs for evaluators, each with the answer known beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class KnownLists:
    """Lists of which every place is a hit with a known chance.

    recommendations  user_id, item_id, rank
    truth            user_id, item_id: n_relevant items a user
    users            user_id, group
    expected         metric name → group → value the mean over many users goes to
    """

    recommendations: pd.DataFrame
    truth: pd.DataFrame
    users: pd.DataFrame
    expected: Mapping[str, Mapping[str, float]]


def sandbox_lists(
    n_users: int = 2000,
    k: int = 10,
    *,
    precision: Mapping[str, float] | None = None,
    n_relevant: int = 20,
    seed: int = 0,
) -> KnownLists:
    """Lists that serve one group worse by a known amount: what a fairness evaluator must find.

    precision  group → chance that a place holds a relevant item; by default a 0.4, b 0.3
    Groups take turns along the users. A user's relevant items are distinct from everybody else's.
    Raises ValueError where a list could need more relevant items than there are.
    """
    chances = dict(precision or {"a": 0.4, "b": 0.3})
    if n_relevant < k:
        raise ValueError(f"n_relevant must be at least k; got {n_relevant} and {k}")
    rng = np.random.default_rng(seed)
    groups = np.array(list(chances), dtype=object)[np.arange(n_users) % len(chances)]
    is_hit = rng.random((n_users, k)) < np.array([chances[group] for group in groups])[:, None]
    nth_hit = np.cumsum(is_hit, axis=1) - 1
    own = np.argsort(rng.random((n_users, n_relevant)), axis=1)
    place = np.take_along_axis(own, np.maximum(nth_hit, 0), axis=1)
    number = np.where(is_hit, place, n_relevant + np.arange(k))
    users = np.arange(n_users)

    def named(rows: Any, numbers: Any) -> dict[str, list[str]]:
        pairs = list(zip(rows.ravel().tolist(), numbers.ravel().tolist(), strict=True))
        return {
            "user_id": [f"u{user}" for user, _ in pairs],
            "item_id": [f"i{user}-{number}" for user, number in pairs],
        }

    recommendations = pd.DataFrame(named(np.repeat(users, k), number)).assign(
        rank=np.tile(np.arange(1, k + 1), n_users)
    )
    numbers = np.tile(np.arange(n_relevant), n_users)
    truth = pd.DataFrame(named(np.repeat(users, n_relevant), numbers))
    about = pd.DataFrame({"user_id": [f"u{user}" for user in users], "group": groups})
    about["group"] = about["group"].astype("str")
    expected = {
        "precision": chances,
        "recall": {group: chance * k / n_relevant for group, chance in chances.items()},
        "hit_rate": {group: 1 - (1 - chance) ** k for group, chance in chances.items()},
        "ndcg": chances,  # with k or more relevant items each place counts its discount's share
        "mrr": {
            group: float(sum(chance * (1 - chance) ** n / (n + 1) for n in range(k)))
            for group, chance in chances.items()
        },
    }
    return KnownLists(recommendations, truth, about, expected)


def sandbox_scores(
    n: int = 100_000,
    *,
    slope: Mapping[str, float] | float = 1.0,
    shift: float = 0.0,
    n_users: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Scores that are wrong by a known map: what a calibration evaluator must find.

    Reported score = sigmoid(slope · logit(probability) + shift): slope above 1 is overconfident,
    a shift above 0 promises too much. slope may differ by group: {"a": 1.0, "b": 2.5}.
    Columns user, group, probability (the truth), score (what is reported), outcome (drawn from
    the probability), error (score − probability): their mean absolute value is the calibration
    error that an estimator on (score, outcome) approaches.
    """
    slopes = dict(slope) if isinstance(slope, Mapping) else {"a": float(slope)}
    rng = np.random.default_rng(seed)
    users = rng.integers(n_users, size=n)
    names = np.array(list(slopes), dtype=object)
    which = users % len(names)
    probability = rng.beta(1.5, 3.0, size=n)
    logit = np.log(probability) - np.log1p(-probability)
    steep = np.array(list(slopes.values()))[which]
    score = 1.0 / (1.0 + np.exp(-(steep * logit + shift)))
    return pd.DataFrame(
        {
            "user": users.astype(np.int32),
            "group": pd.Series(names[which], dtype="str"),
            "probability": probability,
            "score": score,
            "outcome": rng.random(n) < probability,
            "error": score - probability,
        }
    )
