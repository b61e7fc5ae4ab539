"""The audit of diversity over a run that the engine made."""

import numpy as np
import pytest

from core.errors import ConfigError
from recscope import engine
from recscope.auditing import audit as audit_run
from recscope.audits.diversity import Settings, audit
from recscope.config_sections import AuditConfig
from tests.recscope.small_run import small_config


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    config = small_config("random", "item-knn", metrics=("ndcg", "diversity"))
    made = engine.run(config, out=tmp_path_factory.mktemp("runs"))
    return audit_run(made, ["diversity"])


def test_models_overlap_the_same_way_round_and_a_model_not_with_itself(run):
    table = run.audit("diversity").estimates
    assert set(table["metric"]) == {"rbo"}
    wide = table.pivot_table(index="model", columns="group", values="mean")
    np.testing.assert_array_equal(wide.to_numpy(), wide.to_numpy().T)
    assert np.isnan(np.diag(wide.to_numpy())).all()
    assert table["mean"].between(0, 1).all()
    assert (table["low"] <= table["mean"]).all()
    assert (table["mean"] <= table["high"]).all()


def test_coverage_grows_with_the_list_and_agrees_with_the_runs_own_estimate(run):
    curves = run.audit("diversity").curves
    growth = curves[curves["curve"] == "coverage growth"].sort_values("x")
    assert set(growth["x"]) == {1, 2, 3, 5, 10, 20}
    for _, rows in growth.groupby("model"):
        assert rows["y"].is_monotonic_increasing
    estimates = run.estimates()
    own = estimates[
        (estimates["metric"] == "coverage") & (estimates["k"] == 10) & estimates["group"].isna()
    ].set_index("model")["mean"]
    there = growth[growth["x"] == 10].set_index("model")["y"]
    assert there.to_dict() == own.to_dict()


def test_a_lorenz_curve_rises_below_the_line_and_its_area_is_the_gini(run):
    curves, estimates = run.audit("diversity").curves, run.estimates()
    lorenz = curves[(curves["curve"] == "exposure") & (curves["model"] == "item-knn")]
    y = lorenz["y"].to_numpy()
    assert (y[0], y[-1]) == (0, 1)
    assert (np.diff(y) >= 0).all()
    assert (y <= lorenz["x"] + 1e-12).all()
    is_own = (estimates["metric"] == "gini") & (estimates["k"] == 10) & estimates["group"].isna()
    gini = estimates[is_own].set_index("model").loc["item-knn", "mean"]
    assert 1 - 2 * np.trapezoid(y, lorenz["x"]) == pytest.approx(gini, abs=0.01)


def test_the_bands_of_a_model_share_all_its_places(run):
    curves = run.audit("diversity").curves
    bands = curves[curves["curve"] == "popularity band"]
    assert bands.groupby(["series", bands["model"].fillna("")])["y"].sum().to_numpy() == (
        pytest.approx(1)
    )
    popular = bands[bands["model"] == "popularity"].set_index("x")["y"]
    assert popular[1] == popular.max()


def test_what_cannot_be_judged_is_noted_with_the_reason(run):
    notes = {note.about: note.reason for note in run.audit("diversity").notes}
    assert "no item has a vector" in notes["ild_vectors"]


def test_one_model_alone_overlaps_with_none(tmp_path):
    run = engine.run(small_config(metrics=("ndcg",)), out=tmp_path)
    notes = audit_run(run, ["diversity"]).audit("diversity").notes
    assert "overlap between models" in {note.about for note in notes}


@pytest.mark.parametrize("settings", [{"k": 0}, {"p": 1.0}, {"depths": ()}, {"depths": (0,)}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ConfigError, match=r"\[audit.diversity\]"):
        Settings(**settings)


def test_the_audit_reads_its_section():
    config = AuditConfig.from_mapping({"diversity": {"k": 5}}, "here")
    assert config.of("diversity") == {"k": 5}
    assert callable(audit)
