"""The net of HSTU: attention that adds up without a softmax, and knows how long ago things were."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from recommenders.sequence.nets import Net

N_AGES = 32  # by doubling seconds: from one to more than a century


class HSTUNet(Net):
    """Layers of pointwise aggregated attention. Zhai et al. 2024, arXiv:2402.17152."""

    def __init__(  # noqa: PLR0913 - sizes of a net
        self,
        n_items: int,
        width: int,
        max_length: int,
        n_layers: int,
        n_heads: int,
        dropout: float,
        *,
        is_time_aware: bool,
    ) -> None:
        super().__init__(n_items, width, dropout)
        self.is_time_aware = is_time_aware
        self.layers = nn.ModuleList(
            HSTULayer(width, max_length, n_heads, dropout) for _ in range(n_layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, items: Tensor, times: Tensor) -> Tensor:
        ages = age_of(times) if self.is_time_aware else None
        states = self.drop(self.read(items))
        for layer in self.layers:
            states = layer(states, ages)
        normed: Tensor = self.norm(states)
        return normed


class HSTULayer(nn.Module):
    """Eqs. 1 to 3 of the source: project, add up, gate.

    A = SiLU(Q Kᵀ + bias by distance + bias by age) / max_length over the places before and at each;
    out = W (norm(A V) · U).
    """

    def __init__(self, width: int, max_length: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads, self.max_length = n_heads, max_length
        self.before, self.within = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mixed, self.out = nn.Linear(width, 4 * width), nn.Linear(width, width)
        self.by_distance = nn.Parameter(torch.empty(max_length).normal_(std=0.02))
        self.by_age = nn.Parameter(torch.empty(N_AGES).normal_(std=0.02))
        self.drop = nn.Dropout(dropout)

    def forward(self, states: Tensor, ages: Tensor | None) -> Tensor:
        n, length, width = states.shape
        shape = (n, length, self.n_heads, width // self.n_heads)
        gate, *parts = functional.silu(self.mixed(self.before(states))).chunk(4, dim=-1)
        value, query, key = (part.reshape(shape).transpose(1, 2) for part in parts)
        place = torch.arange(length)
        distance = place[:, None] - place
        bias = functional.embedding(distance.clamp(min=0), self.by_distance[:, None])[None, ..., 0]
        if ages is not None:
            bias = bias + functional.embedding(ages, self.by_age[:, None])[..., 0]
        weights = functional.silu(query @ key.transpose(2, 3) + bias[:, None]) / self.max_length
        seen = (weights * (distance >= 0)) @ value
        seen = self.within(seen.transpose(1, 2).reshape(n, length, width))
        out: Tensor = states + self.drop(self.out(seen * gate))
        return out


def age_of(times: Tensor) -> Tensor:
    """How long before each place was each: int64 (n, length, length), doublings of a second."""
    apart = (times[:, :, None] - times[:, None, :]).clamp(min=0)
    return torch.log2(apart.double() + 1).long().clamp(max=N_AGES - 1)
