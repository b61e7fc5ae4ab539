"""From evidence to a graph that can be drawn: liked items, what ties them, the recommended one.

Pure: no Streamlit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from explain.evidence.graph import SEQUEL
from explain.evidence.paths import names_of
from explain.explanation import Evidence, Explanation

MOST = 10  # pieces of evidence that can be told apart
NODES = ("name", "label", "layer", "kind", "said")
EDGES = ("head", "tail", "share", "said")


@dataclass(frozen=True)
class Drawn:
    """nodes and edges as app.charts_graph.graph wants them; n_left_out: weaker evidence."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    n_left_out: int


def graph_of(explanations: Sequence[Explanation], names: Mapping[int, str]) -> Drawn | None:
    """The evidence of these explanations of one item as one graph; None where there is none.

    names  of items, by code
    """
    told = (one for made in explanations for one in made.evidence if one.text or one.sources)
    found = list({(one.kind, one.sources, one.text): one for one in told}.values())
    ranked = sorted(found, key=lambda one: -_share(one, found))
    if not ranked:
        return None
    nodes: dict[str, tuple[str, str, int, str, str]] = {}
    edges: list[tuple[str, str, float, str]] = []
    target = f"item {ranked[0].item}"
    for one in ranked[:MOST]:
        share = _share(one, found)
        label = reason_label(one)
        between = f"reason {one.kind} {label}"
        nodes.setdefault(between, (between, label, 1, "tie", one.text))
        edges.append((between, target, share, one.text))
        for source in one.sources:
            name = f"item {source}"
            title = names.get(source, "an item")
            nodes.setdefault(name, (name, title, 0, "liked", f"liked: {title}"))
            edges.append((name, between, share, one.text))
    title = names.get(ranked[0].item, "the item")
    nodes[target] = (target, title, 2, "item", f"recommended: {title}")
    merged = pd.DataFrame(edges, columns=list(EDGES)).groupby(["head", "tail"], sort=False)
    return Drawn(
        pd.DataFrame(list(nodes.values()), columns=list(NODES)),
        merged.agg({"share": "max", "said": _joined}).reset_index().assign(is_refuted=False),
        max(len(ranked) - MOST, 0),
    )


def reason_label(one: Evidence) -> str:
    """What stands between: the relation of a path, the group of a profile, else the kind."""
    relation = one.facts.get("relation")
    if one.kind == "path" and isinstance(relation, str) and relation:
        return f"same {names_of(relation)[0]}" if relation != SEQUEL else SEQUEL
    for key in ("label", "relation", "group", "aspect", "angle", "method"):
        said = one.facts.get(key)
        if isinstance(said, str) and said:
            return f"{one.kind}: {said.replace('_', ' ')}"
    return one.kind


def table_of(explanations: Sequence[Explanation], names: Mapping[int, str]) -> pd.DataFrame:
    """Every piece of evidence: explainer, kind, from (titles), weight, in words."""
    rows = [
        {
            "explainer": made.explainer,
            "kind": one.kind,
            "from": ", ".join(names.get(code, "an item") for code in one.sources),
            "weight": one.weight,
            "in words": one.text,
        }
        for made in explanations
        for one in made.evidence
    ]
    return pd.DataFrame(rows, columns=["explainer", "kind", "from", "weight", "in words"])


def _share(one: Evidence, among: Sequence[Evidence]) -> float:
    """Weight as a share of the strongest of its kind: kinds have scales of their own."""
    strongest = max((abs(other.weight) for other in among if other.kind == one.kind), default=0.0)
    return abs(one.weight) / strongest if strongest > 0 else 0.0


def _joined(said: "pd.Series[str]") -> str:
    return " ".join(dict.fromkeys(said))
