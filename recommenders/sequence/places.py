"""Where models of sequences stand in the survey's taxonomy, and what their sizes must be."""

from typing import Any

from core.errors import ConfigError
from recommenders.taxonomy import DEPLOY, Place


def sequential(technique: str, *systems: str) -> Place:
    """A model of item ids in an architecture of language models, or a baseline beside them."""
    return Place(DEPLOY, "sequence models trained from scratch", technique, systems)


def heads_fit(model: Any) -> None:
    """Raises ConfigError where the width cannot be shared out among the heads."""
    if model.width % model.n_heads:
        raise ConfigError(
            f"width must be a multiple of n_heads; got width={model.width} and "
            f"n_heads={model.n_heads}"
        )
