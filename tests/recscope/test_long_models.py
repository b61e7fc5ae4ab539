"""Models that take their time: fewer users are judged, progress is heard, learning is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from small_run import Plugged, small_config

from core.errors import Cancelled, ConfigError
from recommenders.base import KeepsCurve, TellsProgress, Told, untold
from recscope import engine
from recscope.config_sections import AuditConfig, EvaluateConfig
from recscope.progress import Event
from recscope.stages import NOT_DRAWN
from recscope.store import Run


class Learner(Plugged):
    """Learns in three epochs and says so."""

    curve_: Sequence[Mapping[str, Any]] = ()

    def bind_progress(self, told: Told) -> Self:
        self.told = told
        return self

    def fit(self, train: Any) -> "Learner":
        for epoch in (1, 2, 3):
            self.told("epochs", epoch, 3)
        self.curve_ = [{"step": n, "loss": 1 / n, "seconds": 0.1 * n} for n in (1, 2, 3)]
        super().fit(train)
        return self

    def recommend(self, users: Any, k: int) -> Any:
        self.told("prompts", len(users), len(users))
        return super().recommend(users, k)


LEARNER = "test_long_models:Learner"


def test_only_the_drawn_users_are_judged_and_the_others_are_counted(tmp_path):
    whole = engine.run(small_config("item-knn"), out=tmp_path)
    drawn = engine.run(small_config("item-knn", users=30), out=tmp_path)
    counts = drawn.manifest["data"]["counts"]
    n_all = whole.manifest["data"]["counts"]["judged_users"]
    assert (counts["judged_users"], counts["test_users"]) == (30, n_all)
    per_user = {
        run.id: pd.read_parquet(run.path / "models" / "item-knn" / "per_user.parquet").set_index(
            "user"
        )
        for run in (whole, drawn)
    }
    few, all_ = per_user[drawn.id], per_user[whole.id]
    assert len(few) == 30
    pd.testing.assert_frame_equal(few, all_.loc[few.index])  # what is drawn is judged as before
    (noted,) = [one for one in drawn.manifest["population"] if one["reason"] == NOT_DRAWN]
    assert (noted["count"], noted["unit"]) == (n_all - 30, "users")


def test_another_seed_draws_other_users(tmp_path):
    def drawn(seed: int) -> set[int]:
        run = engine.run(small_config(users=30, seed=seed), out=tmp_path)
        rows = pd.read_parquet(run.path / "models" / "popularity" / "per_user.parquet")
        return set(rows["user"])

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_fewer_than_no_users_are_refused():
    with pytest.raises(ConfigError, match=r"\[evaluate\] users"):
        EvaluateConfig(users=-1)


def test_a_model_that_says_how_far_it_is_is_heard_and_its_curve_kept(tmp_path):
    assert isinstance(Learner(), TellsProgress)
    assert isinstance(Learner(), KeepsCurve)
    events: list[Event] = []
    run = engine.run(small_config(LEARNER), out=tmp_path, progress=events.append)
    heard = [(one.stage, one.done, one.total) for one in events if one.message == "epochs"]
    assert heard == [("fit", 1, 3), ("fit", 2, 3), ("fit", 3, 3)]
    assert {one.stage for one in events if one.message == "prompts"} == {"recommend"}
    fractions = [one.fraction for one in events]
    assert fractions == sorted(fractions)
    curve = pd.read_parquet(run.path / "models" / "learner" / "curve.parquet")
    assert curve["step"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(curve["loss"], [1, 1 / 2, 1 / 3])
    assert curve["validation"].isna().all()
    assert not (run.path / "models" / "popularity" / "curve.parquet").exists()


def test_a_run_is_stopped_while_a_model_learns_and_goes_on_later(tmp_path):
    def stop(event: Event) -> None:
        if event.message == "epochs" and event.done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.run(small_config(LEARNER), out=tmp_path, progress=stop)
    (run,) = [Run(path) for path in tmp_path.iterdir()]
    assert run.status == "cancelled"
    assert engine.run(resume=run.id, out=tmp_path).status == "done"


def test_a_model_that_is_slow_to_fit_again_gets_no_map_and_the_reason(tmp_path):
    config = replace(
        small_config("item-knn"),
        audit=AuditConfig(("calibration",), {"calibration": {"refit_seconds": 0.0}}),
    )
    run = engine.run(config, out=tmp_path)
    reasons = [note.reason for note in run.audit("calibration").notes]
    assert any("refit_seconds to have it done" in reason for reason in reasons)


def test_nobody_watches():
    assert untold("epochs", 1, 2) is None
