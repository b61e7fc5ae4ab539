"""A run's explanations: made, scored, kept, read back; what cannot be said is a note."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError, StorageError, UnknownNameError
from explain.explainers import EXPLAINERS
from explain.reasons import Reasons
from explain.scorers import SCORERS
from recscope import engine, explained, explaining, explaining_pairs
from recscope.audits.case import Case
from recscope.bench import bench_of
from recscope.config import RunConfig
from recscope.config_sections import ExplainConfig, ModelConfig
from recscope.explained import explanation_of, frame, is_explained, read_explained, row_of
from recscope.explaining_desk import ExplainingDesk
from recscope.explaining_run import explain_finished
from recscope.explaining_scores import material_of, worded_scores
from recscope.store import Run
from tests.recscope.small_run import small_config

QUICK = ExplainConfig(
    explainers=("template", "profile-match", "random", "reversed"),
    users=10,
    items_per_user=2,
    embedded=0,
    unsettled=3,
    fusion=False,
)


def config(*models: str, **settings) -> RunConfig:
    return replace(small_config(*models), explain=replace(QUICK, **settings))


TWO = config("ease", "item-knn", models=("ease", "item-knn"))


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return engine.run(TWO, out=tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def found(run):
    return read_explained(run)


def test_every_pair_is_explained_by_every_explainer_of_the_two_models_that_score(run, found):
    table = found.explanations
    assert list(dict.fromkeys(table["model"])) == ["ease", "item-knn"]
    assert list(dict.fromkeys(table["explainer"])) == list(QUICK.explainers)
    assert (table.groupby(["model", "explainer"]).size() == 20).all()
    users = {model: set(rows["user"]) for model, rows in table.groupby("model")}
    assert users["ease"] == users["item-knn"]
    assert "explain" in run.manifest["stages"]
    assert found.facts["counts"]["asked"] == len(table) == 160


def test_the_items_are_the_first_of_each_list(run, found):
    for model in ("ease", "item-knn"):
        lists = run.lists(model).set_index(["user", "rank"])["item"]
        rows = found.explanations[found.explanations["model"] == model]
        for row in rows.itertuples():
            assert lists[row.user, row.rank] == row.item


def test_rows_become_explanations_again(found):
    for row in found.explanations.to_dict("records")[:40]:
        one = explanation_of(row)
        again = row_of(one, row["model"], row["rank"])
        assert {**again, "violations": list(row["violations"])} == {
            **row,
            "violations": list(row["violations"]),
        }
        assert one.evidence[0].item == row["item"]
        assert set(one.attribution) or row["explainer"] == "profile-match"


def test_numbers_are_means_over_users_of_their_own_means(found):
    rows = found.scores[
        (found.scores["model"] == "ease")
        & (found.scores["explainer"] == "template")
        & (found.scores["scorer"] == "necessity")
    ]
    assert len(rows) == 20
    mean = rows.groupby("user")["value"].mean().mean()
    number = found.estimates.set_index(["model", "explainer", "scorer"]).loc[
        ("ease", "template", "necessity")
    ]
    assert number["mean"] == pytest.approx(mean)
    assert number["n"] == 10
    assert number["low"] <= mean <= number["high"]
    assert number["method"] == "bca"


def test_every_number_says_its_family_and_direction_or_why_it_is_none(found):
    for row in found.estimates.itertuples():
        assert (row.family, row.better) == (SCORERS[row.scorer].family, SCORERS[row.scorer].better)
        assert np.isnan(row.mean) == bool(row.reason), row
        if row.reason:
            assert row.reason.startswith(("not available: ", "undefined"))


def test_random_reasons_are_less_faithful_and_less_stable(found):
    means = found.estimates.pivot_table(
        index=["model", "explainer"], columns="scorer", values="mean", aggfunc="first"
    )
    for model in ("ease", "item-knn"):
        exact, random = means.loc[model, "template"], means.loc[model, "random"]
        assert exact["pos"] < random["pos"]
        assert exact["overlap_seed"] == 1 > random["overlap_seed"]
        assert exact["overlap_history"] > random["overlap_history"]
        assert exact["pos"] < means.loc[model, "reversed"]["pos"]


def test_shuffled_pairs_are_the_floor_of_what_compares(found):
    rows = found.estimates[found.estimates["explainer"] == "template, shuffled pairs"]
    means = rows[rows["model"] == "ease"].set_index("scorer")["mean"]
    exact = found.estimates[
        (found.estimates["explainer"] == "template") & (found.estimates["model"] == "ease")
    ].set_index("scorer")["mean"]
    assert means["fmr"] < exact["fmr"] == 1
    assert means["ragas_id_precision"] < exact["ragas_id_precision"]
    assert "usr" not in means.index


def test_numbers_of_all_texts_have_intervals_by_leaving_users_out(found):
    rows = found.estimates[found.estimates["scorer"] == "distinct_1"]
    assert set(rows["method"]) == {"jackknife"}
    assert (rows["low"] <= rows["mean"]).all()
    assert (rows["mean"] <= rows["high"]).all()


def test_judges_are_calibrated_before_they_are_believed(found):
    table = found.judges.set_index(["judge", "corruption"])
    assert table.loc[("grounded", "all"), "auc"] >= 0.9
    assert not table.loc[("grounded", "all"), "is_flagged"]
    assert table.loc[("likelihood", "all"), "is_flagged"]
    assert "needs a language model" in table.loc[("likelihood", "all"), "reason"]


def test_a_resumed_run_keeps_explanations_that_are_whole(run):
    folder = run.path / explained.FOLDER
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    engine.run(resume=run.id, out=run.path.parent)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    told = [one.name for one in folder.iterdir()]
    assert sorted(told) == sorted(
        [*(f"{name}.parquet" for name in explained.COLUMNS), "explain.json"]
    )


def test_the_same_run_explains_itself_with_the_same_words(run, found, tmp_path):
    again = read_explained(engine.run(TWO, out=tmp_path))
    pd.testing.assert_frame_equal(again.explanations, found.explanations)
    pd.testing.assert_frame_equal(again.estimates, found.estimates)


def test_a_run_without_explanations_says_how_to_make_them(tmp_path):
    made = engine.run(small_config("ease"), out=tmp_path)
    assert not is_explained(made)
    with pytest.raises(StorageError, match=f"explain --run {made.id}"):
        read_explained(made)
    told = []
    later = explain_finished(made, config=replace(QUICK, unsettled=0), progress=told.append)
    assert later.facts["counts"]["asked"] == 80
    assert {event.stage for event in told} == {"load", "explain", "done"}
    shares = [event.fraction for event in told]
    assert shares == sorted(shares)
    assert not (later.estimates["family"] == "stability").any()


def test_where_no_model_scores_histories_only_the_data_speaks(tmp_path):
    made = engine.run(config(explainers=("template", "profile-match", "surrogate")), out=tmp_path)
    found = read_explained(made)
    assert set(found.explanations["explainer"]) == {"profile-match", "surrogate"}
    reasons = {note["about"]: note["reason"] for note in found.notes}
    assert "cannot score a history" in reasons["popularity"]
    assert "cannot be explained by the user's history" in reasons["popularity: template"]
    rows = found.estimates[found.estimates["family"] == "faithfulness"]
    assert set(rows["reason"]) == {"not available: needs a model that scores histories"}


def fails(question):
    raise ZeroDivisionError("no luck")


def says_nothing(question):
    return [Reasons(facts={"reason": "not available: needs luck"}) for _ in question.items]


def test_an_explainer_that_fails_is_noted_and_the_others_go_on(tmp_path, monkeypatch):
    for name in ("fails", "says_nothing"):
        row = replace(EXPLAINERS["template"], reasons=f"{__name__}:{name}")
        monkeypatch.setitem(EXPLAINERS, name, row)
    row = replace(EXPLAINERS["template"], needs=("a language model",))
    monkeypatch.setitem(EXPLAINERS, "slow", row)  # told block by block
    asked = config("ease", explainers=("fails", "says_nothing", "slow", "template"), unsettled=0)
    told = []
    found = read_explained(engine.run(asked, out=tmp_path, progress=told.append))
    shares = [event.fraction for event in told]
    assert shares == sorted(shares)
    reasons = {note["about"]: note["reason"] for note in found.notes}
    assert reasons["ease: fails"].endswith("failed: ZeroDivisionError: no luck (10 times)")
    assert reasons["ease: says_nothing"] == "not available: needs luck (20 times)"
    assert set(found.explanations["explainer"]) == {"template", "says_nothing", "slow"}
    assert found.facts["counts"]["without_reason"] == 20


def test_a_stage_that_fails_leaves_a_note_and_the_run_stands(tmp_path, monkeypatch):
    def drawn(*_):
        raise ConfigError("nobody is left")

    monkeypatch.setattr(explaining_pairs, "drawn_users", drawn)
    made = engine.run(config("ease"), out=tmp_path)
    assert made.status == "done"
    found = read_explained(made)
    assert found.notes == [{"about": "explanations", "reason": "nobody is left"}]
    assert found.explanations.empty
    assert list(found.estimates.columns) == list(explained.COLUMNS["estimates"])


def test_a_language_model_that_cannot_be_had_is_noted(tmp_path):
    asked = config(
        "ease",
        explainers=("template", "language-model"),
        written=4,
        language_model=f"path:{tmp_path}/nothing.gguf",
        unsettled=0,
    )
    found = read_explained(engine.run(asked, out=tmp_path / "runs"))
    reasons = {note["about"]: note["reason"] for note in found.notes}
    assert "there are no weights at" in reasons["ease: language-model"]
    assert set(found.explanations["explainer"]) == {"template"}


def test_configuration_that_cannot_be(tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'template'"):
        engine.run(config("ease", explainers=("templat",)), out=tmp_path)
    with pytest.raises(UnknownNameError, match=r"no model of this run \(\[explain\] models\)"):
        engine.run(config("ease", models=("eas",)), out=tmp_path)
    for key, value, message in (
        ("users", 0, r"\[explain\] users must be 1 or more"),
        ("items_per_user", 0, r"\[explain\] items_per_user must be 1 or more"),
        ("n_permutations", 1, r"\[explain\] n_permutations must be 2 or more"),
        ("written", -1, r"\[explain\] written must be 0 or more"),
    ):
        with pytest.raises(ConfigError, match=message):
            replace(QUICK, **{key: value})
    assert not list(tmp_path.iterdir())


def test_the_section_is_written_and_read_back():
    asked = config("ease", models=("ease",))
    assert RunConfig.from_toml(asked.to_toml()).explain == asked.explain
    assert '[explain]\nmodels = ["ease"]' in asked.to_toml()


def test_auto_stands_for_the_usual_explainers_that_are_there():
    named = explaining_pairs.explainers_of(("auto", "template"))
    assert named[:2] == ["template", "language-model"]
    assert {"counterfactual", "alignment", "surrogate", "paths", "random"} <= set(named)
    assert len(named) == len(set(named))


def test_models_asked_for_are_explained_and_failed_ones_left_out(run):
    from recscope.engine_data import data_of, material_of

    asked = RunConfig.from_toml(run.config_text())
    given = material_of(data_of(run.manifest, asked.data)[0], asked)
    done = run.models()
    assert explaining_pairs.models_of(run.path, asked, given, done) == ["ease", "item-knn"]
    usual = replace(asked, explain=replace(asked.explain, models=()))
    assert explaining_pairs.models_of(run.path, usual, given, done) == ["ease"]
    assert explaining_pairs.models_of(run.path, usual, given, ["item-knn"]) == ["item-knn"]
    named = replace(asked, explain=replace(asked.explain, models=("popularity", "ease")))
    assert explaining_pairs.models_of(run.path, named, given, ["popularity"]) == ["popularity"]
    assert ModelConfig("ease") == asked.models["ease"]


def test_pairs_are_cut_by_rank_first():
    pairs = explaining_pairs.Pairs("m", None, {1: np.arange(3), 2: np.arange(3)}, able=True)
    assert {user: len(items) for user, items in pairs.first(3).items.items()} == {1: 2, 2: 1}
    assert pairs.first(0).items == {}
    assert pairs.n == 6


def test_counts_tell_what_a_language_model_did():
    facts = [
        {"language_model": "m", "is_cached": True},
        {"language_model": "m", "error": "the server is gone"},
        {},
    ]
    rows = [
        {"facts": json.dumps(each), "text": "x", "is_fallback": place == 1}
        for place, each in enumerate(facts)
    ]
    told = explaining.counts_of(pd.DataFrame(rows))
    assert told == {
        "asked": 3,
        "without_reason": 0,
        "model_written": 1,
        "fallback": 1,
        "failed": 1,
        "cached": 1,
    }


def test_a_key_that_is_no_column_is_refused():
    with pytest.raises(ValueError, match="no column is called wrong"):
        frame("judges", [{"wrong": 1}])


def test_what_people_wrote_of_a_pair_is_its_reference(run, found):
    world = bench_of(run).world
    rows = found.explanations[found.explanations["explainer"] == "template"].head(4)
    told = [explanation_of(row) for row in rows.to_dict("records")]
    wrote = {(told[2].user, told[2].item): told[2].text}
    material = material_of(world, told, {}, {}, wrote)
    assert material["references"] == ["", "", told[2].text, ""]
    scores = worded_scores(material, told, 0)
    np.testing.assert_array_equal(np.isnan(scores.each["rouge_l"]), [True, True, False, True])
    assert scores.each["rouge_l"][2] == 1
    alone = worded_scores(material_of(world, told, {}, {}, {}), told, 0)
    assert "words that people wrote" in alone.reasons["rouge_l"]


def test_the_references_of_a_run_are_reviews_of_the_explained_users(run):
    laid = bench_of(run)
    desk = ExplainingDesk(Case(run.path, laid.config, laid.given, ("ease", "item-knn")))
    assert desk.references == {}
    first, second = desk.users[:2]
    other = next(int(user) for user in laid.given.users if user not in desk.users)
    reviews = pd.DataFrame(
        {"user": [first, second, other], "item": [4, 5, 6], "text": ["good", None, "other"]}
    )
    side = replace(laid.given.dataset.side, reviews=reviews)
    data = replace(
        laid.given.dataset, interactions=replace(laid.given.dataset.interactions, side=side)
    )
    given = replace(laid.given, dataset=data)
    desk = ExplainingDesk(Case(run.path, laid.config, given, ("ease", "item-knn")))
    assert desk.references == {(first, 4): "good"}
