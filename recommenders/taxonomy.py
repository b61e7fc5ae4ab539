"""Where a recommender stands among the ways language models are used to recommend.

The order is that of the survey "Towards Next-Generation LLM-based Recommender Systems: A Survey and
Beyond" (Wang et al. 2024, arXiv:2410.19744): representing and understanding, scheming and
utilizing, industrial deploying.
"""

from dataclasses import dataclass

REPRESENT = "representing and understanding"
UTILIZE = "scheming and utilizing"
DEPLOY = "industrial deploying"
TIERS = (REPRESENT, UTILIZE, DEPLOY)


@dataclass(frozen=True)
class Place:
    """A recommender's place in the survey's taxonomy; its class attribute `taxonomy`.

    tier       one of TIERS
    paradigm   the branch within it: "uni-modality", "non-generative, without retraining", …
    technique  what it does, in the field's words: "listwise prompting", "low-rank adaptation"
    systems    the survey's systems that it stands for, by name; () where it stands for none
    """

    tier: str
    paradigm: str
    technique: str
    systems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise ValueError(f"a tier is one of {', '.join(TIERS)}; got {self.tier!r}")


def place_of(kind: object) -> Place | None:
    """Where a recommender (a class or an object) says it stands; None where it says nothing."""
    place = getattr(kind, "taxonomy", None)
    return place if isinstance(place, Place) else None
