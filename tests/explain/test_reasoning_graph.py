"""A reasoning graph is whole, true, the same every time, and adds only what was verified."""

import numpy as np
import pytest
from evidence_case import LIKED, world
from words_case import scripted

from core.errors import FetchError, LanguageError
from core.load import load
from core.split import split
from core.tables import Interactions, Side
from explain.reasoning_graph import (
    Edge,
    Graph,
    Node,
    evidence_scores,
    graph_for,
    reasons,
    signs_of,
    taste,
)
from explain.reasoning_names import named_by
from explain.reasoning_tastes import attributes_of, tastes_of
from explain.reasons import Question
from explain.worlds import world_from


@pytest.fixture(scope="module")
def films():
    try:
        data = load("movielens-100k")
    except FetchError as error:
        pytest.skip(f"needs the package registry: {error}")
    return world_from(split(data.interactions, "leave-last").train, data.item_ids)


def planted(n_fans: int = 20):
    """A third of the users like Drama alone, the others everything alike; 3 groups of 20 items."""
    import pandas as pd

    rng = np.random.default_rng(3)
    users, items = [], []
    for user in range(3 * n_fans):
        pool = np.arange(20) if user < n_fans else np.arange(60)
        picked = rng.choice(pool, size=12, replace=False)
        users += [user] * 12
        items += picked.tolist()
    genres = [["Drama"]] * 20 + [["Comedy"]] * 20 + [["War"]] * 20
    side = Side(items=pd.DataFrame({"title": [f"Film {n}" for n in range(60)], "genres": genres}))
    rows = Interactions(
        np.array(users, np.int32), np.array(items, np.int32), 3 * n_fans, 60, side=side
    )
    return world_from(rows)


def test_a_planted_taste_is_verified_and_no_taste_is_not():
    found = planted()
    tastes = tastes_of(found, np.arange(60))
    names = np.array(attributes_of(found).names, dtype=object)[tastes.attribute]
    fans = {int(row) for row, name, ok in zip(tastes.row, names, tastes.is_verified, strict=True)
            if ok and name == "Drama"}  # fmt: skip
    assert set(range(20)) <= fans
    assert len(fans - set(range(20))) <= 3
    scores = evidence_scores(found, np.arange(20)).toarray()
    assert (scores[:, :20].min(axis=1) > 0).all()
    assert (scores[:, 20:] == 0).all()


def test_the_proof_is_what_leaving_each_item_out_in_turn_gives():
    found = planted()
    tastes = tastes_of(found, np.array([0]))
    share = attributes_of(found).share
    table = attributes_of(found).table.toarray()
    history = found.liked(0)
    for place, attribute in enumerate(tastes.attribute):
        has, q = table[history, attribute] > 0, share[attribute]
        total = 0.0
        for left in range(len(history)):
            others = np.delete(has, left)
            p = (others.sum() + 5 * q) / (len(others) + 5)
            # its signs are those of the others; what is masked is foretold with p and with q
            total += np.log(p / q) if has[left] else np.log((1 - p) / (1 - q))
        assert tastes.proof[place] == pytest.approx(total)


def test_refuted_tastes_add_nothing(films):
    tastes = tastes_of(films, np.arange(30))
    assert not tastes.is_verified.all()
    scores = evidence_scores(films, np.arange(30)).toarray()
    table = attributes_of(films).table
    for user in range(30):
        held = (tastes.row == user) & tastes.is_verified
        expected = np.zeros(films.n_items)
        for attribute, weight in zip(tastes.attribute[held], tastes.weight[held], strict=True):
            expected += weight * table[:, [attribute]].toarray().ravel()
        assert scores[user] == pytest.approx(expected, abs=1e-5)


def test_a_graph_is_whole_and_the_same_every_time(films):
    for user in range(0, 60, 6):
        items = np.argsort(-evidence_scores(films, np.array([user])).toarray()[0])[:3]
        graph = graph_for(films, user, items)
        if "reason" in graph.facts:
            continue
        assert graph == graph_for(films, user, items)
        kinds = {node.key: node.kind for node in graph.nodes}
        assert len(kinds) == len(graph.nodes)
        ends = {"has": ("history", "attribute"), "supports": ("attribute", "interest"),
                "refuted": ("attribute", "interest"), "meets": ("interest", "item")}  # fmt: skip
        for edge in graph.edges:
            assert (kinds[edge.source], kinds[edge.target]) == ends[edge.kind]
        history = set(films.liked(user).tolist())
        assert {node.code for node in graph.nodes if node.kind == "history"} <= history
        shown = {node.code: node for node in graph.nodes if node.kind == "item"}
        assert set(items.tolist()) == {code for code, node in shown.items() if node.is_asked}
        assert not set(shown) - set(items.tolist()) & history
        assert graph.facts["n_verified"] <= graph.facts["n_inferred"]
        verified = {node.key: node.is_verified for node in graph.nodes}
        for edge in graph.edges:
            if edge.kind in {"supports", "refuted"}:
                assert verified[edge.source] == (edge.kind == "supports")


