"""Which texts do the words of a query occur in?  BM25, as search engines weigh it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.tables import Floats

WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Words without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


class BM25:
    """Scores of texts for queries (Robertson & Zaragoza 2009, doi:10.1561/1500000019).

    Σ over the words of the query, each once: idf · f · (k1 + 1) / (f + k1 · (1 - b + b · length /
    mean length)), idf = ln(1 + (n - n_w + 0.5) / (n_w + 0.5)), as Lucene: never below 0.

    texts  one a document
    """

    def __init__(self, texts: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        from scipy.sparse import coo_array

        counts = [Counter(words(text)) for text in texts]
        self.places = {w: n for n, w in enumerate(sorted(set().union(*counts)))}
        rows = [self.places[w] for one in counts for w in one]
        columns = np.repeat(np.arange(len(texts)), [len(one) for one in counts])
        often = np.array([f for one in counts for f in one.values()], dtype=np.float64)
        lengths = np.array([sum(one.values()) for one in counts], dtype=np.float64)
        found_in = np.bincount(rows, minlength=len(self.places)) if rows else np.zeros(0)
        idf = np.log1p((len(texts) - found_in + 0.5) / (found_in + 0.5))
        long = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-12)) if len(texts) else lengths
        weights = idf[rows] * often * (k1 + 1) / (often + long[columns]) if rows else often
        shape = (len(self.places), len(texts))
        self.weights = coo_array((weights, (rows, columns)), shape=shape).tocsr()
        self.n_texts = len(texts)

    def scores(self, query: str) -> Floats:
        """float64 (n_texts,); 0 where no word of the query occurs."""
        total = np.zeros(self.n_texts)
        for word in sorted(set(words(query)) & self.places.keys()):
            row = self.places[word]
            start, end = self.weights.indptr[row], self.weights.indptr[row + 1]
            total[self.weights.indices[start:end]] += self.weights.data[start:end]
        return total
