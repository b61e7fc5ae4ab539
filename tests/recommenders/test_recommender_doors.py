from importlib.metadata import EntryPoint

import numpy as np
import pytest

from core.errors import ConfigError, PluginError, UnknownNameError
from recommenders import RECOMMENDERS, doors
from recommenders.base import NeedsIds
from recommenders.doors import describe, names, resolve
from recommenders.ease import EASE
from recommenders.endpoint import Endpoint
from recommenders.ready_lists import ReadyLists


@pytest.fixture
def plugged(monkeypatch):
    """Pretend that these entry points are installed."""

    def pretend(**values):
        entries = [EntryPoint(name, value, doors.GROUP) for name, value in values.items()]
        monkeypatch.setattr(doors, "entry_points", lambda group: entries)

    return pretend


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that can be imported during this test; returns its name."""

    def write(text, name="my_models_of_this_test"):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
        return name

    return write


GOOD = """
class Mine:
    '''Mine alone.'''
    def __init__(self, size: int = 3): self.size = size
    def fit(self, train): return self
    def recommend(self, users, k): return None
ready = Mine(9)
def factory(size: int = 5): return Mine(size)
"""


def test_a_built_in_name_gives_a_fresh_model_with_its_parameters():
    assert resolve("ease", {"l2": 10}) == EASE(l2=10.0)
    assert resolve("ease") is not resolve("ease")


def test_a_class_a_factory_and_a_ready_object_come_in_by_module(module):
    name = module(GOOD)
    assert resolve(f"{name}:Mine", {"size": 4}).size == 4
    assert resolve(f"{name}:factory").size == 5
    assert resolve(f"{name}:ready").size == 9
    assert describe(f"{name}:Mine").summary == "Mine alone."


def test_a_ready_object_takes_no_parameters(module):
    with pytest.raises(ConfigError, match="is a ready object, so it takes no parameters; got size"):
        resolve(f"{module(GOOD)}:ready", {"size": 4})


def test_an_entry_point_comes_in_by_its_name(plugged, module):
    plugged(theirs=f"{module(GOOD)}:Mine")
    assert resolve("theirs", {"size": 8}).size == 8
    assert "theirs" in names()


def test_a_built_in_name_wins_over_an_entry_point(plugged):
    plugged(ease="nowhere:Nothing")
    assert isinstance(resolve("ease"), EASE)
    assert names().count("ease") == 1


def test_a_broken_package_does_not_stop_a_run_that_does_not_use_it(plugged):
    plugged(theirs="nowhere_at_all:Mine")
    assert isinstance(resolve("ease"), EASE)
    with pytest.raises(PluginError, match=r"'theirs' \(nowhere_at_all:Mine\) cannot be loaded"):
        resolve("theirs")


def test_files_and_addresses_come_in_and_need_names():
    lists, service = resolve("lists:a/b.csv"), resolve("http://127.0.0.1:9/top", {"batch": 7})
    assert lists == ReadyLists("a/b.csv")
    assert service == Endpoint("http://127.0.0.1:9/top", batch=7)
    assert isinstance(lists, NeedsIds)
    assert isinstance(service, NeedsIds)


@pytest.mark.parametrize("spec", [*RECOMMENDERS, "lists", "http"])
def test_every_door_is_described(spec):
    assert describe(spec).summary
    assert describe(spec).source


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="recommender is called 'eas'; did you mean 'ease'"):
        resolve("eas")


def test_a_parameter_that_does_not_fit_is_refused():
    with pytest.raises(ConfigError, match="ease: l2 must be float"):
        resolve("ease", {"l2": "much"})


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(PluginError, match="no module 'not_there_at_all'; write it as package"):
        resolve("not_there_at_all:Model")


def test_a_class_that_is_not_there_is_named(module):
    with pytest.raises(PluginError, match="has no 'Yours'; write the recommender as package"):
        resolve(f"{module(GOOD)}:Yours")


def test_a_module_that_raises_is_told(module):
    name = module("raise RuntimeError('no licence')", "raises_at_import_in_this_test")
    with pytest.raises(PluginError, match="cannot be imported: RuntimeError: no licence"):
        resolve(f"{name}:Mine")


def test_a_class_that_cannot_be_made_is_told(module):
    name = module("class Mine:\n    def __init__(self): raise OSError('no disk')")
    with pytest.raises(PluginError, match=r"Mine cannot be made with {}: OSError: no disk"):
        resolve(f"{name}:Mine")


def test_a_class_that_is_no_recommender_is_refused(module):
    name = module("class Mine:\n    def fit(self, train): return self")
    with pytest.raises(PluginError, match=r"is a Mine without the method recommend\(\)"):
        resolve(f"{name}:Mine")


def test_a_colon_without_a_module_is_refused():
    with pytest.raises(PluginError, match="cannot be imported"):
        resolve(":Mine")


def test_describing_reads_types_bounds_and_docs():
    half_life = next(iter(describe("decayed-popularity").parameters))
    assert (half_life.name, half_life.type, half_life.default) == ("half_life", float, 30.0)
    assert half_life.doc.startswith("Days")
    assert np.isclose(half_life.low, 1 / 1440)
