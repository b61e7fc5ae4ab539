"""The alarm: quiet where nothing changes, loud on the planted day, and honest about the rest."""

from dataclasses import replace

import numpy as np
import pytest
from drift_cases import DAY, QUIET, TURN, audited, bursts, case, dataset, planted, steady

from core.sandbox import START
from core.tables import Interactions
from recscope.audits import drift
from recscope.audits.drift_newcomers import first_chances
from recscope.audits.drift_segments import contributions, parts_of

TURNED = str(np.datetime64(START + TURN * DAY, "s").astype("datetime64[D]"))


def of(tests, start, by=None):
    rows = tests[tests["test"].str.startswith(start)]
    return rows if by is None else rows[rows["group_by"] == by]


@pytest.fixture(scope="module")
def quiet():
    return [audited(steady(seed), seed).tests for seed in range(5)]


@pytest.fixture(scope="module")
def turned():
    truths = {"drift_share": 0.6, "cold_share": 0.1, "new_share": 0.2}
    return audited(planted(1, n_items=300, **truths), 1, ("group",))


def test_steady_data_raise_no_more_alarms_than_allowed(quiet):
    assert sum(bool(of(tests, "data against")["is_alarm"].any()) for tests in quiet) <= 1
    assert sum(bool(of(tests, "newcomers")["is_alarm"].any()) for tests in quiet) <= 1
    assert sum(bool(of(tests, "change point")["is_alarm"].any()) for tests in quiet) <= 1


def test_p_of_steady_data_is_spread_evenly(quiet):
    p = np.concatenate([of(tests, "data against the previous")["p"] for tests in quiet])
    assert 0.02 < np.mean(p < 0.05) < 0.09
    assert 0.35 < np.mean(p < 0.5) < 0.65


