"""Readers of the MovieLens releases, each in its own format."""

import json

import numpy as np
import pandas as pd

from core.cards import Card
from core.errors import DatasetError
from core.files import Files
from core.ledger import Ledger
from core.raw import Raw
from core.readers_text import read_parquet, read_table

AGES = ((0, "under 18"), (18, "18-24"), (25, "25-34"), (35, "35-44"), (45, "45-49"), (50, "50-55"))
OLDEST = (56, "56 and over")
OCCUPATIONS = (
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student",
    "customer service", "doctor/health care", "executive/managerial", "farmer", "homemaker",
    "K-12 student", "lawyer", "programmer", "retired", "sales/marketing", "scientist",
    "self-employed", "technician/engineer", "tradesman/craftsman", "unemployed", "writer",
)  # fmt: skip
GENRES_WITH_NO_NAME = {"unknown", "(no genres listed)", ""}
INVERSE = {  # the graph names each edge from both ends; from the film's end it is said once
    "film.producer.film": "produced_by",
    "film.film_genre.films_in_this_genre": "genre",
    "film.writer.film": "written_by",
    "film.director.film": "directed_by",
    "film.cinematographer.film": "cinematography",
    "film.production_company.films": "production_companies",
    "film.content_rating.film": "rating",
    "film.film_subject.films": "subjects",
    "film.actor.film": "actor",
}


def age_groups(ages: pd.Series) -> pd.Series:
    """The age bands of MovieLens 1M, as text; missing where the age is."""
    starts = [start for start, _ in (*AGES, OLDEST)] + [np.inf]
    labels = [label for _, label in (*AGES, OLDEST)]
    return pd.cut(ages, starts, right=False, labels=labels).astype("str")


