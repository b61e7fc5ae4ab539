"""From scores of single explanations to numbers with intervals: users are what is drawn again."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.tables import Floats, Ints
from explain.explanation import Explanation
from explain.scorers import SCORERS, score_all
from recscope.estimate import Sureness, estimate
from recscope.explained import frame
from recscope.explaining_scores import Scores, taken
from recscope.jackknife import blocks_of, jackknife

BLOCKS = 20  # texts are read again for each: fewer than for counts of lists


def estimates_of(
    model: str,
    name: str,
    explanations: Sequence[Explanation],
    scores: Scores,
    sure: Sureness,
) -> pd.DataFrame:
    """Rows of estimates.parquet for one explainer of one model.

    A user's explanations are averaged first, over the positions of the list; the mean is over
    users, and so is n. The interval is that of every mean of this program (recscope.estimate). A
    number of a whole set of texts has a jackknife interval: drawing users again would repeat their
    texts, and texts that repeat are what it counts.
    """
    users = np.array([one.user for one in explanations], dtype=np.int64)
    rows = [
        *_means(users, scores.each, sure),
        *(_of_set(scorer, value, scores.material, sure) for scorer, value in scores.whole.items()),
        *(_unknown(scorer, reason) for scorer, reason in scores.reasons.items()),
    ]
    known = [{"model": model, "explainer": name, **_facts(row["scorer"]), **row} for row in rows]
    return frame("estimates", known)


def scores_frame(
    model: str,
    name: str,
    explanations: Sequence[Explanation],
    ranks: Sequence[int],
    each: Mapping[str, Floats],
) -> pd.DataFrame:
    """Rows of scores.parquet: one per explanation and scorer."""
    n, n_scorers = len(explanations), len(each)
    values = np.concatenate([*each.values()]) if each else np.zeros(0)
    made = frame("scores")
    columns: dict[str, Any] = {
        "model": np.repeat(np.array([model], dtype=object), n * n_scorers),
        "explainer": np.repeat(np.array([name], dtype=object), n * n_scorers),
        "user": np.tile(np.array([one.user for one in explanations], dtype=np.int32), n_scorers),
        "item": np.tile(np.array([one.item for one in explanations], dtype=np.int32), n_scorers),
        "rank": np.tile(np.array(ranks, dtype=np.int32), n_scorers),
        "scorer": np.repeat(np.array([*each], dtype=object), n),
        "value": values.astype(np.float64),
    }
    return pd.DataFrame({key: columns[key] for key in made.columns})


def _facts(scorer: str) -> dict[str, str]:
    one = SCORERS[scorer]
    return {"family": one.family, "better": one.better}


def _means(users: Ints, each: Mapping[str, Floats], sure: Sureness) -> list[dict[str, Any]]:
    if not each:
        return []
    per_user = pd.DataFrame(dict(each)).groupby(users).mean()
    found = estimate(
        per_user,
        resamples=sure.resamples,
        confidence=sure.confidence,
        seed=sure.seed,
        method=sure.method,
    )
    kept = ["mean", "low", "high", "n", "n_undefined", "method"]
    rows = [
        {str(key): value for key, value in row.items()} for row in found[kept].to_dict("records")
    ]
    return [
        {"scorer": name, **row, "reason": "" if row["n"] else "undefined for every explanation"}
        for name, row in zip(each, rows, strict=True)
    ]


def _of_set(
    scorer: str, value: float, material: Mapping[str, Any], sure: Sureness
) -> dict[str, Any]:
    """One number of all texts, its interval by leaving users out."""
    own, of_text = np.unique(material["users"], return_inverse=True)
    low, high, method = np.nan, np.nan, "none"
    if sure.resamples and len(own) > 1 and not np.isnan(value):
        block, n_blocks = blocks_of(len(own), (sure.seed,))
        block, n_blocks = block % BLOCKS, min(n_blocks, BLOCKS)
        sizes = np.bincount(block, minlength=n_blocks)
        without = [
            score_all(taken(material, np.flatnonzero(block[of_text] != left)), [scorer]).whole
            for left in range(n_blocks)
        ]
        numbers = np.array([each.get(scorer, np.nan) for each in without])
        if not np.isnan(numbers).any():
            low, high = jackknife(value, numbers, sizes, sure.confidence)
            method = "jackknife"
    n = 0 if np.isnan(value) else len(own)
    return {
        "scorer": scorer,
        "mean": value,
        "low": low,
        "high": high,
        "n": n,
        "n_undefined": len(own) - n,
        "method": method,
        "reason": "" if n else "undefined for these texts",
    }


def _unknown(scorer: str, reason: str) -> dict[str, Any]:
    return {
        "scorer": scorer,
        "mean": np.nan,
        "low": np.nan,
        "high": np.nan,
        "n": 0,
        "n_undefined": 0,
        "method": "none",
        "reason": reason,
    }
