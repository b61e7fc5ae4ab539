"""Errors of calibration: intervals, the tests of promises and of groups, planted faults."""

import numpy as np
from scipy.special import ndtr

from core.sandbox_checks import sandbox_scores
from evaluators.calibration_bins import equal_mass, equal_width
from recscope.audits.calibration_judged import _reaching_zero
from recscope.audits.calibration_numbers import NAMES, Judgement, found_in
from recscope.audits.calibration_pairs import Pairs
from recscope.audits.calibration_tests import gap_by_chance, miscalibrated
from recscope.estimate import Sureness
from recscope.groups import Cell
from recscope.permuted import p_value
from tests.validity.study import Row, alarmed, covered, detected, repeats, study

N_BINS = 10
HELD = ("ece", "ece_equal_mass", "ece_debiased", "calibration_bias", "brier", "log_loss")


def judged(user, scores, outcomes, n_users):
    pairs = Pairs(np.asarray(user, dtype=np.int64), scores, outcomes, n_users)
    return Judgement("m", "as stated", pairs, scores, N_BINS, speaks=True)


def of_sandbox(seed, **planted):
    made = sandbox_scores(4000, n_users=400, seed=seed, **planted)
    return judged(made["user"], made["score"].to_numpy(), made["outcome"].to_numpy(), 400)


def kept_promises(seed, n_users=300, entries=10, alike=0.5):
    """Every score is the chance of its outcome, and outcomes of one user go together."""
    rng = np.random.default_rng([8, seed])
    user = np.repeat(np.arange(n_users), entries)
    scores = rng.beta(1.5, 3.0, size=len(user))
    mood = np.sqrt(alike) * rng.standard_normal(n_users)[user]
    drawn = ndtr(mood + np.sqrt(1 - alike) * rng.standard_normal(len(user)))
    return judged(user, scores, drawn < scores, n_users)


def truths(**planted):
    """What the errors come to for endlessly many entries."""
    made = sandbox_scores(2_000_000, n_users=400, seed=1, **planted)
    p, q = made["score"].to_numpy(), made["probability"].to_numpy()

    def error(cuts):
        place = np.searchsorted(cuts, p, side="right")
        return np.abs(np.bincount(place, p - q)).sum() / len(p)

    mass = error(equal_mass(p, N_BINS))
    return {
        "ece": error(equal_width(N_BINS)),
        "ece_equal_mass": mass,
        "ece_debiased": mass,
        "calibration_bias": (p - q).mean(),
        "brier": ((p - q) ** 2 + q * (1 - q)).mean(),
        "log_loss": -(q * np.log(p) + (1 - q) * np.log1p(-p)).mean(),
    }


@study("intervals")
def errors_of_calibration():
    faults = {"overconfident (slope 1.8)": {"slope": 1.8}, "a shift of 0.3": {"shift": 0.3},
              "promises kept": {}}  # fmt: skip
    everybody = Cell(None, None, np.arange(400))
    for what, planted in faults.items():
        true = truths(**planted)
        held = {name: [] for name in HELD}
        for seed in range(repeats(30, 400)):
            one = of_sandbox(seed, **planted)
            sure = Sureness(resamples=400, seed=seed)
            (found,) = found_in([one], everybody, sure)
            found = _reaching_zero(found, miscalibrated(one, seed, 499)[1])
            for name in HELD:
                at = NAMES.index(name)
                slack = 1e-4 if planted else 1e-3  # the limit is itself drawn; 0 is the edge
                is_in = found.low[at] - slack <= true[name] <= found.high[at] + slack
                held[name].append(is_in)
        for name, all_held in held.items():
            row = covered(f"{name}, {what}", "calibration_numbers.found_in", all_held)
            high = 1.0 if not planted else 0.97  # at the edge of what can be, only one side errs
            yield Row(row.what, row.how, row.found, row.low, high, row.repeats)


@study("levels")
def kept_promises_raise_no_alarm():
    for alike in (0.0, 0.5):
        p = [
            miscalibrated(kept_promises(seed, alike=alike), seed, 499)[1]
            for seed in range(repeats(200, 1200))
        ]
        what = "promises kept, a user's outcomes " + ("alike" if alike else "independent")
        yield alarmed(what, "calibration_tests.miscalibrated", p)


@study("levels")
def groups_that_are_calibrated_alike():
    for what, shares in {
        "two groups of 150": (0.5, 0.5),
        "groups of 30 and 270": (0.1, 0.9),
    }.items():
        p = []
        for seed in range(repeats(120, 800)):
            codes = np.repeat([0, 1], (np.array(shares) * 300).astype(int))
            errors, dealt = gap_by_chance(kept_promises(seed), codes, 2, seed, 299)
            p.append(float(p_value(np.abs(np.diff(errors))[0], dealt)))
        yield alarmed(f"gap of calibration, {what}", "calibration_tests.gap_by_chance", p)


@study("power")
def planted_miscalibration():
    found = [miscalibrated(of_sandbox(seed, slope=1.6), seed, 499)[1] < 0.05
             for seed in range(repeats(40, 200))]  # fmt: skip
    what = "overconfidence (slope 1.6), 400 users with 10 entries"
    yield detected(what, "calibration_tests.miscalibrated", found)


@study("power")
def planted_gap_of_calibration():
    found = []
    for seed in range(repeats(40, 200)):
        one = of_sandbox(seed, slope={"a": 1.0, "b": 2.5})
        errors, dealt = gap_by_chance(one, np.arange(400) % 2, 2, seed, 299)
        found.append(float(p_value(np.abs(np.diff(errors))[0], dealt)) < 0.05)
    what = "one group overconfident (slope 2.5), 2 × 200 users with 10 entries"
    yield detected(what, "calibration_tests.gap_by_chance", found)