def test_every_node_says_what_it_is_without_ids_of_the_graph(films):
    for user in range(0, 90, 9):
        for node in graph_for(films, user, [0]).nodes:
            assert node.label
            assert "m.0" not in node.label
            assert "\n" not in node.label


def test_what_is_told_of_a_taste_can_be_counted(films):
    table = attributes_of(films).table
    n = 0
    for user in range(0, 60, 3):
        history = films.liked(user)
        items = np.argsort(-evidence_scores(films, np.array([user])).toarray()[0])[:5]
        for item, found in zip(
            items, reasons(Question(films, user, items.astype(np.int64))), strict=True
        ):
            for one in found.evidence:
                n_signs = one.facts["n_signs"]
                assert one.text.startswith(f"{n_signs} of the {len(history)} items that the user")
                assert one.text.endswith(f"and {films.titles[item]} is one too.")
                with_all = table[history].toarray().sum(axis=0)
                assert n_signs in with_all[table[[int(item)]].indices]
                n += 1
    assert n > 20


def test_an_unnamed_entity_is_told_by_what_has_it():
    found = world()
    attributes = attributes_of(found)
    director = attributes.angles.index("directed_by")
    signs = signs_of(found, 0, director)
    assert set(signs.tolist()) == {0, 2}
    told = taste(found, director, signs)
    assert told.startswith("items with a director of ")
    assert "Night Ferry" in told


def test_who_has_no_taste_of_their_own_gets_a_reason_instead_of_a_graph():
    found = world(liked={**LIKED, 3: [8]})
    graph = graph_for(found, 3, [0])
    assert graph.nodes == ()
    assert graph.facts["reason"] == "no taste sets this user apart from others"


def test_without_attributes_there_is_no_graph():
    rows = Interactions(np.zeros(3, np.int32), np.arange(3, dtype=np.int32), 1, 5)
    graph = graph_for(world_from(rows), 0, [4])
    assert graph.facts["reason"] == (
        "not available: needs items with groups, years or a knowledge graph"
    )


def test_a_model_may_name_an_interest_if_it_keeps_to_what_it_rests_on():
    found = planted()
    graph = graph_for(found, 0, [1])
    named = named_by(graph, found, scripted(lambda _: " Drama items."))
    labels = {node.key: node.label for node in named.nodes}
    assert labels["interest group"] == "A taste for Drama items"
    assert named.facts["names"]["interest group"]["is_taken"]
    assert named.edges == graph.edges


def test_a_name_that_says_more_is_refused_and_kept_beside():
    found = planted()
    graph = graph_for(found, 0, [1])
    named = named_by(graph, found, scripted(lambda _: " War items such as Film 59."))
    assert named.nodes == graph.nodes
    said = named.facts["names"]["interest group"]
    assert said["own"] == "A taste for War items such as Film 59."
    assert said["violations"]
    assert not said["is_taken"]


def test_a_director_must_not_be_called_an_actor():
    found = world()
    nodes = (
        Node("attribute 1", "attribute", "a director of Night Ferry"),
        Node("interest directed_by", "interest", "taste in directors"),
    )
    edges = (Edge("attribute 1", "interest directed_by", "supports", 1.0),)
    for said, is_taken in (
        (" the director of Night Ferry.", True),
        (" the actor of Night Ferry.", False),
        (" films such as Night Ferry.", False),
    ):
        named = named_by(Graph(0, nodes, edges), found, scripted(lambda _, said=said: said))
        assert named.facts["names"]["interest directed_by"]["is_taken"] == is_taken


def test_a_model_that_fails_leaves_the_graph_as_it_was():
    def fails(_):
        raise LanguageError("the server is gone")

    found = planted()
    graph = graph_for(found, 0, [1])
    named = named_by(graph, found, scripted(fails))
    assert named.nodes == graph.nodes
    assert named.facts["error"] == "the server is gone"
