"""What should worry the reader, out of the run's audits?  Sentences of alarms. Pure.

Only what a corrected test calls an alarm becomes a warning; each says its number and interval.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from app import words
from app.findings import Evidence, Finding
from app.words import count, each, metric_at, plain
from recscope.audits.report import Report

FEW = 4  # groups that a finding names
ALIKE = 0.9  # rank-biased overlap from which two models are as good as one


def audit_findings(evidence: Evidence, audits: Mapping[str, Report]) -> Iterator[Finding]:
    """Findings of every audit that the run has, for its best model.

    audits  family → what it found
    """
    for family, check in CHECKS:
        if family in audits:
            yield from check(evidence, audits[family])


def _alarms(report: Report, test: str, model: str | None) -> pd.DataFrame:
    """Alarms of one test for one model, the least likely by chance first."""
    tests = report.tests
    is_of = tests["model"].isna() if model is None else tests["model"] == model
    found = tests[is_of & (tests["test"] == test) & tests["is_alarm"]]
    return found.sort_values(["p_adjusted", "p"], kind="stable")


def _sure(row: object) -> str:
    """The interval and the corrected p of a row of tests."""
    low, high, p = (getattr(row, name) for name in ("low", "high", "p_adjusted"))
    return f"({words.interval(low, high)}), corrected {words.p_value(p)}"


def _points(lines: list[str], of: str) -> str:
    """The first lines as a list, and how many more there are.  of: what a line is, as "group"."""
    said, more = "\n".join(f"- {line}" for line in lines[:FEW]), len(lines) - FEW
    return said + (f"\n- and {count(more, of)} more" if more > 0 else "")


def _worse_served(evidence: Evidence, tests: pd.DataFrame) -> pd.DataFrame:
    """Those of the tests whose group gets less of the metric that the page speaks of."""
    sign = -1 if evidence.better == "higher" else 1
    is_of = tests["metric"] == evidence.metric.partition("@")[0]
    return tests[is_of & (tests["effect"] * sign > 0)]


def miscalibration(evidence: Evidence, report: Report) -> Iterator[Finding]:
    for row in each(_alarms(report, "miscalibration", evidence.best).head(1)):
        yield Finding(
            "warn",
            f"The scores of {plain(evidence.best)} do not mean what they say",
            f"Read as probabilities they are off by {words.number(row.effect)} on average "
            f"{_sure(row)}, over the lists of {count(row.n, 'user')}.",
            "calibration",
        )


def strength_between_users(evidence: Evidence, report: Report) -> Iterator[Finding]:
    for row in each(_alarms(report, "strength between users", evidence.best).head(1)):
        yield Finding(
            "warn",
            "The same score means different things to different users",
            f"Among entries to which {plain(evidence.best)} gives equal scores, the hit rate of "
            f"users differs by a standard deviation of {words.number(row.effect)} {_sure(row)} "
            f"beyond chance, over {count(row.n, 'user')}: do not compare scores between people.",
            "calibration",
        )


def calibration_gap(evidence: Evidence, report: Report) -> Iterator[Finding]:
    found = _alarms(report, "calibration gap", evidence.best)
    lines = [
        f"**{plain(row.group_by)}**, most for {plain(row.group)}: gap {words.number(row.effect)} "
        f"{_sure(row)}"
        for row in each(found)
    ]
    if lines:
        yield Finding(
            "warn",
            f"The scores of {plain(evidence.best)} are less honest to some users",
            "Error of the scores as probabilities, between groups:\n\n"
            + _points(lines, "attribute"),
            "calibration",
        )


def user_groups(evidence: Evidence, report: Report) -> Iterator[Finding]:
    """Groups of users who get less than all others."""
    name = evidence.metric.partition("@")[0]
    of_best = report.tests[report.tests["model"] == evidence.best]
    tested = of_best[(of_best["test"] == "user group") & (of_best["metric"] == name)]
    worse = _worse_served(evidence, tested[tested["is_alarm"]])
    worse = worse.loc[worse["effect"].abs().sort_values(ascending=False).index]
    lines = [
        f"**{plain(row.group_by)} = {plain(row.group)}**: {words.signed(row.effect)} {_sure(row)} "
        f"against all others, {count(row.n, 'user')}"
        for row in each(worse)
    ]
    if lines:
        yield Finding(
            "warn",
            f"Of {count(len(tested), 'group')} of users, {len(worse)} "
            f"{'is' if len(worse) == 1 else 'are'} served worse",
            f"{plain(evidence.best)}, {evidence.metric}:\n\n" + _points(lines, "group"),
            "fairness",
        )
    elif len(tested):
        yield Finding(
            "note",
            "No group of users is served worse beyond chance",
            f"{len(tested)} groups were looked at; that is no proof of fairness, small groups have "
            "wide intervals.",
            "fairness",
        )


def crossed_groups(evidence: Evidence, report: Report) -> Iterator[Finding]:
    """Where attributes meet: groups who are worse off than either attribute tells."""
    found = _worse_served(evidence, _alarms(report, "intersection group", evidence.best))
    lines = [
        f"**{plain(row.group_by)} = {plain(row.group)}**: {words.signed(row.effect)} {_sure(row)}, "
        f"{count(row.n, 'user')}"
        for row in each(found)
    ]
    if lines:
        yield Finding(
            "warn",
            f"Where attributes meet, {count(len(found), 'group')} "
            f"{'is' if len(found) == 1 else 'are'} served worse",
            f"{plain(evidence.best)}, {evidence.metric}, against all other users:\n\n"
            + _points(lines, "group"),
            "fairness",
        )


def item_exposure(evidence: Evidence, report: Report) -> Iterator[Finding]:
    """Groups of items that get too little of what is seen for how much they are wanted."""
    test = "exposure is out of proportion to relevance"
    found = _alarms(report, test, evidence.best)
    short = found[found["effect"] < 1].sort_values("effect")
    lines = [
        f"**{plain(str(row.group_by).removeprefix('item '))} = {plain(row.group)}**: "
        f"{words.number(row.effect, 2)} times their share of what is wanted {_sure(row)}"
        for row in each(short)
    ]
    if lines:
        yield Finding(
            "warn",
            f"{count(len(short), 'group')} of items {'gets' if len(short) == 1 else 'get'} less "
            "exposure than users want of them",
            f"{plain(evidence.best)}, exposure discounted by rank:\n\n" + _points(lines, "group"),
            "fairness",
        )


def swapped(_: Evidence, report: Report) -> Iterator[Finding]:
    found = report.tests[report.tests["is_alarm"]]
    lines = [
        f"**{plain(row.model)}**, {plain(row.group_by)}: {words.number(row.effect)} {_sure(row)}"
        for row in each(found)
    ]
    if lines:
        yield Finding(
            "bad",
            "Lists change with a sensitive attribute alone",
            "The same history, described as somebody else's:\n\n" + _points(lines, "comparison"),
            "fairness",
        )


def kept_back(evidence: Evidence, report: Report) -> Iterator[Finding]:
    found = _alarms(report, "new or rare items are kept back", evidence.best)
    lines = [
        f"**{plain(row.group_by)}, {plain(row.group)}**: {words.number(row.effect)} {_sure(row)}"
        for row in each(found)
    ]
    if lines:
        yield Finding(
            "warn",
            f"{plain(evidence.best)} keeps new or rare items back",
            "By how much their share of what is seen stays below their share of what is chosen:"
            "\n\n" + _points(lines, "slice"),
            "cold_start",
        )


def short_histories(evidence: Evidence, report: Report) -> Iterator[Finding]:
    for row in each(_alarms(report, "short histories are served worse", evidence.best).head(1)):
        yield Finding(
            "warn",
            "Users with short histories are served worse",
            f"{metric_at(str(row.metric), row.k)}: {words.number(row.effect)} less {_sure(row)} "
            f"than users with longer ones, {count(row.n, 'user')}.",
            "cold_start",
        )


def drifted_data(_: Evidence, report: Report) -> Iterator[Finding]:
    """What of the data is no longer as it was, the largest shift of each aspect."""
    found = _alarms(report, "data against the first window", None)
    found = found[found["metric"] == "cramers_v"]  # one scale, so that aspects compare
    largest = found.sort_values("effect", ascending=False).drop_duplicates("group_by")
    lines = [
        f"**{plain(row.group_by)}**, most in {plain(row.group)}: Cramér's V "
        f"{words.number(row.effect)} {_sure(row)}"
        for row in each(largest)
    ]
    if lines:
        yield Finding(
            "warn",
            "The data are not what they were",
            f"{count(len(largest), 'aspect')} of them "
            f"{'differs' if len(largest) == 1 else 'differ'} from the first window (0 is the same, "
            "1 is wholly another):\n\n" + _points(lines, "aspect"),
            "drift",
        )


def refreshing_pays(evidence: Evidence, report: Report) -> Iterator[Finding]:
    tests = report.tests
    found = tests[(tests["test"] == "refreshing pays") & tests["is_alarm"] & (tests["effect"] > 0)]
    quality = str(report.settings.get("metric", "quality"))
    lines = [
        f"**{plain(row.model)}**: {words.signed(row.effect)} in {metric_at(quality, row.k)} "
        f"{_sure(row)}"
        for row in each(found.sort_values("effect", ascending=False))
    ]
    if lines:
        is_best = (found["model"] == evidence.best).any()
        yield Finding(
            "warn" if is_best else "note",
            "Models go stale: fitting anew pays",
            "What the refitted model is ahead of the one that was frozen:\n\n"
            + _points(lines, "model"),
            "drift",
        )


def twin_lists(_: Evidence, report: Report) -> Iterator[Finding]:
    """Two models whose lists are nearly the same: the second adds nothing."""
    table = report.estimates
    alike = table[(table["metric"] == "rbo") & (table["low"] >= ALIKE)]
    alike = alike[alike["model"].astype(str) < alike["group"].astype(str)]
    lines = [
        f"{plain(row.model)} and {plain(row.group)}: {words.number(row.mean)} "
        f"({words.interval(row.low, row.high)})"
        for row in each(alike.sort_values("mean", ascending=False).head(FEW))
    ]
    if lines:
        yield Finding(
            "note",
            "Some models give nearly the same lists",
            "Rank\\-biased overlap: " + "; ".join(lines) + ".",
            "diversity",
        )


Check = Callable[[Evidence, Report], Iterator[Finding]]
CHECKS: Sequence[tuple[str, Check]] = (
    ("counterfactual", swapped),
    ("user_fairness", user_groups),
    ("user_fairness", crossed_groups),
    ("item_fairness", item_exposure),
    ("calibration", miscalibration),
    ("calibration", strength_between_users),
    ("calibration", calibration_gap),
    ("cold_start", kept_back),
    ("cold_start", short_histories),
    ("drift", drifted_data),
    ("drift", refreshing_pays),
    ("diversity", twin_lists),
)