def test_rows_of_one_user_are_no_evidence_of_their_own():
    """Users with twenty rows of one topic each: a chi-square over rows would alarm every week."""
    from scipy.stats import chi2_contingency

    ours, naive = [], []
    for seed in range(5):
        data = bursts(seed)
        rows = data.interactions
        tests = of(audited(data, seed).tests, "data against the previous", "items by genres")
        ours += tests["p"].tolist()
        week = (rows.timestamps - START) // (7 * DAY)
        for at in range(1, 9):
            counts = np.stack([
                np.bincount(rows.items[week == w] // 25, minlength=8) for w in (at, at + 1)
            ])  # fmt: skip
            naive.append(chi2_contingency(counts + 1e-9).pvalue)
    assert np.mean(np.array(naive) < 0.05) > 0.8
    assert np.mean(np.array(ours) < 0.05) < 0.12


def test_the_planted_turn_of_tastes_is_found_and_dated(turned):
    found = of(turned.tests, "data against the first", "own taste by genres")
    weeks = found.loc[found["is_alarm"], "group"]
    assert len(weeks) >= 2
    assert min(weeks) >= str(np.datetime64(TURNED) - 6)
    dated = of(turned.tests, "change point", "own taste by genres")
    best = dated.sort_values("effect")["group"].iloc[-1]
    assert abs((np.datetime64(best) - np.datetime64(TURNED)).astype(int)) <= 2


def test_what_was_not_planted_stays_quiet(turned):
    for by in ("items by provider", "ratings", "users by group"):
        assert not of(turned.tests, "data against", by)["is_alarm"].any(), by


def test_planted_newcomers_are_found_in_their_week(turned):
    joined = str(np.datetime64(START + QUIET["join_day"] * DAY, "s").astype("datetime64[D]"))
    for kind in ("users", "items"):
        rows = of(turned.tests, "newcomers", f"new {kind}")
        alarms = rows[rows["is_alarm"] & (rows["effect"] > 0)]
        latest = alarms["group"].max()
        assert str(np.datetime64(joined) - 6) <= latest <= str(np.datetime64(joined) + 7), kind


def test_a_segment_that_alone_changed_its_ways_has_the_whole_change():
    users = np.arange(60)
    before = np.tile([1.0, 0.0, 0.0], (60, 1))
    now = np.where((users % 2 == 0)[:, None], [0.0, 1.0, 0.0], before)
    parts, n = parts_of([(users, before), (users, now)], users % 2, 2)
    change, share = contributions(parts.sum(axis=0), 2, 3)
    assert change.tolist() == pytest.approx([1, 0])
    assert share.tolist() == pytest.approx([0.5, 0.5])
    assert n.tolist() == [30, 30]


def test_the_parts_of_all_segments_make_up_the_whole():
    rng = np.random.default_rng(0)
    users = np.arange(50)
    sides = [
        (users[:30], rng.dirichlet(np.ones(4), 30)),
        (users[20:], rng.dirichlet([3, 1, 1, 1], 30)),
    ]
    parts, n = parts_of(sides, users % 3, 3)
    change, share = contributions(parts.sum(axis=0), 3, 4)
    assert change.sum() == pytest.approx(1)
    assert share.sum() == pytest.approx(1)
    assert n.sum() == 50


def test_every_interval_holds_its_estimate(turned):
    for table, name in ((turned.estimates, "mean"), (of(turned.tests, "data"), "effect")):
        assert (table["low"] <= table[name] + 1e-12).all()
        assert (table[name] <= table["high"] + 1e-12).all()


def test_the_first_of_k_windows_is_somewhere():
    chances = first_chances(4, np.array([5, 5, 5, 5, 5]))
    np.testing.assert_allclose(chances[1:].sum(axis=1), 1)
    np.testing.assert_allclose(chances[1], 0.2)
    assert chances[4].tolist() == pytest.approx([0.8, 0.2, 0, 0, 0])  # C(4, 3) / C(5, 4)


def test_constant_ratings_cannot_drift():
    data = planted(0)
    same = replace(data.interactions, ratings=np.full(len(data.interactions), 3.0, np.float32))
    notes = audited(replace(data, interactions=same)).notes
    assert any(n.about == "ratings" and "because every rating is 3" in n.reason for n in notes)


def test_a_window_without_data_is_told_and_not_counted_as_zero():
    data = planted(0)
    gap = (data.interactions.timestamps - START) // DAY
    rows = data.interactions.take((gap < 21) | (gap >= 35))
    report = audited(replace(data, interactions=rows))
    empty = str(np.datetime64(START + 26 * DAY, "s").astype("datetime64[D]"))
    told = [note.reason for note in report.notes if note.about == "activity"]
    assert "fewer than 30 users" in told[0]
    assert empty in told[0]
    assert empty not in set(of(report.tests, "data")["group"])


def test_data_without_groups_and_ratings_say_so():
    rows = planted(0).interactions
    bare = Interactions(rows.users, rows.items, rows.n_users, rows.n_items, None, rows.timestamps)
    report = audited(dataset(bare))
    about = {note.about for note in report.notes}
    assert {"item groups", "ratings"} <= about
    assert "item features" in set(of(report.tests, "data")["group_by"])


def test_a_user_attribute_of_one_value_is_noted():
    data = planted(0)
    users = data.side.users.assign(planet="Earth")
    side = replace(data.side, users=users)
    rows = replace(data.interactions, side=side)
    notes = audited(replace(data, interactions=rows), groups=("planet",)).notes
    assert any(n.about == "users by planet" and "1 values" in n.reason for n in notes)


@pytest.mark.parametrize(
    "change, reason",
    [
        (lambda t: None, "because the data have no timestamps"),
        (lambda t: START + t % 80_000, "because all interactions fall within a single day"),
    ],
)
def test_without_time_there_is_no_drift_to_judge(change, reason):
    data = planted(0, n_users=50)
    rows = replace(data.interactions, timestamps=change(data.interactions.timestamps))
    report = drift.audit(case(replace(data, interactions=rows)), drift.Settings())
    assert [note.reason for note in report.notes] == [f"cannot be judged, {reason}"]
    assert report.tests.empty
    assert report.estimates.empty
