"""Gates: held, missed, missing, presets; exit codes and JSON."""

import json
import re
from pathlib import Path

import pytest

from core.errors import ConfigError, UnknownNameError
from recscope.cli.main import main
from recscope.gates import ABOUT, PRESETS, Gate, check, gate_of, read_gates
from recscope.store import Run
from tests.app.made_run import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    return Run(make_run(tmp_path_factory.mktemp("gates") / "runs"))


def verdict(run, **gate):
    (found,) = check(run, [Gate(**gate)])
    return found


def ease(run):
    table = run.estimates()
    row = table[(table["model"] == "ease") & (table["metric"] == "ndcg") & (table["k"] == 10)]
    return row[row["group_by"].isna()].iloc[0]


def test_the_point_may_hold_where_the_interval_does_not(run):
    row = ease(run)
    asked = {"metric": "ndcg", "k": 10, "models": ("ease",)}
    between = (row["low"] + row["mean"]) / 2
    assert verdict(run, **asked, min=between).is_held
    sure = verdict(run, **asked, min=between, holds="interval")
    assert not sure.is_held
    assert "is not at least" in sure.reason
    assert "in all of its interval" in sure.reason
    above = (row["high"] + row["mean"]) / 2
    assert verdict(run, **asked, max=above).is_held
    assert not verdict(run, **asked, max=above, holds="interval").is_held


def test_the_bound_itself_holds(run):
    assert verdict(run, metric="ndcg", k=10, models=("ease",), min=float(ease(run)["mean"])).is_held


def test_every_model_is_asked_where_none_is_named(run):
    found = verdict(run, metric="ndcg", k=10, min=0.1)
    assert not found.is_held
    assert found.reason.startswith("bpr gave no result: PluginError: scores were NaN")
    assert found.reason.endswith("and 1 more")
    assert found.numbers["holds"].tolist() == [False, True, True, True]


def test_groups_are_held_one_by_one(run):
    found = verdict(run, metric="ndcg", k=10, models=("ease",), group_by=("gender",), min=0.0)
    assert set(found.numbers["group"]) == {"F", "M"}
    one = verdict(run, metric="ndcg", k=10, group_by=("gender",), group="F", min=0.0)
    assert set(one.numbers["group"]) == {"F"}


@pytest.mark.parametrize(
    "gate, reason",
    [
        ({"metric": "ndcg", "k": 7, "min": 0}, "random has no ndcg for k = 7; it has ndcg@5"),
        (
            {"metric": "ndcg", "k": 10, "group_by": ("gender", "shoe"), "min": 0},
            "random has no ndcg for k = 10, group_by = shoe",
        ),
        ({"metric": "user_ratio", "min": 0}, "has no user_ratio: its audit was not made"),
        ({"metric": "auc", "min": 0}, "random has no auc in this run"),
    ],
)
def test_a_missing_number_fails_with_its_reason(run, gate, reason):
    found = verdict(run, models=("random",), **gate)
    assert not found.is_held
    assert reason in found.reason


def test_a_withheld_number_and_a_missing_interval_fail(tmp_path):
    run = Run(make_run(tmp_path / "runs"))
    table = run.estimates()
    is_f = table["group"] == "F"
    table.loc[is_f, ["mean", "low", "high"]] = float("nan")
    table.loc[is_f, "method"] = "suppressed (n < 5)"
    table.loc[table["group"] == "M", ["low", "high"]] = float("nan")
    table.to_parquet(run.path / "estimates.parquet")
    asked = {"metric": "ndcg", "k": 10, "models": ("ease",), "group_by": ("gender",), "min": 0}
    hidden = verdict(run, **asked, group="F")
    assert "cannot be judged: suppressed (n < 5)" in hidden.reason
    unsure = verdict(run, **asked, group="M", holds="interval")
    assert "has no interval" in unsure.reason
    assert not hidden.is_held
    assert not unsure.is_held


def test_a_failed_model_fails_its_gate(run):
    found = verdict(run, metric="ndcg", k=10, min=0, models=("ease", "bpr"))
    assert found.reason == "bpr gave no result: PluginError: scores were NaN for 3 users"


def test_names_that_nobody_knows_are_bad_input(run):
    with pytest.raises(UnknownNameError, match="no number to hold a gate against is called 'ndgc'"):
        verdict(run, metric="ndgc", min=0)
    with pytest.raises(UnknownNameError, match="no model of this run is called 'eas'"):
        verdict(run, metric="ndcg", min=0, models=("eas",))
    with pytest.raises(UnknownNameError, match="no preset of gates is called 'four-fifth'"):
        gate_of({"preset": "four-fifth"})


@pytest.mark.parametrize(
    "text, message",
    [
        ("gate = [", "is not TOML"),
        ("", "no gate is named"),
        ("gate = 3", "no gate is named"),
        ("[[gates]]\nmetric = 'ndcg'", "unknown section 'gates'"),
        ("[[gate]]\nmin = 1", "metric must be a number's name"),
        ("[[gate]]\nmetric = 'ndcg'", "min or max must be a number"),
        ("[[gate]]\nmetric = 'ndcg'\nmin = 'a'", "min must be a number, got 'a'"),
        ("[[gate]]\nmetric = 'ndcg'\nmin = 2\nmax = 1", "min must be max or below"),
        ("[[gate]]\nmetric = 'ndcg'\nmin = 0\nholds = 'maybe'", "holds must be"),
        ("[[gate]]\nmetrik = 'ndcg'", "did you mean 'metric'"),
    ],
)
def test_gates_that_cannot_be_read_say_why(text, message):
    with pytest.raises(ConfigError, match=message):
        read_gates(text)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_gates(tmp_path / "none.toml")


def test_a_preset_is_filled_in_and_can_be_changed():
    assert gate_of({"preset": "four-fifths"}).min == 0.8
    changed = gate_of({"preset": "four-fifths", "min": 0.9, "group_by": ["gender"]})
    assert (changed.metric, changed.min, changed.group_by) == ("user_ratio", 0.9, ("gender",))
    assert ABOUT.keys() == PRESETS.keys()
    assert all(gate_of({"preset": name}).bound for name in PRESETS)


def test_the_command_exits_with_the_verdict(run, tmp_path, capsys):
    good, wrong = tmp_path / "good.toml", tmp_path / "wrong.toml"
    good.write_text("[[gate]]\nmetric = 'ndcg'\nk = 10\nmodels = 'ease'\nmin = 0.1\n")
    wrong.write_text("[[gate]]\nmetric = 'ndcg'\nk = 10\nmodels = 'random'\nmin = 0.9\n")
    where = ["--out", str(run.path.parent)]
    assert main(["check", run.id, "--gates", str(good), *where]) == 0
    assert "holds" in capsys.readouterr().out
    assert main(["check", run.id, "--gates", str(wrong), *where, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is False
    assert told["gates"][0]["gate"]["models"] == ["random"]
    assert told["gates"][0]["numbers"][0]["holds"] is False
    assert main(["check", run.id, *where]) == 2
    assert "nothing to check" in capsys.readouterr().err
    assert main(["check", run.id, "--preset", "nope", *where]) == 2


def test_the_gates_of_the_documentation_can_be_read_and_held_against_a_run(run):
    page = Path(__file__).parents[2] / "docs" / "gates.md"
    (text,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = check(run, read_gates(text))
    assert [one.gate.title for one in found] == [
        "ease finds something", "four-fifths", "no attribute sets users far apart",
    ]  # fmt: skip
    assert found[0].is_held
    assert not found[1].is_held  # this run was not audited
    assert "| `four-fifths` |" in page.read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page.read_text(encoding="utf-8") for name in PRESETS)
