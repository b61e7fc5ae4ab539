"""Counting as other tools do: what they are handed, what they say, and why it is another number."""
