"""Recommending in a conversation: what was said, what it means, what is listed for it."""

CONVERSE = {
    "conversational": "recommenders.converse.recommender:Conversational",
}
