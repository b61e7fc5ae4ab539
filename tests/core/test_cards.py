"""What the data cards say, and what a card of one's own may say."""

import json

import pytest

from core.cards import Source, card, cards, read_card
from core.errors import ConfigError, UnknownNameError
from core.paths import CARDS
from core.readers import READERS
from core.split import RULES

WANTED = {
    "llmrank-games",
    "movielens-100k",
    "movielens-1m",
    "movielens-latest-small",
    "movielens-25m",
    "movielens-32m",
    "amazon-electronics-2023",
    "amazon-musical-instruments",
    "globo-news",
    "open-bandit",
    "coat",
    "sandbox",
}
SMALLEST = """
title = "Mine"
description = "d"
licence = "l"
citation = "c"
[[sources]]
folder = "mine"
"""

every_card = pytest.mark.parametrize("name", sorted(cards()))


def test_every_promised_data_set_has_a_card():
    assert cards().keys() == WANTED


@every_card
def test_a_card_names_what_exists(name):
    entry = card(name)
    assert entry.split in RULES
    for source in entry.sources:
        assert source.kind == "generated" or (source.reader or entry.reader) in READERS
    assert entry.licence
    assert entry.citation
    assert entry.name == name


@every_card
def test_a_card_is_plain_data_for_a_manifest(name):
    assert json.loads(json.dumps(card(name).facts))["title"] == card(name).title


@every_card
def test_whatever_a_card_downloads_has_a_checksum(name):
    fetched = [s for s in card(name).sources if s.kind in {"package", "url"}]
    assert all(source.is_verified for source in fetched)


def test_the_folder_of_cards_holds_no_python():
    assert not list(CARDS.rglob("*.py"))


def test_an_unknown_data_set_is_answered_with_the_nearest_name():
    with pytest.raises(UnknownNameError, match="no data set is called 'movielens-100'; did you"):
        card("movielens-100")


def test_a_card_of_ones_own_is_read_by_its_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SMALLEST)
    mine = card(path)
    assert (mine.name, mine.sources) == ("mine", (Source("folder", "mine"),))
    assert mine.folder == tmp_path


@pytest.mark.parametrize(
    "change, message",
    [
        ('titel = "x"', "no entry of a data card is called 'titel'; did you mean 'title'"),
        ('repeats = "some"', "repeats is one of last, first, keep; got 'some'"),
        ("x = [", "is not a TOML card"),
        ('[[sources]]\nurl = "u"\nfolder = "f"', "names exactly one of package, folder, url"),
        ('[[sources]]\nfolder = "f"\nsha = "1"', "besides only sha256, md5, files"),
    ],
)
def test_a_wrong_entry_of_a_card_is_named(tmp_path, change, message):
    path = tmp_path / "mine.toml"
    head, _, sources = SMALLEST.partition("[[sources]]")
    path.write_text(f"{head}{change}\n[[sources]]{sources}")
    with pytest.raises((UnknownNameError, ConfigError), match=message):
        read_card(path)


def test_a_card_without_its_facts_says_which(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"')
    with pytest.raises(ConfigError, match="needs description, licence, citation, sources"):
        read_card(path)


def test_a_missing_card_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(ConfigError, match=r"no data card at .*none\.toml"):
        card(tmp_path / "none.toml")
