"""GRU4Rec: a recurrent net over the history."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recommenders.parameters import setting
from recommenders.sequence.next_item import NextItem
from recommenders.sequence.places import sequential
from recommenders.taxonomy import Place

if TYPE_CHECKING:
    from recommenders.sequence.nets import Net


@dataclass
class GRU4Rec(NextItem):
    """Gated recurrent units that read the history and say what comes next.

    Whole histories of users take the place of the source's sessions, and cross-entropy over many
    drawn items that of its ranking losses, as for the transformers here: what differs between them
    is the net.
    """

    source: ClassVar[str] = "Hidasi et al. 2016, arXiv:1511.06939"
    taxonomy: ClassVar[Place] = sequential("recurrent net over item ids")

    n_layers: int = setting(1, "Layers of units.", low=1)

    def _net(self, n_items: int) -> "Net":
        from recommenders.sequence.nets import GRUNet

        return GRUNet(n_items, self.width, self.n_layers, self.dropout)
