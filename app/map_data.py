"""What the map shows: the survey's systems, the built-ins that stand for them, and their results.

Everything is read from declarations: a recommender says its place itself (`taxonomy`), an explainer
by its stage; a system is found by its name there, or by the number of its paper.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from app import queries
from app.words import metric_at
from recommenders.survey import BRANCHES, Branch, System, stood_for, systems
from recommenders.taxonomy import DEPLOY, REPRESENT, UTILIZE, Place, place_of

PAGE = "map"
TIER, FIND, STANDING = (f"{PAGE}.{name}" for name in ("tier", "find", "standing"))
BASELINES = "Baselines"
TIERS = {
    "Representing and understanding": REPRESENT,
    "Scheming and utilizing": UTILIZE,
    "Industrial deploying": DEPLOY,
    BASELINES: "",
}
RECOMMENDER, EXPLAINER = "recommender", "explainer"
STAGES = {"pre": BRANCHES["b"], "post": BRANCHES["a"]}
RUNS_READ = 40  # of the newest


@dataclass(frozen=True)
class BuiltIn:
    """One thing that RecScope runs.

    place    where it says it stands; None for a baseline
    systems  of the survey that it stands for; beyond: others that it names
    """

    name: str
    kind: str
    summary: str
    source: str
    place: Place | None
    systems: tuple[System, ...] = ()
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a run measured of a built-in.

    metric  such as ndcg@10; empty where the run says nothing of it over everybody
    n       users; is_sample: they were drawn by lot from the test set's
    """

    run_id: str
    data: str
    metric: str = ""
    mean: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    n: int = 0
    is_sample: bool = False


@dataclass
class Atlas:
    """All built-ins, and of each system who stands for it."""

    built_ins: tuple[BuiltIn, ...]
    stands: dict[System, list[str]] = field(default_factory=dict)

    def of_tier(self, tier: str) -> list[BuiltIn]:
        """Those that stand on a tier; "" for the baselines, which stand on none."""
        return [one for one in self.built_ins if (one.place.tier if one.place else "") == tier]


def choose_tier() -> str:
    """A tier by its label, or the baselines; it stands in the address."""
    asked = st.segmented_control(
        "Part of the map",
        list(TIERS),
        default=next(iter(TIERS)),
        required=True,
        key=TIER,
        bind="query-params",
        label_visibility="collapsed",
    )
    return str(asked or next(iter(TIERS)))


@st.cache_resource(show_spinner=False)
def atlas() -> Atlas:
    """The map as the declarations draw it."""
    made = Atlas((*_recommenders(), *_explainers()))
    for built_in in made.built_ins:
        for system in built_in.systems:
            made.stands.setdefault(system, []).append(built_in.name)
    return made


def _recommenders() -> list[BuiltIn]:
    from recommenders import RECOMMENDERS
    from recommenders.doors import describe

    made = []
    for name, kind in RECOMMENDERS.items():
        about, place = describe(name), place_of(kind)
        named = place.systems if place else ()
        found, beyond = stood_for(named, about.source if place else "")
        made.append(
            BuiltIn(
                name, RECOMMENDER, about.summary, about.source, place, tuple(found), tuple(beyond)
            )
        )
    return made


def _explainers() -> list[BuiltIn]:
    from explain.explainers import EXPLAINERS

    made = []
    for name, one in EXPLAINERS.items():
        branch = STAGES[one.stage]
        named = [s.name for s in systems() if s.name and _names(one.source, s.name)]
        found, _ = stood_for(named, one.source)
        place = Place(branch.tier, branch.paradigm, branch.technique)
        if not one.is_baseline:
            made.append(BuiltIn(name, EXPLAINER, one.doc, one.source, place, tuple(found)))
    return made


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?![\w])", text) is not None


def of_tier(tier: str) -> list[System]:
    """The survey's systems that have a branch on this tier."""
    return [system for system in systems() if system.is_in(tier)]


def coverage(tier: str, stands: dict[System, list[str]]) -> list[tuple[Branch, int, int]]:
    """Of each branch of a tier: how many systems have a built-in standing for them, of how many."""
    rows = []
    for branch in (branch for branch in BRANCHES.values() if branch.tier == tier):
        listed = [system for system in systems() if branch in system.branches]
        rows.append((branch, sum(system in stands for system in listed), len(listed)))
    return rows


def results(built_in: BuiltIn) -> list[Result]:
    """What the runs here say of it: the newest run of each data set, newest first."""
    found: dict[str, Result] = {}
    for run_id in queries.finished_runs()[:RUNS_READ]:
        data = str((queries.manifest(run_id).get("data") or {}).get("name") or "")
        if data in found:
            continue
        told = _explained(run_id, data, built_in.name)
        if built_in.kind == RECOMMENDER:
            told = _measured(run_id, data, built_in.name)
        if told is not None:
            found[data] = told
    return list(found.values())


def _measured(run_id: str, data: str, name: str) -> Result | None:
    from app.user import headline_of

    entries = queries.manifest(run_id)["models"]
    models = [m for m, e in entries.items() if e.get("use", m) == name and e["status"] == "done"]
    if not models:
        return None
    metric, k = headline_of(run_id)
    rows = queries.at_cutoff(queries.everybody(run_id), metric.name, k)
    rows = rows[rows["model"].isin(models)]
    if rows.empty:
        return Result(run_id, data)
    best = rows.sort_values("mean", ascending=metric.better == "lower", kind="stable").iloc[0]
    return Result(
        run_id,
        data,
        metric_at(metric.name, k),
        float(best["mean"]),
        float(best["low"]),
        float(best["high"]),
        int(best["n"]),
        is_sample=is_sampled(run_id),
    )


def is_sampled(run_id: str) -> bool:
    """Were the run's users drawn by lot from those of its test set?"""
    asked = (queries.manifest(run_id).get("config") or {}).get("evaluate") or {}
    return bool(asked.get("users"))


def _explained(run_id: str, data: str, name: str) -> Result | None:
    from app import explained

    found = explained.explained(run_id)
    if found is None or name not in set(found.explanations["explainer"]):
        return None
    return Result(run_id, data)


def searched(listed: Sequence[System], words: str) -> list[System]:
    """Systems whose name, title, year or company holds every word."""
    wanted = words.casefold().split()
    return [
        system
        for system in listed
        if all(
            word in f"{system.name} {system.title} {system.year} {system.company}".casefold()
            for word in wanted
        )
    ]
