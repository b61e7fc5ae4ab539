"""Explainers and scorers of installed packages stand beside the built-in ones."""

from importlib.metadata import EntryPoint

import numpy as np
import pytest

import explain.explainers
import explain.scorers
from core.errors import PluginError
from core.load import load
from core.registry import Registry
from explain.explainers import EXPLAINERS, Explainer
from explain.make import explain as explained
from explain.reasons import Question
from explain.scorers import SCORERS, score_all
from explain.worlds import world_from


@pytest.fixture
def installed(example_plugin, monkeypatch):
    """The plug-in is looked for anew, and forgotten afterwards."""
    for registry in (EXPLAINERS, SCORERS):
        monkeypatch.delitem(vars(registry), "data", raising=False)
    yield
    for registry in (EXPLAINERS, SCORERS):
        vars(registry).pop("data", None)


def test_an_outside_explainer_explains(installed):
    data = load("movielens-100k")
    world = world_from(data.interactions, data.item_ids)
    (one,) = explained(Question(world, 0, np.array([7])), "example-first-liked")
    assert one.explainer == "example-first-liked"
    assert one.attribution == {0: 1.0}
    assert "Toy Story" in one.text
    assert not one.violations


def test_an_outside_scorer_scores(installed):
    assert list(SCORERS)[-1] == "example_n_commas"
    answer = score_all({"texts": ["a, b, c", "d"]}, ["example_n_commas"])
    assert answer.each["example_n_commas"].tolist() == [2, 0]


def test_the_built_in_ones_come_first_and_are_all_there():
    assert next(iter(explain.explainers.EXPLAINERS)) == "template"
    assert list(explain.scorers.SCORERS)[: len(explain.scorers.BUILT_IN)] == list(
        explain.scorers.BUILT_IN
    )


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("other", "nowhere:nothing", "cannot be loaded: ModuleNotFoundError"),
        ("other", "math:pi", "must name a explain.explainers.Explainer; it is a float"),
        ("template", "explain.explainers:X", "is called 'template', and so is another"),
    ],
)
def test_an_entry_point_that_does_not_fit_is_refused(monkeypatch, name, value, message):
    row = EXPLAINERS["template"]
    monkeypatch.setattr(explain.explainers, "X", row, raising=False)
    entry = EntryPoint(name, value, "recscope.explainers")
    monkeypatch.setattr("core.registry.entry_points", lambda group: [entry])
    with pytest.raises(PluginError, match=message):
        len(Registry({"template": row}, Explainer, "recscope.explainers"))
