"""What should a reader know of the run's explanations?  Sentences. Pure: no Streamlit."""

from collections.abc import Iterator

import pandas as pd

from app.findings import Finding
from app.words import count, each, interval, number, plain
from explain.explainers import EXPLAINERS
from recscope.explained import Explained

PAGE = "explanation_quality"
SCORES = ("comprehensiveness", "necessity")
EVERY_CORRUPTION = "all"


def explanation_findings(found: Explained) -> Iterator[Finding]:
    """Explanations no more faithful than a baseline, and judges that cannot be believed."""
    for model in dict.fromkeys(found.estimates["model"]):
        yield from _faithful(found.estimates[found.estimates["model"] == model], str(model))
    yield from _judges(found.judges)


def _faithful(estimates: pd.DataFrame, model: str) -> Iterator[Finding]:
    """The usual explainer of a model against the best baseline."""
    scored = [name for name in SCORES if (estimates["scorer"] == name).any()]
    if not scored:
        return
    rows = estimates[(estimates["scorer"] == scored[0]) & estimates["mean"].notna()]
    is_baseline = rows["explainer"].map(is_floor)
    usual, floor = rows[rows["explainer"] == "template"], rows[is_baseline]
    if usual.empty or floor.empty:
        return
    one, base = next(each(usual)), next(each(floor.sort_values("mean", ascending=False)))
    told = (
        f"Taking away the liked items that {plain(one.explainer)} names costs "
        f"{number(one.mean, 2)} of the score ({interval(one.low, one.high, 2)}); those that the "
        f"best baseline, {plain(base.explainer)}, names {number(base.mean, 2)} "
        f"({interval(base.low, base.high, 2)}). {count(one.n, 'user')}."
    )
    if one.low <= base.high:
        yield Finding(
            "warn", f"Explanations of {plain(model)} are no more faithful than a guess", told, PAGE
        )
    else:
        yield Finding("note", f"Explanations of {plain(model)} tell what it used", told, PAGE)


def is_floor(explainer: str) -> bool:
    """Is it something that no user should believe, kept to see what scores are worth?"""
    row = EXPLAINERS.get(explainer)
    return row is not None and row.is_baseline


def _judges(judges: pd.DataFrame) -> Iterator[Finding]:
    rows = judges[(judges["corruption"] == EVERY_CORRUPTION) & judges["auc"].notna()]
    flagged = rows[rows["is_flagged"]]
    if len(flagged):
        named = ", ".join(
            f"{plain(row.judge)} ({number(row.auc, 2)}, {interval(row.low, row.high, 2)})"
            for row in each(flagged)
        )
        yield Finding(
            "note",
            f"{count(len(flagged), 'judge')} of explanations cannot be believed",
            f"Held against explanations with one thing made wrong, the AUC stays below 0.7: "
            f"{named}. Their verdicts are not shown.",
            PAGE,
        )
