"""What is to be known of a training before it begins, and what is known once it is over."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.ledger import Ledger
from core.tables import Ints

if TYPE_CHECKING:
    import torch

Loss = Callable[[Ints], "torch.Tensor"]


@dataclass(frozen=True)
class Plan:
    """All that decides how is learned.

    n_epochs     passes over the examples, unless n_steps says how many batches at most
    batch        examples of one step; rate: highest learning rate; decay: of weights
    warm         steps until the full rate; is_cosine: the rate falls along a cosine afterwards
    clip         longest gradient, 0: any; betas: of Adam
    check_every  steps between two rows of the curve, 0: an epoch
    patience     checks without a gain until it stops early, 0: it never does
    """

    n_epochs: int = 20
    n_steps: int | None = None
    batch: int = 128
    rate: float = 1e-3
    decay: float = 0.0
    warm: int = 0
    is_cosine: bool = False
    clip: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    check_every: int = 0
    patience: int = 0
    n_threads: int = 1
    seed: int = 0

    def rate_at(self, step: int, n_steps: int) -> float:
        """Of a step, counted from 0."""
        if step < self.warm:
            return self.rate * (step + 1) / self.warm
        if not self.is_cosine:
            return self.rate
        share = (step - self.warm) / max(1, n_steps - self.warm)
        return self.rate * 0.5 * (1 + math.cos(math.pi * share))


@dataclass(frozen=True)
class Check:
    """How good is the model now, on what was held back?  judge: without gradients, eval mode."""

    judge: Callable[[], float]
    metric: str
    lower_is_better: bool = False


@dataclass
class Trained:
    """How it went.  curve: rows step, loss, rate, seconds and, if checked, validation, metric."""

    curve: list[dict[str, Any]]
    ledger: Ledger = field(default_factory=Ledger)
    best_step: int = 0
    was_loaded: bool = False
