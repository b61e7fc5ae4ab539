"""Does one explainer score better than another, explanation by explanation?"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from recscope.bootstrap import interval, resampled_means, summary


class Paired(NamedTuple):
    """difference: mean over users; low, high: 95 %, bootstrap over users; n: users with both."""

    difference: float
    low: float
    high: float
    n: int


def paired(
    scores: pd.DataFrame, scorer: str, one: str, other: str, resamples: int = 1000, seed: int = 0
) -> Paired:
    """How much better does one explainer score than another on the same recommendations?

    scores  rows of one model (recscope.explained.Explained.scores)

    Mean over users of the mean over their explanations of one minus other; recommendations that
    both explained, with a number for each. NaN below two users.
    """
    rows = scores[(scores["scorer"] == scorer) & scores["explainer"].isin([one, other])]
    wide = rows.pivot_table(index=["user", "item"], columns="explainer", values="value")
    if not {one, other} <= set(wide.columns):
        return Paired(np.nan, np.nan, np.nan, 0)
    each = (wide[one] - wide[other]).dropna().groupby("user").mean().to_numpy(dtype=np.float64)
    if len(each) < 2:
        return Paired(float(each.mean()) if len(each) else np.nan, np.nan, np.nan, len(each))
    values = each[:, None]
    told = summary(values)
    found = interval(
        told.mean, resampled_means(values, resamples, (seed,)), told.n, 0.95, "percentile"
    )
    return Paired(float(told.mean[0]), float(found.low[0]), float(found.high[0]), len(each))
