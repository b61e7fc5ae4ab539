"""The one sentence on top: which model is best, and could that be chance?"""

from dataclasses import dataclass

import pandas as pd

from app.words import interval, number, p_value, plain, signed


@dataclass(frozen=True)
class Versus:
    """A paired difference, as a card: label, figure, what it means, and whether it is sure."""

    label: str
    figure: str
    meaning: str
    is_sure: bool


def versus(difference: pd.Series, label: str, p: str = "p_holm") -> Versus:
    """difference: one row of comparisons (difference, low, high, the p named by `p`, n)."""
    sure = bool(difference[p] < 0.05)
    verdict = "not chance" if sure else "could be chance"
    meaning = (
        f"95 % interval {interval(difference['low'], difference['high'])}, "
        f"{'corrected ' if p == 'p_holm' else ''}{p_value(difference[p])} → **{verdict}**"
    )
    return Versus(label, signed(difference["difference"]), meaning, sure)


def headline_cutoff(cutoffs: list[float]) -> float | None:
    """10 where it was asked for, else the middle one."""
    if not cutoffs:
        return None
    return 10.0 if 10.0 in cutoffs else sorted(cutoffs)[len(cutoffs) // 2]


def headline_metric(metrics: list[str]) -> str:
    return "ndcg" if "ndcg" in metrics else metrics[0]


def sentence(best: pd.Series, metric: str) -> str:
    """best: the best model's row of estimates."""
    return (
        f"**{plain(best['model'])}** ranks best, with {metric} = **{number(best['mean'])}** "
        f"(95 % interval {interval(best['low'], best['high'])}, {best['n']:,.0f} users)."
    )
