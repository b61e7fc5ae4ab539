"""The engine goes from data to comparisons, and no model can take the run with it."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_run import content, small_config

from core import load as loading
from core.errors import (
    Cancelled,
    ConfigError,
    EmptyError,
    FetchError,
    PluginError,
    StorageError,
    UnknownNameError,
)
from recscope import engine
from recscope.config_sections import DataConfig, RelevanceConfig, SplitConfig
from recscope.progress import Event
from recscope.store import Run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    config = small_config("item-knn", "biased-mf", metrics=("ndcg", "recall", "rmse"))
    return engine.run(config, out=tmp_path_factory.mktemp("runs"))


def test_a_run_holds_every_table_with_its_columns(finished):
    assert finished.status == "done"
    assert finished.models() == ["popularity", "item-knn", "biased-mf"]
    wanted = {"user", "user_id", "n_train", "n_test", "activity", "history", "tenure"}
    assert wanted <= set(finished.users().columns)
    assert {"item", "item_id", "n_train"} <= set(finished.items().columns)
    assert set(finished.interactions()["part"]) == {"train", "validation", "test"}
    lists = finished.lists("item-knn")
    assert list(lists.columns) == ["user", "rank", "item", "score", "is_hit", "is_fallback"]
    assert set(finished.metric_columns("item-knn")) == {
        "ndcg@5", "ndcg@10", "recall@5", "recall@10",
    }  # fmt: skip
    assert set(finished.per_item("item-knn").columns) == {"n_recommended", "n_hits", "exposure"}


def test_the_manifest_tells_where_every_number_comes_from(finished):
    manifest = finished.manifest
    assert manifest["data"]["sha256"]
    assert manifest["versions"]["numpy"]
    assert manifest["config"]["evaluate"]["resamples"] == 50
    assert manifest["models"]["item-knn"]["params"]["n_neighbours"] > 0
    assert manifest["models"]["item-knn"]["cost"]["fit_seconds"] >= 0
    for stage in ("load", "split", "item-knn: fit", "item-knn: judge", "compare"):
        assert manifest["stages"][stage]["seconds"] >= 0
        assert manifest["stages"][stage]["peak_memory_bytes"] > 10**7
    counts = manifest["data"]["counts"]
    parts = counts["train"] + counts["validation"] + counts["test"]
    assert parts == counts["interactions"]


def test_every_judged_user_has_a_row_and_nobody_else(finished):
    users = finished.users()
    judged = users.index[users["n_test"] > 0]
    for model in finished.models():
        assert list(finished.per_user(model).index) == list(judged)


def test_lists_hold_nothing_the_user_had(finished):
    past = finished.interactions().query("part != 'test'")
    had = set(zip(past["user"], past["item"], strict=True))
    for model in finished.models():
        lists = finished.lists(model)
        assert not had & set(zip(lists["user"], lists["item"], strict=True))


def test_hits_are_the_test_items_at_or_above_the_threshold(finished):
    test = finished.interactions().query("part == 'test'")
    test = test[test["rating"] >= finished.manifest["data"]["threshold"]]
    liked = set(zip(test["user"], test["item"], strict=True))
    lists = finished.lists("item-knn")
    expected = [pair in liked for pair in zip(lists["user"], lists["item"], strict=True)]
    assert list(lists["is_hit"]) == expected


def test_only_models_that_predict_have_rating_metrics(finished):
    frame = finished.estimates()
    assert set(frame.loc[frame["metric"] == "rmse", "model"]) == {"biased-mf"}
    noted = [row for row in finished.manifest["population"] if row["reason"].startswith("metric")]
    assert {row["model"] for row in noted} == {"popularity", "item-knn"}


def test_estimates_are_the_means_of_the_per_user_table(finished):
    frame = finished.estimates()
    everybody = frame[frame["group_by"].isna() & (frame["model"] == "item-knn")]
    row = everybody[(everybody["metric"] == "ndcg") & (everybody["k"] == 10)].iloc[0]
    values = finished.per_user("item-knn", ["ndcg@10"])["ndcg@10"]
    assert row["mean"] == pytest.approx(values.mean(), abs=1e-6)
    assert row["n"] == values.notna().sum()
    assert row["low"] < row["mean"] < row["high"]


def test_groups_are_the_cards_and_the_derived_ones(finished):
    named = set(finished.estimates()["group_by"].dropna())
    assert {"activity", "history"} < named


def test_comparisons_are_with_the_baseline(finished):
    frame = finished.comparisons()
    assert set(frame["baseline"]) == {"popularity"}
    assert set(frame["model"]) == {"item-knn", "biased-mf"}


def test_users_without_history_get_popular_items_and_are_counted(finished):
    users = finished.users()
    cold = users.index[(users["n_test"] > 0) & (users["history"] == "cold")]
    assert len(cold)
    lists = finished.lists("item-knn")
    assert set(cold) <= set(lists.loc[lists["is_fallback"], "user"])
    entry = next(
        row
        for row in finished.manifest["population"]
        if row["model"] == "item-knn" and row["reason"] == "empty list filled with popular items"
    )
    assert entry["count"] == lists.loc[lists["is_fallback"], "user"].nunique()


def test_without_the_fallback_their_lists_stay_empty(tmp_path):
    config = small_config("item-knn")
    made = engine.run(replace(config, run=replace(config.run, fallback=False)), out=tmp_path)
    users = made.users()
    cold = users.index[(users["n_test"] > 0) & (users["history"] == "cold")]
    lists = made.lists("item-knn")
    assert not lists["is_fallback"].any()
    assert not set(cold) & set(lists["user"])
    assert (made.per_user("item-knn").loc[cold, "recall@10"].dropna() == 0).all()


def test_blocks_of_users_do_not_change_a_bit(tmp_path, finished):
    config = small_config("item-knn", "biased-mf", metrics=("ndcg", "recall", "rmse"))
    made = engine.run(replace(config, run=replace(config.run, block=7)), out=tmp_path)
    ours, theirs = content(made.path), content(finished.path)
    for name in ours:
        if name.endswith(".parquet"):
            assert ours[name] == theirs[name], name


def test_the_same_configuration_gives_the_same_bits(tmp_path):
    config = small_config("bpr", "als")
    first = engine.run(config, out=tmp_path / "a")
    again = engine.run(config, out=tmp_path / "b")
    assert content(first.path) == content(again.path)


@pytest.mark.parametrize(
    "plugin, message",
    [
        ("Raises", "ZeroDivisionError: no luck"),
        ("Hangs", "not answered within 0.5 seconds"),
        ("SaysNaN", "finite score"),
        ("WrongShape", "shape"),
    ],
)
def test_a_broken_plug_in_is_marked_and_the_run_goes_on(tmp_path, plugin, message):
    config = small_config(f"small_run:{plugin}")
    made = engine.run(replace(config, run=replace(config.run, model_timeout=0.5)), out=tmp_path)
    assert made.status == "done"
    assert made.models() == ["popularity"]
    failed = made.manifest["models"][plugin.lower()]
    assert failed["status"] == "failed"
    assert message in failed["error"]
    with pytest.raises(StorageError, match=f"model '{plugin.lower()}' of run .* failed"):
        made.lists(plugin.lower())
    assert not len(made.comparisons())


def test_a_plug_in_that_predicts_nonsense_is_marked(tmp_path):
    made = engine.run(small_config("small_run:PredictsInfinity"), out=tmp_path)
    assert "one finite rating" in made.manifest["models"]["predictsinfinity"]["error"]


def test_a_working_plug_in_is_judged_with_seen_items_as_misses(tmp_path):
    made = engine.run(small_config("small_run:Plugged"), out=tmp_path)
    assert made.models() == ["popularity", "plugged"]
    past = made.interactions().query("part != 'test'")
    had = set(zip(past["user"], past["item"], strict=True))
    hits = made.lists("plugged").query("is_hit")
    assert not had & set(zip(hits["user"], hits["item"], strict=True))
    assert any("seen" in row["reason"] for row in made.manifest["population"])


def test_when_every_model_fails_the_run_has_failed(tmp_path):
    config = small_config("small_run:Raises", baseline=None)
    config = replace(config, models={"raises": config.models["raises"]})
    with pytest.raises(PluginError, match=r"every model failed.*no luck"):
        engine.run(config, out=tmp_path)
    (run,) = [Run(path) for path in tmp_path.iterdir()]
    assert run.status == "failed"
    assert "every model failed" in run.manifest["error"]


@pytest.mark.parametrize(
    "change, error, message",
    [
        ({"data": DataConfig(name="movielens-100")}, UnknownNameError, "did you mean 'movielens-1"),
        ({"split": SplitConfig(rule="global")}, UnknownNameError, "no split rule is called"),
    ],
)
def test_what_cannot_be_is_refused_before_a_folder_is_made(tmp_path, change, error, message):
    with pytest.raises(error, match=message):
        engine.run(replace(small_config(), **change), out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_unknown_models_metrics_and_parameters_are_refused_at_once(tmp_path):
    with pytest.raises(ConfigError, match=r"\[models.item-kn\].*did you mean 'item-knn'"):
        engine.run(small_config("item-kn"), out=tmp_path)
    with pytest.raises(UnknownNameError, match="no metric is called 'ndgc'; did you mean 'ndcg'"):
        engine.run(small_config(metrics=("ndgc",)), out=tmp_path)
    config = small_config()
    wrong = replace(config.models["popularity"], params={"l3": 1})
    with pytest.raises(ConfigError, match="parameter of popularity"):
        engine.run(replace(config, models={"popularity": wrong}), out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_group_names_the_columns_there_are(tmp_path):
    with pytest.raises(UnknownNameError, match=r"no group .* is called 'gendr'"):
        engine.run(small_config(groups=("gendr",)), out=tmp_path)


def test_a_threshold_of_the_configuration_replaces_the_cards(tmp_path):
    config = replace(small_config(), relevance=RelevanceConfig(threshold=5.0))
    made = engine.run(config, out=tmp_path)
    assert made.manifest["data"]["threshold"] == 5.0
    hits = made.lists("popularity").query("is_hit")
    test = made.interactions().query("part == 'test'").set_index(["user", "item"])["rating"]
    assert (test.loc[list(zip(hits["user"], hits["item"], strict=True))] >= 5.0).all()


def test_a_data_set_that_cannot_be_fetched_is_stood_in_for_and_that_is_said(tmp_path, monkeypatch):
    real = loading.load

    def offline(name, **options):
        if name == "movielens-1m":
            raise FetchError("no network")
        return real(name, options={"n_users": 120, "n_items": 60})

    monkeypatch.setattr(loading, "load", offline)
    monkeypatch.setattr(loading, "available", lambda name: None)
    config = replace(small_config(), data=DataConfig(name="movielens-1m", otherwise="sandbox"))
    made = engine.run(config, out=tmp_path)
    assert made.manifest["data"]["name"] == "sandbox"
    assert "movielens-1m could not be fetched, so sandbox stands in" in made.manifest["fallback"]
    with pytest.raises(FetchError, match="no network"):
        engine.run(replace(config, data=DataConfig(name="movielens-1m")), out=tmp_path)


def test_own_files_are_read_and_their_drops_are_in_the_population(tmp_path):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"user_id": rng.integers(0, 40, 600), "item_id": rng.integers(0, 30, 600)})
    rows["rating"] = rng.integers(1, 6, 600)
    rows["timestamp"] = np.arange(600) + 1_000_000_000
    path = tmp_path / "sales.csv"
    rows.to_csv(path, index=False)
    config = replace(small_config(), data=DataConfig(interactions=str(path)))
    made = engine.run(config, out=tmp_path / "runs")
    assert made.manifest["name"] == "sales"
    assert made.manifest["data"]["counts"]["users"] == 40
    dropped = [row["reason"] for row in made.manifest["population"] if row["model"] is None]
    assert dropped


def test_own_files_may_be_called_what_no_card_is(tmp_path):
    rows = "".join(f"u{n % 40},i{n * 7 % 30},{1_000_000_000 + n}\n" for n in range(600))
    path = tmp_path / "rows.csv"
    path.write_text("user_id,item_id,timestamp\n" + rows, encoding="utf-8")
    asked = DataConfig(name="Spring sales", interactions=str(path))
    made = engine.run(replace(small_config(), data=asked), out=tmp_path / "runs")
    assert made.manifest["name"] == made.manifest["data"]["name"] == "Spring sales"
    assert made.id.split("-", 2)[2].startswith("spring-sales")


def test_a_split_that_leaves_nothing_is_an_error_of_the_run(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("user_id,item_id,timestamp\na,x,1\n", encoding="utf-8")
    config = replace(small_config(), data=DataConfig(interactions=str(path)))
    with pytest.raises(EmptyError, match="split"):
        engine.run(config, out=tmp_path / "runs")
    (run,) = [Run(path) for path in (tmp_path / "runs").iterdir()]
    assert run.status == "failed"


def test_progress_goes_forward_and_names_stage_and_model(tmp_path):
    events: list[Event] = []
    engine.run(small_config("item-knn"), out=tmp_path, progress=events.append)
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert {event.stage for event in events} >= {"load", "split", "fit", "recommend", "judge"}
    assert {event.model for event in events} == {"", "popularity", "item-knn"}


def test_a_watcher_can_stop_the_run_and_it_can_go_on_later(tmp_path):
    config = small_config("item-knn")

    def stop(event: Event) -> None:
        if event.model == "item-knn":
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.run(config, out=tmp_path, progress=stop)
    (run,) = [Run(path) for path in tmp_path.iterdir()]
    assert run.status == "cancelled"
    assert engine.run(resume=run.id, out=tmp_path).status == "done"


def test_a_full_disk_is_said_and_leaves_no_half_file(tmp_path, monkeypatch):
    import pyarrow.parquet as pq

    real, calls = pq.write_table, []

    def full(table, where, **options):
        calls.append(where)
        if len(calls) == 6:
            Path(where).write_bytes(b"PAR1 half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(table, where, **options)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(StorageError, match="No space left on device"):
        engine.run(small_config("item-knn"), out=tmp_path)
    monkeypatch.undo()
    (run,) = [Run(path) for path in tmp_path.iterdir()]
    assert run.status == "failed"
    assert not [path for path in run.path.rglob("*") if path.name.endswith(".tmp")]
    for path in run.path.rglob("*.parquet"):
        pd.read_parquet(path)
    resumed = engine.run(resume=run.id, out=tmp_path)
    whole = engine.run(small_config("item-knn"), out=tmp_path / "again")
    assert content(resumed.path) == content(whole.path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"folder .* cannot be made"):
        engine.run(small_config(), out=blocked)


def test_the_log_is_one_event_a_line(finished):
    lines = (finished.path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert {"start", "end"} <= {event["event"] for event in events}


def test_a_run_without_groups_intervals_or_a_second_model_is_whole(tmp_path):
    made = engine.run(small_config(groups=(), resamples=0), out=tmp_path)
    frame = made.estimates()
    assert frame["group_by"].isna().all()
    assert frame["low"].isna().all()
    assert len(frame) == 4
    assert not len(made.comparisons())


def test_the_call_from_python_runs_and_resumes(tmp_path):
    import recscope

    made = recscope.run(small_config(), out=tmp_path)
    assert recscope.run(out=tmp_path, resume=made.id).id == made.id


def test_lists_of_another_system_are_judged_by_their_names(tmp_path):
    users = pd.DataFrame({"user_id": [f"u{n}" for n in range(30)]})
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"user_id": rng.choice(users["user_id"], 500)})
    rows["item_id"] = [f"i{n}" for n in rng.integers(0, 25, 500)]
    rows["timestamp"] = np.arange(500) + 1_000_000_000
    rows.to_csv(tmp_path / "rows.csv", index=False)
    lists = users.merge(pd.DataFrame({"item_id": ["i1", "i2", "unheard-of"]}), how="cross")
    lists["rank"] = lists.groupby("user_id").cumcount() + 1
    lists.to_csv(tmp_path / "lists.csv", index=False)
    config = small_config()
    theirs = replace(config.models["popularity"], use=f"lists:{tmp_path / 'lists.csv'}")
    config = replace(
        config,
        data=DataConfig(interactions=str(tmp_path / "rows.csv")),
        models={"theirs": theirs},
    )
    made = engine.run(config, out=tmp_path / "runs")
    listed = made.items()["item_id"].loc[made.lists("theirs")["item"]]
    assert set(listed) <= {"i1", "i2"}
    assert any(row["model"] == "theirs" for row in made.manifest["population"])


def test_a_log_that_cannot_be_written_is_said(tmp_path):
    from recscope.journal import Journal

    (tmp_path / "log.jsonl").mkdir()
    with pytest.raises(StorageError, match=r"log\.jsonl cannot be written"):
        Journal(tmp_path, {}).log("start")
