"""SASRec: self-attention over the history."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recommenders.parameters import setting
from recommenders.sequence.next_item import NextItem
from recommenders.sequence.places import heads_fit, sequential
from recommenders.taxonomy import Place

if TYPE_CHECKING:
    from recommenders.sequence.nets import Net


@dataclass
class SASRec(NextItem):
    """A small transformer that reads the history and says what comes next.

    The architecture of the source; the loss is cross-entropy over many drawn items instead of one
    negative, which ranks better (Klenitskiy & Vasilev 2023, arXiv:2309.07602).
    """

    source: ClassVar[str] = "Kang & McAuley 2018, arXiv:1808.09781"
    taxonomy: ClassVar[Place] = sequential("self-attention over item ids")

    n_layers: int = setting(2, "Layers of attention.", low=1)
    n_heads: int = setting(1, "Parts that attention looks at apart; divides width.", low=1)

    def _net(self, n_items: int) -> "Net":
        from recommenders.sequence.nets import SASRecNet

        heads_fit(self)
        return SASRecNet(
            n_items, self.width, self.max_length, self.n_layers, self.n_heads, self.dropout
        )
