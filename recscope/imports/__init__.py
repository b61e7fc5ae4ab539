"""What other tools write: lists of recommendations, and the metrics they report of them."""
