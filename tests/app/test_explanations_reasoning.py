"""From a reasoning graph to one that can be drawn."""

import pytest

from app.charts_graph import graph
from app.explanations_reasoning import MOST_LIKED, MOST_TASTES, frames
from explain.reasoning_graph import Edge, Graph, Node


def reasoning(n_tastes: int = 3, n_liked: int = 4) -> Graph:
    """Every taste is tied to every liked item; the last one foretells nothing."""
    liked = [Node(f"history {n}", "history", f"Film {n} <b>", n) for n in range(n_liked)]
    tastes = [
        Node(f"attribute {n}", "attribute", f"taste {n}", weight=n_tastes - n, is_verified=n != 1)
        for n in range(n_tastes)
    ]
    angle = Node("interest group", "interest", "taste in genres", weight=1.0)
    items = [Node("item 9", "item", "Asked", 9, is_asked=True), Node("item 8", "item", "Other", 8)]
    edges = [Edge(one.key, taste.key, "has", 1.0) for one in liked for taste in tastes]
    edges += [
        Edge(t.key, angle.key, "supports" if t.is_verified else "refuted", t.weight) for t in tastes
    ]
    edges += [Edge(angle.key, "item 9", "meets", 1.0)]
    return Graph(0, (*liked, *tastes, angle, *items), tuple(edges), {"n_liked": n_liked})


def test_layers_go_from_what_was_liked_to_what_meets_the_tastes():
    nodes, _ = frames(reasoning())
    kinds = nodes.groupby("layer")["kind"].agg(set).to_dict()
    assert kinds == {0: {"liked"}, 1: {"tie", "refuted"}, 2: {"interest"}, 3: {"item", "other"}}


def test_what_foretells_nothing_is_dotted():
    nodes, edges = frames(reasoning())
    assert edges.loc[edges["is_refuted"], "head"].tolist() == ["attribute 1"]
    dashes = [line.line.dash for line in graph(nodes, edges).data if line.mode == "lines"]
    assert dashes.count("dot") == 1


@pytest.mark.parametrize("n", [MOST_TASTES + 5])
def test_a_large_graph_keeps_its_strongest_parts_and_no_loose_ends(n):
    nodes, edges = frames(reasoning(n, MOST_LIKED + 7))
    counts = nodes["layer"].value_counts()
    assert counts[1] == MOST_TASTES
    assert counts[0] == MOST_LIKED
    assert set(edges["head"]) | set(edges["tail"]) <= set(nodes["name"])


def test_labels_are_text():
    said = str(graph(*frames(reasoning())).to_dict())
    assert "&lt;b&gt;" in said
    assert "<b>" not in said
