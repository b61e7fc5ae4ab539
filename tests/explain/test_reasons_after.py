"""Reasons after the recommendation say what the model does, and say so where they cannot."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import ConfigError, PluginError, UnknownNameError
from core.sandbox import sandbox
from core.split import split
from core.tables import Interactions, TopK
from explain import make
from explain.alignment import alignment_reasons
from explain.attribution_reasons import (
    history_of,
    leave_one_out_reasons,
    popularity_reasons,
    random_reasons,
    reversed_reasons,
    shap_reasons,
    similarity_reasons,
    usual_reasons,
)
from explain.brief import Written
from explain.counterfactual_reasons import counterfactual_reasons
from explain.explainers import EXPLAINERS, OF_HISTORY, TEMPLATE, Explainer
from explain.reasons import Question, Reasons
from explain.surrogate import (
    ENOUGH,
    RIDGE,
    features_of,
    fit_ridge,
    forest_reasons,
    r2,
    surrogate_reasons,
)
from explain.world import World
from explain.worlds import world_from
from recommenders import RECOMMENDERS

AFTER = {name: one for name, one in EXPLAINERS.items() if one.stage == "post"}
ALONE = [name for name, one in AFTER.items() if one.writer == TEMPLATE]
BY_HISTORY = [name for name in ALONE if AFTER[name].needs == OF_HISTORY]


@pytest.fixture(scope="module")
def world() -> World:
    data = sandbox(n_users=300, n_items=120, seed=5)
    return world_from(split(data.interactions, "leave-last").train)


@pytest.fixture(scope="module")
def ease(world):
    return RECOMMENDERS["ease"](l2=20.0).fit(world.train)


@pytest.fixture(scope="module")
def user(world) -> int:
    return int(np.flatnonzero(np.diff(world.train.liked.indptr) >= 10)[3])


def asked(world, model, user, n=3, **params) -> Question:
    items = model.recommend(np.array([user]), n).items[0].astype(np.int64)
    return Question(world, user, items, model, params)


def ranked(reasons: Reasons) -> list[int]:
    return sorted(reasons.attribution, key=lambda code: (-reasons.attribution[code], code))


def test_evidence_is_what_adds_most_in_that_order(world, ease, user):
    for reasons in usual_reasons(asked(world, ease, user)):
        named = [one.sources[0] for one in reasons.evidence]
        assert named == ranked(reasons)[: len(named)]
        assert 1 <= len(named) <= 5
        assert set(reasons.attribution) == set(world.liked(user).tolist())
        assert reasons.facts["method"] == "closed form"
        assert not reasons.spread
        assert all(
            one.weight > 0 and world.titles[one.item] in one.text for one in reasons.evidence
        )


def test_shares_told_are_those_of_what_adds(world, ease, user):
    question = asked(world, ease, user, 1, n_named=200)
    (reasons,) = usual_reasons(question)
    adding = sum(value for value in reasons.attribution.values() if value > 0)
    first = reasons.evidence[0]
    assert f" carries {first.weight / adding:.0%} of what speaks for " in first.text
    assert len(reasons.evidence) == sum(value > 0 for value in reasons.attribution.values())


def test_reversed_reasons_are_the_usual_ones_upside_down(world, ease, user):
    question = asked(world, ease, user)
    for usual, turned in zip(usual_reasons(question), reversed_reasons(question), strict=True):
        assert ranked(turned)[0] == ranked(usual)[-1]
        assert turned.attribution == {code: -value for code, value in usual.attribution.items()}


def test_leaving_one_out_of_a_sum_is_its_weight(world, ease, user):
    question = asked(world, ease, user)
    for usual, left in zip(usual_reasons(question), leave_one_out_reasons(question), strict=True):
        assert left.attribution == pytest.approx(usual.attribution, abs=1e-5)


def test_similarity_counts_the_users_who_liked_both(world, ease, user):
    (reasons,) = similarity_reasons(asked(world, ease, user, 1))
    first, liked = reasons.evidence[0], world.train.liked.toarray() > 0
    source, item = first.sources[0], first.item
    both, of_source = (liked[:, source] & liked[:, item]).sum(), liked[:, source].sum()
    assert first.text.startswith(f"{both} of the {of_source} users who liked ")
    assert first.weight == pytest.approx(both / np.sqrt(of_source * liked[:, item].sum()))


def test_popular_reasons_are_the_same_for_every_item(world, ease, user):
    reasons = popularity_reasons(asked(world, ease, user))
    assert len({tuple(ranked(one)) for one in reasons}) == 1
    assert reasons[0].attribution == {
        code: float(world.popularity[code]) for code in world.liked(user).tolist()
    }


def test_random_reasons_hang_on_the_seed_alone(world, ease, user):
    one, same, other = (
        random_reasons(asked(world, ease, user, seed=seed))[0].attribution for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


@pytest.mark.slow
def test_drawn_attributions_have_an_error_for_each_item(world, user):
    model = RECOMMENDERS["user-knn"](n_neighbours=30).fit(world.train)
    (reasons,) = shap_reasons(asked(world, model, user, 1, n_permutations=3))
    assert reasons.facts["method"] == "shap permutation"
    assert set(reasons.spread) == set(reasons.attribution)
    assert max(reasons.spread.values()) > 0
    assert reasons.evidence[0].facts["error"] == reasons.spread[reasons.evidence[0].sources[0]]


def test_what_is_kept_between_explainers_is_not_computed_again(world, ease, user):
    kept: dict = {}
    question = asked(world, ease, user, kept=kept)
    first = usual_reasons(question)
    assert len(kept) == 1
    assert [one.attribution for one in usual_reasons(question)] == [o.attribution for o in first]
    reversed_reasons(question)
    assert len(kept) == 1


def test_a_counterfactual_names_what_takes_the_item_off_the_list(world, ease, user):
    question = asked(world, ease, user, 10, k=10)
    history = history_of(question)
    told = counterfactual_reasons(question)
    found = [one for one in told if one.evidence]
    assert found
    for reasons in found:
        (one,) = reasons.evidence
        kept = ~np.isin(history.history, one.sources)
        rank = history.ranks(history.scores(kept[None]), np.array([one.item]))[0]
        assert rank > 10
        assert rank == reasons.facts["rank_without"] == one.facts["rank_without"]
        assert set(reasons.attribution) == set(one.sources)
        assert one.text.startswith("Had the user not liked ")
    for reasons in told:
        assert reasons.evidence or "whatever is taken" in reasons.facts["reason"]


def test_an_item_that_is_not_listed_has_no_counterfactual(world, ease, user):
    whole = ease.recommend(np.array([user]), 60).items[0].astype(np.int64)
    (reasons,) = counterfactual_reasons(Question(world, user, whole[40:41], ease))
    assert not reasons.evidence
    assert reasons.facts["reason"] == "it is not among the first 10, so nothing takes it from there"


def test_aligned_evidence_is_enough_for_the_black_box(world, ease, user):
    question = asked(world, ease, user, 5, k=5)
    history = history_of(question)
    for reasons in alignment_reasons(question):
        if not reasons.evidence:
            assert "no 5 liked items are enough" in reasons.facts["reason"]
            continue
        (one,) = reasons.evidence
        alone = np.isin(history.history, one.sources)
        rank = history.ranks(history.scores(alone[None]), np.array([one.item]))[0]
        assert rank == reasons.facts["rank_alone"] <= 5
        assert f"at rank {rank:.0f}." in one.text
        assert sum(reasons.attribution.values()) == pytest.approx(1)


def test_a_stand_in_says_how_true_it_is_and_is_not_called_the_reason_where_it_is_not(
    world, ease, user
):
    question = asked(world, ease, user)
    for reasons in surrogate_reasons(question):
        facts = reasons.facts
        assert facts["r2"] < facts["r2_seen"] <= 1
        assert 0 <= facts["overlap"] <= 1
        assert facts["over"] == "all"
        assert not reasons.attribution
        assert set(facts["features"]) == {*world.group_names, "popularity"}
        for one in reasons.evidence:
            assert f"{facts['r2']:.0%}" in one.text
            assert ("may not be its reason" in one.text) == (facts["r2"] < ENOUGH)


@pytest.mark.slow
def test_a_forest_adds_up_to_its_own_scores_and_is_truer_than_a_line(world, ease, user):
    question = asked(world, ease, user)
    line, trees = surrogate_reasons(question)[0].facts, forest_reasons(question)[0].facts
    assert trees["method"] == "content surrogate (forest)"
    assert trees["r2_seen"] > line["r2_seen"]


def test_a_stand_in_that_knows_all_that_the_model_knows_is_called_the_reason(world, user):
    popular = RECOMMENDERS["popularity"]().fit(world.train)
    (reasons,) = surrogate_reasons(asked(world, popular, user, 1))
    assert reasons.facts["over"] == "list"
    assert reasons.facts["r2"] > ENOUGH
    assert "speak" in reasons.evidence[0].text
    assert "the order of its list" in reasons.evidence[0].text
    assert "stand-in" not in reasons.evidence[0].text


def test_held_out_scores_of_a_line_are_those_of_fits_without_the_item():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    features, scores = rng.normal(size=(25, 3)), rng.normal(size=25)
    told = [
        Ridge(alpha=RIDGE)
        .fit(np.delete(features, row, axis=0), np.delete(scores, row))
        .predict(features[[row]])[0]
        for row in range(25)
    ]
    assert fit_ridge(features, scores, 5, 0).r2 == pytest.approx(r2(scores, np.array(told)))


def test_r2_is_one_for_the_truth_and_zero_for_the_mean():
    scores = np.array([1.0, 2.0, 6.0])
    assert r2(scores, scores) == 1
    assert r2(scores, np.full(3, 3.0)) == 0
    assert r2(scores, -scores) < 0


class FewScores:
    """Lists three items and scores no history."""

    def fit(self, train):
        return self

    def recommend(self, users, k):
        items = np.tile(np.arange(3, dtype=np.int32), (len(users), 1))
        return TopK(np.asarray(users), items, np.ones((len(users), 3)))


def test_what_a_stand_in_cannot_say(world, user):
    (reasons,) = surrogate_reasons(Question(world, user, np.array([1]), FewScores()))
    assert reasons.facts["reason"] == (
        "not available: needs 20 items with different scores; the model lists 3 for this user"
    )
    bare = replace(world, groups=None, group_names=(), years=None)
    with pytest.raises(ConfigError, match="items have neither groups nor years"):
        features_of(bare)
    with pytest.raises(ConfigError, match="needs the fitted model that it stands for"):
        surrogate_reasons(Question(world, user, np.array([1])))


@pytest.mark.parametrize("name", BY_HISTORY)
def test_history_explainers_say_what_they_lack(name, world, ease, user):
    popular = RECOMMENDERS["popularity"]().fit(world.train)
    with pytest.raises(ConfigError, match="Popularity cannot be explained by the user's history"):
        make.explain(asked(world, popular, user), name)
    with pytest.raises(ConfigError, match="need the fitted model that made it; got none"):
        make.explain(Question(world, user, np.array([1])), name)
    nobody = replace(world, train=world.train.take(world.train.users != user))
    with pytest.raises(ConfigError, match=f"user code {user} liked nothing in train"):
        make.explain(Question(nobody, user, np.array([1]), ease), name)


@pytest.mark.parametrize("name", ALONE)
def test_every_explainer_puts_its_reasons_into_words(name, world, ease, user):
    question = asked(world, ease, user)
    for one, item in zip(make.explain(question, name), question.items, strict=True):
        assert (one.user, one.item, one.stage, one.explainer) == (user, item, "post", name)
        assert bool(one.text) == bool(one.evidence)
        assert one.text or one.facts["reason"]
        if one.text:
            assert world.titles[item] in one.text


def test_an_item_nobody_liked_gets_no_reason_and_no_words(world, user, ease):
    train = world.train
    wider = Interactions(
        train.users, train.items, train.n_users, train.n_items + 1, train.ratings,
        train.timestamps, train.threshold, train.side,
    )  # fmt: skip
    cold = replace(world_from(wider))
    model = RECOMMENDERS["ease"](l2=20.0).fit(wider)
    (one,) = make.explain(Question(cold, user, np.array([train.n_items]), model), "template")
    assert (one.text, one.evidence) == ("", ())
    assert one.facts["reason"] == "no reason was found"


class Mute:
    def write(self, briefs):
        return []


class Deaf:
    pass


class Loud:
    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def write(self, briefs):
        return [Written(f"{one.title}!", facts={"seed": self.seed}) for one in briefs]


def short_reasons(question):
    return [Reasons()]


@pytest.mark.parametrize(
    "row, message",
    [
        ({"reasons": f"{__name__}:short_reasons"}, "one Reasons an item: 3 were asked for, 1 came"),
        ({"writer": f"{__name__}:Mute"}, "answer each brief once: 3 were given, 0 came back"),
        ({"writer": f"{__name__}:Deaf"}, r"has no write\(briefs\)"),
    ],
)
def test_what_breaks_the_contract_of_an_explainer(row, message, world, ease, user, monkeypatch):
    broken = replace(EXPLAINERS["template"], **row)
    monkeypatch.setitem(EXPLAINERS, "broken", broken)
    with pytest.raises(PluginError, match=message):
        make.explain(asked(world, ease, user), "broken")


def test_a_name_that_stands_for_nothing(world, ease, user, monkeypatch):
    with pytest.raises(UnknownNameError, match="did you mean 'template'"):
        make.explain(asked(world, ease, user), "templat")
    for path in ("explain.nowhere:reasons", "explain.make:nothing", "explain"):
        with pytest.raises(ConfigError, match="does not stand for anything"):
            make.pointed_at(path)


def test_a_writer_gets_the_options_that_it_takes(world, ease, user, monkeypatch):
    loud = Explainer("post", EXPLAINERS["template"].reasons, f"{__name__}:Loud", "", "a test")
    monkeypatch.setitem(EXPLAINERS, "loud", loud)
    told = make.explain(asked(world, ease, user), "loud", seed=7, language_model="nobody")
    assert {one.facts["seed"] for one in told} == {7}
    assert told[0].text == f"{world.titles[told[0].item]}!"
