"""What do people's ratings come to?  Means, agreement between raters, and agreement with scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.tables import Floats
from explain.agreement import agreement, krippendorff_alpha
from recscope.bootstrap import draws, interval, resampled_means, summary
from recscope.ratings import QUESTIONS, words_of

UNIT = ("model", "explainer", "user", "item", "words")  # what is rated
OVERALL = "overall"  # the mean of all questions
MEANS = ("explainer", "question", "mean", "low", "high", "n", "n_raters", "n_explanations")
ALPHAS = ("question", "alpha", "low", "high", "n", "n_raters", "n_explanations")
RHOS = ("scorer", "question", "spearman", "low", "high", "n")


def means(ratings: pd.DataFrame, resamples: int = 1000, seed: int = 0) -> pd.DataFrame:
    """How do people rate each explainer?  Columns MEANS, a row an explainer and question.

    ratings  of one run (recscope.ratings.Ratings.table)
    mean     over explanations of the mean over their raters; low, high: 95 %, percentiles over
             explanations drawn again. Speaks of explanations like these, for these raters
    n        ratings; n_raters, n_explanations: behind them
    """
    rows: list[list[Any]] = []
    for explainer, part in ratings.groupby("explainer", sort=False):
        units = part.groupby(list(UNIT), sort=False)[list(QUESTIONS)].mean()
        values = units.to_numpy(dtype=np.float64)
        told = summary(values)
        found = interval(
            told.mean, resampled_means(values, resamples, (seed,)), told.n, 0.95, "percentile"
        )
        counts = [len(part), part["rater"].nunique(), len(units)]
        for place, question in enumerate(QUESTIONS):
            low, high = (found.low[place], found.high[place]) if len(units) > 1 else (np.nan,) * 2
            rows.append([explainer, question, told.mean[place], low, high, *counts])
    return pd.DataFrame(rows, columns=list(MEANS))


def alphas(ratings: pd.DataFrame, resamples: int = 200, seed: int = 0) -> pd.DataFrame:
    """Do raters agree?  Krippendorff's α of ranks, columns ALPHAS, a row a question.

    n               ratings of explanations that two or more rated; n_explanations: those
    low, high       95 %, percentiles over these explanations drawn again; NaN below three of them

    1 is agreement, 0 what chance would give, below 0 worse. NaN where nothing was rated twice, or
    all said the same.
    """
    rows = []
    for question in QUESTIONS:
        table = ratings.pivot_table(
            index="rater", columns=list(UNIT), values=question, aggfunc="last", observed=True
        )
        values = table.to_numpy(dtype=np.float64) if len(table) else np.zeros((0, 0))
        values = values[:, (~np.isnan(values)).sum(axis=0) > 1]
        values = values[(~np.isnan(values)).any(axis=1)]
        n_raters, n_units = values.shape
        low, high = _alpha_interval(values, resamples, seed)
        rows.append(
            [question, _alpha(values), low, high, int((~np.isnan(values)).sum()), n_raters, n_units]
        )
    return pd.DataFrame(rows, columns=list(ALPHAS))


def _alpha(values: Floats) -> float:
    return krippendorff_alpha(values, "ordinal") if values.size else np.nan


def _alpha_interval(values: Floats, resamples: int, seed: int) -> tuple[float, float]:
    if values.shape[1] < 3 or np.isnan(_alpha(values)):
        return np.nan, np.nan
    drawn = [
        _alpha(values[:, columns])
        for block in draws(values.shape[1], resamples, (seed,))
        for columns in block
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def correlations(
    ratings: pd.DataFrame,
    explanations: pd.DataFrame,
    scores: pd.DataFrame,
    better: Mapping[str, str],
    questions: Sequence[str] = (*QUESTIONS, OVERALL),
    resamples: int = 200,
) -> pd.DataFrame:
    """Do automatic scores say what people say?  Columns RHOS, a row a scorer and question.

    explanations, scores  tables of the run (recscope.explained.Explained)
    better                scorer → "higher" or "lower"; lower ones are turned round, so that a
                          positive ρ always means: what people like scores well

    Spearman's ρ between an explanation's score and the mean rating of its very words, with a 95 %
    bootstrap over users. n: explanations with both. NaN below three, or where either never varies.
    """
    words = explanations.assign(words=explanations["text"].map(words_of))
    rated = ratings.assign(**{OVERALL: ratings[list(QUESTIONS)].mean(axis=1)})
    people = rated.groupby(list(UNIT))[list(questions)].mean().reset_index()
    known = people.merge(words[list(UNIT)].drop_duplicates(), on=list(UNIT))
    key = ["model", "explainer", "user", "item"]
    wide = scores.pivot_table(index=key, columns="scorer", values="value", aggfunc="last")
    both = known.merge(wide, left_on=key, right_index=True, how="left")
    users = [int(code) for code in both["user"]]
    rows = []
    for scorer in wide.columns:
        sign = -1.0 if better.get(str(scorer)) == "lower" else 1.0
        for question in questions:
            verdicts = {
                "scorer": sign * both[scorer].to_numpy(dtype=np.float64),
                "people": both[question].to_numpy(dtype=np.float64),
            }
            (row,) = agreement(verdicts, users, resamples).to_dict("records")
            rows.append([scorer, question, row["spearman"], row["low"], row["high"], row["n"]])
    return pd.DataFrame(rows, columns=list(RHOS))
