"""Attributes, graph, reviews and further tables, joined to the codes of the interactions."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.encode import MISSING, look_up
from core.ledger import Ledger
from core.raw import Raw
from core.tables import Ids, Interactions, Side

STAGE = "load"


def attach(
    rows: Interactions, raw: Raw, user_ids: Ids, item_ids: Ids, ledger: Ledger
) -> Interactions:
    """The interactions with their Side: one row of attributes per code, tables in codes."""
    graph, reviews = raw.graph, raw.reviews
    side = Side(
        users=_attributes(raw.users, user_ids, ledger),
        items=_attributes(raw.items, item_ids, ledger),
        graph=None if graph is None else _graph(graph, item_ids, ledger),
        reviews=None if reviews is None else _coded(reviews, user_ids, item_ids, "review", ledger),
        tables={
            name: _coded(table, user_ids, item_ids, f"row of {name}", ledger)
            for name, table in raw.tables.items()
        },
    )
    return replace(rows, side=side)


def _attributes(table: pd.DataFrame | None, ids: Ids, ledger: Ledger) -> pd.DataFrame:
    """One row per code, in order; a user or item the table does not know gets missing values."""
    index = pd.RangeIndex(len(ids))
    if table is None:
        return pd.DataFrame(index=index, columns=pd.Index([], dtype="str"))
    codes = look_up(table[ids.kind], ids)
    stage, unit = STAGE, f"{ids.kind}s"
    ledger.add(
        stage, "dropped", f"{ids.kind} described without an id", int((codes == MISSING).sum())
    )
    never = int((codes < MISSING).sum())
    ledger.add(stage, "dropped", f"{ids.kind} described, in no interaction", never, unit=unit)
    table = table.drop(columns=ids.kind).set_axis(pd.Index(codes), axis=0)[codes >= 0]
    again = table.index.duplicated(keep="last")
    ledger.add(stage, "dropped", f"{ids.kind} described twice, last one kept", int(again.sum()))
    table = table[~again]
    ledger.add(
        stage, "noted", f"{ids.kind} without a description", len(ids) - len(table), unit=unit
    )
    return table.reindex(index)


def _graph(graph: pd.DataFrame, ids: Ids, ledger: Ledger) -> pd.DataFrame:
    """Heads as item codes, tails as text; tail_item is a tail's code if it is an item, else -1."""
    heads = look_up(graph["head"], ids)
    known = heads >= 0
    ledger.add(
        STAGE,
        "dropped",
        "graph edge of no item in the interactions",
        int((~known).sum()),
        unit="edges",
    )
    out = graph[known].reset_index(drop=True).assign(head=heads[known])
    if "tail_item" in out:
        tails = look_up(out["tail_item"], ids)
        out["tail_item"] = np.maximum(tails, MISSING).astype(np.int32)
    repeated = out.duplicated()
    ledger.add(STAGE, "dropped", "repeated graph edge", int(repeated.sum()), unit="edges")
    return out[~repeated].reset_index(drop=True)


def _coded(
    table: pd.DataFrame, user_ids: Ids, item_ids: Ids, what: str, ledger: Ledger
) -> pd.DataFrame:
    """The table with codes for ids, without rows of users or items that no interaction knows."""
    known = np.ones(len(table), dtype=bool)
    codes = {}
    for ids in (user_ids, item_ids):
        if ids.kind in table:
            codes[ids.kind] = look_up(table[ids.kind], ids)
            known &= codes[ids.kind] >= 0
    ledger.add(STAGE, "dropped", f"{what} of a user or item in no interaction", int((~known).sum()))
    return table.assign(**codes)[known].reset_index(drop=True)
