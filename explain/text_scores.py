"""How do explanations read, and do they differ?  Scores of the words alone."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from core.tables import Floats
from explain.scorer import scorer

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+", re.UNICODE)
SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
VOWELS = re.compile(r"[aeiouy]+")
Texts = Sequence[str]
Sets = Sequence[Collection[str]]
NETE = "Li, Zhang & Chen 2020, doi:10.1145/3340531.3411992"


def words_of(text: str) -> list[str]:
    """Words in lower case, without punctuation."""
    return list(_words(text))


@lru_cache(maxsize=8192)  # several scorers read the same texts, over and over for an interval
def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in WORD.findall(text))


@scorer(better="higher", bounds=(0, 1), source=NETE, family="text", per="set")
def usr(texts: Texts) -> float:
    """Unique sentence ratio: what share of the texts are different ones?

    distinct texts / texts, equal where their words are equal. PETER and XRec compare the strings,
    so that a full stop makes two of one.
    """
    return len({tuple(words_of(text)) for text in texts}) / len(texts) if texts else np.nan


def _distinct(texts: Texts, n: int) -> float:
    grams = [
        tuple(words[i : i + n]) for words in map(words_of, texts) for i in range(len(words) - n + 1)
    ]
    return len(set(grams)) / len(grams) if grams else np.nan


@scorer(
    better="higher",
    bounds=(0, 1),
    source="Li et al. 2016, doi:10.18653/v1/N16-1014",
    family="text",
    per="set",
)
def distinct_1(texts: Texts) -> float:
    """What share of all words is different?  Falls with the number of texts: compare equal ones."""
    return _distinct(texts, 1)


@scorer(
    better="higher",
    bounds=(0, 1),
    source="Li et al. 2016, doi:10.18653/v1/N16-1014",
    family="text",
    per="set",
)
def distinct_2(texts: Texts) -> float:
    """What share of all pairs of neighbouring words is different?"""
    return _distinct(texts, 2)


@scorer(better="higher", bounds=(0, 1), source=NETE, family="text", per="explanation")
def fmr(named: Sets, features: Sets) -> Floats:
    """Feature matching ratio: does the text name a feature that the item has?

    1 or 0; NaN for an item without features. NETE asks for one given feature of the pair; here any
    feature of the item counts.
    """
    return np.array(
        [
            float(bool(set(said) & set(has))) if has else np.nan
            for said, has in zip(named, features, strict=True)
        ]
    )


@scorer(better="higher", bounds=(0, 1), source=NETE, family="text", per="set")
def fcr(named: Sets, universe: Collection[str]) -> float:
    """Feature coverage ratio: what share of all features does some text name?"""
    if not universe:
        return np.nan
    return len(set().union(*named) & set(universe)) / len(set(universe))


@scorer(better="lower", bounds=(0, np.inf), source=NETE, family="text", per="set")
def feature_diversity(named: Sets) -> float:
    """How many features do two texts name in common, on average?

    NETE's DIV, lower is better. Σ over features of n (n - 1), over N (N - 1) ordered pairs of
    texts: what comparing all pairs comes to. NaN below two texts.
    """
    n_texts = len(named)
    if n_texts < 2:
        return np.nan
    times = Counter(feature for said in named for feature in set(said))
    return sum(n * (n - 1) for n in times.values()) / (n_texts * (n_texts - 1))


@scorer(
    better="higher",
    bounds=(-np.inf, 121.22),
    source="Flesch 1948, doi:10.1037/h0057532",
    family="text",
    per="explanation",
)
def reading_ease(texts: Texts) -> Floats:
    """How easily does the text read?  60 to 70 is plain English; meant for English only.

    206.835 - 1.015 words per sentence - 84.6 syllables per word; a syllable is a run of vowels, a
    silent e at the end is none. NaN without words.
    """
    return np.array([_flesch(text) for text in texts])


def _flesch(text: str) -> float:
    words = words_of(text)
    if not words:
        return np.nan
    n_sentences = max(1, len(SENTENCE.findall(text)))
    n_syllables = sum(_syllables(word) for word in words)
    return 206.835 - 1.015 * len(words) / n_sentences - 84.6 * n_syllables / len(words)


def _syllables(word: str) -> int:
    n = len(VOWELS.findall(word))
    if n > 1 and word.endswith("e") and not word.endswith("le"):
        n -= 1
    return max(1, n)


@scorer(
    better="neither",
    bounds=(0, np.inf),
    source="a count",
    family="text",
    per="explanation",
)
def n_words(texts: Texts) -> Floats:
    """How long is the text, in words?"""
    return np.array([float(len(words_of(text))) for text in texts])
