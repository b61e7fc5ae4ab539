"""A configuration says all that a run does, and says what it cannot understand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from recscope.config import RunConfig, default_config, read_config
from recscope.config_sections import DataConfig, EvaluateConfig, ModelConfig, SplitConfig

SMALL = '[data]\nname = "sandbox"\n[models.popularity]\nuse = "popularity"\n'

texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
values = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


def test_the_default_is_the_eight_model_audit_of_movielens_100k():
    config = default_config()
    assert config.data.name == "movielens-100k"
    assert len(config.models) == 8
    assert config.evaluate.k == (5, 10, 20)
    assert config.baseline == "popularity"


def test_what_is_written_is_read_back_equal():
    config = default_config()
    assert RunConfig.from_toml(config.to_toml()) == config


@given(st.dictionaries(texts, values, max_size=4), texts)
def test_any_parameters_of_a_model_survive_the_way_to_disk_and_back(params, use):
    config = RunConfig(DataConfig(name="x"), models={"one": ModelConfig(use, params)})
    again = RunConfig.from_toml(config.to_toml())
    assert again.models["one"] == ModelConfig(use, params)


def test_columns_with_blanks_and_dots_survive():
    columns = {"user": "Customer No. 1", "item": 'a "quoted" name'}
    data = DataConfig(interactions="sales.csv", columns=columns)
    config = RunConfig(data, models={"a": ModelConfig("popularity")})
    assert RunConfig.from_toml(config.to_toml()) == config


def test_defaults_are_written_out():
    text = RunConfig.from_toml(SMALL).to_toml()
    for setting in ("resamples = 1000", "confidence = 0.95", "k = [5, 10, 20]", "seed = 0"):
        assert setting in text


def test_every_unknown_key_is_named_with_the_nearest_known():
    with pytest.raises(ConfigError, match=r"'kk'.*'reamples' \(did you mean 'resamples'\?\)"):
        RunConfig.from_toml(SMALL + "[evaluate]\nkk = [1]\nreamples = 3\n")


def test_an_unknown_section_is_named_with_the_nearest_known():
    with pytest.raises(ConfigError, match=r"unknown section 'evalute' \(did you mean 'evaluate'"):
        RunConfig.from_toml(SMALL + "[evalute]\nk = [1]\n")


@pytest.mark.parametrize(
    "text, message",
    [
        ("a = ", "is not TOML"),
        ('[models.p]\nuse = "popularity"\n', r"\[data\] needs name"),
        ('[data]\nname = "sandbox"\n', "no model is named"),
        (SMALL + "[evaluate]\nk = []\n", "k must be different cutoffs"),
        (SMALL + "[evaluate]\nk = [5, 5]\n", "k must be different cutoffs"),
        (SMALL + '[evaluate]\nk = ["a"]\n', "k must be a whole number, got 'a'"),
        (SMALL + "[evaluate]\nk = [true]\n", "k must be a whole number, got True"),
        (SMALL + "[evaluate]\nmetrics = []\n", "metrics must be at least one name"),
        (SMALL + "[evaluate]\nconfidence = 95\n", "confidence must be between 0 and 1"),
        (SMALL + "[evaluate]\nresamples = -1\n", "resamples must be 0"),
        (SMALL + "[evaluate]\nseed = -1\n", r"\[evaluate\] seed must be 0 or more"),
        (SMALL + "[evaluate]\ndepth = 0\n", "depth must be 1 or more"),
        (SMALL + '[evaluate]\nbaseline = "ease"\n', "baseline 'ease' is none of the models"),
        (SMALL + "[split]\nseed = -1\n", r"\[split\] seed must be 0 or more"),
        (SMALL + "[split]\nrule = 3\n", "rule must be text, got 3"),
        (SMALL + "[run]\nmodel_timeout = 0\n", "model_timeout must be a number of seconds"),
        (SMALL + "[run]\nblock = 0\n", "block must be 1 or more"),
        (SMALL + '[run]\nfallback = "no"\n', "fallback must be true or false"),
        (SMALL + "[models.x]\nparams = {}\n", r"\[models.x\] lacks use"),
        (SMALL + '[models."../x"]\nuse = "ease"\n', "cannot name a folder"),
        (SMALL + '[models.x]\nuse = "ease"\nparams = 3\n', "params must be a table of keys"),
        ('models = 3\n[data]\nname = "x"\n', "models must be tables"),
        ('data = 3\n[models.x]\nuse = "x"\n', r"\[data\] must be a table of keys"),
        ('[data]\nname = "x"\nusers = "u.csv"\n', "belong to interactions"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(text, message):
    with pytest.raises(ConfigError, match=message):
        RunConfig.from_toml(text)


def test_one_cutoff_may_be_written_without_brackets():
    assert RunConfig.from_toml(SMALL + "[evaluate]\nk = 7\n").evaluate.k == (7,)


def test_a_list_is_as_long_as_the_largest_cutoff_at_least():
    assert EvaluateConfig(k=(5, 200)).length == 200
    assert EvaluateConfig(k=(5,), depth=50).length == 50


def test_only_the_split_parameters_that_were_given_reach_the_rule():
    assert SplitConfig(rule="leave-last", n_last=2).parameters == {"n_last": 2}


def test_values_that_toml_cannot_hold_are_refused():
    config = RunConfig(DataConfig(name="x"), models={"a": ModelConfig("b", {"f": object()})})
    with pytest.raises(ConfigError, match=r"params\.f holds .* which a configuration cannot write"):
        config.to_toml()


def test_paths_in_a_file_are_meant_from_the_file(tmp_path):
    path = tmp_path / "audit.toml"
    path.write_text(
        '[data]\ninteractions = "sales.csv"\n[models.theirs]\nuse = "lists:out/lists.csv"\n',
        encoding="utf-8",
    )
    config = read_config(path)
    assert config.data.interactions == str(tmp_path / "sales.csv")
    assert config.models["theirs"].use == f"lists:{tmp_path / 'out/lists.csv'}"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        read_config(tmp_path / "nowhere.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes('[data]\nname = "é"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config(latin)


def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_config(Path(path)).data.name == "sandbox"
