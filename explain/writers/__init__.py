"""Writers put reasons into words: one module each."""
