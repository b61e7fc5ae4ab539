"""A decoder as of language models, over items."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from recommenders.parameters import setting
from recommenders.sequence.next_item import NextItem
from recommenders.sequence.places import heads_fit, sequential
from recommenders.taxonomy import Place

if TYPE_CHECKING:
    from recommenders.sequence.nets import Net


@dataclass
class GPT(NextItem):
    """A decoder-only transformer as of language models, whose words are items.

    Layers normed at their entrance, several heads, an inner layer four times as wide, input and
    output vectors tied; trained from scratch to say the next liked item.
    """

    source: ClassVar[str] = (
        "Radford et al. 2019, Language Models are Unsupervised Multitask Learners"
    )
    taxonomy: ClassVar[Place] = sequential("next-item decoder")

    n_layers: int = setting(2, "Layers of the decoder.", low=1)
    n_heads: int = setting(4, "Parts that attention looks at apart; divides width.", low=1)

    def _net(self, n_items: int) -> "Net":
        from recommenders.sequence.nets import GPTNet

        heads_fit(self)
        return GPTNet(
            n_items, self.width, self.max_length, self.n_layers, self.n_heads, self.dropout
        )
