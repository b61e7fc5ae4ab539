"""Models that read: what they read, what they leave out, and how kinds of vectors add up."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError, DatasetError, LanguageError, UnknownNameError
from core.language import LanguageModel
from core.language_turns import Answer
from core.ledger import Ledger
from core.load import load
from core.tables import PAD, Ids, Interactions, Side
from recommenders import RECOMMENDERS
from recommenders.base import ScoresHistories, untold
from recommenders.represent import REPRESENTED
from recommenders.represent.aligned import TextAligned
from recommenders.represent.augmented import TextAugmented
from recommenders.represent.modalities import vectors_in
from recommenders.represent.multimodal import Multimodal, ablations
from recommenders.represent.text_embedding import TextEmbedding
from recommenders.represent.vectors import (
    EMPTY,
    centred,
    parts_of,
    recency,
    weighed,
)
from recommenders.represent.wordings import PROFILE, WORDINGS, wording
from recommenders.represent.writing import CUT, FAILED, Writer
from recommenders.taxonomy import REPRESENT, place_of
from recommenders.texts import item_texts, reviews_of

N_FILMS = 250
TITLES = ["Cat tales", "Cats at home", "Kittens", "Rocket engines", "Rockets to Mars", "Rockets"]


def read(items: pd.DataFrame, rows=((0, 0), (0, 1), (1, 3), (1, 4)), **side) -> Interactions:
    users, codes = np.array(rows, dtype=np.int32).T
    return Interactions(
        users, codes, 2, len(items), timestamps=np.arange(len(rows)), side=Side(items=items, **side)
    )


def titled(titles=TITLES) -> Interactions:
    return read(pd.DataFrame({"title": titles}))


@pytest.fixture(scope="module")
def films() -> Interactions:
    """The first 250 films of MovieLens 100K."""
    whole = load("movielens-100k").interactions
    some = whole.take(whole.items < N_FILMS)
    return replace(some, n_items=N_FILMS, side=Side(items=whole.side.items.iloc[:N_FILMS]))


@pytest.mark.parametrize("name", REPRESENTED)
def test_they_stand_in_the_tier_of_representing(name):
    assert place_of(RECOMMENDERS[name]).tier == REPRESENT


def test_what_nobody_liked_is_found_by_its_text():
    top = TextEmbedding().fit(titled()).recommend(np.array([0, 1]), 1)
    np.testing.assert_array_equal(top.items[:, 0], [2, 5])


def test_items_without_a_text_are_counted_and_not_listed():
    model = TextEmbedding().fit(titled([*TITLES[:5], None]))
    assert model.ledger_.count(EMPTY) == 1
    top = model.recommend(np.array([0]), 6)
    assert 5 not in top.items
    assert (top.items != PAD).sum() == 3


@pytest.mark.parametrize("model", [TextEmbedding(), TextAligned(), TextAugmented(), Multimodal()])
def test_data_without_any_text_say_what_is_needed(model):
    with pytest.raises(ConfigError, match="no item has a"):
        model.fit(read(pd.DataFrame({"price": [1.0] * 6})))


def test_doubled_emoji_right_to_left_and_endless_titles_are_read():
    titles = ["Cat", "Cat", "🐈‍⬛", "حكاية قط", "cat " * 5000, "<|im_end|>system"]
    model = TextEmbedding(sharpness=1).fit(titled(titles))
    assert model.has_text_.all()
    assert np.isfinite(model.recommend(np.array([0]), 3).scores).all()


def test_a_part_that_nobody_knows_is_named():
    with pytest.raises(UnknownNameError, match="no part of an item's text is called 'plot'"):
        parts_of("title, plot")


def test_reviews_of_held_out_interactions_are_not_read():
    reviews = pd.DataFrame({"user": [0, 1], "item": [0, 0], "text": ["soft", "a secret"]})
    train = read(pd.DataFrame(index=range(6)), reviews=reviews)
    assert reviews_of(train)[0] == ["soft"]
    assert item_texts(train, ("reviews",))[0] == "soft"
    assert item_texts(train, ("title", "reviews"))[0] == "soft"


def test_reviews_are_asked_for_where_there_are_none():
    with pytest.raises(ConfigError, match="and no reviews; give items a `title`"):
        item_texts(read(pd.DataFrame(index=range(6))), ("reviews",))


def test_vectors_lose_what_is_common_to_all():
    raw = np.array([[5.0, 1.0], [5.0, -1.0], [9.0, 9.0]], dtype=np.float32)
    made = centred(raw, np.array([True, True, False]))
    np.testing.assert_allclose(made, [[0, 1], [0, -1], [0, 0]], atol=1e-7)


def test_a_liking_counts_half_after_so_many_others():
    train = read(pd.DataFrame({"title": TITLES}), ((0, 0), (0, 1), (0, 2), (1, 0)))
    made = recency(train, 1).toarray()
    np.testing.assert_allclose(made[0, :3], [0.25, 0.5, 1.0])
    assert made[1, 0] == 1
    assert (recency(train, 0) != train.liked).nnz == 0
    own = weighed(train.liked[[0]], recency(train, 1), 0).toarray()
    np.testing.assert_allclose(own[0, :3], [0.25, 0.5, 1.0])


def test_scores_of_a_history_are_those_of_its_user(films):
    train = films
    for model in (TextEmbedding(half_life=20).fit(train), TextAligned(n_epochs=1).fit(train)):
        assert isinstance(model, ScoresHistories)
        top = model.recommend(np.array([7]), 5)
        scores = model.score_histories(train.liked[[7]], user=7)[0]
        np.testing.assert_allclose(scores[top.items[0]], top.scores[0], rtol=1e-5)


def test_texts_tell_cold_films_apart_better_than_chance(films):
    """A fifth of the films is hidden from training; liked ones among them come before others."""
    whole = films
    is_cold = np.random.default_rng(0).random(whole.n_items) < 0.2
    train = whole.take(~is_cold[whole.items])
    for model in (TextEmbedding(), TextAligned()):
        scores = model.fit(train).score_histories(train.liked)
        areas = []
        for user in range(0, whole.n_users, 9):
            liked = np.zeros(whole.n_items, dtype=bool)
            liked[whole.liked[[user]].indices] = True
            own, others = scores[user, liked & is_cold], scores[user, ~liked & is_cold]
            if len(own):
                areas.append((own[:, None] > others[None]).mean())
        assert np.mean(areas) > 0.6


def test_alignment_learns_to_tell_items_apart(films):
    model = TextAligned(n_epochs=20).fit(films)
    losses = [row["loss"] for row in model.curve_]
    assert losses[-1] < losses[0] - 1
    assert pickle.loads(pickle.dumps(model)).items_.shape == model.items_.shape  # noqa: S301 - made here


def test_too_few_items_to_align_say_so():
    with pytest.raises(ConfigError, match="4 items have both a text and a liking, 8 are needed"):
        TextAligned(n_factors=2).fit(titled())


class Says:
    """A backend that answers as told, and keeps what it was asked."""

    name = "says"

    def __init__(self, text="warm and quiet.", fails=()):
        self.text, self.fails, self.asked = text, fails, []

    def answer(self, request):
        self.asked.append(request)
        told = request.messages[-1]["content"]
        if any(word in told for word in self.fails):
            raise LanguageError("the server fell asleep")
        return Answer(self.text, 10, 4, 0.0)


@pytest.fixture
def says(monkeypatch):
    backend = Says()
    monkeypatch.setattr(
        "recommenders.represent.writing.language_model", lambda name: LanguageModel(name, backend)
    )
    return backend


def test_the_most_liked_items_are_described_and_tokens_counted(says):
    rows = ((0, 0), (1, 0), (0, 1), (1, 4))
    train = read(pd.DataFrame({"title": TITLES}), rows)
    model = TextAugmented(n_described=1, base="popularity").fit(train)
    assert model.texts_[0] == "Cat tales. It is warm and quiet."
    assert model.texts_[1] == "Cats at home"
    assert model.tokens_ == {"prompt": 10, "completion": 4}
    assert len(says.asked) == 1


def test_profiles_are_written_of_users_who_are_asked_for_only(says):
    model = TextAugmented(n_described=0, profile=1.0, base="popularity").fit(titled())
    assert not says.asked
    model.recommend(np.array([1]), 2)
    (asked,) = says.asked
    assert "Rocket engines\nRockets to Mars" in asked.messages[-1]["content"]
    assert asked.prefill == PROFILE.begins
    assert model.profiles_ == {1: "This person likes warm and quiet."}


def test_reviews_tell_the_model_what_people_speak_of(says):
    texts = ["The sound is warm."] * 3
    reviews = pd.DataFrame({"user": [0] * 3, "item": [0, 1, 2], "text": texts})
    train = read(pd.DataFrame({"title": TITLES}), ((0, 0), (0, 1), (0, 2), (1, 4)), reviews=reviews)
    model = TextAugmented(strategy="aspects", n_described=1, base="popularity").fit(train)
    assert "Reviewers speak of sound." in says.asked[0].messages[-1]["content"]
    assert model.texts_[1] == "Cats at home. Reviewers speak of sound."


def test_neighbours_are_told_where_items_are_compared(says):
    model = TextAugmented(strategy="engage", n_described=1, base="popularity").fit(titled())
    assert model.facts_[0] == "Cats at home"
    assert says.asked[0].messages[-1]["content"].startswith("---\nCat tales\nCats at home\n---")


def test_what_the_model_cannot_describe_keeps_its_own_text(says):
    says.fails = ("Rocket engines",)
    ledger = Ledger()
    said = Writer("says", ledger).written(
        wording("describe"), ["Cats", "Rocket engines"], ["", ""], untold
    )
    assert said == ["It is warm and quiet.", ""]
    assert ledger.count(FAILED) == 1


def test_a_model_that_answers_nothing_at_all_is_an_error(says):
    says.fails = ("Cats",)
    with pytest.raises(LanguageError, match="fell asleep"):
        Writer("says", Ledger()).written(wording("describe"), ["Cats"], [""], untold)


def test_endless_texts_are_cut_in_prompts_and_counted(says):
    ledger = Ledger()
    Writer("says", ledger).written(wording("describe"), ["cat " * 5000], [""], untold)
    assert ledger.count(CUT) == 1
    assert len(says.asked[0].messages[-1]["content"]) < 1100


def test_a_strategy_that_nobody_knows_is_named():
    with pytest.raises(UnknownNameError, match="no strategy of describing is called 'sing'"):
        wording("sing")
    assert all(one.source and one.version for one in WORDINGS.values())


def pictured() -> pd.DataFrame:
    """Items 0-2 look alike and so do 3-5; texts say otherwise, places nothing of items 4 and 5."""
    angles = [0.0, 0.1, 0.2, 3.0, 3.1, 3.2]
    return pd.DataFrame(
        {
            "title": ["Sea", "Ice", "Sea wind", "Sea salt", "Ice cream", "Iceberg"],
            "image_vector": [[np.cos(angle), np.sin(angle)] for angle in angles],
            "latitude": [10.0, 10.0, 10.1, 60.0, None, 95.0],
            "longitude": [10.0, 10.1, 10.0, 60.0, 20.0, None],
        }
    )


def test_kinds_add_up_by_weight_and_an_ablation_leaves_one_out():
    train = read(pictured(), ((0, 0), (1, 3)))
    model = Multimodal(text=0, audio=0, place=0).fit(train)
    assert model.kinds_ == ("image",)
    assert set(model.recommend(np.array([0]), 2).items[0]) == {1, 2}
    whole = Multimodal().fit(train)
    assert whole.kinds_ == ("text", "image", "place")
    assert whole.ledger_.count("no item has audio: left out") == 1
    assert whole.ledger_.count("items without place") == 2
    parameters = ablations({}, whole.kinds_)
    kinds = {name: Multimodal(**given).fit(train).kinds_ for name, given in parameters.items()}
    assert kinds["without image"] == ("text", "place")
    assert kinds["all"] == whole.kinds_


def test_pairs_are_judged_by_the_kinds_that_both_items_have():
    items = pictured()
    kinds = ("text", "image", "place")
    nothing = dict.fromkeys((*kinds, "audio"), 0.0)
    text, image, place = (
        Multimodal(sharpness=1.0, **{**nothing, kind: 1.0}).fit(read(items)).similar_
        for kind in kinds
    )
    whole = Multimodal(sharpness=1.0).fit(read(items)).similar_
    all_three = (text[0, 1] + image[0, 1] + place[0, 1]) / 3
    np.testing.assert_allclose(whole[0, 1], all_three, rtol=1e-5)
    np.testing.assert_allclose(whole[0, 4], (text[0, 4] + image[0, 4]) / 2, atol=1e-6)


def test_vectors_come_from_files_by_id_or_by_row(tmp_path):
    train = titled()
    ids = Ids("item", np.array([f"i{n}" for n in range(6)], dtype=object))
    rows = np.random.default_rng(0).normal(size=(6, 4))
    np.save(tmp_path / "rows.npy", rows)
    np.savez(tmp_path / "ids.npz", **{f"i{n}": rows[n] for n in range(6)})
    table = pd.DataFrame({"item_id": ids.names, "vector": list(rows)})
    table.to_parquet(tmp_path / "ids.parquet")
    found = [
        vectors_in(train, "audio", str(tmp_path / name), ids)[0]
        for name in ("rows.npy", "ids.npz", "ids.parquet")
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    model = Multimodal(text=0, audio_file=str(tmp_path / "ids.npz")).bind(ids, ids).fit(train)
    assert model.kinds_ == ("audio",)


def test_files_that_cannot_be_used_say_why(tmp_path):
    train = titled()
    np.save(tmp_path / "short.npy", np.zeros((2, 3)))
    with pytest.raises(ConfigError, match=r"shape \(2, 3\); audio vectors in .npy need a row"):
        vectors_in(train, "audio", str(tmp_path / "short.npy"))
    with pytest.raises(ConfigError, match=r"gone.npy cannot be read as audio vectors"):
        vectors_in(train, "audio", str(tmp_path / "gone.npy"))
    np.savez(tmp_path / "ids.npz", i0=np.zeros(2))
    with pytest.raises(ConfigError, match="names items by outside ids, which this model was not"):
        vectors_in(train, "audio", str(tmp_path / "ids.npz"))


@pytest.mark.parametrize(
    "cells, message",
    [
        ([[1, 2], [1, 2, 3]], "must be of one length; these have 2, 3 numbers"),
        (["1 2", "one two"], "item code 1 is 'one two', no list of numbers"),
        ([[1, 2], [np.nan, 1]], "item code 1 holds what is no number"),
    ],
)
def test_vectors_that_are_none_are_refused(cells, message):
    items = pd.DataFrame({"audio_vector": [*cells, None, None, None, None]})
    with pytest.raises(DatasetError, match=message):
        vectors_in(read(items), "audio")


def test_places_on_both_sides_of_the_date_line_are_near():
    items = pd.DataFrame({"lat": [0.0, 0.0, 0.0], "lon": [179.9, -179.9, 0.0]})
    vectors, _ = vectors_in(replace(titled(), n_items=3, side=Side(items=items)), "place")
    assert vectors[0] @ vectors[1] > 0.99
    assert vectors[0] @ vectors[2] < 0
