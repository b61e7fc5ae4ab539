"""What can be read about items: their names, and one text each, made of what the data hold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.naming import item_names, one_line, years_of
from core.tables import Ids, Interactions
from recommenders.telling_words import telling_words

PARTS, REVIEWS = ("title", "groups", "text"), "reviews"
KNOWN_PARTS = (*PARTS, REVIEWS)
LONGEST = 600  # characters of a text
LONGEST_REVIEW = 200  # characters of one review
GROUPS = ("genres", "categories", "category")
NAMING_WORDS, WORDS_OF_NAME = 3000, 4


def names_of(train: Interactions, item_ids: Ids | None = None) -> tuple[str, ...]:
    """What are the items called? One clean line each.

    Where no item has a title but there are reviews, an item is called by the words that tell its
    reviews apart, "strings elixir acoustic (B0002E1G5C)".

    item_ids  what items without a title are called by; None: the numbers of their codes
    """
    if item_ids is None:
        item_ids = Ids("item", np.array([str(c) for c in range(train.n_items)], dtype=object))
    items = _items(train)
    names = item_names(items, item_ids)
    if "title" not in items.columns and any(said := reviews_of(train)):
        return _with_reviews(names, said)
    return names


def _with_reviews(names: Sequence[str], said: Sequence[Sequence[str]]) -> tuple[str, ...]:
    codes, words = telling_words([" ".join(texts) for texts in said], NAMING_WORDS, WORDS_OF_NAME)
    told = [" ".join(words[word] for word in row if word) for row in codes]
    return tuple(
        f"{phrase} ({name.removeprefix('item ')})" if phrase else name
        for name, phrase in zip(names, told, strict=True)
    )


def item_texts(
    train: Interactions, parts: Sequence[str] = PARTS, longest: int = LONGEST
) -> tuple[str, ...]:
    """What is known of each item in words: "The Godfather (1972). Crime, Drama. …"; "" for nothing.

    Where no item has any of the parts, the reviews of train are read.

    parts    of title, groups (genres or categories), text, reviews (of train)
    longest  characters, cut between words

    The texts are data: one line each, without control characters or marks that open a chat's turn.
    Raises ConfigError where no item has any of these.
    """
    items = _items(train)
    columns = [_reviews(train) if part == REVIEWS else _column(items, part) for part in parts]
    texts = tuple(_cut(". ".join(filter(None, row)), longest) for row in zip(*columns, strict=True))
    if not any(texts):
        texts = tuple(_cut(text, longest) for text in _reviews(train))
    if not any(texts):
        raise ConfigError(
            f"no item has a text: this model reads {', '.join(parts)}, and the items have the "
            f"columns {', '.join(map(str, items.columns)) or '(none)'} and no reviews; give items "
            "a `title` or `text` column"
        )
    return texts


def reviews_of(train: Interactions) -> list[list[str]]:
    """Of each item, the reviews that belong to interactions of train, oldest rows first.

    A review that belongs to a held-out interaction would tell a model what it is to find.
    """
    found: list[list[str]] = [[] for _ in range(train.n_items)]
    reviews = train.side.reviews
    if reviews is None:
        return found
    keys = train.users.astype(np.int64) * train.n_items + train.items
    own = reviews["user"].to_numpy(np.int64) * train.n_items + reviews["item"].to_numpy(np.int64)
    for item, text in reviews.loc[np.isin(own, keys), ["item", "text"]].itertuples(index=False):
        found[int(item)].append(one_line(text, LONGEST_REVIEW))
    return found


def _items(train: Interactions) -> pd.DataFrame:
    return train.side.items.reindex(np.arange(train.n_items))


def _reviews(train: Interactions) -> list[str]:
    return [". ".join(filter(None, said)) for said in reviews_of(train)]


def _column(items: pd.DataFrame, part: str) -> list[str]:
    if part == "title":
        return _titles(items)
    if part == "groups":
        named = next((name for name in GROUPS if name in items.columns), None)
        return [""] * len(items) if named is None else [_joined(cell) for cell in items[named]]
    if part in items.columns:
        return [one_line(cell) for cell in items[part]]
    return [""] * len(items)


def _titles(items: pd.DataFrame) -> list[str]:
    if "title" not in items.columns:
        return [""] * len(items)
    ids = Ids("item", np.array([""] * len(items), dtype=object))
    years = years_of(items)
    named = []
    for code, name in enumerate(item_names(items, ids)):
        if not one_line(items["title"].iloc[code]):
            named.append("")
            continue
        year = "" if years is None or np.isnan(years[code]) else f"{years[code]:.0f}"
        named.append(name if not year or f"({year})" in name else f"{name} ({year})")
    return named


def _joined(cell: Any) -> str:
    if isinstance(cell, (list, tuple, np.ndarray)):
        return ", ".join(filter(None, (one_line(one) for one in cell)))
    return one_line(cell).replace("|", ", ")


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    words, space, _ = text[:longest].rpartition(" ")
    return words if space else text[:longest]
