"""The MovieLens releases as they really are."""

import re

import pytest

from core.cards import card
from core.errors import FetchError
from core.files import Files
from core.load import load

STOP_WORDS = {"the", "a", "of", "and", "in", "from", "to", "for", "part", "ii", "iii", "iv"}
NAMED_ANEW = [  # sequels that share no word: series, or a second part named anew; judged by title
    {"Alien", "Aliens"},
    {"Army of Darkness", "Evil Dead II"},
    {"Blue in the Face", "Smoke"},
    {"Chasing Amy", "Mallrats"},
    {"Close Shave, A", "Wrong Trousers, The"},
    {"Doom Generation, The", "Nowhere"},
    {"Fierce Creatures", "Fish Called Wanda, A"},
    {"Grand Day Out, A", "Wrong Trousers, The"},
    {"Herbie Rides Again", "Love Bug, The"},
    {"Indiana Jones and the Last Crusade", "Raiders of the Lost Ark"},
    {"Jackie Chan's First Strike", "Supercop"},
    {"Jean de Florette", "Manon of the Spring (Manon des sources)"},
]


@pytest.fixture(scope="module")
def ml100k():
    try:
        return load("movielens-100k")
    except FetchError as error:
        pytest.skip(f"needs the package registry: {error}")


def words(title):
    return set(re.findall(r"[a-z]+", title.lower())) - STOP_WORDS


def test_movielens_100k_is_whole(ml100k):
    rows = ml100k.interactions
    assert (len(rows), rows.n_users, rows.n_items) == (100_000, 943, 1682)
    assert rows.ratings.mean() == pytest.approx(3.52986)
    assert int(rows.is_liked.sum()) == 55_375
    assert (int(rows.timestamps.min()), int(rows.timestamps.max())) == (874724710, 893286638)
    assert ml100k.facts["verified"]


def test_movielens_100k_knows_its_users_and_films(ml100k):
    users, items = ml100k.side.users, ml100k.side.items
    assert users.loc[ml100k.user_ids.code("1")].to_dict() == {
        "age": 24, "gender": "M", "occupation": "technician", "zip": "85711", "age_group": "18-24",
    }  # fmt: skip
    assert users["gender"].value_counts().to_dict() == {"M": 670, "F": 273}
    assert users.notna().all(axis=None)
    toy_story = items.loc[ml100k.item_ids.code("1")]
    assert toy_story["title"] == "Toy Story"
    assert toy_story["year"] == 1995
    assert toy_story["genres"] == ["Animation", "Children's", "Comedy"]
    assert {genre for genres in items["genres"] for genre in genres} == {
        "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
        "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller",
        "War", "Western",
    }  # fmt: skip


def test_sequels_in_the_graph_share_a_word_of_their_titles(ml100k):
    graph, titles = ml100k.side.graph, ml100k.side.items["title"]
    sequels = graph[graph["relation"].isin(["sequel", "prequel"]) & (graph["tail_item"] >= 0)]
    assert len(sequels) == 108
    pairs = [
        (titles[h], titles[t]) for h, t in zip(sequels["head"], sequels["tail_item"], strict=True)
    ]
    strangers = [{a, b} for a, b in pairs if not words(a) & words(b)]
    assert [pair for pair in strangers if pair not in NAMED_ANEW] == []
    assert len(strangers) == 2 * len(NAMED_ANEW)


def test_the_corrected_link_names_each_film_once(ml100k):
    link = (card("movielens-100k").folder / "ml-100k-kg-link.csv").read_text().splitlines()[1:]
    items = [row.split(",")[0] for row in link]
    assert len(set(items)) == len(items) == 1504
    assert set(items) <= set(ml100k.item_ids.names)


def test_the_graph_speaks_from_the_film_and_says_nothing_twice(ml100k):
    graph = ml100k.side.graph
    assert list(graph.columns) == ["head", "relation", "tail", "tail_item"]
    assert not graph.duplicated().any()
    assert set(graph["relation"]) >= {"genre", "actor", "directed_by", "sequel", "subjects"}
    assert "film" not in set(graph["relation"])
    dropped = {entry.reason: entry.count for entry in ml100k.ledger if entry.unit == "edges"}
    assert len(graph) + sum(dropped.values()) == 91_631


def test_the_second_load_is_the_same_data(ml100k):
    again = load("movielens-100k")
    assert again.sha256 == ml100k.sha256
    assert again.side.items["genres"].tolist() == ml100k.side.items["genres"].tolist()
    assert again.side.graph.equals(ml100k.side.graph)


@pytest.fixture(scope="module")
def as_published(tmp_path_factory, data_dir):
    """ratings.dat, users.dat, movies.dat as GroupLens publishes them."""
    import pandas as pd

    root = tmp_path_factory.mktemp("published")
    (root / "ml-1m").mkdir()
    here = Files(data_dir / "ml-1m")
    if not here.path("ratings.parquet"):
        pytest.skip("MovieLens 1M is not on this machine")
    table = pd.read_parquet(here.path("ratings.parquet"))[
        ["user_id", "movie_id", "rating", "timestamp"]
    ]
    text = table.to_csv(sep="\t", header=False, index=False).replace("\t", "::")
    (root / "ml-1m" / "ratings.dat").write_text(text)
    for name in ("users.dat", "movies.dat"):
        (root / "ml-1m" / name).write_bytes(here.read(name))
    return root


@pytest.fixture(scope="module")
def ml1m(data_dir):
    if not (data_dir / "ml-1m" / "ratings.parquet").is_file():
        pytest.skip("MovieLens 1M is not on this machine")
    return load("movielens-1m")


def test_movielens_1m_is_whole(ml1m):
    rows = ml1m.interactions
    assert (len(rows), rows.n_users, rows.n_items) == (1_000_209, 6040, 3706)
    assert ml1m.side.users.loc[ml1m.user_ids.code("1")].to_dict() == {
        "gender": "F", "age_group": "under 18", "occupation": "K-12 student", "zip": "48067",
    }  # fmt: skip
    film = ml1m.side.items.loc[ml1m.item_ids.code("73")]
    assert (film["title"], film["year"]) == ("Misérables, Les", 1995)
    assert ml1m.side.items.loc[ml1m.item_ids.code("1"), "director"] == "John Lasseter"
    assert ml1m.side.items["text"].notna().mean() > 0.9
    assert ml1m.ledger.count("time known between two bounds only") > 0


def test_movielens_1m_from_its_published_text_is_the_same(ml1m, as_published, monkeypatch):
    monkeypatch.setenv("RECSCOPE_DATA_DIR", str(as_published))
    text = load("movielens-1m", cache=False)
    for column in ("users", "items", "ratings", "timestamps"):
        assert (getattr(text.interactions, column) == getattr(ml1m.interactions, column)).all()
    assert text.side.users.equals(ml1m.side.users)
    assert text.side.items["title"].equals(ml1m.side.items["title"])
