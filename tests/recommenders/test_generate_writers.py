"""Titles and queries that a language model writes, and what is made of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import language
from core.errors import ConfigError, LanguageError
from core.language import LanguageModel
from core.language_turns import Answer
from core.tables import PAD, Interactions, Side
from recommenders.generate.bigrec import BIGRec
from recommenders.generate.bm25 import BM25
from recommenders.generate.free import DUPLICATE, HAD, INVALID, ITEM, OUTSIDE, judged
from recommenders.generate.genrec import GenRec
from recommenders.generate.gpt4rec import GPT4Rec, in_turn

DOUBLED = "Babe (1995)"
TITLES = [
    "Alien (1979)",
    "Aliens (1986)",
    "Fargo (1996)",
    DOUBLED,
    "Babe 😀 مرحبا",
    DOUBLED,
]


class Says:
    """Answers every question alike, and remembers what it was asked."""

    name = "says"

    def __init__(self, text):
        self.text, self.asked = text, []

    def answer(self, request):
        self.asked.append(request)
        if self.text is None:
            raise LanguageError("says did not answer")
        return Answer(self.text, 10, 5, 0.0, is_begun=False)  # the opening is not repeated


@pytest.fixture
def train():
    return Interactions(
        users=np.array([0, 0, 1], dtype=np.int32),
        items=np.array([0, 2, 3], dtype=np.int32),
        n_users=3,
        n_items=len(TITLES),
        timestamps=np.array([1, 2, 3]),
        side=Side(items=pd.DataFrame({"title": TITLES})),
    )


@pytest.fixture
def says(monkeypatch):
    def use(text):
        backend = Says(text)
        monkeypatch.setattr(language, "language_model", lambda name: LanguageModel(name, backend))
        return backend

    return use


def test_what_is_written_freely_is_sorted_by_kind(train, says):
    says("1. Aliens\n2. Star Wars 9\n3. Aliens\n4. Fargo\n5. Babe")
    model = GenRec(decoding="free").fit(train)
    top = model.recommend(np.array([0, 2]), 3)
    assert top.items[0].tolist()[:1] == [1]
    assert (top.items[1] == PAD).all()  # nobody's history
    assert model.rates_[OUTSIDE] == pytest.approx(0.2)
    assert model.rates_[DUPLICATE] == pytest.approx(0.2)
    assert model.rates_[HAD] == pytest.approx(0.2)
    assert model.ledger_.count("free generation: out of the catalogue (of 5 written)") == 1
    assert model.tokens_ == {"prompt": 10, "completion": 5}


def test_an_answer_that_is_no_list_is_counted_as_malformed(train, says):
    says("")
    assert GenRec(decoding="free").fit(train).recommend(np.array([0]), 3).items[0, 0] == PAD
    says("I would rather talk about the weather. It is nice today.")
    model = GenRec(decoding="free").fit(train)
    model.recommend(np.array([0]), 3)
    assert model.rates_[INVALID] == 1


def test_a_server_is_held_to_the_titles_by_a_schema(train, says):
    backend = says('{"titles": ["Aliens", "Alien", "Aliens"]}')
    model = GenRec().fit(train)
    assert model.recommend(np.array([0]), 3).items[0].tolist() == [1, PAD, PAD]
    assert "Aliens" in backend.asked[0].schema["properties"]["titles"]["items"]["enum"]


def test_too_many_titles_for_a_schema_are_refused(train, says, monkeypatch):
    says("{}")
    monkeypatch.setattr("recommenders.generate.genrec.MOST_NAMED", 3)
    with pytest.raises(ConfigError, match="is a server, which takes at most 3 titles"):
        GenRec().fit(train).recommend(np.array([0]), 3)


def test_answers_that_do_not_come_are_counted_and_end_it_after_three(train, says):
    says(None)
    model = BIGRec().fit(train)
    for _ in range(2):
        assert (model.recommend(np.array([0]), 3).items == PAD).all()
    assert model.ledger_.count("answer that did not come: no list") == 2
    with pytest.raises(LanguageError, match="says did not answer"):
        model.recommend(np.array([0]), 3)


def test_items_near_what_was_written_come_first(train, says, monkeypatch):
    says("1. Something with two babes")

    def embed(texts, *_):
        return np.array([[text.lower().count("babe"), 1.0] for text in texts])

    monkeypatch.setattr("core.embedding.embed", embed)
    model = BIGRec(gamma=0.0).fit(train)
    assert set(model.recommend(np.array([0]), 3).items[0].tolist()) == {3, 4, 5}
    assert model.rates_[OUTSIDE] == 1


def test_popular_items_come_nearer(train, says, monkeypatch):
    says("1. Anything")
    monkeypatch.setattr(
        "core.embedding.embed", lambda texts, *_: np.arange(len(texts))[:, None] % 4 + np.ones(2)
    )
    often = replace(
        train,
        users=np.array([0, 1, 2], np.int32),
        items=np.array([0, 2, 2], np.int32),
    )
    assert BIGRec(gamma=0.0).fit(often).recommend(np.array([0]), 3).items[0].tolist() == [4, 1, 5]
    assert BIGRec(gamma=5.0).fit(often).recommend(np.array([0]), 3).items[0].tolist() == [4, 2, 1]


def test_queries_find_items_by_their_words(train, says):
    says("1. aliens\n2. fargo or babe\n3. xyzzy")
    model = GPT4Rec().fit(train)
    top = model.recommend(np.array([1]), 4)
    assert top.items[0].tolist()[:2] == [1, 2]
    assert 3 not in top.items[0]  # the user had it
    assert model.ledger_.count("query that finds no item") == 1


def test_queries_take_turns():
    found = [np.array([4, 2, 1]), np.array([4, 3]), np.array([], dtype=np.int64)]
    items, scores = in_turn(found, had=np.array([1]))
    assert items.tolist() == [4, 3, 2]
    assert scores.tolist() == [-1, -2, -3]


def test_bm25_is_what_its_formula_says():
    engine = BM25(["red fox", "red red dog", "Café"], k1=1.2, b=0.75)
    idf = np.log1p((3 - 2 + 0.5) / (2 + 0.5))
    long = 1.2 * (0.25 + 0.75 * 3 / 2)
    assert engine.scores("RED")[1] == pytest.approx(idf * 2 * 2.2 / (2 + long))
    assert engine.scores("cafe")[2] > 0
    assert not engine.scores("cat").any()


def test_the_oldest_history_gives_way_to_the_context_and_is_counted(train, says):
    backend = says("1. Aliens")
    long = pd.DataFrame({"title": [f"{'Long ' * 14}{n}" for n in range(40)]})
    rows = np.arange(30, dtype=np.int32)
    many = Interactions(
        users=np.zeros(30, np.int32), items=rows, n_users=1, n_items=40,
        timestamps=rows.astype(np.int64), side=Side(items=long),
    )  # fmt: skip
    model = GenRec(decoding="free", history=30, context=500).fit(many)
    model.recommend(np.array([0]), 3)
    told = backend.asked[0].messages[-1]["content"]
    assert model.names_[29] in told
    assert model.names_[0] not in told
    assert model.ledger_.count("oldest history left out of a prompt longer than the context") > 0


def test_items_without_a_text_are_refused(train):
    with pytest.raises(ConfigError, match="no item has a text"):
        GenRec().fit(replace(train, side=Side()))


def test_of_an_item_written_twice_the_first_counts():
    found = judged(["a", "b", "a", "c"], [1, None, 1, 2], [True] * 4, {2})
    assert found.kinds == (ITEM, OUTSIDE, DUPLICATE, HAD)
    assert found.items == [1]
