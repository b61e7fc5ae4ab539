"""The net of LightGCN: first vectors, passed along a graph that stays as it is."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.tables import Ints
from recommenders.training import Loss

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class _Passed(torch.autograd.Function):
    """graph @ vectors; the graph is symmetric, so the gradient goes the same way."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, graph: "csr_array[Any]") -> Tensor:
        ctx.graph = graph
        return torch.from_numpy(graph @ vectors.detach().numpy())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return torch.from_numpy(ctx.graph @ gradients[0].numpy()), None


class GraphNet(nn.Module):
    """forward: float32 (n_users + n_items, width), the mean over the steps."""

    def __init__(self, graph: "csr_array[Any]", n_users: int, width: int, n_layers: int) -> None:
        super().__init__()
        self.graph, self.n_users, self.n_layers = graph, n_users, n_layers
        self.first = nn.Parameter(torch.empty(graph.shape[0], width).normal_(std=0.1))

    def forward(self) -> Tensor:
        layers: list[Tensor] = [self.first]
        for _ in range(self.n_layers):
            layers.append(_Passed.apply(layers[-1], self.graph))  # type: ignore[no-untyped-call]
        return torch.stack(layers).mean(dim=0)


def ranking_loss(net: GraphNet, liked: "csr_array[Any]", penalty: float) -> Loss:
    """Each liking above an item drawn by chance, and a penalty on the first vectors of all three.

    A drawn item that the user likes is drawn once more. Rendle et al. 2009, arXiv:1205.2618.
    """
    n_users, n_items = liked.shape
    users = np.repeat(np.arange(n_users), np.diff(liked.indptr))
    items = liked.indices.astype(np.int64)
    keys = np.sort(users * n_items + items)

    def drawn(asked: Ints) -> Ints:
        others: Ints = torch.randint(n_items, (len(asked),)).numpy()
        wanted = asked * n_items + others
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        again = torch.randint(n_items, (len(asked),)).numpy()
        return np.where(keys[place] == wanted, again, others)

    def loss(places: Ints) -> Tensor:
        who, better = users[places], items[places] + n_users
        rows = [torch.from_numpy(part) for part in (who, better, drawn(who) + n_users)]
        vectors = net()
        user, good, bad = (functional.embedding(part, vectors) for part in rows)
        first = sum(functional.embedding(part, net.first).square().sum() for part in rows)
        ranked = functional.softplus((user * (bad - good)).sum(dim=1)).mean()
        return ranked + penalty * first / (2 * len(places))

    return loss
