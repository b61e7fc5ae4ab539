"""Recommenders that read: items and users by what is written of them, seen and heard."""

from recommenders.base import Recommender
from recommenders.represent.aligned import TextAligned
from recommenders.represent.augmented import TextAugmented
from recommenders.represent.multimodal import Multimodal
from recommenders.represent.text_embedding import TextEmbedding

REPRESENTED: dict[str, type[Recommender]] = {
    "text-embedding": TextEmbedding,
    "text-aligned": TextAligned,
    "text-augmented": TextAugmented,
    "multimodal": Multimodal,
}
