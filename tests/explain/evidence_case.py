"""What tests of evidence share: nine films that four people liked, and a graph of them."""

import numpy as np
import pandas as pd

from core.tables import Ids, Interactions, Side
from explain.world import World
from explain.worlds import world_from

TITLES = [
    "Night Ferry (1990)",
    "Night Ferry II (1993)",
    "Harbour, The (1991)",
    "Two Bridges (1985)",
    "Winter Orchard (1994)",
    "Paper Lanterns (1982)",
    "Last Signal, The (1996)",
    "Stone Garden (1988)",
    "Empty Road (1979)",
]
GENRES = [
    ["Drama"],
    ["Drama", "War"],
    ["Drama"],
    ["Comedy"],
    ["Comedy"],
    ["Comedy", "Drama"],
    ["War"],
    ["Drama"],
    [],
]
LIKED = {0: [0, 2, 3], 1: [0, 1, 2], 2: [0, 1, 4], 3: [3, 4, 5]}
EDGES = [
    (0, "directed_by", "d1"),
    (1, "directed_by", "d1"),
    (2, "directed_by", "d1"),
    (2, "directed_by", "d2"),
    (7, "directed_by", "d2"),
    (0, "actor", "a1"),
    (1, "actor", "a1"),
    (0, "actor", "a2"),
    (1, "actor", "a2"),
    (6, "actor", "a2"),
    (3, "written_by", "w1"),
    (3, "written_by", "w2"),
    (5, "written_by", "w1"),
    (5, "written_by", "w2"),
    (4, "shot_in_<b>", "p1"),
    (5, "shot_in_<b>", "p1"),
    (0, "language", "english"),
    (1, "language", "english"),
]


def graph(edges=EDGES, sequels=((0, 1),)) -> pd.DataFrame:
    """Edges, and pairs (earlier, later) said from the earlier one's end."""
    rows = [(head, relation, tail, -1) for head, relation, tail in edges]
    rows += [(earlier, "sequel", f"i{later}", later) for earlier, later in sequels]
    return pd.DataFrame(rows, columns=["head", "relation", "tail", "tail_item"])


def train(*, titles=TITLES, edges=None, reviews=None, liked=LIKED) -> Interactions:
    pairs = [(user, item) for user, items in liked.items() for item in items]
    users, items = (np.array(part, dtype=np.int32) for part in zip(*pairs, strict=True))
    side = Side(
        items=pd.DataFrame({"title": titles, "genres": GENRES}),
        graph=graph() if edges is None else edges,
        reviews=reviews,
    )
    n_users = max(liked) + 1
    times = 1000 * np.arange(len(users), dtype=np.int64)
    return Interactions(users, items, n_users, len(titles), None, times, side=side)


def world(**changes) -> World:
    rows = train(**changes)
    ids = Ids("item", np.array([f"i{code}" for code in range(rows.n_items)], dtype=object))
    return world_from(rows, ids)
