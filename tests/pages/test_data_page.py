"""Data: cards, uploads, columns mapped, lines refused, and the audit of an upload."""

import pytest

from app import data, upload
from tests.pages.conftest import open_link, texts

GOOD = b"user,item,rating,timestamp\n" + b"".join(
    f"u{n % 9},i{n % 7},{1 + n % 5},{880000000 + n}\n".encode() for n in range(60)
)
BAD = GOOD + b"u1,i1,nonsense,880000100\nu2,,3,880000101\n"


@pytest.fixture
def at(fresh_home, open_app):
    at = open_app("data")
    return at.selectbox(key="data.name").set_value("sandbox").run()


def uploaded(at, content, name="mine.csv"):
    at.selectbox(key="data.name").set_value(data.UPLOAD).run()
    return at.file_uploader(key="data.file").upload(name, content).run()


def test_a_card_shows_counts_licence_and_citation(at):
    assert not at.exception
    labels = [metric.label for metric in at.metric]
    assert labels[:4] == ["Interactions", "Users", "Items", "Density"]
    assert "**Licence.**" in texts(at)
    assert "**Cite.**" in texts(at)


def test_a_card_that_must_be_fetched_says_so_and_waits(fresh_home, open_app, monkeypatch):
    monkeypatch.setattr(data, "available", lambda name: "not fetched yet; it can be had")
    at = open_app("data")
    assert "not fetched yet" in texts(at)
    assert at.button(key="data.fetch").label == "Get it now"
    assert not at.metric


def test_the_data_of_the_address_are_shown(fresh_home):
    assert open_link("data", name="sandbox").selectbox(key="data.name").value == "sandbox"


def test_the_guessed_columns_are_shown_and_can_be_changed(at):
    uploaded(at, GOOD.replace(b"user,item", b"who,what"))
    assert not at.exception
    guessed = [at.selectbox(key=f"data.role-{role}").value for role in upload.ROLES]
    assert guessed[2:] == ["rating", "timestamp"]
    at.selectbox(key="data.role-user").set_value("who").run()
    at.selectbox(key="data.role-item").set_value("what").run()
    assert "What was refused" in texts(at)


def test_refused_lines_are_listed_with_line_column_and_reason(at):
    uploaded(at, BAD)
    assert not at.exception
    refused = next(f.value for f in at.dataframe if "reason" in f.value and "line" in f.value)
    assert {62, 63} <= set(refused["line"])
    assert "rating" in set(refused["column"])


def test_without_a_user_column_it_asks_for_one(at):
    uploaded(at, GOOD)
    at.selectbox(key="data.role-user").set_value(upload.NONE).run()
    assert "Name the columns" in texts(at)


def test_an_empty_file_is_answered_without_a_traceback(at):
    uploaded(at, b"")
    assert not at.exception
    assert at.error


def test_an_upload_is_kept_under_a_name_of_ours(at, fresh_home):
    uploaded(at, GOOD, "../../evil name;.csv")
    (kept,) = (fresh_home / "cache" / "uploads").rglob("*.csv")
    assert kept.is_relative_to(fresh_home)
    assert kept.name == "evil-name.csv"
    assert kept.read_bytes() == GOOD


def test_an_upload_can_be_audited(at, submitted):
    submitted.clear()
    uploaded(at, GOOD)
    at.button(key="data.go").click().run()
    ((config, label, _),) = submitted
    assert config.data.interactions.endswith("mine.csv")
    assert config.data.columns["user"] == "user"
    assert label == "Audit of mine.csv"
