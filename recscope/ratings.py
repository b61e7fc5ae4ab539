"""What do people say of explanations?  Their ratings, in SQLite or in PostgreSQL.

    with Ratings.at() as kept:
        kept.rate(Rating(run="…", model="ease", explainer="template", user=7, item=3, …))
        kept.table()

The address is $RECSCOPE_RATINGS_URL, else ratings.sqlite under $RECSCOPE_HOME. A rater is a random
token of one visit: nobody's name, address or account is kept.
"""

import os
import secrets
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from core.errors import ConfigError, StorageError
from core.paths import home

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

QUESTIONS: Mapping[str, str] = {
    "clear": "I understand it",
    "convincing": "I believe it",
    "helpful": "It would help me choose",
}
LOWEST, HIGHEST = 1, 5
LONGEST_COMMENT = 1000  # characters
LONGEST_TEXT = 4000
LONGEST_NAME = 200
ADDRESS = "RECSCOPE_RATINGS_URL"
PATIENCE = 5  # seconds until a server that does not answer is given up
WHOSE = ("run", "model", "explainer", "user", "item", "words", "rater")


@dataclass(frozen=True)
class Rating:
    """One rater's word on one explanation.

    run, model, explainer  whose explanation; user, item: codes in that run
    text     the words that were rated; others are another explanation
    rater    a token that stands for one visit (`new_rater`)
    clear, convincing, helpful  1 (not at all) to 5 (very much)
    comment  free text, up to 1,000 characters
    """

    run: str
    model: str
    explainer: str
    user: int
    item: int
    text: str
    rater: str
    clear: int
    convincing: int
    helpful: int
    comment: str = ""

    def __post_init__(self) -> None:
        for name in QUESTIONS:
            value = getattr(self, name)
            if not isinstance(value, int) or not LOWEST <= value <= HIGHEST:
                raise ConfigError(
                    f"{name} is a whole number from {LOWEST} to {HIGHEST}; got {value!r}"
                )
        if len(self.comment) > LONGEST_COMMENT:
            raise ConfigError(
                f"a comment has up to {LONGEST_COMMENT:,} characters; this one has "
                f"{len(self.comment):,}: shorten it"
            )
        for name in ("run", "model", "explainer", "rater"):
            if not 0 < len(getattr(self, name)) <= LONGEST_NAME:
                raise ConfigError(
                    f"{name} has 1 to {LONGEST_NAME} characters; got {len(getattr(self, name))}"
                )


def new_rater() -> str:
    """A token for one visit, drawn by lot."""
    return secrets.token_hex(8)


def words_of(text: str) -> str:
    """What tells explanations of other words apart: 16 hexadecimal digits of their SHA-256."""
    return sha256(cleaned(text, LONGEST_TEXT).encode()).hexdigest()[:16]


def cleaned(text: str, longest: int) -> str:
    """At most so many characters, without those that no database keeps or no page should show."""
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return "".join(kept).strip()[:longest]


def address() -> str:
    """Where ratings are kept: $RECSCOPE_RATINGS_URL, else a file under $RECSCOPE_HOME."""
    return os.environ.get(ADDRESS) or f"sqlite:///{home() / 'ratings.sqlite'}"


