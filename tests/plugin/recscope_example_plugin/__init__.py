"""A recommender and a metric from outside, built on what RecScope makes public."""
