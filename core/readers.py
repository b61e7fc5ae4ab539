"""Readers by name: what a card's `reader` may say."""

from collections.abc import Callable

from core import readers_movielens
from core.cards import Card
from core.clean import Raw
from core.files import Files

Reader = Callable[[Files, Card], Raw]

READERS: dict[str, Reader] = {
    "movielens-recbole": readers_movielens.recbole,
}
