"""One cut of the users: what does each group get, how far apart are they, and is it chance?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.tables import Bools, Codes, Floats, Ints
from evaluators.metric import Metric
from evaluators.user_fairness import ks_gap, user_gap_by_chance, user_gap_detectable
from recscope.audits.report import Row
from recscope.cuts import Cut
from recscope.estimate import Sureness
from recscope.permuted import Apart, apart
from recscope.regroup import Bounds, Grouped, numbers, regroup

METHODS = {
    "user_gap": "tukey-kramer",
    "user_ratio": "fieller",
    "worst_group": "simultaneous",
    "group_deviation": "noise taken off",
    "theil_between": "noise taken off",
    "ks_gap": "dkw",
}


@dataclass(frozen=True, eq=False)
class Column:
    """One per-user metric of one model.

    scores  float (n_users,), NaN where undefined; is_imputed: bool (n_users,) who had no list
    """

    metric: Metric
    k: int | None
    model: str
    scores: Floats
    is_imputed: Bools

    @property
    def facts(self) -> dict[str, Any]:
        return {"model": self.model, "metric": self.metric.name, "k": self.k}


@dataclass(frozen=True, eq=False)
class Shown:
    """The groups of a cut that are large enough, for the users whom a metric is defined for.

    cut      codes of those users, -1 for those outside every shown group
    names    of the shown groups
    n_small, n_users_small  groups that are not shown, and their users
    places   of the shown groups in the whole cut
    """

    cut: Cut
    n_small: int
    n_users_small: int
    places: Ints

    @property
    def is_enough(self) -> bool:
        return len(self.cut.groups) >= 2


def shown(whole: Cut, is_defined: Bools, smallest: int) -> Shown:
    """Leave out groups of fewer than `smallest` users with a value."""
    codes = whole.codes[is_defined]
    sizes = np.bincount(codes + 1, minlength=len(whole.groups) + 1)[1:]
    places = np.flatnonzero(sizes >= smallest)
    renamed = np.full(len(sizes) + 1, -1, dtype=np.int32)  # the last place answers for -1
    renamed[places] = np.arange(len(places))
    kept = Cut(whole.name, renamed[codes], tuple(whole.groups[place] for place in places))
    is_small = (sizes > 0) & (sizes < smallest)
    return Shown(kept, int(is_small.sum()), int(sizes[is_small].sum()), places)


@dataclass(frozen=True, eq=False)
class Found:
    """All that was computed of one column in one cut."""

    column: Column
    cut: Cut
    grouped: Grouped
    bounds: Mapping[str, Bounds]
    by_chance: float
    detectable: float
    z: Floats
    p: Floats
    p_any: float

    @property
    def worst(self) -> int:
        """Place of the worst served group."""
        mean = self.grouped.mean
        is_lower_better = self.column.metric.better == "lower"
        return int(np.argmax(mean) if is_lower_better else np.argmin(mean))


def find(
    columns: Sequence[Column],
    cut: Cut,
    is_defined: Bools,
    sure: Sureness,
    permutations: int,
) -> Iterator[Found]:
    """Every column in one cut.

    cut    the shown groups, of the users for whom the columns are defined
    """
    is_in = cut.codes >= 0
    codes, n_groups = cut.codes[is_in], len(cut.groups)
    values = np.stack([each.scores[is_defined][is_in] for each in columns], axis=1)
    held: Apart = apart(
        values,
        codes,
        n_groups,
        permutations=permutations,
        seed=sure.seed,
        level=1 - sure.confidence,
    )
    for place, column in enumerate(columns):
        grouped = regroup(values[:, place], codes, n_groups)
        is_lower_better = column.metric.better == "lower"
        bounds = numbers(
            grouped, held.reach[place], sure.confidence, is_lower_better=is_lower_better
        )
        bounds["ks_gap"] = _ks(values[:, place], codes, grouped.n, sure.confidence)
        worst = int(np.argmax(grouped.mean) if is_lower_better else np.argmin(grouped.mean))
        detectable = user_gap_detectable(held.error[place, worst], held.critical[place])
        yield Found(
            column,
            cut,
            grouped,
            bounds,
            float(user_gap_by_chance(held.by_chance[place][None])),
            float(detectable),
            held.z[place],
            held.p[place],
            float(held.p_any[place]),
        )


def _ks(values: Floats, codes: Codes, n: Ints, confidence: float) -> Bounds:
    """With bounds that hold for the distributions of all groups at once.

    Dvoretzky, Kiefer & Wolfowitz 1956 with Massart's constant, doi:10.1214/aop/1176990746.
    """
    value = float(ks_gap(values, codes))
    reach = np.sort(np.sqrt(np.log(2 * len(n) / (1 - confidence)) / (2 * n)))
    widest = float(reach[-1] + reach[-2])
    return value, max(0.0, value - widest), min(1.0, value + widest)


def estimates(found: Found, sure: Sureness, *, with_means: bool, extra: Row) -> Iterator[Row]:
    """Rows of one column in one cut: numbers between groups, and each group's mean.

    extra  n_undefined and n_imputed of all shown groups, and per group under "undefined", "imputed"
    """
    column, cut = found.column, found.cut
    facts = {"model": column.model, "k": column.k, "group_by": cut.name}
    of_all = {
        **facts,
        "group": column.metric.name,
        "n": int(found.grouped.n.sum()),
        "n_undefined": int(extra["undefined"].sum()),
        "n_imputed": int(extra["imputed"].sum()),
    }
    for name, (value, low, high) in found.bounds.items():
        method = METHODS[name] if sure.resamples else "none"
        ends = (low, high) if sure.resamples else (np.nan, np.nan)
        if np.isnan(value):
            method = "undefined"
        yield {**of_all, "metric": name, "mean": value, "low": ends[0], "high": ends[1],
               "method": method}  # fmt: skip
    for name, value in (
        ("user_gap_by_chance", found.by_chance),
        ("user_gap_detectable", found.detectable),
    ):
        yield {**of_all, "metric": name, "mean": value}
    if not with_means:
        return
    low_each, high_each = found.grouped.interval(sure.confidence)
    for place, group in enumerate(cut.groups):
        yield {
            **facts,
            "metric": column.metric.name,
            "group": group,
            "mean": found.grouped.mean[place],
            "low": low_each[place] if sure.resamples else np.nan,
            "high": high_each[place] if sure.resamples else np.nan,
            "n": int(found.grouped.n[place]),
            "n_undefined": int(extra["undefined"][place]),
            "n_imputed": int(extra["imputed"][place]),
            "method": "student" if sure.resamples else "none",
        }


def effects(found: Found, sure: Sureness, kind: str) -> Iterator[Row]:
    """A row of the widest gap, named by the worst group, then one a group against all others.

    kind  "user" or "intersection": the first word of the test's name
    """
    from scipy.special import stdtrit

    column, cut, grouped = found.column, found.cut, found.grouped
    facts = {**column.facts, "group_by": cut.name}
    gap, low, high = found.bounds["user_gap"]
    n_users = int(grouped.n.sum())
    yield {
        **facts,
        "test": f"{kind} gap",
        "group": cut.groups[found.worst],
        "statistic": float(np.abs(found.z).max()),
        "effect": gap,
        "low": low,
        "high": high,
        "p": found.p_any,
        "n": n_users,
    }
    others = n_users - grouped.n
    rest = (float((grouped.mean * grouped.n).sum()) - grouped.mean * grouped.n) / others
    error = np.hypot(grouped.error, grouped.common / np.sqrt(others))
    reach = float(stdtrit(max(n_users - 2, 1), (1 + sure.confidence) / 2)) * error
    for place, group in enumerate(cut.groups):
        effect = float(grouped.mean[place] - rest[place])
        yield {
            **facts,
            "test": f"{kind} group",
            "group": group,
            "statistic": float(found.z[place]),
            "effect": effect,
            "low": effect - float(reach[place]),
            "high": effect + float(reach[place]),
            "p": float(found.p[place]),
            "n": int(grouped.n[place]),
        }
