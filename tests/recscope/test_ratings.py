"""People's ratings: one per rater and explanation, in SQLite and in a real PostgreSQL."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConfigError, StorageError
from recscope.ratings import (
    ADDRESS,
    LONGEST_COMMENT,
    LONGEST_TEXT,
    Rating,
    Ratings,
    address,
    new_rater,
    words_of,
)

GIVEN = Rating(
    run="20260102-030405-made-0001",
    model="ease",
    explainer="template",
    user=7,
    item=3,
    text="Because you liked Alien.",
    rater="r1",
    clear=4,
    convincing=2,
    helpful=5,
    comment="why not",
)
HOSTILE = "Robert'); DROP TABLE rating;-- <script>alert(1)</script> =1+1 \x00\x1b[31m\u202e ünï 🎬"


def binaries() -> Path | None:
    """Folder of the newest PostgreSQL server on this machine."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(installed, key=lambda path: int(path.parent.parent.name))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: whom it may run as then."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of its own in a folder of its own, on a socket and no port."""
    bin_folder = binaries()
    if bin_folder is None or not (bin_folder / "pg_ctl").exists():
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    user = unprivileged()
    if os.geteuid() == 0 and user is None:
        pytest.skip("PostgreSQL refuses root, and there is no user postgres or nobody here")
    folder = Path(tempfile.mkdtemp(prefix="recscope-pg-", dir="/tmp"))  # sockets want short paths
    if user is not None:
        shutil.chown(folder, user)
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid} if user else {}

    def call(*command: str) -> None:
        subprocess.run(
            [str(bin_folder / command[0]), *command[1:]],
            check=True,
            capture_output=True,
            timeout=120,
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            **as_user,
        )

    data = str(folder / "data")
    call("initdb", "-D", data, "-U", "rater", "-A", "trust", "-E", "UTF8", "-N")
    settings = f"-c listen_addresses='' -c fsync=off -k {folder}"
    try:
        log = str(folder / "log")
        call("pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", settings, "start")
        try:
            yield f"postgresql://rater@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ratings]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'folder' / 'ratings.sqlite'}"
    else:
        url = request.getfixturevalue("postgres_url")
    with Ratings.at(url) as ratings:
        yield ratings
        if request.param == "postgresql":  # one server serves every test
            with ratings._engine.begin() as connection:
                connection.exec_driver_sql("DELETE FROM rating")


def test_a_rating_is_read_back_as_it_was_given(kept):
    kept.rate(GIVEN)
    (row,) = kept.table().to_dict("records")
    for name in ("run", "model", "explainer", "user", "item", "text", "rater", "comment"):
        assert row[name] == getattr(GIVEN, name)
    assert (row["clear"], row["convincing"], row["helpful"]) == (4, 2, 5)
    assert row["at"] > 1e9


def test_a_later_rating_by_the_same_rater_replaces_the_earlier_one(kept):
    kept.rate(GIVEN)
    kept.rate(replace(GIVEN, clear=1, comment="on second thoughts"))
    (row,) = kept.table().to_dict("records")
    assert (row["clear"], row["comment"]) == (1, "on second thoughts")


@pytest.mark.parametrize(
    "change",
    [
        {"rater": "r2"},
        {"explainer": "language-model"},
        {"item": 4},
        {"user": 8},
        {"model": "item-knn"},
        {"run": "20260102-030405-made-0002"},
        {"text": "Because you liked Aliens."},
    ],
)
def test_another_rater_or_explanation_is_another_rating(kept, change):
    kept.rate(GIVEN)
    kept.rate(replace(GIVEN, **change))
    assert len(kept.table()) == 2


def test_a_run_can_be_asked_for_alone(kept):
    kept.rate(GIVEN)
    kept.rate(replace(GIVEN, run="other"))
    assert kept.table("other")["run"].tolist() == ["other"]
    assert kept.table("nobody's").empty


def test_a_rater_finds_what_they_said_before(kept):
    asked = {name: getattr(GIVEN, name) for name in ("run", "model", "explainer", "user", "item")}
    asked["text"] = GIVEN.text
    assert kept.mine(asked, "r1") is None
    kept.rate(GIVEN)
    assert kept.mine(asked, "r1")["helpful"] == 5
    assert kept.mine(asked, "r2") is None


def test_hostile_text_is_kept_as_text(kept):
    kept.rate(replace(GIVEN, comment=HOSTILE, text=HOSTILE, model=HOSTILE[:40].strip("\x00")))
    kept.rate(GIVEN)  # the table is still there
    shown = kept.table()
    assert len(shown) == 2
    said = shown["comment"].iloc[0]
    assert said.startswith("Robert'); DROP TABLE rating;-- <script>")
    assert said.endswith("ünï 🎬")
    assert not set(said) & {"\x00", "\x1b", "\u202e"}


def test_many_raters_at_once_lose_nothing(kept):
    raters = [f"r{place}" for place in range(8)]
    threads = [
        threading.Thread(target=kept.rate, args=(replace(GIVEN, rater=rater),)) for rater in raters
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept.table()["rater"]) == raters


def test_a_second_opening_finds_what_the_first_kept(tmp_path):
    url = f"sqlite:///{tmp_path / 'ratings.sqlite'}"
    with Ratings.at(url) as first:
        first.rate(GIVEN)
    with Ratings.at(url) as second:
        assert len(second.table()) == 1


def test_ratings_lie_under_the_home_unless_told_otherwise(fresh_home, monkeypatch):
    assert address() == f"sqlite:///{fresh_home / 'ratings.sqlite'}"
    with Ratings.at() as kept:
        kept.rate(GIVEN)
    assert (fresh_home / "ratings.sqlite").is_file()
    monkeypatch.setenv(ADDRESS, "sqlite:////elsewhere.sqlite")
    assert address() == "sqlite:////elsewhere.sqlite"


@pytest.mark.parametrize(
    "change, message",
    [
        ({"clear": 0}, "clear is a whole number from 1 to 5; got 0"),
        ({"helpful": 6}, "helpful is a whole number from 1 to 5; got 6"),
        ({"convincing": 2.5}, "convincing is a whole number from 1 to 5; got 2.5"),
        ({"comment": "x" * (LONGEST_COMMENT + 1)}, "this one has 1,001: shorten it"),
        ({"rater": ""}, "rater has 1 to 200 characters; got 0"),
        ({"model": "m" * 201}, "model has 1 to 200 characters; got 201"),
    ],
)
def test_what_is_no_rating_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        replace(GIVEN, **change)


@pytest.mark.parametrize(
    "url, message",
    [
        ("mysql://root@localhost/x", "asks for 'mysql'; ratings are kept in sqlite or in"),
        ("no address at all", "is no address of a database; write sqlite"),
        ("sqlite://", "SQLite in memory, which forgets"),
    ],
)
def test_an_address_that_cannot_be_is_told(url, message):
    with pytest.raises(ConfigError, match=message):
        Ratings.at(url)


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path):
    url = f"postgresql://rater:hidden-word@/ratings?host={tmp_path}"
    with pytest.raises(StorageError, match="cannot be used") as told:
        Ratings.at(url)
    assert "hidden-word" not in str(told.value)
    assert "***" in str(told.value)


def test_a_file_that_is_no_database_is_told(tmp_path):
    file = tmp_path / "ratings.sqlite"
    file.write_text("certainly no database, and long enough to be seen as none " * 20)
    with pytest.raises(StorageError, match="file is not a database"):
        Ratings.at(f"sqlite:///{file}")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"folder .* for ratings cannot be made"):
        Ratings.at(f"sqlite:///{tmp_path / 'file' / 'inside' / 'ratings.sqlite'}")


def test_raters_are_nobody_in_particular():
    assert len({new_rater() for _ in range(100)}) == 100
    assert len(new_rater()) == 16


def test_very_long_words_are_told_apart_by_what_is_kept_of_them():
    assert words_of("a" * LONGEST_TEXT) == words_of("a" * (LONGEST_TEXT + 5))
    assert words_of("a") != words_of("b")
