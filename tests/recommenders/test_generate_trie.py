"""Identifiers, the trie of them, and the search under it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from core.tables import Interactions, Side
from recommenders.generate.beams import draw_free, search_free, search_trie
from recommenders.generate.identifiers import KINDS, Making, liking_vectors, make_identifiers
from recommenders.generate.quantise import (
    digits,
    k_means,
    n_digits,
    residual_codes,
    told_apart,
    tree_codes,
)
from recommenders.generate.trie import NOWHERE, ROOT, build_trie, log_softmax

N_TOKENS = 12


class Drawn:
    """Scores drawn by chance for every text, the same for the same text."""

    def __init__(self, seed, n_tokens=N_TOKENS):
        self.seed, self.n_tokens = seed, n_tokens

    def scores(self, text):
        return np.random.default_rng([self.seed, *text]).normal(size=self.n_tokens) * 2

    def begin(self):
        self.texts = [()]
        return self.scores(())[None]

    def advance(self, parents, tokens):
        self.texts = [
            (*self.texts[p], int(t)) for p, t in zip(parents.tolist(), tokens, strict=True)
        ]
        return np.array([self.scores(text) for text in self.texts])


sequences_of_items = st.lists(
    st.lists(st.integers(0, N_TOKENS - 2), min_size=1, max_size=4).map(
        lambda row: (*row, N_TOKENS - 1)  # the last token ends a sequence
    ),
    min_size=1,
    max_size=30,
)


def likelihood(decoder, trie, sequence):
    """Within the trie, step by step, by hand."""
    total, node = 0.0, ROOT
    for place, token in enumerate(sequence):
        _, tokens, targets = trie.children(np.array([node]))
        shares = log_softmax(decoder.scores(sequence[:place])[tokens])
        total += shares[list(tokens).index(token)]
        node = targets[list(tokens).index(token)]
    return total


@given(sequences_of_items)
def test_a_trie_gives_every_item_its_own_sequence_back(sequences):
    trie = build_trie(sequences)
    assert [trie.sequence(item) for item in range(len(sequences))] == sequences
    assert all(trie.follow(row) == trie.ends[item] for item, row in enumerate(sequences))
    assert trie.follow((N_TOKENS,)) == NOWHERE
    assert trie.below[ROOT] == len(sequences)


@given(sequences_of_items, st.integers(0, 5))
@settings(deadline=None)
def test_with_as_many_beams_as_items_the_search_is_exact(sequences, seed):
    trie, decoder = build_trie(sequences), Drawn(seed)
    items, scores = search_trie(decoder, trie, len(sequences))
    wanted = np.array([likelihood(decoder, trie, row) for row in sequences])
    assert sorted(items) == list(range(len(sequences)))
    np.testing.assert_allclose(scores, wanted[items], atol=1e-9)
    assert (np.diff(scores) <= 1e-12).all()
    distinct = dict(zip(sequences, wanted, strict=True))
    assert np.exp(list(distinct.values())).sum() == pytest.approx(1)


@given(sequences_of_items, st.integers(1, 6), st.data())
@settings(deadline=None)
def test_hidden_items_are_never_found_and_few_beams_find_items_only(sequences, beams, data):
    codes = list(range(len(sequences)))
    hidden = np.array(sorted(data.draw(st.sets(st.sampled_from(codes)))), dtype=np.int64)
    items, scores = search_trie(Drawn(1), build_trie(sequences), beams, hidden=hidden)
    assert not set(items) & set(hidden)
    assert len(set(items)) == len(items) == len(scores)
    assert len(items) > 0 or len(hidden) == len(sequences)


def test_probabilities_of_the_whole_vocabulary_count_what_leads_nowhere():
    sequences, decoder = [(0, 11), (1, 11)], Drawn(0)
    _, within = search_trie(decoder, build_trie(sequences), 2)
    items, among_all = search_trie(decoder, build_trie(sequences), 2, within=False)
    wanted = log_softmax(decoder.scores(()))[items] + [
        log_softmax(decoder.scores((item,)))[11] for item in items
    ]
    np.testing.assert_allclose(among_all, wanted)
    assert (among_all < within).all()


def test_items_of_one_sequence_share_its_score_by_code():
    trie = build_trie([(1, 2), (0, 2), (1, 2)])
    items, scores = search_trie(Drawn(3), trie, 5)
    found = dict(zip(items.tolist(), scores.tolist(), strict=True))
    assert found[0] == found[2]
    assert list(items).index(2) == list(items).index(0) + 1


@pytest.mark.parametrize("sequences", [[(1,), (1, 2)], [()]])
def test_a_sequence_that_begins_another_is_refused(sequences):
    with pytest.raises(ValueError, match=r"begins another one|one token or more"):
        build_trie(sequences)


def test_free_search_finds_the_likeliest_of_all_sequences():
    decoder = Drawn(4, n_tokens=5)
    texts, scores = search_free(decoder, 25, 2, lambda _: False)
    first = log_softmax(decoder.scores(()))
    wanted = {
        (a, b): first[a] + log_softmax(decoder.scores((a,)))[b] for a in range(5) for b in range(5)
    }
    assert texts == sorted(wanted, key=wanted.get, reverse=True)
    np.testing.assert_allclose(scores, [wanted[text] for text in texts])


def test_a_free_text_ends_where_it_is_whole():
    texts, _ = search_free(Drawn(4, n_tokens=5), 10, 6, lambda text: text[-1] == 0)
    assert all(0 not in text[:-1] for text in texts)
    assert any(text[-1] == 0 for text in texts)


def test_texts_are_drawn_as_often_as_they_are_likely():
    decoder = Drawn(7, n_tokens=3)
    rng = np.random.default_rng(0)
    texts, scores = draw_free(decoder, 4000, 1, lambda _: True, rng)
    shares = np.bincount([text[0] for text in texts], minlength=3) / 4000
    told = np.exp(log_softmax(decoder.scores(())))
    np.testing.assert_allclose(shares, told, atol=0.03)
    np.testing.assert_allclose(np.exp(scores), told[[text[0] for text in texts]])


@given(st.integers(1, 5000), st.integers(2, 70))
def test_digits_tell_numbers_apart(n, size):
    width = n_digits(n, size)
    rows = digits(np.arange(n), size, width)
    assert size**width >= n
    assert len(np.unique(rows, axis=0)) == n
    assert rows.max() < size


def test_k_means_finds_what_lies_apart():
    rng = np.random.default_rng(0)
    middles = np.array([[0, 0], [9, 0], [0, 9]])
    truth = np.repeat([0, 1, 2], 20)
    cluster, centres = k_means(middles[truth] + rng.normal(size=(60, 2)), 3, rng)
    assert len({(t, c) for t, c in zip(truth, cluster, strict=True)}) == 3
    assert sorted(np.round(centres / 9).ravel().tolist()) == [0, 0, 0, 0, 1, 1]


def test_more_clusters_than_different_vectors_are_not_made():
    cluster, centres = k_means(np.ones((5, 2)), 3, np.random.default_rng(0))
    assert len(centres) == 1
    assert not cluster.any()


def test_each_level_of_residual_codes_says_more():
    vectors = np.random.default_rng(0).normal(size=(200, 8))
    codes = residual_codes(vectors, 6, 3, np.random.default_rng(1))
    errors = []
    for level in range(1, 4):
        _, group = np.unique(codes[:, :level], axis=0, return_inverse=True)
        middles = np.array([vectors[group == g].mean(axis=0) for g in range(group.max() + 1)])
        errors.append(((vectors - middles[group]) ** 2).mean())
    assert errors[0] > 1.2 * errors[1] > 1.2 * errors[2]


def test_equal_codes_are_told_apart_by_a_digit_more():
    rows = told_apart(np.array([[1, 2], [1, 2], [0, 0], [1, 2]]), 2)
    assert len(set(rows)) == 4
    assert [row[:2] for row in rows] == [(1, 2), (1, 2), (0, 0), (1, 2)]


def test_a_tree_of_clusters_keeps_its_branches_few_even_where_all_is_the_same():
    vectors = np.vstack([np.zeros((300, 3)), np.random.default_rng(0).normal(size=(100, 3))])
    paths = tree_codes(vectors, 8, np.random.default_rng(0))
    assert len(set(paths)) == 400
    assert max(map(max, paths)) < 8
    assert max(map(len, paths)) <= 6
    build_trie(paths)


@pytest.fixture(scope="module")
def told(films):
    return films.train


@pytest.fixture(scope="module")
def films():
    from core.load import load
    from core.split import split

    return split(load("movielens-100k").interactions, "leave-last")


@pytest.mark.parametrize("kind", ["random", "sequential", "collaborative"])
def test_no_two_films_share_an_identifier_and_none_begins_another(told, kind):
    made = make_identifiers(told, kind, Making())
    assert len(set(made.sequences)) == told.n_items
    trie = build_trie(made.sequences)
    assert trie.below[ROOT] == told.n_items
    assert made == make_identifiers(told, kind, Making())
    assert all(
        token // made.size == place for row in made.sequences for place, token in enumerate(row)
    )


def test_identifiers_by_chance_follow_the_seed(told):
    one, other = (make_identifiers(told, "random", Making(seed=seed)) for seed in (0, 1))
    assert one.sequences != other.sequences


def same_first_token(made, pairs):
    return np.mean([made.sequences[a][0] == made.sequences[b][0] for a, b in pairs])


def test_films_liked_by_the_same_people_share_their_first_token(told):
    """Pairs by cosine of who liked them, against pairs drawn by chance."""
    vectors = liking_vectors(told)
    popular = np.flatnonzero(np.bincount(told.items, minlength=told.n_items) > 100)
    near = vectors[popular] @ vectors[popular].T
    np.fill_diagonal(near, -1)
    pairs = list(zip(popular, popular[near.argmax(axis=1)], strict=True))
    rng = np.random.default_rng(0)
    strangers = list(zip(popular, rng.permutation(popular), strict=True))
    made = make_identifiers(told, "collaborative", Making())
    by_chance = make_identifiers(told, "random", Making())
    assert same_first_token(made, pairs) > 0.5
    assert same_first_token(made, strangers) < 0.25
    assert same_first_token(by_chance, pairs) < 0.1


def test_vectors_of_texts_decide_semantic_identifiers_and_likings_hybrid_ones(told, monkeypatch):
    from recommenders.generate import identifiers

    groups = np.arange(told.n_items) % 4
    monkeypatch.setattr(identifiers, "text_vectors", lambda *_: np.eye(4)[groups])
    made = make_identifiers(told, "semantic", Making())
    first = np.array([row[0] for row in made.sequences])
    assert len({(g, t) for g, t in zip(groups, first, strict=True)}) == 4
    only_text = make_identifiers(told, "hybrid", Making(share=0.0))
    assert {row[0] for row in only_text.sequences} == set(first)
    both = make_identifiers(told, "hybrid", Making(share=0.5))
    assert len({row[0] for row in both.sequences}) > 4


def test_semantic_identifiers_need_texts(told):
    bare = Interactions(told.users, told.items, told.n_users, told.n_items)
    with pytest.raises(ConfigError, match="no item has a text: this model reads title"):
        make_identifiers(bare, "semantic", Making())
    assert len(make_identifiers(bare, "collaborative", Making()).sequences) == told.n_items


def test_items_nobody_touched_have_identifiers_too():
    few = Interactions(np.zeros(1, np.int32), np.array([3], np.int32), n_users=2, n_items=10)
    for kind in set(KINDS) - {"semantic", "hybrid", "textual"}:
        assert len(set(make_identifiers(few, kind, Making(size=3)).sequences)) == 10


def test_textual_identifiers_are_words_the_commonest_first():
    titles = ["A quiet sea", "The sea at night", "Night train", "A comedy at sea", "Zzz"]
    side = Side(items=pd.DataFrame({"title": titles}))
    one = Interactions(np.zeros(1, np.int32), np.zeros(1, np.int32), 1, 5, side=side)
    made = make_identifiers(one, "textual", Making(size=8))
    shown = [made.written(row) for row in made.sequences]
    # "sea" stands in three titles, "night" in two, every other word in one and is none
    assert shown == [
        "<sea><–><c0>", "<sea><night><c0>", "<night><–><c0>", "<sea><–><c1>", "<–><–><c0>",
    ]  # fmt: skip
    assert len(set(made.sequences)) == 5


@pytest.mark.parametrize("size", [2, 3])
def test_where_no_word_is_shared_numbers_tell_textual_identifiers_apart(size):
    side = Side(items=pd.DataFrame({"title": ["one", "two", "three", "four"]}))
    rows = Interactions(np.zeros(1, np.int32), np.zeros(1, np.int32), 1, 4, side=side)
    made = make_identifiers(rows, "textual", Making(size=size, levels=1))
    assert len(set(made.sequences)) == 4


def test_an_identifier_is_shown_by_places():
    made = make_identifiers(
        Interactions(np.zeros(1, np.int32), np.zeros(1, np.int32), 1, 5),
        "sequential",
        Making(size=2),
    )
    assert made.written(made.sequences[4]) == "<a1><b0><c0>"
