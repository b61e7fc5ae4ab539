"""The map: systems of the survey, built-ins and their results, read from declarations."""

import pytest

from app import map_data
from recommenders import RECOMMENDERS
from recommenders.survey import BRANCHES, systems
from recommenders.taxonomy import REPRESENT, TIERS
from tests.pages.conftest import open_link, texts


@pytest.fixture(scope="module")
def drawn():
    return map_data.atlas()


def test_every_recommender_is_on_the_map_once(drawn):
    named = [one.name for one in drawn.built_ins if one.kind == map_data.RECOMMENDER]
    assert named == list(RECOMMENDERS)
    placed = [*(drawn.of_tier(tier) for tier in TIERS), drawn.of_tier("")]
    assert sum(map(len, placed)) == len(drawn.built_ins)


def test_a_model_without_a_place_in_the_survey_is_a_baseline(drawn):
    assert {"random", "ease", "als"} <= {one.name for one in drawn.of_tier("")}


def test_an_explainer_stands_for_the_system_whose_paper_it_cites(drawn):
    stands = {system.name: names for system, names in drawn.stands.items()}
    assert "reasoning-graph" in stands["LLMRG"]
    assert "alignment" in stands["DRE"]
    assert "aspects" in stands["Logic-Scaffolding"]


def test_coverage_counts_each_branch_of_a_tier(drawn):
    rows = map_data.coverage(REPRESENT, drawn.stands)
    assert [branch for branch, _, _ in rows] == [
        branch for branch in BRANCHES.values() if branch.tier == REPRESENT
    ]
    assert all(0 <= standing <= listed for _, standing, listed in rows)
    assert sum(listed for _, _, listed in rows) >= len(map_data.of_tier(REPRESENT))


def test_a_search_finds_names_titles_years_and_companies():
    assert [s.name for s in map_data.searched(systems(), "meta 2024 sequential")] == ["HSTU"]
    assert map_data.searched(systems(), "no such system") == []


def test_the_baselines_show_their_numbers_and_the_way_to_them(shown_run):
    at = open_link("map", tier=map_data.BASELINES)
    assert not at.exception
    said = texts(at)
    assert "ndcg@10" in said
    assert "users" in said
    assert "No run here has it yet" in said  # bpr is not in this run
    assert len(at.get("plotly_chart")) == 0


def test_a_tier_shows_its_branches_and_its_systems(shown_run):
    at = open_link("map", tier="Industrial deploying")
    assert not at.exception
    assert len(at.get("plotly_chart")) == 1
    assert "HSTU" in at.dataframe[-1].value["system"].tolist()


def test_a_search_in_the_address_narrows_the_table(shown_run):
    at = open_link("map", find="tallrec", tier="Scheming and utilizing")
    assert at.dataframe[-1].value["system"].tolist() == ["TALLRec"]


def test_a_search_that_finds_nothing_says_so(shown_run):
    at = open_link("map", find="nothing at all like this")
    assert "No system of this tier fits" in texts(at)


def test_a_sampled_run_says_so_beside_its_number(shown_run, monkeypatch):
    monkeypatch.setattr(map_data, "is_sampled", lambda run_id: True)
    assert "drawn by lot" in texts(open_link("map", tier=map_data.BASELINES))
