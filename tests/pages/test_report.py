"""A run as one page: all that matters is in it, nothing is fetched, no text of data is HTML."""

import json
import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest

from app import queries, report_tables
from app.report import report, write
from app.report_page import rich, table
from app.words import number
from core.errors import StorageError, UnknownNameError
from recscope.cli.main import main

FAMILIES = ("Accuracy", "Diversity", "Calibration", "User fairness", "Item fairness", "Cold start")


class Tags(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html):
        super().__init__()
        self.names, self.links, self.open, self.wrong = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.links += [value for key, value in attrs if key in {"src", "href", "action"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_every_family_and_every_model_is_there(audited_run):
    html = report(audited_run)
    assert [title for title in FAMILIES if f"<h2>{title}</h2>" not in html] == []
    for model in queries.models(audited_run):
        assert html.count(f'<td class="short">{model}</td>') >= len(FAMILIES)
    assert "What should worry me?" in html
    assert "Can the explanations be believed?" in html
    assert "[models.ease]" in html  # the settings that made it


def test_its_numbers_are_those_of_the_run(audited_run):
    rows = queries.everybody(audited_run)
    rows = rows[(rows["metric"] == "ndcg") & (rows["k"] == 10)].set_index("model")
    told = report_tables.numbers(
        report_tables.everybody(audited_run), "accuracy", list(rows.index)
    ).set_index("model")["ndcg@10"]
    for model, row in rows.iterrows():
        assert told[model].startswith(f"{number(row['mean'])} [{number(row['low'])} to ")


def test_nothing_runs_and_nothing_is_fetched(audited_run):
    tags = Tags(report(audited_run))
    assert not {"script", "iframe", "img", "link", "form"} & set(tags.names)
    assert tags.links == []
    assert (tags.open, tags.wrong) == ([], [])


def test_a_failed_model_is_told_and_text_of_data_stays_text(shown_run):
    html = report(shown_run)
    assert "bpr gave no result" in html
    assert re.search(r"<td[^>]*>failed: ", html)
    assert Tags(html).wrong == []


def test_markdown_of_sentences_becomes_html_and_no_more():
    assert rich(r"**a** \*\*b\*\* <i> \<i\>") == "<b>a</b> **b** &lt;i&gt; &lt;i&gt;"
    assert rich("before:\n- **one**\n- two") == "before:<ul><li><b>one</b></li><li>two</li></ul>"


def test_no_rows_are_no_table():
    assert table(pd.DataFrame()) == ""
    assert '<td class="short">&lt;b&gt;</td>' in table(pd.DataFrame({"a": ["<b>"]}))


def test_the_command_writes_the_page(audited_run, tmp_path, capsys):
    file = tmp_path / "told" / "run.html"
    assert main(["report", audited_run, "--out", str(file)]) == 0
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "opens without a server" in capsys.readouterr().out


def test_what_cannot_be_reported_is_said(audited_run, tmp_path, capsys):
    assert main(["report", "no-such-run", "--out", str(tmp_path / "a.html")]) == 2
    assert "no run is called 'no-such-run'" in capsys.readouterr().err
    assert main(["report", audited_run, "--out", str(tmp_path / "a.pdf")]) == 2
    assert "name --out FILE.html, not a.pdf" in capsys.readouterr().err
    with pytest.raises(UnknownNameError):
        report("no-such-run")


def test_a_disk_that_refuses_leaves_no_half_page(audited_run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        write(audited_run, tmp_path / "file" / "run.html")
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_an_unfinished_run_has_no_report(audited_home, tmp_path, monkeypatch, capsys):
    kept = next((audited_home / "runs").iterdir())
    home = tmp_path / "home"
    shutil.copytree(kept, home / "runs" / kept.name)
    path = home / "runs" / kept.name
    (path / "estimates.parquet").unlink()
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, "status": "interrupted"}))
    monkeypatch.setenv("RECSCOPE_HOME", str(home))
    assert main(["report", kept.name, "--out", str(tmp_path / "a.html")]) == 2
    assert "is not finished; go on with: recscope run --resume" in capsys.readouterr().err
