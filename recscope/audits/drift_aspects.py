"""What may change in the data: each aspect turns rows into one profile per user and window.

Categories are chosen on all windows together. Where the choice looks at how often items occur
(their popularity, the top items) it would prefer the larger window, whose chance it knows better;
so each half of the users is described by what the other half did.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.errors import ConfigError
from core.tables import Dataset, Floats, Interactions, Ints
from recscope.audits.drift_features import N_FEATURES, bandwidth, factors, fourier
from recscope.audits.drift_windows import Pairs, Profiles, kept
from recscope.audits.report import Note
from recscope.catalogue import catalogue_of

N_BINS = 10  # of popularity
MOST_COLUMNS = 4  # of the items
MOST_GROUPS = 50  # of the users
OTHERS = "all others"
Make = Callable[[Pairs], Profiles]


@dataclass(frozen=True, eq=False)
class Aspect:
    """name, what is looked at; make: pairs of users and windows → profiles.

    labels  of the categories; values: of ordered ones, ascending, else None
    kind    "shares", or "features": points in space, compared by MMD
    needs_past  a profile asks what the user did in earlier windows
    side    "items": what is chosen; "users": who is active, and how much
    """

    name: str
    labels: tuple[str, ...]
    make: Make
    values: Floats | None = None
    kind: str = "shares"
    side: str = "items"
    needs_past: bool = False


def aspects(
    dataset: Dataset, user_columns: Sequence[str], top: int, seed: int
) -> tuple[list[Aspect], list[Note]]:
    """All that can be looked at in this data, and why the rest cannot."""
    notes: list[Note] = []
    rows = dataset.interactions
    half = np.random.default_rng([seed, 1]).integers(2, size=rows.n_users)
    found = [popularity(rows, half), top_items(dataset, half, top)]
    groups = list(_item_groups(dataset, top, notes))
    for name, votes, labels in groups:
        found += [item_group(rows, name, votes, labels), own_taste(rows, name, votes)]
    found += _ratings(rows, notes)
    found.append(activity(rows))
    found += _user_groups(dataset, user_columns, notes)
    found.append(features(rows, [votes for _, votes, _ in groups], seed))
    return found, notes


def mean_of_rows(pairs: Pairs, category: Ints, n: int) -> Floats:
    """Share of a user's rows in each category: float (n_pairs, n).  category: int (n_rows,)."""
    inside = pairs.of_row >= 0
    flat = pairs.of_row[inside] * n + category[inside]
    counts = np.bincount(flat, minlength=len(pairs) * n).reshape(len(pairs), n)
    return np.asarray(counts / pairs.counts[:, None])


def mean_of_votes(pairs: Pairs, items: npt.NDArray[Any], votes: Floats) -> Floats:
    """Sum over a user's rows of float (n_items, m): float (n_pairs, m)."""
    from scipy.sparse import csr_array

    inside = pairs.of_row >= 0
    ones = np.ones(int(inside.sum()))
    shape = (len(pairs), len(votes))
    return np.asarray(csr_array((ones, (pairs.of_row[inside], items[inside])), shape=shape) @ votes)


def _other_half(rows: Interactions, half: Ints) -> tuple[Ints, Ints]:
    """Rows of each item by the users of half 0 and of half 1."""
    of_row = half[rows.users]
    zero, one = (np.bincount(rows.items[of_row == h], minlength=rows.n_items) for h in (0, 1))
    return one, zero


def popularity(rows: Interactions, half: Ints) -> Aspect:
    """Head or tail: ten bins of items that hold a tenth of all rows each, the most popular last."""
    bins = np.empty((2, rows.n_items), dtype=np.int64)
    for h, counts in enumerate(_other_half(rows, half)):
        order = np.argsort(counts, kind="stable")
        middle = np.cumsum(counts[order]) - counts[order] / 2
        bins[h, order] = np.minimum(middle / max(counts.sum(), 1) * N_BINS, N_BINS - 1)

    def make(pairs: Pairs) -> Profiles:
        category = bins[half[rows.users], rows.items]
        return kept(pairs, mean_of_rows(pairs, category, N_BINS))

    labels = tuple(f"popularity {place} of {N_BINS}" for place in range(1, N_BINS + 1))
    return Aspect("popularity", labels, make, np.arange(1.0, N_BINS + 1))


