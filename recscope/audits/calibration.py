"""Calibration: do scores mean what they say, and the same for every user?"""

from dataclasses import replace

import numpy as np

from core.errors import UnknownNameError
from recscope.audits.calibration_judged import judged_report
from recscope.audits.calibration_learned import Learned, Settings
from recscope.audits.calibration_numbers import Judgement
from recscope.audits.calibration_pairs import shown_of
from recscope.audits.calibration_ratings import audit_ratings
from recscope.audits.calibration_strength import audit_strength
from recscope.audits.case import Case
from recscope.audits.report import Note, Report, joined
from recscope.compare import holm

__all__ = ["QUESTION", "Settings", "audit"]

QUESTION = "Do scores mean what they say, and the same for every user?"
NO_SCORES = "cannot be judged, because these are ready lists without scores"
NO_LISTS = "cannot be judged, because no user has a list of the model's own"
ONE_CLASS = (
    "calibration on the test part cannot be judged, because of {n:,} listed items {which} chosen"
)


def audit(case: Case, settings: Settings) -> Report:
    """Errors of calibration of every model before and after a map, by group; strength; ratings.

    Entries are the items among the first k of every judged user's list, without lists that were
    filled with popular items; the outcome is whether the user chose the item in the test part.
    The map is fitted on entries of the validation part, listed by the model fitted on train alone.

    Estimates: errors for everybody and by group are of what speaks for the model: its scores where
    they are said to be probabilities, else the map's; by `probabilities` all ways side by side.
    ece_gap by attribute. Curves: "reliability", "consistency", "reliability by group", "map",
    "population", "ratings". Tests: "miscalibration", "calibration gap", "strength between users",
    p corrected by Holm over the tests of one name. Raises UnknownNameError for a model that is not
    in the run.
    """
    for name in settings.probabilities:
        if name not in case.config.models:
            raise UnknownNameError("model", name, case.config.models)
    k = min(settings.k or max(case.config.evaluate.k), case.config.evaluate.length)
    settings = replace(settings, k=k)
    parts, judgements = [], []
    for model in case.models:
        made, report = _model(case, model, settings)
        judgements += made
        parts += [report, audit_ratings(case, model, settings.n_bins)]
    return _corrected(joined([judged_report(case, judgements, k), *parts]))


def _model(case: Case, model: str, settings: Settings) -> tuple[list[Judgement], Report]:
    """The model's probabilities, and what is said of them besides their errors."""
    lists = shown_of(case, model)
    if lists is None:
        return [], Report(notes=[Note(model, NO_SCORES)])
    pairs = lists.pairs(settings.k)
    if not len(pairs):
        return [], Report(notes=[Note(model, NO_LISTS)])
    strength = audit_strength(model, lists, settings.k, settings.n_bins, case.sure)
    learned = Learned(case, model, pairs, settings)
    notes = list(learned.notes)
    if pairs.n_hits in {0, len(pairs)}:
        which = "all were" if pairs.n_hits else "none was"
        notes.append(Note(model, ONE_CLASS.format(n=len(pairs), which=which)))
        return [], joined([Report(notes=notes), strength])
    return learned.judgements(), joined([Report(curves=learned.curves(), notes=notes), strength])


def _corrected(report: Report) -> Report:
    """Tests of one name are a family: p by Holm over its models and attributes."""
    tests = report.tests
    for rows in tests.groupby("test").groups.values():
        tests.loc[rows, "p_adjusted"] = holm(tests.loc[rows, "p"].to_numpy(dtype=np.float64))
    tests["is_alarm"] = tests["p_adjusted"] < 0.05
    return report
