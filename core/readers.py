"""Readers by name: what a card's `reader` may say."""

from collections.abc import Callable

from core import readers_clicks, readers_lists, readers_movielens, readers_shops
from core.cards import Card
from core.files import Files
from core.raw import Raw

Reader = Callable[[Files, Card], Raw]

READERS: dict[str, Reader] = {
    "movielens-recbole": readers_movielens.recbole,
    "movielens-dat": readers_movielens.dat,
    "movielens-1m": readers_movielens.one_million,
    "movielens-csv": readers_movielens.csv,
    "amazon-electronics": readers_shops.electronics,
    "amazon-reviews": readers_shops.reviews,
    "coat": readers_shops.coat,
    "globo": readers_clicks.globo,
    "open-bandit": readers_clicks.open_bandit,
    "llmrank": readers_lists.llmrank,
}