def top_items(dataset: Dataset, half: Ints, top: int) -> Aspect:
    """Which items: the most popular ones by name, the rest together."""
    rows, n = dataset.interactions, max(top // 2, 1)
    names = dataset.side.items.get("title", None)
    place = np.full((2, rows.n_items), n, dtype=np.int64)
    labels: list[str] = []
    for h, counts in enumerate(_other_half(rows, half)):
        best = np.argsort(-counts, kind="stable")[:n]
        place[h, best] = np.arange(len(best))
        labels += [_title(dataset, names, int(item)) for item in best]
        labels += [OTHERS] * (n + 1 - len(best))

    def make(pairs: Pairs) -> Profiles:
        h = half[rows.users]
        return kept(pairs, mean_of_rows(pairs, h * (n + 1) + place[h, rows.items], 2 * (n + 1)))

    return Aspect("top items", tuple(labels), make)


def _title(dataset: Dataset, names: "pd.Series[Any] | None", item: int) -> str:
    title = None if names is None or item not in names.index else names.loc[item]
    return str(title) if isinstance(title, str) and title else str(dataset.item_ids.names[item])


def _item_groups(
    dataset: Dataset, top: int, notes: list[Note]
) -> Iterator[tuple[str, Floats, tuple[str, ...]]]:
    """Column, votes of each item float (n_items, m), and the groups' names, the rarest together."""
    catalogue = catalogue_of(dataset, None)
    if not catalogue.columns:
        notes.append(Note("item groups", "cannot be judged, because no column groups the items"))
    for column in catalogue.columns[:MOST_COLUMNS]:
        try:
            groups = catalogue.grouping(column)
        except ConfigError as error:
            notes.append(Note(f"items by {column}", f"cannot be judged, because {error}"))
            continue
        votes, names = groups.shares, groups.names
        n_rows = np.bincount(dataset.interactions.items, minlength=groups.n_items)
        order = np.argsort(-(n_rows @ votes), kind="stable")
        if len(names) > top:
            rest = votes[:, order[top:]].sum(axis=1, keepdims=True)
            votes = np.concatenate([votes[:, order[:top]], rest], axis=1)
            yield column, votes, (*(names[place] for place in order[:top]), OTHERS)
        else:
            yield column, votes[:, order], tuple(names[place] for place in order)


def item_group(rows: Interactions, column: str, votes: Floats, labels: tuple[str, ...]) -> Aspect:
    """Which groups of items; an item of three groups counts a third in each."""

    def make(pairs: Pairs) -> Profiles:
        return _shares(pairs, mean_of_votes(pairs, rows.items, votes))

    return Aspect(f"items by {column}", labels, make)


def _shares(pairs: Pairs, sums: Floats) -> Profiles:
    total = sums.sum(axis=1, keepdims=True)
    has_value = total[:, 0] > 0
    return kept(pairs, (sums / np.where(total > 0, total, 1))[has_value], has_value)


def own_taste(rows: Interactions, column: str, votes: Floats) -> Aspect:
    """Do users stay with what they themselves chose before, whatever the others do?

    The chance that a row of the window and an earlier row of the same user fall into one group.
    Two groups of users may swap tastes and leave every share where it was; this falls then.
    """

    def make(pairs: Pairs) -> Profiles:
        sums = mean_of_votes(pairs, rows.items, votes)
        past = _past(pairs, sums)
        now_total, past_total = sums.sum(axis=1), past.sum(axis=1)
        has_value = (now_total > 0) & (past_total > 0)
        same = (sums * past).sum(axis=1)[has_value] / (now_total * past_total)[has_value]
        values = np.stack([same, 1 - same], axis=1)
        return kept(pairs, values, has_value)

    return Aspect(f"own taste by {column}", ("as before", "new to the user"), make, needs_past=True)


def _past(pairs: Pairs, sums: Floats) -> Floats:
    """What the same user did in all windows before: float (n_pairs, m)."""
    order = np.argsort(pairs.users, kind="stable")  # windows ascend within a user
    running = np.cumsum(sums[order], axis=0)
    users = pairs.users[order]
    first = np.append(True, users[1:] != users[:-1])
    begun = np.maximum.accumulate(np.where(first, np.arange(len(users)), 0))
    before = running - sums[order]
    past = np.empty_like(sums)
    past[order] = np.where(first[:, None], 0.0, before - before[begun])
    return past


def _ratings(rows: Interactions, notes: list[Note]) -> list[Aspect]:
    if rows.ratings is None:
        notes.append(Note("ratings", "cannot be judged, because the data hold none"))
        return []
    distinct = np.unique(rows.ratings)
    if len(distinct) < 2:
        reason = f"cannot be judged, because every rating is {distinct[0]:g}"
        notes.append(Note("ratings", reason))
        return []
    if len(distinct) > 21:
        edges = np.unique(np.quantile(rows.ratings, np.linspace(0, 1, 11)[1:-1]))
        category = np.searchsorted(edges, rows.ratings, side="right")
        values = np.array([rows.ratings[category == c].mean() for c in range(len(edges) + 1)])
    else:
        category, values = np.searchsorted(distinct, rows.ratings), distinct

    def make(pairs: Pairs) -> Profiles:
        return kept(pairs, mean_of_rows(pairs, category.astype(np.int64), len(values)))

    labels = tuple(f"{value:.3g}" for value in values)
    return [Aspect("ratings", labels, make, values.astype(np.float64))]


def activity(rows: Interactions) -> Aspect:
    """How much an active user does in a window: 1, 2, 3-4, 5-8 … rows."""
    del rows
    edges = np.append(1, 2 ** np.arange(0, 12) + 1)  # 1, 2, 3, 5, 9 …

    def make(pairs: Pairs) -> Profiles:
        one_hot = np.zeros((len(pairs), len(edges)))
        one_hot[np.arange(len(pairs)), np.searchsorted(edges, pairs.counts, side="right") - 1] = 1
        return kept(pairs, one_hot)

    labels = tuple(
        f"{low} row{'' if low == 1 else 's'}" if high - low == 1 else f"{low} to {high - 1} rows"
        for low, high in zip(edges, [*edges[1:], 2**62], strict=True)
    )
    labels = (*labels[:-1], f"{edges[-1]} rows or more")
    return Aspect("activity", labels, make, np.arange(float(len(edges))), side="users")


def _user_groups(dataset: Dataset, columns: Sequence[str], notes: list[Note]) -> list[Aspect]:
    """Who is active, by attributes that the data bring."""
    found = []
    for column in columns:
        codes, names = pd.factorize(dataset.side.users[column], sort=True)
        if not 2 <= len(names) <= MOST_GROUPS:
            many = f"it has {len(names):,} values; 2 to {MOST_GROUPS} can be told apart"
            notes.append(Note(f"users by {column}", f"cannot be judged, because {many}"))
            continue
        found.append(_user_group(column, np.asarray(codes, dtype=np.int64), tuple(map(str, names))))
    return found


def _user_group(column: str, codes: Ints, names: tuple[str, ...]) -> Aspect:
    def make(pairs: Pairs) -> Profiles:
        group = codes[pairs.users]
        one_hot = np.zeros((len(pairs), len(names)))
        one_hot[np.arange(len(pairs)), np.maximum(group, 0)] = 1
        return kept(pairs, one_hot[group >= 0], group >= 0)

    return Aspect(f"users by {column}", names, make, side="users")


def features(rows: Interactions, votes: Sequence[Floats], seed: int) -> Aspect:
    """Everything at once: the mean vector of a user's items, through random Fourier features.

    An item's vector holds its groups, or, where items have none, its factors in who had what.
    The features (Rahimi & Recht 2007) make squared distances of means equal the squared MMD of a
    Gaussian kernel in one pass over the users (Zhao & Meng 2015, doi:10.1162/NECO_a_00732).
    """
    points = np.concatenate(votes, axis=1) if votes else factors(rows, seed)

    def make(pairs: Pairs) -> Profiles:
        means = mean_of_votes(pairs, rows.items, points) / pairs.counts[:, None]
        return kept(pairs, fourier(means, bandwidth(means, seed), N_FEATURES, seed))

    return Aspect("item features", (), make, kind="features")
