"""Which segment drives the change? What moved, and whose doing it was."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.tables import Codes, Floats, Ints
from recscope.audits.drift_aspects import Aspect
from recscope.audits.drift_data import FIRST, TEST, Given, by_label
from recscope.audits.drift_shift import Shift, category_weights, shift
from recscope.audits.numbers import from_sums
from recscope.audits.report import Note, Row
from recscope.estimate import Sureness

SEGMENT = "segment drives the change"
MOST_MOVED = 12
MOST_GROUPS = 12  # of an attribute
RESAMPLES = 400
LEVELS = ("light", "medium", "heavy")


def moved(given: Given, confidence: float) -> list[Row]:
    """How much each category's share changed from the first to the last window judged."""
    from scipy.special import ndtri

    reach = float(ndtri((1 + confidence) / 2))
    rows: list[Row] = []
    for aspect in given.aspects:
        judged = given.judged(aspect.name)
        if len(judged) < 2 or aspect.kind == "features":
            continue
        first, last = (given.moments(aspect.name, int(judged[at])) for at in (0, -1))
        gather, labels = by_label(aspect.labels)
        whole = shift(first, last)
        covariance = gather.T @ whole.covariance @ gather
        before, now = whole.before @ gather, whole.now @ gather
        one = Shift(before, now, covariance, whole.n_before, whole.n_now, whole.n)
        error = reach * np.sqrt(np.maximum(np.diag(one.covariance), 0))
        part = category_weights(one) * one.delta**2
        order = np.argsort(-part, kind="stable")[:MOST_MOVED]
        rows += [
            {
                "curve": f"moved: {aspect.name}", "series": "change of share",
                "x": float(rank), "label": labels[place], "y": one.delta[place],
                "low": one.delta[place] - error[place], "high": one.delta[place] + error[place],
                "n": one.n,
            }
            for rank, place in enumerate(order)
        ]  # fmt: skip
    return rows


def driven(
    given: Given, attributes: pd.DataFrame, tests: pd.DataFrame, sure: Sureness
) -> tuple[list[Row], list[dict[str, Any]], list[Note]]:
    """Curves, tests and notes: each segment's part in the change that alarms most.

    attributes  columns of users, index: code; tests: those of the data, with is_alarm
    """
    aspect = _most_changed(given, tests)
    if aspect is None:
        reason = "cannot be judged, because nothing about the items raised an alarm at the end"
        return [], [], [Note("driving segment", reason)]
    curves: list[Row] = []
    found: list[dict[str, Any]] = []
    for column in attributes.columns:
        codes, names = pd.factorize(attributes[column], sort=True)
        if 2 <= len(names) <= MOST_GROUPS:
            of_user = np.asarray(codes, dtype=np.int64)
            rows, tested = _of_attribute(given, aspect, str(column), of_user, list(names), sure)
            curves += rows
            found += tested
    return curves, found, []


def _most_changed(given: Given, tests: pd.DataFrame) -> Aspect | None:
    """The aspect of items whose last window differs most from the first, where that is an alarm."""
    usual = {aspect.name: aspect for aspect in given.aspects if aspect.side == "items"}
    rows = tests[
        (tests["test"] == TEST.format(FIRST)) & tests["is_alarm"] & tests["group_by"].isin(usual)
    ]
    rows = rows[rows["metric"] == "cramers_v"]
    last = {
        name: given.windows.labels[int(j[-1])] for name in usual if len(j := given.judged(name))
    }
    rows = rows[
        [
            last.get(name) == label
            for name, label in zip(rows["group_by"], rows["group"], strict=True)
        ]
    ]
    if not len(rows):
        return None
    return usual[str(rows.sort_values("effect")["group_by"].iloc[-1])]


