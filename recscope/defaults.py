"""What is judged when nobody says what."""

DEFAULT_METRICS = ("precision", "recall", "ndcg", "map", "mrr", "hit_rate")
