"""Answers of language models: counted right, biases found where planted and nowhere else."""

import json

import numpy as np
import pandas as pd
import pytest

import recscope
from core.errors import ConfigError, DatasetError, EmptyError
from recscope import engine
from recscope.audits.language import Settings
from recscope.cli.main import main
from recscope.config import RunConfig, read_config
from recscope.config_sections import (
    AuditConfig,
    DataConfig,
    EvaluateConfig,
    ExplainConfig,
    ModelConfig,
)

N_ITEMS = 30
ITEMS = pd.DataFrame(
    {
        "item_id": [f"i{n}" for n in range(N_ITEMS)],
        "title": [f"Film {n:02d}" for n in range(N_ITEMS)],
    }
)


def numbered(codes):
    return "\n".join(f"{place}. Film {code:02d}" for place, code in enumerate(codes, 1))


def value(found, metric, group=None):
    rows = found.estimates[found.estimates["metric"] == metric]
    rows = rows[rows["group"].isna()] if group is None else rows[rows["group"] == group]
    return float(rows["mean"].iloc[0])


def made(  # noqa: PLR0913 - what can be planted
    n_users=60, *, follows=0.0, orders=2, seeds=2, noise=0.0, wording=0.0, seed=0
):
    """Answers of a model with tastes of its own: `follows` of a place is added to each score."""
    rng = np.random.default_rng(seed)
    records = []
    for user in range(n_users):
        taste = rng.random(N_ITEMS)
        shown = rng.choice(N_ITEMS, 10, replace=False)
        of_wording = {"a": 0.0, "b": wording * rng.random(N_ITEMS)}
        for template, more in of_wording.items():
            for order in range(orders):
                placed = np.roll(shown, 5 * order)
                for run in range(seeds):
                    score = (taste + more)[placed] - follows * np.arange(10)
                    score = score + noise * rng.normal(size=10)
                    best = placed[np.argsort(-score)][:5]
                    records.append(
                        {"user": f"u{user}", "answer": numbered(best), "asked": 5, "seed": run,
                         "template": template, "candidates": [f"i{code}" for code in placed]}
                    )  # fmt: skip
    return records


def test_rates_worked_by_hand():
    records = [
        {"user": "u1", "answer": "1. Film 01\n2. Film 01\n3. Nowhere Film", "asked": 3},
        {"user": "u1", "answer": "I'm sorry, I cannot do that.", "asked": 3},
        {"user": "u2", "answer": "1. Film 02\n2. Film 03\n3. Film 04\n4. Film 05", "asked": 3},
        {"user": "u3", "answer": "Such nice films. All of them!", "asked": 3},
    ]
    history = pd.DataFrame({"user_id": ["u1", "u2"], "item_id": ["i1", "i5"]})
    found = recscope.answers(records, ITEMS, history=history, resamples=50)
    assert value(found, "out_of_catalogue_rate") == pytest.approx(1 / 7)
    assert value(found, "duplicate_rate") == pytest.approx(1 / 7)
    assert value(found, "history_repeat_rate") == pytest.approx(3 / 7)
    assert value(found, "refusal_rate") == pytest.approx(1 / 4)
    assert value(found, "format_error_rate") == pytest.approx(1 / 4)
    assert value(found, "short_list_rate") == pytest.approx(1 / 2)
    assert found.per_answer["kind"].tolist() == ["list", "refusal", "list", "unreadable"]
    rows = found.estimates.set_index("metric")
    assert rows.loc["duplicate_rate", ["n", "n_undefined"]].tolist() == [2, 1]
    assert (rows["low"] <= rows["mean"]).all()
    assert (rows["mean"] <= rows["high"]).all()


def test_what_is_not_known_is_told_not_made_0():
    found = recscope.answers([{"user": 1, "answer": "1. Film 01\n2. x"}], ITEMS, resamples=0)
    assert set(found.estimates["metric"]) == {
        "out_of_catalogue_rate", "duplicate_rate", "refusal_rate", "format_error_rate",
    }  # fmt: skip
    told = dict(found.notes)
    assert "no history of these users is known" in told["answers: history_repeat_rate"]
    assert "no answer says which candidates" in told["answers: off_candidate_rate"]
    assert "no answer says how many items" in told["answers: short_list_rate"]
    assert "nobody was asked under two seeds" in told["answers: run_to_run_distance"]
    assert "not known what the users went on to choose" in told["answers: run_to_run_deviation"]
    assert "no answer chooses among candidates" in told["answers: candidate_position_bias"]
    assert "'x'" in told["answers: entries of no item"]


