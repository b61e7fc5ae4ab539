"""Drawing who takes which item when, with known chances, for any number of rows at once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.tables import Floats

TOP_REACH = 0.3  # share of the users that the most popular item is drawn for


@dataclass(frozen=True)
class Slice:
    """Days from `first` up to, not including, `end`."""

    first: int
    end: int


def popularity(n_items: int, exponent: float, n_per_user: float) -> tuple[Floats, float]:
    """Chances of a draw by rank, (rank + offset)^-exponent normed to 1, and the offset.

    A pure power law would draw its first item more often than there are users; the offset is the
    smallest that draws it for TOP_REACH of them.
    """
    ranks = np.arange(1, n_items + 1, dtype=float)

    def chances(offset: float) -> Floats:
        weight: Floats = (ranks + offset) ** -exponent
        normed: Floats = weight / weight.sum()
        return normed

    low, high = 0.0, float(100 * n_items)
    if chances(low)[0] * n_per_user <= TOP_REACH:
        return chances(low), low
    for _ in range(80):
        middle = (low + high) / 2
        if chances(middle)[0] * n_per_user > TOP_REACH:
            low = middle
        else:
            high = middle
    return chances(high), high


def draw(  # noqa: PLR0913, PLR0917 - the world, by its parts
    taste: Callable[[int, int], Floats],
    topic: npt.NDArray[np.int64],
    weight: Floats,
    released: npt.NDArray[np.int64],
    slices: list[Slice],
    n_rows: int,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Floats, npt.NDArray[np.int64]]:
    """Users, items and days (decimal) of about n_rows draws, and how often each item was drawn.

    In a slice an item has its share of the draws, rounded up or down by chance. They fall into as
    many equal stretches of its topic's users, laid end to end at the length of their taste: so a
    user is drawn with a chance in proportion to the taste, and seldom twice.
    """
    n_days = slices[-1].end
    users, items, days = [], [], []
    n_drawn = np.zeros(len(topic), dtype=np.int64)
    for part in slices:
        share = weight * (released <= part.first)
        share *= n_rows * (part.end - part.first) / n_days / share.sum()
        counts = np.floor(share + rng.random(len(share))).astype(np.int64)
        n_drawn += counts
        for one in range(int(topic.max()) + 1):
            drawn = np.flatnonzero(topic == one)
            codes, owners = _stratified(taste(one, part.first), counts[drawn], rng)
            users.append(codes)
            items.append(drawn[owners].astype(np.int32))
            days.append(part.first + rng.random(len(codes)) * (part.end - part.first))
    return np.concatenate(users), np.concatenate(items), np.concatenate(days), n_drawn


def _stratified(
    wish: Floats, counts: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """One user in each of counts[i] equal stretches, for every i; and the i of every draw."""
    order = rng.permutation(len(wish))
    ends = np.cumsum(wish[order])
    owners = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    nth = np.arange(len(owners)) - starts[owners]
    place = (nth + rng.random(len(owners))) / counts[owners] * ends[-1]
    at = np.minimum(np.searchsorted(ends, place, side="right"), len(wish) - 1)
    return order[at].astype(np.int32), owners
