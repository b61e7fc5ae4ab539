"""A small transformer that reads items and writes identifiers, trained from scratch.

An item is read as the sum of the vectors of its tokens, so that a history costs one place an item;
the next identifier is written token by token from what attention made of the history, as the two
parts of the RQ-Transformer share the work (Lee et al. 2022, arXiv:2203.01941). This module imports
torch: import it where it is used.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - everybody's name for it

from core.tables import Floats, Ints

NOTHING = -1  # fills a row of items, or of tokens, past its end


class Mixed(nn.Module):
    """Adds to each vector what a layer makes of it alone."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.narrow(F.gelu(self.wide(self.norm(x)))))  # type: ignore[no-any-return]


class Attending(nn.Module):
    """Adds to each vector what it finds in those before it."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.joined, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        joined = self.joined(self.norm(x)).view(n, length, 3, self.heads, width // self.heads)
        q, k, v = joined.permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return x + self.drop(self.out(found.transpose(1, 2).reshape(x.shape)))  # type: ignore[no-any-return]


class Writer(nn.Module):
    """Reads items, and says how likely each token of the next identifier is.

    codes     int64 (n_items, longest) tokens of each item, NOTHING past the end of a shorter one
    n_tokens  of all places; n_read: items of a history at most
    """

    codes: Tensor

    def __init__(  # noqa: PLR0913, PLR0917 - its sizes
        self,
        codes: Tensor,
        n_tokens: int,
        n_read: int,
        width: int,
        depth: int,
        heads: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.register_buffer("codes", codes, persistent=False)
        self.table = nn.Embedding(n_tokens + 1, width)  # the last one is no token
        self.places = nn.Embedding(n_read + 1, width)
        self.opening = nn.Parameter(torch.zeros(width))
        layers = [(Attending(width, heads, dropout), Mixed(width, dropout)) for _ in range(depth)]
        self.reading = nn.Sequential(*(part for pair in layers for part in pair))
        self.writing = nn.ModuleList(Mixed(width, dropout) for _ in range(codes.shape[1] - 1))
        self.norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)
        for table in (self.table, self.places):
            nn.init.normal_(table.weight, std=width**-0.5)

    def tokens(self, tokens: Tensor) -> Tensor:
        """Vectors of tokens; 0 for NOTHING."""
        return self.table(tokens.clamp(min=0)) * (tokens >= 0)[..., None]  # type: ignore[no-any-return]

    def read(self, items: Tensor) -> Tensor:
        """int64 (n, length) → (n, length + 1, width): what is known before each item, and after."""
        vectors = self.tokens(self.codes[items.clamp(min=0)]).sum(dim=2)
        opening = self.opening.expand(len(items), 1, -1)
        x = torch.cat([opening, vectors], dim=1) + self.places.weight[: items.shape[1] + 1]
        known: Tensor = self.reading(self.drop(x))
        return known

    def after(self, known: Tensor, tokens: Tensor, place: int) -> Tensor:
        """What is known once a token is written at a place."""
        found: Tensor = self.writing[place](known + self.tokens(tokens))
        return found

    def told(self, known: Tensor) -> Tensor:
        """Scores of all tokens: (…, n_tokens)."""
        return self.norm(known) @ self.table.weight[:-1].T  # type: ignore[no-any-return]

    def loss(self, items: Tensor) -> Tensor:
        """Mean of -log p over the tokens of histories; NOTHING past the end of each."""
        known = self.read(items[:, :-1])[items >= 0]
        targets = self.codes[items[items >= 0]]
        logits = []
        for place in range(targets.shape[1]):
            if place:
                known = self.after(known, targets[:, place - 1], place - 1)
            logits.append(self.told(known))
        joined = torch.stack(logits, dim=1)
        return F.cross_entropy(joined.flatten(0, 1), targets.flatten(), ignore_index=NOTHING)


class Written:
    """An identifier that is being written in several ways, as beams.Decoder."""

    def __init__(self, writer: Writer, items: Ints) -> None:
        """items: int64 (n,) the history."""
        self.writer = writer
        self.items = torch.from_numpy(items)[None]
        self.place = 0

    @torch.inference_mode()
    def begin(self) -> Floats:
        self.known = self.writer.read(self.items)[:, -1]
        return self._scores()

    @torch.inference_mode()
    def advance(self, parents: Ints, tokens: Ints) -> Floats:
        before = self.known[torch.from_numpy(parents)]
        self.known = self.writer.after(before, torch.from_numpy(tokens), self.place)
        self.place += 1
        return self._scores()

    def _scores(self) -> Floats:
        found: Floats = self.writer.told(self.known).numpy()
        return found
