"""What models have in common that read a history in order and say what comes next."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks
from recommenders.sequence.histories import (
    Histories,
    Windows,
    ends_without,
    held_back,
    histories_of,
    in_order,
    windows_of,
)
from recommenders.training import Check, Loss, Plan, deterministic, folder_of, train

if TYPE_CHECKING:
    import torch
    from scipy.sparse import csr_array

    from recommenders.sequence.nets import Net

K = 10  # of the check


@dataclass
class NextItem(ABC):
    """Fields and fitting of all of them; each brings a net that maps histories to vectors.

    Every user's vector is computed by itself, from the last max_length likings: lists cannot depend
    on who else is asked. Items that nobody liked in train are not listed.
    """

    width: int = setting(64, "Length of the vectors of items and states.", low=1)
    max_length: int = setting(50, "Latest likings that are read.", low=1)
    dropout: float = setting(0.2, "Share of values left out at each step.", low=0, high=0.95)
    n_epochs: int = setting(40, "Passes over the histories at most.", low=1)
    batch: int = setting(64, "Parts of histories learned from in one step.", low=1)
    learning_rate: float = setting(2e-3, "Highest size of a step.", low=1e-9)
    n_negatives: int = setting(
        512, "Items drawn at each step that stand for all others; 0: all.", low=0
    )
    patience: int = setting(
        5,
        "Epochs without a better NDCG@10 on held-back last likings until it stops; 0: learns from "
        "all likings, to the last epoch.",
        low=0,
    )
    n_threads: int = setting(1, "Cores that training may use; changes the last bits.", low=1)
    seed: int = setting(0, "Draws first weights, order, negatives and dropout.", low=0)

    @abstractmethod
    def _net(self, n_items: int) -> "Net":
        """The net, with weights as they are drawn."""

    def _plan(self, n_examples: int) -> Plan:
        steps = max(1, n_examples // self.batch)
        return Plan(
            n_epochs=self.n_epochs,
            batch=self.batch,
            rate=self.learning_rate,
            warm=min(steps, 100),
            is_cosine=True,
            clip=5.0,
            betas=(0.9, 0.98),
            patience=self.patience,
            n_threads=self.n_threads,
            seed=self.seed,
        )

    def bind_progress(self, told: Told) -> Self:
        """As `recommenders.base.TellsProgress`."""
        self._told = told
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_told"}

    def fit(self, train_: Interactions) -> Self:
        histories = histories_of(train_)
        checked = held_back(histories, self.seed) if self.patience else np.zeros(0, dtype=np.int64)
        windows = windows_of(histories, self.max_length, ends_without(histories, checked))
        if not len(windows):
            raise ConfigError(
                f"{type(self).__name__} learns which item follows another, and nobody has two "
                "liked items in train; use popularity, or lower the relevance threshold"
            )
        with deterministic(self.seed, self.n_threads):
            net = self._net(train_.n_items)
        folder = folder_of(self, train_)
        trained = train(
            net,
            len(windows),
            next_item_loss(net, windows, self.n_negatives, train_.n_items),
            self._plan(len(windows)),
            check=self._check(net, histories, checked),
            folder=folder,
            told=getattr(self, "_told", untold),
        )
        self.curve_, self.ledger_ = trained.curve, trained.ledger
        self.net_, self.histories_, self.train_ = net, histories, train_
        self.item_vectors_ = np.ascontiguousarray(net.items().numpy().T)
        self.is_listed_ = np.bincount(histories.items, minlength=train_.n_items) > 0
        with deterministic(self.seed):
            vectors = [self._vector(*histories.of(user)) for user in range(train_.n_users)]
        self.user_vectors_ = np.stack(vectors)
        return self

    def _check(self, net: "Net", histories: Histories, users: Ints) -> Check | None:
        if not len(users):
            return None
        last = histories.starts[users + 1]
        first = np.maximum(last - self.max_length - 1, histories.starts[users])
        return Check(lambda: foreseen(net, Windows(histories, first, last), users), f"ndcg@{K}")

    def _vector(self, items: Ints, times: Ints) -> Floats:
        """What comes after this history, float32 (width,); zeros after none."""
        import torch

        if not len(items):
            return np.zeros(len(self.item_vectors_), dtype=np.float32)
        with torch.no_grad():
            rows = [torch.from_numpy(part[None, -self.max_length :]) for part in (items, times)]
            state: Floats = self.net_(*rows)[0, -1].numpy()
        return state

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return rank_in_blocks(self._score, users, self.train_, k)

    def _score(self, users: Codes | Ints) -> Floats:
        return self._scores_of(self.user_vectors_[users])

    def _scores_of(self, vectors: Floats) -> Floats:
        scores = product(vectors, self.item_vectors_)
        scores[:, ~self.is_listed_] = -np.inf
        return scores

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`: the user's own items keep the user's order.

        Other items come before them. Without a user items come by code, since a set has no order.
        """
        require_fitted(self)
        own = None if user is None else self.histories_.of(user)
        with deterministic(self.seed):
            vectors = [
                self._vector(*in_order(histories, row, own)) for row in range(histories.shape[0])
            ]
        width = len(self.item_vectors_)
        return self._scores_of(np.stack(vectors) if vectors else np.zeros((0, width), np.float32))


