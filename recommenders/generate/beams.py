"""The likeliest items by beam search: token by token, under a trie or free.

Under a trie only tokens are considered that lead on to an item, so what comes out always is one
(De Cao et al. 2021, arXiv:2010.00904). Ties go to the earlier beam and the lower token.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from core.tables import Floats, Ints
from recommenders.generate.trie import ROOT, Trie, log_softmax


class Decoder(Protocol):
    """Says what comes next after each of several texts that begin alike."""

    def begin(self) -> Floats:
        """Scores of the first token after what is given: float (1, n_tokens), log scale."""
        ...

    def advance(self, parents: Ints, tokens: Ints) -> Floats:
        """Scores of the next token, a row for each text.

        parents  int64 (n,) which of the texts of the call before goes on
        tokens   int64 (n,) by what
        """
        ...


def search_trie(
    decoder: Decoder,
    trie: Trie,
    beams: int,
    *,
    hidden: Ints | None = None,
    within: bool = True,
) -> tuple[Ints, Floats]:
    """The likeliest items and the natural log of their probability, best first.

    beams   unfinished texts that are followed at once, and items that are found at most; as many
            as there are items: the search is exact
    hidden  int64 (n,) codes of items that must not be found
    within  probabilities are shares among the tokens that lead to an item, hidden ones too: they
            add up to 1 over the catalogue. False: among all tokens of the vocabulary

    Items of one sequence share its probability and stand by code.
    """
    left = trie.below if hidden is None else trie.open_below(hidden)
    if not left[ROOT]:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    nodes, scores, logits = np.array([ROOT]), np.zeros(1), decoder.begin()
    ends, told_of = np.zeros(0, dtype=np.int64), np.zeros(0)
    while True:
        rows, tokens, targets = trie.children(nodes)
        told = scores[rows] + _shares(logits, rows, tokens, within=within)
        is_end = trie.starts[targets] == trie.starts[targets + 1]
        is_open = left[targets] > 0
        ends = np.concatenate([ends, targets[is_end & is_open]])
        told_of = np.concatenate([told_of, told[is_end & is_open]])
        order = np.argsort(-told_of, kind="stable")[:beams]
        ends, told_of = ends[order], told_of[order]
        # whatever goes on only gets less likely
        least = told_of[-1] if len(ends) == beams else -np.inf
        going = np.flatnonzero(~is_end & is_open & (told > least))
        going = going[np.argsort(-told[going], kind="stable")[:beams]]
        if not len(going):
            return _items(trie, ends, told_of, hidden)
        logits = decoder.advance(rows[going], tokens[going])
        nodes, scores = targets[going], told[going]


def _shares(logits: Floats, rows: Ints, tokens: Ints, *, within: bool) -> Floats:
    """Log of the probability of each edge, given the text it goes on from."""
    if not within:
        return np.asarray(log_softmax(logits)[rows, tokens])
    picked = logits[rows, tokens].astype(np.float64)
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    counts = np.diff([*starts, len(rows)])
    top = np.repeat(np.maximum.reduceat(picked, starts), counts)
    sums = np.add.reduceat(np.exp(picked - top), starts)
    found: Floats = picked - top - np.log(np.repeat(sums, counts))
    return found


def _items(trie: Trie, ends: Ints, told: Floats, hidden: Ints | None) -> tuple[Ints, Floats]:
    """Items that end at nodes, those of one node by code."""
    order = np.argsort(trie.ends, kind="stable")
    starts = np.searchsorted(trie.ends[order], ends)
    counts = np.searchsorted(trie.ends[order], ends, "right") - starts
    first = np.repeat(starts - np.cumsum(counts) + counts, counts)
    items = order[first + np.arange(counts.sum())]
    scores = np.repeat(told, counts)
    if hidden is not None:
        is_shown = ~np.isin(items, hidden)
        items, scores = items[is_shown], scores[is_shown]
    return items, scores


def search_free(
    decoder: Decoder, beams: int, longest: int, is_whole: Callable[[Sequence[int]], bool]
) -> tuple[list[tuple[int, ...]], Floats]:
    """The likeliest sequences of tokens, whatever they name, and the log of their probability.

    longest   tokens of a sequence at most; is_whole: is a sequence at its end?
    """
    texts: list[tuple[int, ...]] = [()]
    scores, logits = np.zeros(1), decoder.begin()
    done: list[tuple[float, tuple[int, ...]]] = []
    for depth in range(1, longest + 1):
        told = scores[:, None] + log_softmax(logits)
        best = np.argsort(-told, axis=None, kind="stable")[:beams]
        rows, tokens = np.divmod(best, told.shape[1])
        scores = told[rows, tokens]
        texts = [(*texts[row], int(token)) for row, token in zip(rows, tokens, strict=True)]
        is_end = np.array([depth == longest or is_whole(text) for text in texts])
        done += [(float(scores[place]), texts[place]) for place in np.flatnonzero(is_end)]
        going = np.flatnonzero(~is_end)
        done = sorted(done, key=lambda one: -one[0])[:beams]
        if len(done) == beams:  # whatever goes on only gets less likely
            going = going[scores[going] > done[-1][0]]
        if not len(going):
            break
        texts, scores = [texts[place] for place in going], scores[going]
        logits = decoder.advance(rows[going], tokens[going])
    return [text for _, text in done], np.array([score for score, _ in done])


def draw_free(
    decoder: Decoder,
    n: int,
    longest: int,
    is_whole: Callable[[Sequence[int]], bool],
    rng: np.random.Generator,
) -> tuple[list[tuple[int, ...]], Floats]:
    """N sequences drawn by chance as the model thinks they go on, in the order drawn.

    The others as in search_free. The same sequence may come several times.
    """
    rows, logits = np.zeros(n, dtype=np.int64), decoder.begin()
    drawn: list[tuple[int, ...]] = [()] * n
    scores, is_over = np.zeros(n), np.zeros(n, dtype=bool)
    for depth in range(longest):
        told = log_softmax(logits)[rows]
        shares = np.exp(told).cumsum(axis=1)
        tokens = (shares < rng.random((n, 1)) * shares[:, -1:]).sum(axis=1)
        scores[~is_over] += told[np.arange(n), tokens][~is_over]
        for place in np.flatnonzero(~is_over):
            drawn[place] = (*drawn[place], int(tokens[place]))
            is_over[place] = is_whole(drawn[place])
        if is_over.all() or depth + 1 == longest:
            break
        logits = decoder.advance(rows, tokens)
        rows = np.arange(n)
    return drawn, scores
