"""Which sequences of tokens name an item?  A trie, and the search for the likeliest under it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.tables import Floats, Ints

ROOT = 0
NOWHERE = -1  # a sequence that begins no item's


@dataclass(frozen=True, eq=False)
class Trie:
    """Prefixes of sequences as nodes, numbered by depth; the root is 0.

    starts  int64 (n_nodes + 1,) edges of node n are starts[n]:starts[n + 1], by token
    tokens  int64 (n_edges,) what is said on the way; targets: int64 (n_edges,) node it leads to
    parents int64 (n_nodes,) the node before, -1 for the root
    ends    int64 (n_items,) the node at which each item's sequence ends
    below   int64 (n_nodes,) how many items end at or below each node
    """

    starts: Ints
    tokens: Ints
    targets: Ints
    parents: Ints
    ends: Ints
    below: Ints

    @property
    def n_nodes(self) -> int:
        return len(self.parents)

    def open_below(self, hidden: Ints) -> Ints:
        """How many items end at or below each node, these left out?  int64 (n_nodes,)."""
        left = self.below.copy()
        at = self.ends[hidden]
        while len(at):
            np.subtract.at(left, at, 1)
            at = self.parents[at[at != ROOT]]
        return left

    def children(self, nodes: Ints) -> tuple[Ints, Ints, Ints]:
        """What may follow?  Row of `nodes`, token and node reached, of every edge: int64 (n,)."""
        n_each = self.starts[nodes + 1] - self.starts[nodes]
        rows = np.repeat(np.arange(len(nodes)), n_each)
        first = np.repeat(self.starts[nodes] - np.cumsum(n_each) + n_each, n_each)
        edges = first + np.arange(len(rows))
        return rows, self.tokens[edges], self.targets[edges]

    def follow(self, sequence: Sequence[int]) -> int:
        """The node that a sequence leads to, or NOWHERE."""
        node = ROOT
        for token in sequence:
            start, end = self.starts[node], self.starts[node + 1]
            place = start + int(np.searchsorted(self.tokens[start:end], token))
            if place == end or self.tokens[place] != token:
                return NOWHERE
            node = int(self.targets[place])
        return node

    def sequence(self, item: int) -> tuple[int, ...]:
        """The tokens that name an item."""
        found, node = [], int(self.ends[item])
        into = np.zeros(self.n_nodes, dtype=np.int64)
        into[self.targets] = self.tokens
        while node != ROOT:
            found.append(int(into[node]))
            node = int(self.parents[node])
        return tuple(reversed(found))


def build_trie(sequences: Sequence[Sequence[int]]) -> Trie:
    """The trie of these sequences, one an item; several items may share one.

    Raises ValueError where a sequence is empty or begins another one: it could not be told when it
    is over. End each with a token that occurs nowhere else.
    """
    if any(not len(one) for one in sequences):
        raise ValueError("each item needs a sequence of one token or more")
    distinct = sorted(set(map(tuple, sequences)))
    edges: list[list[tuple[int, int]]] = [[]]
    parents = [-1]
    level = [(ROOT, 0, 0, len(distinct))]  # node, its depth, and the sequences that pass it
    end_of: dict[tuple[int, ...], int] = {}
    for node, depth, first, last in level:
        if len(distinct[first]) == depth:
            if last - first > 1:
                raise ValueError(f"the sequence {distinct[first]} begins another one")
            end_of[distinct[first]] = node
            continue
        at = first
        while at < last:
            token = distinct[at][depth]
            after = at
            while after < last and distinct[after][depth] == token:
                after += 1
            child = len(parents)
            parents.append(node)
            edges.append([])
            edges[node].append((token, child))
            level.append((child, depth + 1, at, after))
            at = after
    flat = [edge for row in edges for edge in row]
    ends = np.array([end_of[tuple(one)] for one in sequences], dtype=np.int64)
    below = np.bincount(ends, minlength=len(parents))
    for node in range(len(parents) - 1, ROOT, -1):  # children have higher numbers
        below[parents[node]] += below[node]
    return Trie(
        starts=np.cumsum([0, *map(len, edges)]),
        tokens=np.array([token for token, _ in flat], dtype=np.int64),
        targets=np.array([child for _, child in flat], dtype=np.int64),
        parents=np.array(parents, dtype=np.int64),
        ends=ends,
        below=below,
    )


def log_softmax(logits: Floats) -> Floats:
    """Natural log of probabilities, float64, over the last axis."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    found: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found
