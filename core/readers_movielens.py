"""Readers of the MovieLens releases, each in its own format."""

import numpy as np
import pandas as pd

from core.cards import Card
from core.clean import Raw
from core.errors import DatasetError
from core.files import Files
from core.ledger import Ledger
from core.readers_text import read_table

AGES = ((0, "under 18"), (18, "18-24"), (25, "25-34"), (35, "35-44"), (45, "45-49"), (50, "50-55"))
OLDEST = (56, "56 and over")
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
    """ "1990s" for 1995; missing where the year is."""
    return (years // 10 * 10).astype("Int64").astype("str") + "s"


def genre_lists(joined: pd.Series, separator: str) -> pd.Series:
    """Lists of genres; an empty list where none is named."""
    lists = [
        [genre for genre in text.split(separator) if genre not in GENRES_WITH_NO_NAME]
        for text in joined.fillna("").tolist()
    ]
    return pd.Series(lists, index=joined.index, dtype=object)


def titles_and_years(titles: pd.Series) -> tuple[pd.Series, pd.Series]:
    """ "Heat (1995)" as "Heat" and 1995; the year is missing where the title ends without one."""
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
