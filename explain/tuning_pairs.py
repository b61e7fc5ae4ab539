"""What a tuned explainer learns from: sentences of reviews beside what was known before them."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.naming import listed, one_line
from recommenders.represent.aspects import WORD, aspects_of, strongest

if TYPE_CHECKING:
    from core.tables import Dataset, Ints

SENTENCE = re.compile(r"(?<=[.!?])\s+")
# speaks of the reviewer or of the sale, not of the item
ASIDE = re.compile(
    r"\b(?:i|i'\w+|my|me|mine|we|our|us|he|she|his|her|him|wife|husband|son|daughter|amazon|seller|"
    r"ship\w*|arriv\w*|review\w*|stars?|ordered|return\w*|refund|sent)\b"
)
TAKES_BACK = re.compile(
    r"^(?:and|but|so|then|also|or|like|let)\b|\b(?:but|not|no|however|too|if)\b|n't\b"
)
NAME = re.compile(
    r"(?<=\S )[A-Z][\w'-]*|\d{3,}"
)  # within a sentence: a name; or a number of a model
PLAIN = re.compile(r"^[A-Z][\w ,.'!-]+[.!]$")
WORDS = (6, 18)  # of a sentence that is learned


@dataclass(frozen=True)
class Pair:
    """One sentence that a user wrote of an item, and what was known without that review.

    facts   sentences on what other users' reviews of the item, and the user's other reviews, are
            about; the review that the sentence is from is in neither
    target  the sentence
    """

    user: int
    item: int
    title: str
    facts: tuple[str, ...]
    target: str


def aspect_facts(title: str, of_item: Sequence[str], of_user: Sequence[str]) -> tuple[str, ...]:
    """What reviews are about, as a writer is told it."""
    facts = []
    if of_item:
        facts.append(f"Reviews of {title} speak of {listed(of_item)}.")
    if of_user:
        facts.append(f"The user's own reviews speak of {listed(of_user)}.")
    return tuple(facts)


def held_out(users: "Ints", share: float = 0.2, seed: int = 0) -> set[int]:
    """Users of whom nothing is learned."""
    distinct = np.unique(users)
    rng = np.random.default_rng([seed, 20])
    return set(rng.choice(distinct, size=int(share * len(distinct)), replace=False).tolist())


def pairs_of(dataset: "Dataset", seed: int = 0) -> tuple[list[Pair], list[Pair]]:
    """Sentences to learn from, and those of held-out users to be judged by.

    Of each liked review the sentence of 6 to 18 words that names most of what is known; none that
    speaks of the reviewer, of names, or of the sale. Items are known by the reviews of users who
    are not held out. (As PETER, Li et al. 2021, arXiv:2105.11601, picks sentences by features.)
    """
    from core.errors import ConfigError
    from core.naming import item_names

    reviews = dataset.side.reviews
    if reviews is None:
        raise ConfigError(
            f"{dataset.name} has no reviews to learn explanations from; use a data set with "
            "reviews, such as amazon-musical-instruments"
        )
    out = held_out(reviews["user"].to_numpy(), seed=seed)
    is_out = reviews["user"].isin(out).to_numpy()
    known = reviews[~is_out]
    aspects = aspects_of(known["text"].tolist(), known["user"].tolist())
    titles = item_names(dataset.side.items, dataset.item_ids)
    liked = _liked(dataset)
    named = [
        {word for word in WORD.findall(text.lower()) if word in aspects} for text in reviews["text"]
    ]
    users, items = reviews["user"].tolist(), reviews["item"].tolist()
    often = Counter(
        word for words, hidden in zip(named, is_out, strict=True) if not hidden for word in words
    )
    of_item: dict[int, Counter[str]] = defaultdict(Counter)
    of_user: dict[int, Counter[str]] = defaultdict(Counter)
    for user, item, words, hidden in zip(users, items, named, is_out.tolist(), strict=True):
        of_user[user].update(words)
        if not hidden:
            of_item[item].update(words)
    learned: list[Pair] = []
    judged: list[Pair] = []
    for place, text in enumerate(reviews["text"]):
        user, item, hidden = users[place], items[place], bool(is_out[place])
        if (user, item) not in liked:
            continue
        own = Counter(named[place])
        others = of_item[item] - (Counter() if hidden else own)
        told = aspect_facts(
            titles[item],
            strongest(others, often),
            strongest(of_user[user] - own, often),
        )
        target = _sentence(text, set(others), aspects)
        if told and target:
            (judged if hidden else learned).append(Pair(user, item, titles[item], told, target))
    return learned, judged


def _liked(dataset: "Dataset") -> set[tuple[int, int]]:
    rows = dataset.interactions
    mask = rows.is_liked
    return set(zip(rows.users[mask].tolist(), rows.items[mask].tolist(), strict=True))


def _sentence(text: str, known: set[str], aspects: set[str]) -> str:
    """The sentence that names most of what is known of the item; empty where none will do."""
    best, most = "", 0.0
    for raw in SENTENCE.split(text):
        sentence = one_line(raw.strip(), 200)
        n_words = len(sentence.split())
        if not WORDS[0] <= n_words <= WORDS[1] or not PLAIN.match(sentence):
            continue
        if ASIDE.search(sentence.lower()) or NAME.search(sentence):
            continue
        words = set(WORD.findall(sentence.lower())) & aspects
        worth = len(words) + 0.5 * len(words & known)
        if TAKES_BACK.search(sentence.lower()):
            worth /= 4
        if worth > most:
            best, most = sentence, worth
    return best
