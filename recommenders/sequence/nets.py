"""Nets that read histories: items in, one state a place out, which points at what comes next.

Sequences are filled up on the right and every net looks back only, so filling needs no mask. The
vectors of items that are read are those that states are compared with.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Net(nn.Module):
    """Vectors of items, and what all nets do with them.

    forward  int64 (n, length) items and times → float32 (n, length, width) states
    """

    def __init__(self, n_items: int, width: int, dropout: float, spread: float = 0.02) -> None:
        super().__init__()
        self.n_items, self.width = n_items, width
        self.embedding = nn.Embedding(n_items + 1, width, padding_idx=n_items)
        self.drop = nn.Dropout(dropout)
        nn.init.normal_(self.embedding.weight, std=spread)
        with torch.no_grad():
            self.embedding.weight[n_items] = 0.0

    def items(self, *, with_gradient: bool = False) -> Tensor:
        """What states are compared with: float32 (n_items, width)."""
        weight: Tensor = self.embedding.weight[: self.n_items]
        return weight if with_gradient else weight.detach()

    def vectors_of(self, items: Tensor) -> Tensor:
        vectors: Tensor = functional.embedding(items, self.embedding.weight)
        return vectors

    def read(self, items: Tensor) -> Tensor:
        """What is put in, as long as a state: variance of about one."""
        vectors: Tensor = self.embedding(items)
        return vectors * math.sqrt(self.width)


class SASRecNet(Net):
    """Self-attention over what came before. Kang & McAuley 2018, arXiv:1808.09781."""

    def __init__(
        self,
        n_items: int,
        width: int,
        max_length: int,
        n_layers: int,
        n_heads: int,
        dropout: float,
    ) -> None:
        super().__init__(n_items, width, dropout)
        self.places = nn.Parameter(torch.empty(max_length, width).normal_(std=0.02))
        self.layers = nn.ModuleList(SASRecLayer(width, n_heads, dropout) for _ in range(n_layers))
        self.norm = nn.LayerNorm(width, eps=1e-8)

    def forward(self, items: Tensor, times: Tensor) -> Tensor:  # noqa: ARG002 - order is all it reads
        states = self.drop(self.read(items) + self.places[: items.shape[1]])
        for layer in self.layers:
            states = layer(states)
        normed: Tensor = self.norm(states)
        return normed


class SASRecLayer(nn.Module):
    """Attention whose queries alone are normed, then two layers at every place."""

    def __init__(self, width: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(width, eps=1e-8), nn.LayerNorm(width, eps=1e-8)
        self.attention = Attention(width, n_heads)
        self.wide, self.narrow = nn.Linear(width, width), nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, states: Tensor) -> Tensor:
        asked = self.first(states)
        states = self.second(asked + self.attention(asked, states))
        inner = functional.relu(self.wide(states))
        out: Tensor = states + self.drop(self.narrow(inner))
        return out


class Attention(nn.Module):
    """Softmax attention over the places before and at each place."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.query, self.mixed = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, asked: Tensor, states: Tensor) -> Tensor:
        n, length, width = states.shape
        shape = (n, length, self.n_heads, width // self.n_heads)
        key, value = self.mixed(states).chunk(2, dim=-1)
        query, key, value = (
            part.reshape(shape).transpose(1, 2) for part in (self.query(asked), key, value)
        )
        # weights are not dropped: without that torch takes a kernel several times as fast
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        out: Tensor = self.out(seen.transpose(1, 2).reshape(n, length, width))
        return out


class GPTNet(Net):
    """A decoder of a language model whose words are items."""

    def __init__(
        self,
        n_items: int,
        width: int,
        max_length: int,
        n_layers: int,
        n_heads: int,
        dropout: float,
    ) -> None:
        super().__init__(n_items, width, dropout)
        self.places = nn.Parameter(torch.empty(max_length, width).normal_(std=0.02))
        self.layers = nn.ModuleList(GPTLayer(width, n_heads, dropout) for _ in range(n_layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, items: Tensor, times: Tensor) -> Tensor:  # noqa: ARG002 - order is all it reads
        states = self.drop(self.embedding(items) + self.places[: items.shape[1]])
        for layer in self.layers:
            states = layer(states)
        normed: Tensor = self.norm(states)
        return normed


class GPTLayer(nn.Module):
    """Attention, then a layer four times as wide; both read what is normed and add to what is."""

    def __init__(self, width: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, n_heads)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, states: Tensor) -> Tensor:
        normed = self.first(states)
        states = states + self.drop(self.attention(normed, normed))
        inner = functional.gelu(self.wide(self.second(states)))
        out: Tensor = states + self.drop(self.narrow(inner))
        return out


class GRUNet(Net):
    """Gated recurrent units. Hidasi et al. 2016, arXiv:1511.06939."""

    def __init__(self, n_items: int, width: int, n_layers: int, dropout: float) -> None:
        super().__init__(n_items, width, dropout)
        self.units = nn.GRU(width, width, num_layers=n_layers, batch_first=True)
        self.norm = nn.LayerNorm(width)

    def forward(self, items: Tensor, times: Tensor) -> Tensor:  # noqa: ARG002 - order is all it reads
        states, _ = self.units(self.drop(self.read(items)))
        normed: Tensor = self.norm(self.drop(states))
        return normed
