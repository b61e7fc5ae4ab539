"""Evidently beyond accuracy: everybody's rows, ranks with halves where scores are equal."""

import numpy as np

from core.tables import Bools, Floats
from evaluators.conventions.convention import Answer, mean_of, of_items
from evaluators.conventions.given import Cut, Given
from evaluators.conventions.parts import (
    average_ranks,
    gini_sum,
    item_counts,
    over,
    picked,
    row_mean,
)
from evaluators.conventions.replay import known_items
from evaluators.rows import count


def _within(given: Given, k: int) -> Bools:
    return np.asarray(average_ranks(given) <= k)


def _cut(given: Given, k: int) -> Cut:
    """The rows of rank k or better, the others empty."""
    is_in = _within(given, k)
    items = np.where(is_in, given.items, -1).astype(np.int32)
    return Cut(items, given.is_match & is_in, is_in, count(is_in))


def novelty(given: Given, k: int) -> Answer:
    had = given.popularity
    if had is None:
        raise ValueError("novelty needs a history")
    share = np.where(had > 0, had, np.nan) / given.has_history.sum()
    found = np.append(-np.log2(share), np.nan)[_cut(given, k).items]
    values = row_mean(found)
    return mean_of(values, ~np.isnan(values))


def coverage(given: Given, k: int) -> Answer:
    counted = item_counts(_cut(given, k), given.has_list)
    is_known, n = known_items(given, counted.shape[1]), given.n_history_items
    return of_items(counted, lambda sums: ((sums > 0) & is_known).sum(axis=-1) / n, given.has_list)


def gini(given: Given, k: int) -> Answer:
    counted = item_counts(_cut(given, k), given.has_list)

    def compute(sums: Floats) -> Floats:
        n = (sums > 0).sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(gini_sum(sums, n) / (n - 1))

    return of_items(counted, compute, given.has_list)


def _unit(features: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays one."""
    length = np.sqrt((features * features).sum(axis=1))
    return np.asarray(features / np.where(length > 0, length, 1)[:, None])


def ild(given: Given, k: int) -> Answer:
    if given.features is None:
        raise ValueError("ild needs features")
    cut, unit = _cut(given, k), _unit(given.features)
    total = np.zeros(len(given))
    reach = int(np.flatnonzero(cut.is_listed.any(axis=0)).max(initial=-1)) + 1
    for second in range(1, reach):
        for first in range(second):
            a, b = cut.items[:, first], cut.items[:, second]
            both = cut.is_listed[:, first] & cut.is_listed[:, second] & (a != b)
            total += both * (1 - (unit[a] * unit[b]).sum(axis=1))
    n_without = int((given.has_list & (cut.n_listed == 0)).sum())
    stops = ""
    if n_without:
        stops = (
            f"Evidently stops with a ZeroDivisionError: tied scores leave {n_without:,} users with "
            f"no row of rank {k} or better"
        )
    return mean_of(over(total, cut.n_listed), given.has_list, stops)


def serendipity(given: Given, k: int) -> Answer:
    if given.features is None or given.history is None:
        raise ValueError("serendipity needs features and a history")
    cut, unit = _cut(given, k), _unit(given.features)
    history = given.history[:, : len(unit)]
    tastes = np.asarray(history @ unit[: history.shape[1]])
    is_blank: Bools = np.asarray(~unit.any(axis=1), dtype=bool)
    alike = np.zeros(len(given))
    for place in range(cut.items.shape[1]):
        is_hit = cut.is_match[:, place]
        item = np.where(is_hit, cut.items[:, place], 0)
        alike += is_hit * (tastes * unit[item]).sum(axis=1)
        # an item without features is still like itself
        again = is_hit & is_blank[item] & np.asarray(item < history.shape[1])
        rows = np.flatnonzero(again)
        alike[rows] += picked(history, rows, item[rows])
    counts = cut.is_match.any(axis=1) & given.has_history
    return mean_of(1 - over(alike, np.diff(given.history.indptr)), counts)
