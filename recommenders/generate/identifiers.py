"""What is an item called by a model that writes identifiers? Six ways to make them.

After the study of Hua et al. 2023, arXiv:2305.06569 (random, sequential, collaborative), TIGER
(Rajput et al. 2023, arXiv:2305.05065: semantic), LETTER (Wang et al. 2024, arXiv:2405.07314:
meaning and likings in one code) and IDGenRec (textual).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.tables import Floats, Interactions, Ints
from recommenders.generate.quantise import (
    digits,
    n_digits,
    residual_codes,
    told_apart,
    tree_codes,
)

N_FACTORS = 64  # of an item among likings


@dataclass(frozen=True)
class Making:
    """All that decides identifiers.

    size       tokens of one place
    levels     codes of a vector, or words, before what tells equal ones apart
    embedding  model that turns texts into vectors; share: of likings in a hybrid, 0 to 1
    """

    size: int = 64
    levels: int = 2
    embedding: str = "all-minilm-l6-v2"
    share: float = 0.5
    seed: int = 0


@dataclass(frozen=True)
class Identifiers:
    """One sequence of tokens an item, none the beginning of another.

    sequences  tokens of each item: a code counts from the first token of its place
    size       tokens of one place; longest: places of the longest identifier
    words      what a code means in the first `n_worded` places; none where codes are but numbers
    """

    sequences: tuple[tuple[int, ...], ...]
    size: int
    words: tuple[str, ...] = ()
    n_worded: int = 0

    @property
    def longest(self) -> int:
        return max(map(len, self.sequences))

    @property
    def n_tokens(self) -> int:
        return self.size * self.longest

    def table(self) -> Ints:
        """int64 (n_items, longest) tokens, -1 past the end of a shorter identifier."""
        found = np.full((len(self.sequences), self.longest), -1, dtype=np.int64)
        for item, sequence in enumerate(self.sequences):
            found[item, : len(sequence)] = sequence
        return found

    def written(self, tokens: tuple[int, ...]) -> str:
        """As it is shown: "<a12><b3>", the letter for the place; "<comedy><b3>" by words."""
        return "".join(f"<{self._shown(*divmod(token, self.size))}>" for token in tokens)

    def _shown(self, place: int, code: int) -> str:
        if place < self.n_worded and code < len(self.words):
            return self.words[code]
        return f"{chr(97 + place % 26)}{code}"


def make_identifiers(train: Interactions, kind: str, making: Making) -> Identifiers:
    """Identifiers of all items.  kind: of KINDS.

    Raises ConfigError where a kind reads texts and no item has any.
    """
    codes = KINDS[kind](train, making)
    sequences = tuple(tuple(d * making.size + c for d, c in enumerate(row)) for row in codes)
    if kind != TEXTUAL:
        return Identifiers(sequences, making.size)
    return Identifiers(sequences, making.size, _words(train, making)[1], making.levels)


def _random(train: Interactions, making: Making) -> list[tuple[int, ...]]:
    """Numbers drawn by chance, digit by digit: what two items share says nothing."""
    n = n_digits(train.n_items, making.size)
    rng = np.random.default_rng(making.seed)
    numbers = rng.choice(making.size**n, size=train.n_items, replace=False, shuffle=True)
    return [tuple(row) for row in digits(numbers, making.size, n).tolist()]


def _sequential(train: Interactions, making: Making) -> list[tuple[int, ...]]:
    """Numbers in the order in which users met the items, user by user: neighbours share digits."""
    met = train.items[_in_order(train)]
    _, first = np.unique(met, return_index=True)
    order = met[np.sort(first)]
    rest = np.setdiff1d(np.arange(train.n_items), order)
    numbers = np.empty(train.n_items, dtype=np.int64)
    numbers[np.concatenate([order, rest])] = np.arange(train.n_items)
    n = n_digits(train.n_items, making.size)
    return [tuple(row) for row in digits(numbers, making.size, n).tolist()]


def _collaborative(train: Interactions, making: Making) -> list[tuple[int, ...]]:
    """Paths down a tree of items that are liked together."""
    rng = np.random.default_rng(making.seed)
    return tree_codes(liking_vectors(train), making.size, rng)


def _semantic(train: Interactions, making: Making) -> list[tuple[int, ...]]:
    """Codes of what is said of the items, coarse to fine."""
    return _quantised(text_vectors(train, making.embedding), making)


def _hybrid(train: Interactions, making: Making) -> list[tuple[int, ...]]:
    """Codes of text and likings together."""
    parts = (text_vectors(train, making.embedding), liking_vectors(train))
    weights = np.sqrt([1 - making.share, making.share])
    return _quantised(np.hstack([w * p for w, p in zip(weights, parts, strict=True)]), making)


def _textual(train: Interactions, making: Making) -> list[tuple[int, ...]]:
    """The most telling words of what is said of the items."""
    return told_apart(_words(train, making)[0], making.size)


def _words(train: Interactions, making: Making) -> tuple[Ints, tuple[str, ...]]:
    from recommenders.telling_words import telling_words
    from recommenders.texts import item_texts

    return telling_words(item_texts(train), making.size, making.levels)


TEXTUAL = "textual"
KINDS: dict[str, Callable[[Interactions, Making], list[tuple[int, ...]]]] = {
    "random": _random,
    "sequential": _sequential,
    "collaborative": _collaborative,
    "semantic": _semantic,
    "hybrid": _hybrid,
    TEXTUAL: _textual,
}


def _quantised(vectors: Floats, making: Making) -> list[tuple[int, ...]]:
    rng = np.random.default_rng(making.seed)
    return told_apart(residual_codes(vectors, making.size, making.levels, rng), making.size)


def text_vectors(train: Interactions, embedding: str) -> Floats:
    """float64 (n_items, d), each of length 1: what is said of the items."""
    from core.embedding import embed
    from recommenders.texts import item_texts

    return embed(item_texts(train), embedding).astype(np.float64)


def liking_vectors(train: Interactions) -> Floats:
    """Where do items lie by who likes them?  float64 (n_items, d), length 1, or 0 if nobody does.

    Singular vectors of the likings, each liking over the square roots of the user's and the item's
    number of them: those of the graph of items liked together, as spectral clustering takes them
    (Ng et al. 2001, NIPS), each by its weight, so that noise counts little.
    """
    from scipy.sparse import dia_array
    from scipy.sparse.linalg import svds

    liked = train.liked.astype(np.float64)
    n_users, n_items = liked.shape
    of_users, of_items = (
        1 / np.sqrt(np.maximum(np.diff(form.indptr), 1)) for form in (liked, liked.tocsc())
    )
    scaled = dia_array((of_users[None], 0), shape=(n_users, n_users)) @ liked
    scaled = (scaled @ dia_array((of_items[None], 0), shape=(n_items, n_items))).tocsr()
    k = min(N_FACTORS, min(scaled.shape) - 1)
    if min(scaled.shape) <= 4 * N_FACTORS:
        _, weights, right = np.linalg.svd(scaled.toarray(), full_matrices=False)
        weights, right = weights[: max(k, 1)], right[: max(k, 1)]
    else:
        start = np.ones(min(scaled.shape))
        _, weights, right = svds(scaled, k=k, v0=start)
    vectors = np.ascontiguousarray((right * weights[:, None]).T)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = np.where(length > 1e-9, vectors / np.maximum(length, 1e-9), 0.0)
    return found


def _in_order(train: Interactions) -> Ints:
    """Rows user by user, each in time; without times as they came."""
    from core.order import by_time, by_user

    rows = np.arange(len(train)) if train.timestamps is None else by_time(train.timestamps)
    return by_user(train.users, train.n_users, rows)