def next_item_loss(net: "Net", windows: Windows, n_negatives: int, n_items: int) -> Loss:
    """Cross-entropy of each next liking, over all items or over drawn ones that stand for them.

    With n of N items drawn, the same for the whole batch, each counts N / n times, so that the sum
    under the logarithm is right in the mean; the liked item itself is not counted twice. Drawing
    many negatives is what makes this loss strong: Klenitskiy & Vasilev 2023, arXiv:2309.07602;
    Petrov & Macdonald 2023, arXiv:2308.07192.
    """
    import torch

    def over_all(scores: "torch.Tensor", wanted: "torch.Tensor") -> "torch.Tensor":
        whole: torch.Tensor = torch.nn.functional.cross_entropy(scores, wanted)
        return whole

    def loss(places: Ints) -> "torch.Tensor":
        items, times = map(torch.from_numpy, windows.padded(places, n_items))
        targets = items[:, 1:]
        is_there = targets != n_items
        states = net(items[:, :-1], times[:, :-1])[is_there]
        wanted = targets[is_there]
        if not n_negatives or n_negatives >= n_items:
            return over_all(states @ net.items(with_gradient=True).T, wanted)
        drawn = torch.randperm(n_items)[:n_negatives]
        vectors = net.vectors_of(torch.cat([drawn, wanted]))
        own = (states * vectors[n_negatives:]).sum(dim=1)
        others = states @ vectors[:n_negatives].T
        place = torch.full((n_items,), -1)
        place[drawn] = torch.arange(n_negatives)
        rows = torch.nonzero(place[wanted] >= 0)[:, 0]
        others = others.index_put((rows, place[wanted[rows]]), torch.tensor(-torch.inf))
        rest = torch.logsumexp(others, dim=1) + math.log(n_items / n_negatives)
        short: torch.Tensor = (torch.logaddexp(own, rest) - own).mean()
        return short

    return loss


def foreseen(net: "Net", windows: Windows, users: Ints, block: int = 128) -> float:
    """Mean NDCG@10 of each window's last item among all items the user has not had before."""
    import torch

    histories, items = windows.histories, net.items()
    n_items, gains = len(items), np.zeros(len(windows))
    for start in range(0, len(windows), block):
        places = np.arange(start, min(start + block, len(windows)))
        padded, times = map(torch.from_numpy, windows.padded(places, n_items))
        at = torch.from_numpy(windows.last[places] - windows.first[places] - 2)
        states = net(padded[:, :-1], times[:, :-1])[torch.arange(len(places)), at]
        scores = (states @ items.T).numpy()
        for row, place in enumerate(places):
            had, _ = histories.of(int(users[place]))
            wanted = scores[row, had[-1]]
            scores[row, had] = -np.inf
            rank = int((scores[row] > wanted).sum())
            gains[place] = 1 / np.log2(rank + 2) if rank < K else 0.0
    return float(gains.mean())