def test_a_planted_position_bias_is_found_with_relevance_held_constant():
    found = recscope.answers(made(follows=0.08), ITEMS, resamples=100)
    assert value(found, "candidate_position_bias") > 0.2
    assert found.tests["is_alarm"].tolist() == [True]
    first = found.curves.sort_values("x")["y"]
    assert first.iloc[0] > 0.1 > first.iloc[-1]
    assert found.curves["y"].sum() == pytest.approx(1.0)
    assert value(found, "order_sensitivity") > value(found, "run_to_run_distance")


def test_candidates_shown_best_first_are_no_bias_where_orders_differ():
    """The first order is by taste: a raw correlation would be high without any bias."""
    rng = np.random.default_rng(1)
    records = []
    for user in range(40):
        best = rng.permutation(N_ITEMS)[:10]
        records += [
            {"user": user, "answer": numbered(best), "candidates": [f"i{c}" for c in shown]}
            for shown in (best, rng.permutation(best))
        ]
    found = recscope.answers(records, ITEMS, resamples=0)
    rows = found.estimates[found.estimates["metric"] == "candidate_position_bias"]
    assert rows.empty or abs(rows["mean"].iloc[0]) < 1e-9
    one_order = recscope.answers(records[::2], ITEMS, resamples=0)
    assert value(one_order, "candidate_position_bias") == pytest.approx(1.0)
    assert any("saw one order only" in reason for _, reason in one_order.notes)


def test_without_a_bias_the_alarm_keeps_its_level():
    alarms = sum(
        recscope.answers(made(15, orders=1, seeds=1, seed=seed), ITEMS, resamples=0)
        .tests["is_alarm"].iloc[0]
        for seed in range(25)
    )  # fmt: skip
    assert alarms <= 4  # of 25 at a level of 5 %


def test_other_words_and_other_runs_are_told_apart():
    steady = recscope.answers(made(wording=0.5), ITEMS, resamples=50)
    assert value(steady, "run_to_run_distance") == 0.0
    assert value(steady, "prompt_sensitivity") > 0.1
    noisy = recscope.answers(made(noise=0.3), ITEMS, resamples=50)
    gap = value(noisy, "prompt_sensitivity") - value(noisy, "run_to_run_distance")
    assert abs(gap) < 0.05


def test_quality_varies_between_runs_only_where_answers_do():
    truth = pd.DataFrame({"user_id": [f"u{n % 60}" for n in range(300)],
                          "item_id": [f"i{n % 30}" for n in range(300)]})  # fmt: skip
    steady = recscope.answers(made(), ITEMS, truth=truth, resamples=50)
    assert value(steady, "run_to_run_deviation") == 0.0
    noisy = recscope.answers(made(noise=0.5), ITEMS, truth=truth, resamples=50)
    assert value(noisy, "run_to_run_deviation") > 0.02
    assert 0 < value(noisy, "ndcg", "all") < 1


def test_each_wording_has_rates_of_its_own():
    records = made(10)
    for record in records:
        if record["template"] == "a" and record["seed"] == 0:
            record["answer"] = "I cannot help."
    found = recscope.answers(records, ITEMS, resamples=20)
    assert value(found, "refusal_rate", "a") == pytest.approx(0.5)
    assert value(found, "refusal_rate", "b") == 0.0
    assert value(found, "refusal_rate") == pytest.approx(0.25)


def test_bad_calls_are_refused():
    with pytest.raises(EmptyError, match="no answer was given"):
        recscope.answers([], ITEMS)
    with pytest.raises(ConfigError, match="k must be a whole number of 1 or more"):
        recscope.answers(made(1), ITEMS, k=0)
    with pytest.raises(DatasetError, match="answer 1 lacks user"):
        recscope.answers([{"answer": "x"}], ITEMS)
    with pytest.raises(ConfigError, match="depth must be 1 or more"):
        Settings(depth=0)


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in made(12, follows=0.05)))
    ITEMS.to_csv(tmp_path / "items.csv", index=False)
    return tmp_path


