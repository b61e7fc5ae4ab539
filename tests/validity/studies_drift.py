"""Drift of the data: no alarm where nothing changes, the planted day where something does."""

from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pandas as pd

from core.sandbox import START, sandbox
from recscope.audits import drift
from recscope.estimate import Sureness
from tests.validity.study import Row, alarmed, detected, repeats, study

DAY = 86_400
TURN = 37  # the day on which tastes turn, where they do
SPAN = {"n_days": 72, "drift_day": TURN, "cold_day": 60, "join_day": 60}


def audited(dataset, seed):
    """Tests of the data side of the drift audit."""
    case = SimpleNamespace(
        given=SimpleNamespace(dataset=dataset),
        sure=Sureness(seed=seed),
        users=dataset.side.users.assign(user=range(len(dataset.user_ids))),
        config=SimpleNamespace(evaluate=SimpleNamespace(groups=("group", "gender"))),
    )
    return drift._data(case, drift.Settings(window="week")).tests


def shuffled(seed):
    """Generated rows at times of their own, any as likely as any other: time changes nothing."""
    dataset = sandbox(300, 200, seed=seed, n_per_user=30.0, **SPAN)
    rows = dataset.interactions
    rng = np.random.default_rng([11, seed])
    times = START + rng.integers(SPAN["n_days"] * DAY, size=len(rows))
    mixed = replace(rows, timestamps=times).take(np.argsort(times, kind="stable"))
    return replace(dataset, interactions=mixed)


@lru_cache(maxsize=1)
def steady():
    return [audited(shuffled(seed), seed) for seed in range(repeats(8, 80))]


def kind(tests, start):
    return tests[tests["test"].str.startswith(start)]


@study("levels")
def tests_of_steady_data():
    for aspect in sorted(set(steady()[0]["group_by"].dropna())):
        shares = []
        for one in steady():
            rows = kind(one, "data against")
            p = rows.loc[rows["group_by"].eq(aspect), "p"].dropna()
            shares += [(p < 0.05).mean()] if len(p) else []
        if shares:
            # windows share the first one: what counts is how many data sets there are
            what = f"{aspect}, against the first and the previous week"
            found = float(np.mean(shares))
            yield Row(what, "drift_shift.test", found, 0.0, 0.065, len(shares))
    any_ = [kind(one, "data against")["p_adjusted"].min() for one in steady()]
    how = "audit drift, Benjamini-Hochberg"
    yield alarmed("any alarm over all windows and aspects", how, any_, at_most=True)


@study("levels")
def change_points_of_steady_data():
    alarms = [0.0 if kind(one, "change point")["is_alarm"].any() else 1.0 for one in steady()]
    yield alarmed("a change point in steady data", "drift_change.change_points", alarms,
                  at_most=True)  # fmt: skip


@study("levels")
def newcomers_of_steady_data():
    rows = pd.concat([kind(one, "newcomers") for one in steady()])
    users = rows.loc[rows["group_by"].eq("new users"), "p"].dropna()
    yield alarmed("new users, steady data", "drift_newcomers", users, at_most=True)


@study("power")
def planted_drift():
    shifted, dated = [], []
    for seed in range(repeats(4, 30)):
        planted = {**SPAN, "drift_share": 0.6, "cold_share": 0.0, "new_share": 0.0}
        tests = audited(sandbox(400, 300, seed=seed, **planted), seed)
        taste = kind(tests, "data against the first")
        taste = taste[taste["group_by"].str.contains("own") & taste["is_alarm"].astype(bool)]
        shifted.append(len(taste) > 0)
        points = kind(tests, "change point")
        points = points[points["group_by"].str.contains("own")]
        days = pd.to_datetime(points["group"], errors="coerce", utc=True)
        turn = pd.Timestamp(START + TURN * DAY, unit="s", tz="UTC")
        dated.append(bool((abs((days - turn).dt.days) <= 7).any()))
    what = "60 % of 400 users turn to another topic"
    yield detected(what, "audit drift, own taste", shifted)
    yield detected(f"{what}: dated within a week", "drift_change.change_points", dated)
