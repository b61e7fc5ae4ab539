"""python -m recscope converse: whom conversing serves, as a table and as JSON."""

import json

from recscope.cli.main import main

FEW = ["converse", "--ranker", "popularity", "--users", "12", "--turns", "2"]


def test_the_table_names_every_speaker_with_an_interval(capsys):
    assert main(FEW) == 0
    said = capsys.readouterr()
    for speaker in ("silent", "misled", "rules", "perfect"):
        assert speaker in said.out
    assert " to " in said.out
    assert "read otherwise than meant" in said.out
    assert "conversations" in said.err


def test_json_holds_every_number(capsys):
    assert main([*FEW, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    row = told["estimates"][0]
    assert {"speaker", "metric", "turn", "mean", "low", "high", "n"} == set(row)
    assert row["n"] == 12
    assert told["misread"] == {"rules": 0.0}


def test_an_unknown_ranker_is_bad_input(capsys):
    assert main(["converse", "--ranker", "nobody"]) == 2
    assert "no recommender is called 'nobody'" in capsys.readouterr().err
