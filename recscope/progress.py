"""Where a run is: the events that the engine sends, and the time left they allow to guess."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """One step of progress.

    stage  load, split, fit, recommend, judge, compare, audit (model: the family), explain (model:
           the model and its explainer)
    model  the model at work, "" in stages without one
    done, total  users done in this stage, or whatever `message` names; total 0 where it cannot be
           known
    fraction  share of the whole run that is behind us
    message   what is counted, where it is not users: "epochs", as a model calls it
    """

    stage: str
    model: str = ""
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    message: str = ""


Progress = Callable[[Event], None]


@dataclass
class Clock:
    """Guesses the seconds left from the share that is done."""

    start: float = field(default_factory=time.monotonic)
    first: float = 0.0

    def left(self, fraction: float) -> float | None:
        """None while too little is done to say."""
        gone = time.monotonic() - self.start
        if fraction <= self.first + 0.02 or gone < 1:
            return None
        return gone * (1 - fraction) / (fraction - self.first)


def ignore(_: Event) -> None:
    """Progress for a caller who does not watch."""
