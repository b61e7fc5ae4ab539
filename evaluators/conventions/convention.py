"""What a convention is: the same-named metrics of another tool, and the clauses that differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.tables import Bools, Floats
from evaluators.conventions.given import Given

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Golden = Literal["run", "hand-worked"]
Compute = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Answer:
    """What the tool says, so laid out that users can be drawn again.

    parts    float (n_users, m) or CSR  what each user adds
    compute  from sums (..., m) to the number (...), NaN where there is none
    per_user float (n_users,)           the user's own number, NaN where there is none
    counts   bool (n_users,)            whom the tool counts
    is_mean  the number is the mean of `per_user` over those whom it counts
    stops    why the tool gives no number at all; empty where it does
    """

    parts: "Floats | csr_array[Any]"
    compute: Compute
    per_user: Floats
    counts: Bools
    is_mean: bool = True
    stops: str = ""

    @property
    def value(self) -> float:
        """The number over everybody; NaN where the tool stops or counts nobody."""
        if self.stops:
            return float("nan")
        return float(self.compute(np.asarray(self.parts.sum(axis=0), dtype=np.float64).ravel()))


@dataclass(frozen=True)
class Rule:
    """One metric as the tool computes it.

    answer   from what the tool is handed, and k, to what it says
    theirs   what the tool calls it
    clause   what makes the difference, in words
    golden   "run": agrees with the tool itself; "hand-worked": with its formula worked by hand
    needs    attributes of Given that must not be None: scores, history, features
    cutoff   False: the tool looks through the whole list, whatever k is
    """

    answer: Callable[[Given, int], Answer]
    theirs: str
    clause: str
    golden: Golden = "run"
    needs: tuple[str, ...] = ()
    cutoff: bool = True


@dataclass(frozen=True)
class Convention:
    """A tool and its metrics, under the names RecScope has for them.

    users   whom it counts, in words
    handed  in which form it takes lists and truth, as far as it changes numbers
    """

    name: str
    tool: str
    version: str
    users: str
    handed: str
    url: str
    rules: Mapping[str, Rule] = field(default_factory=dict)


def ratio_of_sums(sums: Floats) -> Floats:
    """First sum over second; NaN where the second is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums[..., 1] > 0, sums[..., 0] / sums[..., 1], np.nan)


def mean_of(values: Floats, counts: Bools, stops: str = "") -> Answer:
    """The mean over the users that count, each with one vote."""
    parts = np.stack([np.where(counts, values, 0.0), counts.astype(np.float64)], axis=1)
    return Answer(parts, ratio_of_sums, np.where(counts, values, np.nan), counts, stops=stops)


def pooled(numerator: Floats, denominator: Floats, counts: Bools, stops: str = "") -> Answer:
    """One fraction for all: users with a large denominator weigh more."""
    parts = np.stack([np.where(counts, part, 0.0) for part in (numerator, denominator)], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(parts[:, 1] > 0, parts[:, 0] / parts[:, 1], np.nan)
    return Answer(parts, ratio_of_sums, values, counts, is_mean=False, stops=stops)


def of_items(counted: "csr_array[Any]", compute: Compute, counts: Bools) -> Answer:
    """A number of how often each item was listed: counted is CSR (n_users, n_items)."""
    values = np.full(len(counts), np.nan)
    return Answer(counted, compute, values, counts, is_mean=False)
