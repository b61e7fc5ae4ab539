"""The survey's systems: each has its place, and built-ins find theirs."""

import re

import pytest

from recommenders import RECOMMENDERS
from recommenders.survey import BRANCHES, PREPRINTS, stood_for, systems
from recommenders.taxonomy import DEPLOY, TIERS, place_of


def test_every_system_stands_on_a_branch_and_says_who_wrote_it_when():
    for system in systems():
        assert system.branches, system.title
        assert 2022 < system.year < 2025, system.title
        assert re.fullmatch(r"|arXiv:\d{4}\.\d{5}|doi:10\.\d{4,5}/\S+", system.source)


def test_every_branch_of_the_survey_has_systems():
    used = {branch for system in systems() for branch in system.branches}
    assert used == set(BRANCHES.values())
    assert {branch.tier for branch in used} == set(TIERS)


@pytest.mark.parametrize("name", ["source", "title"])
def test_no_system_is_listed_twice(name):
    told = [value for system in systems() if (value := getattr(system, name))]
    assert len(told) == len(set(told))


def test_only_deployed_systems_name_a_company():
    assert {system.is_in(DEPLOY) for system in systems() if system.company} == {True}
    lacking = [s.label for s in systems() if s.is_in(DEPLOY) and not s.company]
    assert lacking == []


def test_a_system_is_found_by_its_name_however_it_is_written():
    found, unknown = stood_for(["tall-rec", "LLM KERec", "SASRec"])
    assert [system.name for system in found] == ["TALLRec", "LLM-KERec"]
    assert unknown == ["SASRec"]


def test_a_system_is_found_by_the_number_of_its_paper():
    (found,), unknown = stood_for([], "Gao et al. 2024, arXiv:2404.06311; and others")
    assert (found.name, unknown) == ("DRE", [])
    assert stood_for([], "arXiv:2404.063112") == ([], [])
    (ranker,), _ = stood_for([], "Hou et al. 2023, arXiv:2305.08845")
    assert ranker.name == "LLMRank"


def test_every_preprint_belongs_to_a_system_that_was_published():
    published = {system.name for system in systems() if system.source.startswith("doi:")}
    assert set(PREPRINTS) <= published


@pytest.mark.parametrize("name", RECOMMENDERS)
def test_a_built_in_that_stands_for_a_system_has_a_place_of_its_own(name):
    kind = RECOMMENDERS[name]
    place = place_of(kind)
    found, _ = stood_for(place.systems if place else (), str(getattr(kind, "source", "")))
    assert place is not None or not found
