"""Items called by words: the most telling ones of what is said of them.

After IDGenRec (Tan et al. 2024, doi:10.1145/3626772.3657821), where a taught language model names
the items; here the words are chosen by counting, so that a name costs nothing.
"""

from collections.abc import Sequence

import numpy as np

from core.tables import Ints

AGAIN = 2  # texts that a word must stand in, to tell of more than one
NOTHING = "–"  # stands for a word where an item has no more


def telling_words(texts: Sequence[str], size: int, levels: int) -> tuple[Ints, tuple[str, ...]]:
    """Codes of the words of each text, the commonest first, and the word of each code.

    size    words there are, the one that stands for none included: the commonest that occur in two
            texts or more and are no function words; where there is none, every text has none
    levels  words of a text: those of highest tf-idf

    int64 (n_texts, levels), and at most `size` words.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    if size < 2:
        return np.zeros((len(texts), levels), dtype=np.int64), (NOTHING,)
    reader = TfidfVectorizer(
        max_features=size - 1,
        min_df=AGAIN,
        stop_words="english",
        token_pattern=r"[^\W_]{2,}",  # noqa: S106 - of words
    )
    try:
        weights = reader.fit_transform(texts).toarray()
    except ValueError:  # no word stands in two texts
        return np.zeros((len(texts), levels), dtype=np.int64), (NOTHING,)
    found = reader.get_feature_names_out()
    common = np.lexsort((np.arange(len(found)), -(weights > 0).sum(axis=0)))
    weights = weights[:, common]  # a word's code says how common it is
    best = np.argsort(-weights, axis=1, kind="stable")[:, :levels]
    has = np.take_along_axis(weights, best, axis=1) > 0
    last = len(found)  # behind all words, until each text's are in order
    codes = np.sort(np.where(has, best, last), axis=1)
    codes = np.pad(codes, ((0, 0), (0, levels - codes.shape[1])), constant_values=last)
    return np.where(codes == last, 0, codes + 1), (NOTHING, *found[common].tolist())
