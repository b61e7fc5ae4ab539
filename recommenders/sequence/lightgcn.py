"""LightGCN: vectors passed along the graph of likings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_array, diags_array

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks
from recommenders.sequence.histories import Histories, ends_without, held_back, histories_of
from recommenders.sequence.places import sequential
from recommenders.taxonomy import Place
from recommenders.training import Check, Plan, deterministic, folder_of, train

if TYPE_CHECKING:
    from recommenders.sequence.graph_net import GraphNet

K = 10  # of the check


@dataclass
class LightGCN:
    """Users' and items' vectors, averaged over steps along the graph of likings.

    e⁽ˡ⁺¹⁾ = D^(-1/2) A D^(-1/2) e⁽ˡ⁾, the mean over all l is what is compared. Only e⁽⁰⁾ is
    learned, by Bayesian personalised ranking. Items that nobody liked in train are not listed.
    """

    source: ClassVar[str] = "He et al. 2020, arXiv:2002.02126"
    taxonomy: ClassVar[Place] = sequential("graph convolution without weights")

    width: int = setting(64, "Length of each user's and item's vector.", low=1)
    n_layers: int = setting(2, "Steps along the graph.", low=1)
    n_epochs: int = setting(60, "Passes over the likings at most.", low=1)
    batch: int = setting(4096, "Likings of one step.", low=1)
    learning_rate: float = setting(0.01, "Size of a step.", low=1e-9)
    penalty: float = setting(1e-4, "On long first vectors.", low=0)
    patience: int = setting(
        10,
        "Epochs without a better NDCG@10 on held-back last likings until it stops; 0: learns from "
        "all likings, to the last epoch.",
        low=0,
    )
    n_threads: int = setting(1, "Cores that training may use; changes the last bits.", low=1)
    seed: int = setting(0, "Draws first vectors, order and disliked items.", low=0)

    def bind_progress(self, told: Told) -> Self:
        """As `recommenders.base.TellsProgress`."""
        self._told = told
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_told"}

    def fit(self, train_: Interactions) -> Self:
        from recommenders.sequence.graph_net import GraphNet, ranking_loss

        histories = histories_of(train_)
        checked = held_back(histories, self.seed) if self.patience else np.zeros(0, dtype=np.int64)
        liked = _liked(histories, ends_without(histories, checked), train_.n_items)
        if liked.shape[1] < 2:
            raise ConfigError("LightGCN learns what is liked above what; it needs two items")
        with deterministic(self.seed, self.n_threads):
            net = GraphNet(graph_of(liked), liked.shape[0], self.width, self.n_layers)
        trained = train(
            net,
            liked.nnz,
            ranking_loss(net, liked, self.penalty),
            Plan(
                n_epochs=self.n_epochs,
                batch=self.batch,
                rate=self.learning_rate,
                patience=self.patience,
                n_threads=self.n_threads,
                seed=self.seed,
            ),
            check=Check(lambda: foreseen(net, histories, checked), f"ndcg@{K}")
            if len(checked)
            else None,
            folder=folder_of(self, train_),
            told=getattr(self, "_told", untold),
        )
        self.curve_, self.ledger_ = trained.curve, trained.ledger
        self.train_ = train_
        return self._passed_on(net, train_)

    def _passed_on(self, net: "GraphNet", train_: Interactions) -> Self:
        """Along the whole graph, held-back likings with it; in double precision."""
        first = net.first.detach().numpy().astype(np.float64)
        layers = [first]
        graph = graph_of(train_.liked)
        for _ in range(self.n_layers):
            layers.append(graph @ layers[-1])
        n = train_.n_users
        self.first_ = first[:n]
        degrees = np.bincount(train_.liked.indices, minlength=train_.n_items)
        # what a liked item gives a user's vector, but for the user's own number of likings
        self.given_ = (
            sum(layer[n:] for layer in layers[:-1]) / np.sqrt(np.maximum(degrees, 1))[:, None]
        )
        self.item_vectors_ = np.ascontiguousarray(np.mean(layers, axis=0)[n:].T)
        self.is_listed_ = degrees > 0
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return self._scores_of(self.train_.liked[users], self.first_[users])

    def _scores_of(self, histories: "csr_array[Any]", first: Floats) -> Floats:
        n_liked = np.maximum(np.diff(histories.indptr), 1)[:, None]
        given = product(csr_array(histories), self.given_) / np.sqrt(n_liked)
        scores = product((first + given) / (self.n_layers + 1), self.item_vectors_)
        scores[:, ~self.is_listed_] = -np.inf
        return scores

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`: steps along the graph to these items.

        The items' vectors are held fast; the user's own learned vector stays, nobody's is zero.
        """
        require_fitted(self)
        shape = (histories.shape[0], self.width)
        own = np.zeros(self.width) if user is None else self.first_[user]
        return self._scores_of(histories, np.broadcast_to(own, shape))


def _liked(histories: Histories, ends: Ints, n_items: int) -> "csr_array[Any]":
    """0/1 (n_users, n_items) of what lies before each user's end."""
    users = np.repeat(np.arange(histories.n_users), np.diff(histories.starts))
    is_kept = np.arange(len(users)) < ends[users]
    shape = (histories.n_users, n_items)
    ones = np.ones(int(is_kept.sum()), dtype=np.float32)
    liked = csr_array((ones, (users[is_kept], histories.items[is_kept])), shape=shape)
    liked.sum_duplicates()
    liked.data[:] = 1.0
    return liked


def graph_of(liked: "csr_array[Any]") -> "csr_array[Any]":
    """D^(-1/2) A D^(-1/2) of users and items: float32 (n_users + n_items,) twice, symmetric."""
    from scipy.sparse import block_array

    blocks: Any = [[None, liked], [liked.T, None]]
    whole = csr_array(block_array(blocks))
    degrees = np.asarray(whole.sum(axis=1)).ravel()
    weights = diags_array(1 / np.sqrt(np.maximum(degrees, 1)))
    graph = csr_array(weights @ whole @ weights)
    graph.sort_indices()
    return graph.astype(np.float32)


def foreseen(net: "GraphNet", histories: Histories, users: Ints) -> float:
    """Mean NDCG@10 of held-back last likings among all items the user has not had before."""
    vectors = net().numpy()
    n, gains = histories.n_users, np.zeros(len(users))
    for place, user in enumerate(users):
        had, _ = histories.of(int(user))
        scores = vectors[n:] @ vectors[user]
        wanted = scores[had[-1]]
        scores[had] = -np.inf
        rank = int((scores > wanted).sum())
        gains[place] = 1 / np.log2(rank + 2) if rank < K else 0.0
    return float(gains.mean())
