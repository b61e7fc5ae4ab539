"""How much of the catalogue do the lists reach, and what can never be recommended?"""

from statistics import NormalDist
from typing import Any

import numpy as np

from core.tables import PAD, Bools, Ints
from evaluators.cold_start import chao2, never_listed, never_recommendable, unreached
from recscope.audits.case import Case
from recscope.audits.report import Note, Report, Row, curves_frame, estimates_frame
from recscope.files import is_whole, read_table
from recscope.measuring import OUTSIDE, REACH

CURVE = "reach"
ELSEWHERE = (
    "what it can never recommend cannot be judged, because it learned elsewhere, from what is not "
    "known here"
)


def audit_reach(case: Case, model: str, is_fallback: Bools) -> Report:
    """Shares of the catalogue that are in lists, out of them, and out of reach."""
    own = case.lists(model).items[~is_fallback]
    if not len(own):
        reason = "the reach of its lists cannot be judged, because none is the model's own"
        return Report(notes=[Note(model, reason)])
    n_items = case.given.history.n_items
    depths = sorted({*case.config.evaluate.k, own.shape[1]})
    n_lists = {depth: lists_with(own[:, :depth], n_items) for depth in depths}
    n_users = int((own != PAD).any(axis=1).sum())
    rows: list[Row] = []
    for depth in depths:
        facts = {"model": model, "k": depth, "n": n_users}
        mean = float(never_listed(n_lists[depth]))
        rows.append({"metric": "never_listed", "mean": mean, **facts})
        rows.append(_unreached(case, n_lists[depth], n_users, facts))
    is_listed = n_lists[depths[-1]] > 0
    is_learned = np.diff(case.given.history.liked.tocsc().indptr) > 0
    is_ranked, notes = _ranked(case, model, n_items)
    if case.config.models[model].use.startswith(OUTSIDE):
        notes = [Note(model, ELSEWHERE)]
        is_learned = is_ranked = np.ones(n_items, dtype=bool)
    else:
        mean = float(never_recommendable(is_listed, is_learned, is_ranked))
        rows.append({"metric": "never_recommendable", "model": model, "mean": mean, "n": n_users})
    never = ~is_listed & (~is_learned | ~is_ranked)
    parts = {
        f"in a list of {case.k}": n_lists[case.k] > 0,
        f"only beyond place {case.k}": is_listed & (n_lists[case.k] == 0),
        "in no list, but could be": ~is_listed & ~never,
        "never recommendable: nobody liked it before": never & ~is_learned,
        "never recommendable: the model gives it no place": never & is_learned,
    }
    curve = [
        {"curve": CURVE, "model": model, "series": name, "x": place, "y": float(part.mean()),
         "n": int(part.sum())}
        for place, (name, part) in enumerate(parts.items())
    ]  # fmt: skip
    return Report(estimates_frame(rows), curves_frame(curve), notes=notes)


def lists_with(items: Any, n_items: int) -> Ints:
    """In how many lists each item stands, int64 (n_items,); twice in one list counts once."""
    ordered = np.sort(items, axis=1)
    is_first = np.ones(ordered.shape, dtype=bool)
    is_first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    counted: Ints = np.bincount(ordered[is_first & (ordered != PAD)], minlength=n_items)
    return counted


def _unreached(case: Case, n_lists: Ints, n_users: int, facts: dict[str, Any]) -> Row:
    n_items = len(n_lists)
    z = NormalDist().inv_cdf((1 + case.sure.confidence) / 2)
    _, least, most = chao2(n_lists, n_users, z)
    mean = float(unreached(n_lists, np.array([n_users])))
    low, high = (1 - min(reached, n_items) / n_items for reached in (most, least))
    return {
        "metric": "unreached", "mean": mean, "low": low, "high": high,
        "method": "log-normal, of items in one list and in two", **facts,
    }  # fmt: skip


def _ranked(case: Case, model: str, n_items: int) -> tuple[Bools, list[Note]]:
    """Which items the model gave a place when asked for everything, by the probe after its fit."""
    path = case.path / "models" / model / REACH
    if not is_whole(path):
        why = (case.cost(model).get("measured") or {}).get("not_measured")
        reason = (
            "what it gives no place to is not known, because it was not asked for the whole "
            f"catalogue ({why or 'too slow for that'}); items that nobody liked "
            "before and nobody's list holds count as never recommendable"
        )
        return np.ones(n_items, dtype=bool), [Note(model, reason)]
    return read_table(path, ["n_ranked"])["n_ranked"].to_numpy() > 0, []
