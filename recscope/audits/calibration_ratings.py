"""Are predicted ratings right in the mean, at every height?"""

import numpy as np

from core.tables import Floats
from evaluators.calibration_bins import BinSums, equal_mass, mean_gap, over, place
from recscope.audits.case import Case
from recscope.audits.numbers import from_sums, rows
from recscope.audits.report import Report, Row, curves_frame, estimates_frame

METRIC = "rating_calibration_error"
CURVE = "ratings"


def audit_ratings(case: Case, model: str, n_bins: int) -> Report:
    """Mean given rating by mean predicted one; nothing where the model predicts no ratings.

    Estimate: rating_calibration_error over everybody. Curve "ratings": x the mean prediction of a
    bin, y the mean rating given, with interval, n ratings.
    """
    judged = case.judged(model)
    truth = judged.truth
    if judged.predicted is None or truth.ratings is None:
        return Report()
    known = ~np.isnan(judged.predicted)
    predicted = judged.predicted[known].astype(np.float64)
    given, user = truth.ratings[known].astype(np.float64), truth.row_of[known]
    if not len(predicted):
        return Report()
    cuts = equal_mass(predicted, n_bins)
    size, n_users = len(cuts) + 1, len(truth)
    cell = user * size + place(predicted, cuts)
    parts: Floats = np.hstack(
        [
            np.bincount(cell, weight, n_users * size).astype(np.float64).reshape(n_users, size)
            for weight in (np.ones(len(cell)), predicted, given)
        ]
    )

    def compute(sums: Floats) -> Floats:
        n, promised, found = np.split(sums, 3, axis=-1)
        error = mean_gap(BinSums(n, promised, found))
        return np.concatenate([error[..., None], over(found, n)], axis=-1)

    value, low, high = from_sums(parts, compute, case.sure)
    n, promised, _ = np.split(parts.sum(axis=0), 3)
    n_raters = len(np.unique(user))
    facts = {"model": model, "n_undefined": n_users - n_raters}
    first = (value[:1], low[:1], high[:1])
    curve: list[Row] = [
        {"curve": CURVE, "model": model, "series": "given", "x": promised[place_] / n[place_],
         "y": value[1 + place_], "low": low[1 + place_], "high": high[1 + place_], "n": n[place_]}
        for place_ in np.flatnonzero(n)
    ]  # fmt: skip
    made = rows([METRIC], first, case.sure, n_raters, **facts)
    return Report(estimates_frame(made), curves_frame(curve))
