"""Every tool's number beside RecScope's, and what the difference is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.tables import Floats
from evaluators.conventions import CONVENTIONS, Answer, Convention
from evaluators.doors import metrics as known_metrics
from recscope.conventions.estimates import reason_not, say
from recscope.conventions.scene import Scene
from recscope.estimate import Sureness, estimate
from recscope.judge import one_value, per_user, reason_missing

OWN = "recscope"
COLUMNS = (
    "tool",
    "name",
    "version",
    "value",
    "low",
    "high",
    "difference",
    "by_users",
    "by_formula",
    "n",
    "n_undefined",
    "n_imputed",
    "theirs",
    "clause",
    "users",
    "checked",
    "stops",
)


@dataclass(frozen=True, eq=False)
class SideBySide:
    """One metric at one k, in every convention.

    table     a row a tool, RecScope first; columns COLUMNS
    per_user  a column a tool, a row per row of the scene's `handed`; NaN: not counted there
    """

    table: pd.DataFrame
    per_user: pd.DataFrame


def metrics_of(scene: Scene) -> list[str]:
    """Metrics that RecScope and at least one tool can compute of this, in RecScope's order."""
    judged, found = scene.judged(1), []
    for name, metric in known_metrics().items():
        having = [c for c in CONVENTIONS.values() if name in c.rules]
        possible = any(not reason_not(c, name, scene.handed.given) for c in having)
        if possible and metric.per != "audit" and not reason_missing(metric, judged):
            found.append(name)
    return found


def side_by_side(scene: Scene, metric: str, k: int, sure: Sureness | None = None) -> SideBySide:
    """What does every tool make of these lists?

    metric  a name of `metrics_of`
    sure    how intervals are made; by default none is

    difference is the tool's number minus RecScope's. Where both are means over users it is taken
    apart: by_formula is what the tool says otherwise of users whom both count, weighted as there;
    by_users the rest, what comes of counting other users.
    """
    sure = sure or Sureness(resamples=0)
    own, own_row = _own(scene, metric, k, sure)
    rows, values = [own_row], {OWN: own}
    for name, convention in CONVENTIONS.items():
        row, theirs = _theirs(scene, convention, metric, k, sure)
        if theirs is not None:
            values[name] = theirs.per_user
            row |= _taken_apart(row["value"], own_row["value"], theirs, own)
        rows.append(row)
    return SideBySide(pd.DataFrame(rows, columns=list(COLUMNS)), pd.DataFrame(values))


def _own(scene: Scene, metric: str, k: int, sure: Sureness) -> tuple[Floats, dict[str, object]]:
    """RecScope's own number, and each user's on the rows of `handed`."""
    it = known_metrics()[metric]
    judged = scene.judged(k)
    values = per_user(judged, [it], [k], np.float64)
    table = estimate(
        values,
        [it],
        is_imputed=judged.is_imputed,
        judged=judged,
        ks=[k],
        resamples=sure.resamples,
        confidence=sure.confidence,
        seed=sure.seed,
    )
    wide = np.full(len(scene.handed.users), np.nan)
    if it.per == "user":
        wide[np.searchsorted(scene.handed.users, judged.truth.users)] = values.to_numpy()[:, 0]
    found = table.iloc[0]
    n_out = int((scene.handed.given.has_list | scene.handed.given.has_test).sum()) - int(found["n"])
    row = {
        "tool": OWN,
        "name": "RecScope",
        "value": float(found["mean"]) if it.per == "user" else one_value(judged, it, _k(it, k)),
        "low": float(found["low"]),
        "high": float(found["high"]),
        "difference": 0.0,
        "n": int(found["n"]),
        "n_undefined": n_out,
        "n_imputed": int(found["n_imputed"]),
        "theirs": metric,
        "clause": it.summary,
        "users": "everybody with something relevant in the test set; no list counts as 0",
        "checked": "",
        "stops": "",
    }
    return wide, row


def _k(metric: object, k: int) -> int | None:
    return k if getattr(metric, "cutoff", True) else None


def _theirs(
    scene: Scene, convention: Convention, metric: str, k: int, sure: Sureness
) -> tuple[dict[str, object], Answer | None]:
    row: dict[str, object] = {
        "tool": convention.name,
        "name": convention.tool,
        "version": convention.version,
        "value": np.nan,
        "users": convention.users,
        "stops": "",
    }
    given = scene.handed.given
    if reason := reason_not(convention, metric, given):
        return row | {"stops": reason}, None
    rule = convention.rules[metric]
    said = say(convention, given, [metric], [k], sure=sure)
    found = said.estimates.iloc[0]
    row |= {
        "value": float(found["mean"]),
        "low": float(found["low"]),
        "high": float(found["high"]),
        "n": int(found["n"]),
        "n_undefined": int(found["n_undefined"]),
        "n_imputed": int(found["n_imputed"]),
        "theirs": rule.theirs,
        "clause": rule.clause,
        "checked": rule.golden,
        "stops": "; ".join(said.stops.values()),
    }
    return row, rule.answer(given, k)


def _taken_apart(value: object, own_value: object, theirs: Answer, own: Floats) -> dict[str, float]:
    difference = float(str(value)) - float(str(own_value))
    both = theirs.counts & ~np.isnan(own) & ~np.isnan(theirs.per_user)
    if not theirs.is_mean or np.isnan(difference) or not both.any():
        return {"difference": difference}
    by_formula = float((theirs.per_user[both] - own[both]).mean())
    return {
        "difference": difference,
        "by_formula": by_formula,
        "by_users": difference - by_formula,
    }


def closest(table: pd.DataFrame, number: float, digits: int) -> Sequence[str]:
    """Tools whose value, rounded to so many digits, is the number."""
    reach = 0.5 * 10.0**-digits + 1e-12
    return [str(row) for row in table.loc[(table["value"] - number).abs() <= reach, "tool"]]
