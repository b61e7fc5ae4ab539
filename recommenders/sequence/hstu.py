"""HSTU: the sequence model of generative recommenders."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recommenders.parameters import setting
from recommenders.sequence.next_item import NextItem
from recommenders.sequence.places import heads_fit, sequential
from recommenders.taxonomy import Place

if TYPE_CHECKING:
    from recommenders.sequence.nets import Net


@dataclass
class HSTU(NextItem):
    """Hierarchical sequential transduction units: attention that adds up instead of sharing out.

    Each place adds SiLU of its match, so that how strongly something was liked before is not lost
    to a softmax; how long ago it was has a weight of its own. Only what was liked is read: the
    source also reads actions and features, at a size that needs many GPUs.
    """

    source: ClassVar[str] = "Zhai et al. 2024, arXiv:2402.17152"
    taxonomy: ClassVar[Place] = sequential("pointwise aggregated attention", "HSTU")

    n_layers: int = setting(2, "Layers of units.", low=1)
    n_heads: int = setting(2, "Parts that attention looks at apart; divides width.", low=1)
    is_time_aware: bool = setting(
        default=True, doc="Weigh likings by how long ago they were, where times are known."
    )

    def _net(self, n_items: int) -> "Net":
        from recommenders.sequence.hstu_net import HSTUNet

        heads_fit(self)
        return HSTUNet(
            n_items,
            self.width,
            self.max_length,
            self.n_layers,
            self.n_heads,
            self.dropout,
            is_time_aware=self.is_time_aware,
        )