class Ratings:
    """People's ratings at one address.  Opened by `Ratings.at`, closed by `with` or `close`."""

    def __init__(self, engine: "Engine", table: "Table") -> None:
        self._engine = engine
        self._table = table

    @classmethod
    def at(cls, url: str | None = None) -> Self:
        """The ratings at an address, None for the usual one; an empty table is made there.

        Raises ConfigError for an address that is neither SQLite nor PostgreSQL, StorageError where
        the database cannot be used. A password never stands in a message.
        """
        asked = url or address()
        engine = _engine(asked)
        kept = cls(engine, _table())
        try:
            with _told(engine):
                _make(engine, kept._table)
        except StorageError:
            engine.dispose()
            raise
        return kept

    def rate(self, rating: Rating) -> None:
        """Keep a rating; an earlier one by the same rater of the same explanation gives way."""
        row = {entry.name: getattr(rating, entry.name) for entry in fields(rating)}
        row |= {
            "words": words_of(rating.text),
            "text": cleaned(rating.text, LONGEST_TEXT),
            "comment": cleaned(rating.comment, LONGEST_COMMENT),
            "at": time.time(),
        }
        insert = _insert(self._engine.dialect.name)(self._table).values(row)
        changed = {name: insert.excluded[name] for name in row if name not in WHOSE}
        with _told(self._engine), self._engine.begin() as connection:
            connection.execute(
                insert.on_conflict_do_update(index_elements=list(WHOSE), set_=changed)
            )

    def table(self, run: str | None = None) -> pd.DataFrame:
        """Every rating, oldest first; of one run, or of all.

        run, model, explainer, user, item, words, text, rater, clear, convincing, helpful, comment,
        at (seconds since 1970, UTC)
        """
        from sqlalchemy import select

        query = select(self._table).order_by(self._table.c.at, self._table.c.rater)
        if run is not None:
            query = query.where(self._table.c.run == run)
        with _told(self._engine), self._engine.connect() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return pd.DataFrame(rows, columns=[column.name for column in self._table.columns])

    def mine(self, rating: Mapping[str, Any], rater: str) -> dict[str, Any] | None:
        """What a rater said of one explanation (run, model, explainer, user, item, text)."""
        from sqlalchemy import select

        asked = {**rating, "words": words_of(rating["text"]), "rater": rater}
        query = select(self._table).where(*(self._table.c[name] == asked[name] for name in WHOSE))
        with _told(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else dict(row)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _engine(url: str) -> "Engine":
    from sqlalchemy import URL, create_engine, make_url
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.pool import NullPool

    try:
        asked: URL = make_url(url)
    except ArgumentError as error:
        raise ConfigError(
            f"${ADDRESS} is no address of a database; write sqlite:///FILE or "
            "postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error
    kind = asked.get_backend_name()
    if kind == "sqlite":
        if asked.database in (None, "", ":memory:"):
            raise ConfigError(
                f"${ADDRESS} asks for SQLite in memory, which forgets; write sqlite:///FILE"
            )
        _make_folder(str(asked.database))
        # a connection an operation: a rating is rare, and nothing is held between two
        return create_engine(asked, poolclass=NullPool, connect_args={"timeout": 10})
    if kind in {"postgresql", "postgres"}:
        asked = asked.set(drivername="postgresql+psycopg")
        wait = {"connect_timeout": PATIENCE}
        return create_engine(asked, poolclass=NullPool, connect_args=wait)
    raise ConfigError(
        f"${ADDRESS} asks for {kind!r}; ratings are kept in sqlite or in postgresql+psycopg"
    )


def _make_folder(file: str) -> None:
    from pathlib import Path

    folder = Path(file).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder {folder} for ratings cannot be made ({error}); set RECSCOPE_HOME or "
            f"{ADDRESS} to another place"
        ) from error


def _table() -> "Table":
    from sqlalchemy import Column, Float, Integer, MetaData, SmallInteger, String, Table, Text

    key: dict[str, Any] = {"primary_key": True}
    return Table(
        "rating",
        MetaData(),
        *(Column(name, String(LONGEST_NAME), **key) for name in ("run", "model", "explainer")),
        *(Column(name, Integer, autoincrement=False, **key) for name in ("user", "item")),
        Column("words", String(16), **key),
        Column("rater", String(LONGEST_NAME), **key),
        Column("text", Text, nullable=False),
        *(Column(name, SmallInteger, nullable=False) for name in QUESTIONS),
        Column("comment", Text, nullable=False),
        Column("at", Float(53), nullable=False),
    )


def _make(engine: "Engine", table: "Table") -> None:
    from sqlalchemy import inspect
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.schema import CreateTable

    try:
        with engine.begin() as connection:
            connection.execute(CreateTable(table, if_not_exists=True))
    except DBAPIError:
        # two that make it at once: PostgreSQL lets one of them fail, and the table is there
        if not inspect(engine).has_table(table.name):
            raise


def _insert(dialect: str) -> Any:
    from sqlalchemy.dialects import postgresql, sqlite

    return sqlite.insert if dialect == "sqlite" else postgresql.insert


@contextmanager
def _told(engine: "Engine") -> Iterator[None]:
    """What a database refuses, as a StorageError that names the place without its password."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as error:
        place = engine.url.render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StorageError(
            f"ratings at {place} cannot be used ({reason}); look whether the database answers, or "
            f"set {ADDRESS} to another one"
        ) from error
