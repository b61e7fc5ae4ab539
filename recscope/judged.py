"""Lists held against the truth: the named arrays that metrics ask for, made when first asked for.

`evaluators.arrays.ARRAYS` says what each array means. To give metrics a new one, write a function
of (judged, k) and list it in PROVIDERS.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.ledger import Ledger
from core.tables import PAD, Bools, Codes, Floats, Ints
from recscope.catalogue import Catalogue
from recscope.judged_catalogue import CATALOGUE_PROVIDERS, why_not
from recscope.judged_popularity import POPULARITY_PROVIDERS, why_no_popularity
from recscope.judged_sums import ITEM_SUM_PROVIDERS, again
from recscope.judged_truth import Truth

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Judged:
    """Every user of the truth with one list; who was given none has a row of PAD.

    truth       whom and what the lists are held against; row u of every array is truth.users[u]
    items       int32 (n_users, width)  codes as delivered, PAD past the end
    match       int32 (n_users, width)  row of the truth that the item is, -1 for none; repeats
                                        and items seen before match nothing
    scores      float (n_users, width)  the model's own, or None
    n_seen      int64 (n_users,)        items the user had in train and validation
    n_catalogue items that could be recommended to somebody new
    predicted   float (n_rows of the truth,)  predicted ratings, NaN where the model cannot; or None
    ledger      what was dropped, imputed or noted on the way here
    top_rating  best rating seen anywhere in the data: the top of the scale; None without ratings
    n_items     size of the space of item codes
    is_had      bool (n_users, width)   items seen before; None where no history was handed over
    catalogue   what is known of the items, and what users had; None where nobody says
    """

    truth: Truth
    items: Codes
    match: Codes
    scores: Floats | None
    n_seen: Ints
    n_catalogue: int
    predicted: Floats | None
    ledger: Ledger
    top_rating: float | None = None
    n_items: int = 0
    is_had: Bools | None = None
    catalogue: Catalogue | None = None

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def width(self) -> int:
        return int(self.items.shape[1])

    @cached_property
    def is_listed(self) -> Bools:
        return np.asarray(self.items != PAD)

    @cached_property
    def n_listed(self) -> Ints:
        """Places up to the last item: a place in between that names no known item is one too."""
        last = self.width - np.argmax(self.is_listed[:, ::-1], axis=1)
        return np.where(self.is_listed.any(axis=1), last, 0)

    @property
    def is_imputed(self) -> Bools:
        """Whose list is missing, bool (n_users,): they count with 0, not with NaN."""
        return np.asarray(self.n_listed == 0)

    @cached_property
    def hits(self) -> Bools:
        if self.truth.all_relevant:
            return self.match >= 0
        return (self.match >= 0) & self.truth.is_relevant[self.match]

    def array(self, name: str, k: int | None = None) -> Array:
        """A named array, cut to the first k ranks; KeyError if there is none of this name here."""
        made = PROVIDERS[name](self, self.width if k is None else k)
        if made is None:
            raise KeyError(name)
        return made

    def arrays(self, names: tuple[str, ...], k: int | None = None) -> dict[str, Array]:
        """Those of the named arrays that there are."""
        return {name: self.array(name, k) for name in names if self.has(name)}

    def has(self, name: str) -> bool:
        """Can this array be made from what is here?"""
        return name in PROVIDERS and name not in self._lacking and self.why_not(name) is None

    @cached_property
    def _lacking(self) -> frozenset[str]:
        lacking: set[str] = set()
        if self.truth.ratings is None:
            lacking |= {"gains", "ideal_gains"}
        if self.predicted is None or self.truth.ratings is None:
            lacking |= {"n_predicted", "squared_error", "absolute_error"}
        if self.scores is None:
            lacking |= {"scores"}
        if self.top_rating is None:
            lacking |= {"top_rating"}
        if self.is_had is None:
            lacking |= {"is_had"}
        return frozenset(lacking)

    def why_not(self, name: str) -> str | None:
        """Why an array of the catalogue cannot be made here; None where it can."""
        return why_not(self, name) or why_no_popularity(self, name)

    def block(self, start: int, stop: int) -> "Judged":
        """The users at positions start to stop alone."""
        rows = slice(self.truth.starts[start], self.truth.starts[stop])
        match = self.match[start:stop]
        return replace(
            self,
            truth=self.truth.block(start, stop),
            items=self.items[start:stop],
            match=np.where(match >= 0, match - np.int32(rows.start), match),
            scores=None if self.scores is None else self.scores[start:stop],
            n_seen=self.n_seen[start:stop],
            is_had=None if self.is_had is None else self.is_had[start:stop],
            predicted=None if self.predicted is None else self.predicted[rows],
        )

    def blocks(self, n_users: int) -> Iterator[tuple[slice, "Judged"]]:
        """Blocks of at most so many users, with the positions that they hold."""
        for start in range(0, len(self), n_users):
            stop = min(start + n_users, len(self))
            yield slice(start, stop), self.block(start, stop)


def _gains(judged: Judged, k: int) -> Array | None:
    ratings = judged.truth.ratings
    if ratings is None:
        return None
    match = judged.match[:, :k]
    return np.where(match >= 0, ratings[match], np.float32(0)).astype(np.float64)


def _ideal_gains(judged: Judged, k: int) -> Array | None:
    truth = judged.truth
    if truth.ratings is None:
        return None
    best_first = np.lexsort((-truth.ratings, truth.row_of))
    place = np.arange(len(best_first)) - truth.starts[truth.row_of]
    within = place < k
    gains = np.zeros((len(truth), k))
    gains[truth.row_of[within], place[within]] = truth.ratings[best_first[within]]
    return gains


def _constant(value: float | None) -> Array | None:
    return None if value is None else np.asarray(value)


def _judged_bad(judged: Judged, k: int) -> Array:
    return (judged.match[:, :k] >= 0) & ~judged.hits[:, :k]


def _error(judged: Judged, measure: Callable[[Floats], Array]) -> Array | None:
    """Sum of a measure of the error over each user's predicted test ratings."""
    truth = judged.truth
    if judged.predicted is None or truth.ratings is None:
        return None
    error = measure(judged.predicted.astype(np.float64) - truth.ratings)
    return truth.sums(np.where(np.isnan(judged.predicted), 0, error))


PROVIDERS: Mapping[str, Callable[[Judged, int], Array | None]] = {
    "hits": lambda judged, k: judged.hits[:, :k],
    "n_relevant": lambda judged, _: judged.truth.n_relevant,
    "n_listed": lambda judged, k: np.minimum(judged.n_listed, k),
    "gains": _gains,
    "ideal_gains": _ideal_gains,
    "judged_bad": _judged_bad,
    "n_judged_bad": lambda judged, _: np.diff(judged.truth.starts) - judged.truth.n_relevant,
    "n_candidates": lambda judged, _: judged.n_catalogue - judged.n_seen,
    "n_predicted": lambda judged, _: _error(judged, lambda error: np.ones(len(error), np.int64)),
    "squared_error": lambda judged, _: _error(judged, np.square),
    "absolute_error": lambda judged, _: _error(judged, np.abs),
    "top_rating": lambda judged, _: _constant(judged.top_rating),
    "items": lambda judged, k: judged.items[:, :k],
    "scores": lambda judged, k: None if judged.scores is None else judged.scores[:, :k],
    "is_had": lambda judged, k: None if judged.is_had is None else judged.is_had[:, :k],
    "is_again": lambda judged, k: again(judged.items[:, :k]),
    **CATALOGUE_PROVIDERS,
    **ITEM_SUM_PROVIDERS,
    **POPULARITY_PROVIDERS,
}