def decades(years: pd.Series) -> pd.Series:
    """The decade as text, 1990s for 1995; missing where the year is."""
    return (years // 10 * 10).astype("Int64").astype("str") + "s"


def genre_lists(joined: pd.Series, separator: str) -> pd.Series:
    """Lists of genres; an empty list where none is named."""
    lists = [
        [genre for genre in text.split(separator) if genre not in GENRES_WITH_NO_NAME]
        for text in joined.fillna("").tolist()
    ]
    return pd.Series(lists, index=joined.index, dtype=object)


def titles_and_years(titles: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Title and year apart, Heat (1995) as Heat and 1995; missing without a year."""
    found = titles.str.extract(r"^(?P<title>.*?)\s*(?:\((?P<year>\d{4})\))?\s*$")
    return found["title"], pd.to_numeric(found["year"]).astype("Int64")


def recbole(files: Files, card: Card) -> Raw:
    """MovieLens 100K as RecBole's package carries it, with the graph tied to the right films."""
    ratings = read_table(files.read("ml-100k.inter"), "\t", "ml-100k.inter")
    ratings.columns = pd.Index(["user", "item", "rating", "timestamp"])
    users = read_table(files.read("ml-100k.user"), "\t", "ml-100k.user")
    users.columns = pd.Index(["user", "age", "gender", "occupation", "zip"])
    users["zip"] = users["zip"].astype("str")
    users["age_group"] = age_groups(users["age"])
    described = read_table(files.read("ml-100k.item"), "\t", "ml-100k.item", text=True)
    years = pd.to_numeric(described.iloc[:, 2], errors="coerce").astype("Int64")
    items = pd.DataFrame(
        {
            "item": described.iloc[:, 0],
            "title": described.iloc[:, 1].replace("unkonwn", "unknown"),
            "year": years,
            "decade": decades(years),
            "genres": genre_lists(described.iloc[:, 3], " "),
        }
    )
    ledger = Ledger()
    graph = _graph(files, card, ledger)
    return Raw(ratings, users, items, graph, ledger=ledger)


def _graph(files: Files, card: Card, ledger: Ledger) -> pd.DataFrame:
    """Edges from the film's end: head (item id), relation, tail (Freebase id), tail_item."""
    edges = read_table(files.read("ml-100k.kg"), "\t", "ml-100k.kg", text=True)
    edges.columns = pd.Index(["head", "relation", "tail"])
    path = card.folder / str(card.options["link"])
    if not path.is_file():
        raise DatasetError(f"the table that ties the graph to films is missing: {path}")
    link = pd.read_csv(path, dtype=str)
    film = dict(zip(link["e"], link["i"], strict=True))
    turned = edges["relation"].isin(list(INVERSE)) & edges["tail"].isin(list(film))
    about = edges["head"].where(~turned, edges["tail"]).map(film)
    relation = edges["relation"].map(lambda name: INVERSE.get(name, name.rsplit(".", 1)[-1]))
    tail = edges["tail"].where(~turned, edges["head"])
    of_no_film = about.isna()
    ledger.add(
        "load", "dropped", "graph edge of no linked film", int(of_no_film.sum()), unit="edges"
    )
    out = pd.DataFrame(
        {"head": about, "relation": relation, "tail": tail, "tail_item": tail.map(film)}
    )
    out = out[~of_no_film]
    again = out.duplicated()
    ledger.add(
        "load",
        "dropped",
        "graph edge said from both ends, once kept",
        int(again.sum()),
        unit="edges",
    )
    return out[~again]


def dat(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """MovieLens 1M as GroupLens publishes it: ratings.dat, users.dat, movies.dat, `::` between."""
    ratings = read_table(files.read("ratings.dat"), "::", "ratings.dat", header=False)
    return Raw(_named(ratings, "ratings.dat"), _users_1m(files), _movies_1m(files))


def one_million(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """MovieLens 1M with ratings as Parquet, and films with plots, directors and casts."""
    columns = ["user_id", "movie_id", "rating", "timestamp", "ts_kind"]
    table = read_parquet(files, "ratings.parquet", columns)
    ledger = Ledger()
    bracketed = int((~table.pop("ts_kind").isin([0, 1])).sum())
    ledger.add("load", "noted", "time known between two bounds only", bracketed)
    items = _movies_1m(files).merge(_stories(files), on="item", how="left")
    return Raw(_named(table, "ratings.parquet"), _users_1m(files), items, ledger=ledger)


def csv(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """The MovieLens releases since 2015: ratings.csv, movies.csv and perhaps tags.csv."""
    narrow = {"userId": "int32", "movieId": "int32", "rating": "float32", "timestamp": "int64"}
    ratings = read_table(files.read("ratings.csv"), ",", "ratings.csv", types=narrow)
    movies = read_table(files.read("movies.csv"), ",", "movies.csv", text=True)
    tags = {}
    if files.has("tags.csv"):
        table = read_table(files.read("tags.csv"), ",", "tags.csv", types={"tag": "str"})
        tags["tags"] = table.set_axis(["user", "item", "tag", "timestamp"], axis=1)
    items = _described(movies.iloc[:, 0], movies.iloc[:, 1], movies.iloc[:, 2])
    return Raw(_named(ratings, "ratings.csv"), items=items, tables=tags)


def _named(ratings: pd.DataFrame, name: str) -> pd.DataFrame:
    roles = ["user", "item", "rating", "timestamp"]
    if ratings.shape[1] != len(roles):
        raise DatasetError(f"{name} has {ratings.shape[1]} columns; wanted 4: {', '.join(roles)}")
    return ratings.set_axis(roles, axis=1)


def _described(item: pd.Series, titles: pd.Series, genres: pd.Series) -> pd.DataFrame:
    title, year = titles_and_years(titles)
    return pd.DataFrame(
        {
            "item": item,
            "title": title,
            "year": year,
            "decade": decades(year),
            "genres": genre_lists(genres, "|"),
        }
    )


def _users_1m(files: Files) -> pd.DataFrame:
    users = read_table(
        files.read("users.dat"), "::", "users.dat", header=False, text=True, encoding="latin-1"
    ).set_axis(["user", "gender", "age_group", "occupation", "zip"], axis=1)
    bands = {str(max(start, 1)): label for start, label in (*AGES, OLDEST)}
    jobs = {str(code): job for code, job in enumerate(OCCUPATIONS)}
    return users.assign(
        age_group=users["age_group"].map(bands), occupation=users["occupation"].map(jobs)
    )


def _movies_1m(files: Files) -> pd.DataFrame:
    movies = read_table(
        files.read("movies.dat"), "::", "movies.dat", header=False, text=True, encoding="latin-1"
    )
    return _described(movies[0], movies[1], movies[2])


def _stories(files: Files) -> pd.DataFrame:
    """item, director, cast (lists), text: the plot, else the encyclopedia's abstract."""
    told = read_table(files.read("movies_tml1m.csv"), ",", "movies_tml1m.csv", text=True)
    told = told.drop_duplicates("MovielensID", keep="last")
    stories = pd.DataFrame(
        {
            "item": told["MovielensID"],
            "director": told["Director"],
            "cast": genre_lists(told["Cast"], ","),
            "text": told["Plot"],
        }
    )
    abstracts = pd.Series(json.loads(files.text("dbpedia_abstracts.json")), name="abstract")
    joined = stories.merge(
        abstracts.rename_axis("item").reset_index(), on="item", how="outer", validate="one_to_one"
    )
    joined["text"] = joined["text"].fillna(joined.pop("abstract"))
    joined["cast"] = joined["cast"].map(lambda names: names if isinstance(names, list) else [])
    return joined
