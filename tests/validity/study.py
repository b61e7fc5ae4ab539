"""What a study of validity is: many data sets with a known truth, and how often it was found."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

IS_FULL = bool(os.environ.get("RECSCOPE_VALIDITY_FULL"))


@dataclass(frozen=True)
class Row:
    """How often something held, over data sets made anew each time.

    what      the number or test, and the data
    how       the function asked
    found     share of the data sets; low, high: where it has to lie
    repeats   data sets
    """

    what: str
    how: str
    found: float
    low: float
    high: float
    repeats: int

    @property
    def room(self) -> float:
        """What so few data sets leave to chance: three standard errors, two in the full study."""
        edge = min(max(self.found, self.low), self.high)
        spread = max(edge * (1 - edge), 0.01)
        return (2 if IS_FULL else 3) * float(np.sqrt(spread / self.repeats))

    @property
    def holds(self) -> bool:
        return self.low - self.room <= self.found <= self.high + self.room


Study = Callable[[], Iterator[Row]]
STUDIES: dict[str, list[Study]] = {"intervals": [], "levels": [], "power": []}


def study(kind: str) -> Callable[[Study], Study]:
    """Enter a study: "intervals", "levels" or "power"."""

    def entered(made: Study) -> Study:
        STUDIES[kind].append(made)
        return made

    return entered


def repeats(few: int, many: int) -> int:
    """How many data sets: a few where tests run, many for the documents."""
    return many if IS_FULL else few


def covered(what: str, how: str, held: object) -> Row:
    """Of intervals at 95 %: held bool, whether each held the truth."""
    held = np.asarray(held, dtype=float)
    return Row(what, how, float(held.mean()), 0.93, 0.97, held.size)


def alarmed(what: str, how: str, p: object, *, at_most: bool = False) -> Row:
    """Of tests at 5 % where nothing is: how often p was below.

    at_most  the test is allowed to be shy, such as one of discrete or corrected p
    """
    p = np.asarray(p, dtype=float)
    return Row(what, how, float((p < 0.05).mean()), 0.0 if at_most else 0.035, 0.065, p.size)


def detected(what: str, how: str, is_found: object) -> Row:
    """Of planted effects: how often they were found; four times in five at least."""
    is_found = np.asarray(is_found, dtype=float)
    return Row(what, how, float(is_found.mean()), 0.8, 1.0, is_found.size)


def ndcg_like(rng: np.random.Generator, size: object, share: float = 0.35) -> np.ndarray:
    """Values of users of whom most find nothing."""
    return np.where(rng.random(size) < share, rng.beta(1.2, 3, size), 0.0)


MEAN_FOUND = 1.2 / 4.2  # of those who find something
