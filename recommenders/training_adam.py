"""Adam with decoupled weight decay, as functions over torch's own kernel.

`torch.optim.AdamW` imports a compiler at its first use, six seconds on a slow core that a small
model's whole training does not take; the numbers are the same. Loshchilov & Hutter 2019,
arXiv:1711.05101.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

EPSILON = 1e-8


class Adam:
    """Moments of the gradients of some weights.  betas: how much of them is kept at each step."""

    def __init__(
        self, weights: "Sequence[torch.Tensor]", betas: tuple[float, float], decay: float
    ) -> None:
        import torch

        self.weights, self.betas, self.decay = list(weights), betas, decay
        self.means = [torch.zeros_like(w) for w in self.weights]
        self.squares = [torch.zeros_like(w) for w in self.weights]
        self.steps = [torch.zeros((), device=w.device) for w in self.weights]

    def forget_gradients(self) -> None:
        for weight in self.weights:
            weight.grad = None

    def step(self, rate: float) -> None:
        """Move the weights against their gradients; a weight without one stays."""
        import torch
        from torch.optim.adamw import adamw

        moved = [n for n, weight in enumerate(self.weights) if weight.grad is not None]
        with torch.no_grad():
            adamw(
                [self.weights[n] for n in moved],
                [grad for weight in self.weights if (grad := weight.grad) is not None],
                [self.means[n] for n in moved],
                [self.squares[n] for n in moved],
                [],
                [self.steps[n] for n in moved],
                fused=True,
                amsgrad=False,
                beta1=self.betas[0],
                beta2=self.betas[1],
                lr=rate,
                weight_decay=self.decay,
                eps=EPSILON,
                maximize=False,
            )

    def tensors(self) -> "dict[str, torch.Tensor]":
        """All that is needed to go on."""
        parts = {"mean": self.means, "square": self.squares, "step": self.steps}
        return {f"{part}/{n}": t for part, held in parts.items() for n, t in enumerate(held)}

    def put_back(self, tensors: "Mapping[str, torch.Tensor]") -> None:
        for name, tensor in self.tensors().items():
            tensor.copy_(tensors[name])