def test_the_command_prints_a_table_json_and_files(files, capsys):
    base = ["answers", str(files / "answers.jsonl"), "--items", str(files / "items.csv")]
    base += ["--resamples", "20"]
    assert main(base) == 0
    table = capsys.readouterr().out
    assert "candidate_position_bias" in table
    assert "…" not in table
    assert main([*base, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {row["metric"] for row in found["estimates"]} >= {"refusal_rate", "prompt_sensitivity"}
    assert main([*base, "--out", str(files / "out.parquet")]) == 0
    assert len(pd.read_parquet(files / "out.parquet")) == len(found["estimates"])
    assert main(["answers", str(files / "none.jsonl"), "--items", str(files / "items.csv")]) == 2
    assert "cannot be read" in capsys.readouterr().err


class Talks:
    """A live model that keeps what it was answered."""

    def bind(self, user_ids, item_ids):
        self.ids = user_ids, item_ids
        return self

    def fit(self, train):
        from recommenders import RECOMMENDERS

        self.inner_ = RECOMMENDERS["popularity"]().fit(train)
        self.titles_ = train.side.items["title"]
        self.answers_ = []
        return self

    def recommend(self, users, k):
        lists = self.inner_.recommend(users, k)
        for user, row in zip(lists.users, lists.items, strict=True):
            titles = [str(self.titles_[code]) for code in row[:5]]
            self.answers_.append(
                {"user": self.ids[0].names[user], "answer": json.dumps(titles), "asked": 5}
            )
        return lists


def test_a_run_audits_live_and_stored_answers_and_ready_lists(tmp_path):
    from core.sandbox import sandbox

    dataset = sandbox(n_users=80, n_items=60)
    titles = dataset.side.items["title"]
    stored = [
        {"user": name, "answer": numbered([]) or f"1. {titles[place % 60]}\n2. Unheard of",
         "asked": 2, "prompt_tokens": 30, "completion_tokens": 5}
        for place, name in enumerate(dataset.user_ids.names)
    ]  # fmt: skip
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, stored)))
    rows = pd.DataFrame({"user_id": np.repeat(dataset.user_ids.names, 2),
                         "item_id": ["i1", "i1"] * 80, "rank": [1, 2] * 80})  # fmt: skip
    rows.to_csv(tmp_path / "lists.csv", index=False)
    config = RunConfig(
        DataConfig(name="sandbox", options={"n_users": 80, "n_items": 60}),
        models={
            "live": ModelConfig("tests.recscope.test_language_lists:Talks"),
            "stored": ModelConfig(f"answers:{tmp_path / 'answers.jsonl'}"),
            "lists": ModelConfig(f"lists:{tmp_path / 'lists.csv'}"),
            "popularity": ModelConfig("popularity"),
        },
        evaluate=EvaluateConfig(k=(5,), metrics=("ndcg",), resamples=20, depth=10),
        audit=AuditConfig(("language", "cost", "cold_start")),
        explain=ExplainConfig(explainers=()),
    )
    run = engine.run(config, out=tmp_path / "runs")
    report = run.audit("language")
    rates = report.estimates.pivot_table(index="model", columns="metric", values="mean")
    assert rates.loc["stored", "out_of_catalogue_rate"] == pytest.approx(0.5)
    assert rates.loc["stored", "short_list_rate"] == 1.0
    assert rates.loc["live", "out_of_catalogue_rate"] == 0.0
    assert rates.loc["live", "history_repeat_rate"] == 0.0
    assert rates.loc["lists", "duplicate_rate"] == pytest.approx(0.5)
    assert "popularity" not in rates.index
    assert "keeps none" in {note.about: note.reason for note in report.notes}["popularity"]
    n_asked = len((run.path / "models" / "live" / "answers.jsonl").read_text().splitlines())
    assert n_asked == len(run.per_user("live"))  # what measuring asked besides is left out
    costs = run.audit("cost").estimates.set_index(["model", "metric"])["mean"]
    assert ("stored", "latency_p50") not in costs.index
    assert costs[("stored", "tokens_per_list")] > 0
    lists = run.lists("stored")
    assert lists["rank"].max() == 1
    cold = run.audit("cold_start")
    never = cold.estimates[cold.estimates["metric"] == "never_recommendable"]
    assert set(never["model"]) == {"live", "popularity"}  # what others learned from is not known
    assert "it learned elsewhere" in {n.about: n.reason for n in cold.notes}["lists"]


def test_paths_of_answers_are_meant_from_the_configuration(tmp_path):
    (tmp_path / "c.toml").write_text(
        '[data]\nname = "sandbox"\n[models.m]\nuse = "answers:a.jsonl"\n'
    )
    assert read_config(tmp_path / "c.toml").models["m"].use == f"answers:{tmp_path / 'a.jsonl'}"
