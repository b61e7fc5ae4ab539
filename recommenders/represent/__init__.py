"""Recommenders that read: items and users by what is written of them, seen and heard."""

REPRESENTED = {
    "text-embedding": "recommenders.represent.text_embedding:TextEmbedding",
    "text-aligned": "recommenders.represent.aligned:TextAligned",
    "text-augmented": "recommenders.represent.augmented:TextAugmented",
    "multimodal": "recommenders.represent.multimodal:Multimodal",
}