def _of_attribute(
    given: Given, aspect: Aspect, column: str, codes: Ints, names: Sequence[Any], sure: Sureness
) -> tuple[list[Row], list[dict[str, Any]]]:
    judged = given.judged(aspect.name)
    profiles = given.profiles[aspect.name]
    sides = [profiles.at(int(judged[at])) for at in (0, -1)]
    parts, n = parts_of(sides, codes, len(names))
    m = sides[0][1].shape[1]

    def compute(sums: Floats) -> Floats:
        part, users = contributions(sums, len(names), m)
        return np.concatenate([part, part - users], axis=-1)

    strict = 1 - (1 - sure.confidence) / len(names)
    value, low, high = from_sums(
        parts, compute, replace(sure, resamples=min(sure.resamples, RESAMPLES), confidence=strict)
    )
    users = value[: len(names)] - value[len(names) :]
    curves: list[Row] = []
    tests: list[dict[str, Any]] = []
    for g, name in enumerate(names):
        if n[g] < sure.smallest:
            continue
        point = {"x": float(g), "label": str(name), "n": int(n[g])}
        line = f"driven: {aspect.name}"
        bounds = {"y": value[g], "low": low[g], "high": high[g]}
        curves.append({"curve": line, "series": f"{column}: part in the change", **point, **bounds})
        curves.append({"curve": line, "series": f"{column}: part of users", **point, "y": users[g]})
        h = len(names) + g
        tests.append({
            "test": SEGMENT, "metric": "cramers_v", "group_by": column, "group": str(name),
            "effect": value[h], "low": low[h], "high": high[h], "n": int(n[g]),
            "is_alarm": bool(low[h] > 0),
        })  # fmt: skip
    return curves, tests


def parts_of(
    sides: Sequence[tuple[Ints, Floats]], codes: Ints, n_groups: int
) -> tuple[Floats, Ints]:
    """What each user adds: for both windows, for each group, presence and shares.

    Answers float (n_users, 2 · n_groups · (1 + m)) and users of each group in either window.
    """
    users = np.unique(np.concatenate([side[0] for side in sides]))
    users = users[codes[users] >= 0]
    m = sides[0][1].shape[1]
    parts = np.zeros((len(users), 2, n_groups, 1 + m))
    for at, (active, values) in enumerate(sides):
        known = codes[active] >= 0
        row = np.searchsorted(users, active[known])
        parts[row, at, codes[active[known]], 0] = 1
        parts[row, at, codes[active[known]], 1:] = values[known]
    n = np.bincount(codes[users], minlength=n_groups)
    return parts.reshape(len(users), -1), n


def contributions(sums: Floats, n_groups: int, m: int) -> tuple[Floats, Floats]:
    """Each group's part in V², and of the users; both float (..., n_groups), each adding to 1.

    A group changes the whole by what its members do otherwise and by there being more or fewer of
    them; the second counts as far as they differ from the mean: Δ_g = q_g Q_g - p_g P_g -
    (q_g - p_g) (P + Q) / 2, p and q the group's part of the users before and now, P and Q shares.
    Its part is Σ w Δ_g Δ / Σ w Δ².
    """
    cells = sums.reshape((*sums.shape[:-1], 2, n_groups, 1 + m))
    total = np.maximum(cells[..., 0].sum(axis=-1), 1e-12)[..., None]
    weight, share = cells[..., 0] / total, cells[..., 1:] / total[..., None]
    both = share.sum(axis=-2)
    middle = both.mean(axis=-2)
    delta = both[..., 1, :] - both[..., 0, :]
    own = share[..., 1, :, :] - share[..., 0, :, :]
    own = own - (weight[..., 1, :] - weight[..., 0, :])[..., None] * middle[..., None, :]
    scale = np.where(middle > 0, 1 / np.where(middle > 0, 4 * middle, 1), 0)
    square = np.maximum((scale * delta**2).sum(axis=-1), 1e-12)
    part = (own * (scale * delta)[..., None, :]).sum(axis=-1) / square[..., None]
    return part, weight.mean(axis=-2)


def activity_levels(users: Codes, n_users: int) -> pd.DataFrame:
    """Thirds of the users by rows in the whole data, where the data bring no attributes."""
    counts = np.bincount(users, minlength=n_users)
    named = np.full(n_users, None, dtype=object)
    active = counts > 0
    if active.any():
        bounds = np.quantile(counts[active], [1 / 3, 2 / 3])
        named[active] = np.asarray(LEVELS, dtype=object)[np.searchsorted(bounds, counts[active])]
    return pd.DataFrame({"rows in all": named})
