"""From evidence to a graph."""

import pandas as pd
import pytest

from app.charts_explanations import attribution
from app.charts_graph import graph, layout
from app.explanations_graph import MOST, graph_of, reason_label, table_of
from explain.explanation import Evidence, Explanation

NAMES = {1: "Alien", 2: "Aliens", 3: "Heat", 9: "Alien 3 <b>x</b>"}


def explanation(*evidence: Evidence, name: str = "paths") -> Explanation:
    return Explanation(0, 9, "pre", name, evidence=evidence)


def path(source: int, relation: str, weight: float = 1.0) -> Evidence:
    text = f"Alien 3 has the same {relation} as {NAMES[source]}."
    return Evidence("path", 9, (source,), weight, text, {"relation": relation})


def test_evidence_leads_from_liked_items_over_what_is_shared_to_the_item():
    drawn = graph_of([explanation(path(1, "actor"), path(2, "actor"), path(2, "writer"))], NAMES)
    layers = drawn.nodes.groupby("layer")["label"].apply(sorted).to_dict()
    assert layers == {
        0: ["Alien", "Aliens"],
        1: ["same actor", "same writer"],
        2: ["Alien 3 <b>x</b>"],
    }
    assert len(drawn.edges) == 5  # three from liked items, two to the recommended one


def test_the_same_evidence_from_two_explainers_is_drawn_once():
    one = explanation(path(1, "actor"))
    other = explanation(path(1, "actor"), name="fused")
    assert len(graph_of([one, other], NAMES).edges) == 2


def test_the_weaker_evidence_is_left_out_and_counted():
    many = [
        Evidence("rule", 9, (1,), float(n), f"rule {n}", {"label": str(n)}) for n in range(MOST + 4)
    ]
    drawn = graph_of([explanation(*many)], NAMES)
    assert drawn.n_left_out == 4
    assert f"rule: {MOST + 3}" in set(drawn.nodes["label"])
    assert "rule: 0" not in set(drawn.nodes["label"])


def test_kinds_are_compared_within_themselves():
    drawn = graph_of(
        [explanation(path(1, "actor", 1.0), Evidence("rule", 9, (2,), 200.0, "a rule", {}))], NAMES
    )
    assert set(drawn.edges["share"]) == {1.0}


def test_nothing_is_drawn_without_evidence():
    assert graph_of([explanation()], NAMES) is None
    assert graph_of([], NAMES) is None


def test_an_item_that_has_no_name_is_not_shown_by_its_code():
    drawn = graph_of([explanation(path(1, "actor"))], {})
    assert not drawn.nodes["label"].str.contains(r"\d").any()


@pytest.mark.parametrize(
    "facts, label",
    [
        ({"relation": "directed_by"}, "same director"),
        ({"relation": "sequel"}, "sequel"),
        ({"group": "Drama"}, "path: Drama"),
        ({}, "path"),
        ({"relation": 3}, "path"),
    ],
)
def test_a_reason_is_called_by_what_it_is(facts, label):
    assert reason_label(Evidence("path", 9, (1,), 1.0, "x", facts)) == label


def test_every_piece_of_evidence_stands_in_the_table():
    table = table_of([explanation(path(1, "actor"), path(3, "writer"))], NAMES)
    assert table["from"].tolist() == ["Alien", "Heat"]
    assert table["explainer"].tolist() == ["paths", "paths"]


def test_no_two_nodes_stand_on_one_place():
    drawn = graph_of(
        [explanation(*(path(n, r) for n in (1, 2, 3) for r in ("actor", "writer")))], NAMES
    )
    places = layout(drawn.nodes, drawn.edges)
    assert len(set(places.values())) == len(drawn.nodes)
    assert {x for x, _ in places.values()} == {0.0, 1.0, 2.0}


def test_titles_are_text_in_the_graph():
    drawn = graph_of([explanation(path(1, "actor"))], NAMES)
    said = str(graph(drawn.nodes, drawn.edges).to_dict())
    assert "<b>" not in said
    assert "&lt;b&gt;" in said


def test_bars_of_one_name_stay_apart_and_have_whiskers_where_values_are_unsure():
    table = pd.DataFrame({"title": ["Heat", "Heat"], "value": [0.5, -0.2], "error": [0.1, 0.0]})
    (bar,) = attribution(table, "added").data
    assert len(set(bar.y)) == 2
    assert list(bar.error_x.array) == [0.0, 0.1]  # the strongest on top is drawn last


def test_exact_bars_have_no_whiskers():
    table = pd.DataFrame({"title": ["Heat"], "value": [0.5], "error": [0.0]})
    (bar,) = attribution(table, "added").data
    assert bar.error_x.array is None
