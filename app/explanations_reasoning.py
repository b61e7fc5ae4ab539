"""The user's reasoning graph: from what was liked over inferred tastes to what meets them."""

from typing import Any

import pandas as pd
import streamlit as st

from app import charts_graph, explained, queries, shell
from app.explanations import Choice
from app.words import count, plain
from core.errors import RecScopeError

LAYERS = {"history": 0, "attribute": 1, "interest": 2, "item": 3}
MOST_TASTES = 8
MOST_LIKED = 9


@st.cache_data(max_entries=128, show_spinner="Inferring tastes …")
def reasoning(at: queries.Stamp, user: int, item: int) -> Any:
    """explain.reasoning_graph.Graph of one user and item."""
    from explain.reasoning_graph import graph_for

    return graph_for(explained.bench(at).world, user, [item])


def draw(choice: Choice) -> None:
    """The graph over the whole width; says why where there is none."""
    st.subheader("Which tastes stand behind it?")
    try:
        found = reasoning(queries.stamp(choice.run_id), choice.user, choice.item)
    except RecScopeError as error:
        st.info(plain(error, 600), icon=":material/info:")
        return
    if not found.nodes:
        reason = found.facts.get("reason", "no taste was found")
        st.info(plain(reason, 400), icon=":material/info:")
        return
    nodes, edges = frames(found)
    is_met = bool((edges["tail"] == f"item {choice.item}").any())
    shell.draw(
        charts_graph.graph(nodes, edges),
        key="explanations.reasoning",
        caption=("" if is_met else "No verified taste of this user leads to this item. ")
        + f"Tastes inferred from what {count(found.facts['n_liked'], 'liked item')} have in "
        f"common: {count(found.facts['n_inferred'], 'taste')} inferred, "
        f"{found.facts['n_verified']:,} of them foretell the user’s own items when these are "
        "masked; the others (dotted) stay without weight. Open stars: what else the tastes lead "
        "to. The strongest are drawn. Found by counting, so without an interval. Source: LLMRG "
        "(Wang et al. 2023, doi:10.48550/arXiv.2308.10835), LLMHG (Chu et al. 2024, "
        "doi:10.48550/arXiv.2401.08217).",
        alt="Graph from liked items over what they share and inferred tastes to items",
        numbers=edges.assign(
            **{"from": edges["head"].map(_labels(nodes)), "to": edges["tail"].map(_labels(nodes))}
        )[["from", "to", "kind", "weight"]],
    )


def _labels(nodes: pd.DataFrame) -> dict[str, str]:
    return dict(zip(nodes["name"], nodes["label"], strict=True))


def frames(found: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A reasoning graph as app.charts_graph.graph wants it; the weakest are left out.

    found  explain.reasoning_graph.Graph
    """
    tastes = [node for node in found.nodes if node.kind == "attribute"][:MOST_TASTES]
    kept = {node.key for node in tastes}
    tied = [edge for edge in found.edges if edge.kind == "has" and edge.target in kept]
    n_ties = pd.Series([edge.source for edge in tied], dtype=object).value_counts()
    kept |= set(n_ties.index[:MOST_LIKED])
    angles = {edge.target for edge in found.edges if edge.source in kept and edge.kind != "has"}
    kept |= angles | {node.key for node in found.nodes if node.kind == "item"}
    nodes = [
        (node.key, node.label, LAYERS[node.kind], _kind(node), node.label)
        for node in found.nodes
        if node.key in kept
    ]
    drawn = [edge for edge in found.edges if edge.source in kept and edge.target in kept]
    strongest = max((edge.weight for edge in drawn if edge.kind != "has"), default=0.0) or 1.0
    names = {node.key: node.label for node in found.nodes}
    edges = [
        (
            edge.source,
            edge.target,
            0.3 if edge.kind == "has" else min(edge.weight / strongest, 1.0),
            f"{names[edge.source]}: {edge.kind} → {names[edge.target]}",
            edge.kind == "refuted",
            edge.kind,
            edge.weight,
        )
        for edge in drawn
    ]
    columns = ["head", "tail", "share", "said", "is_refuted", "kind", "weight"]
    return (
        pd.DataFrame(nodes, columns=["name", "label", "layer", "kind", "said"]),
        pd.DataFrame(edges, columns=columns),
    )


def _kind(node: Any) -> str:
    if node.kind == "history":
        return "liked"
    if node.kind == "item":
        return "item" if node.is_asked else "other"
    if not node.is_verified:
        return "refuted"
    return "tie" if node.kind == "attribute" else "interest"
