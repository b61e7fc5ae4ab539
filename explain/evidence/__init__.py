"""Evidence made before anything is ranked: what speaks for an item, for one user or for many."""
