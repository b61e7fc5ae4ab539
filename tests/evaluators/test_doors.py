"""Metrics come in by name, by family, by module path and from installed packages."""

import sys

import pytest

from core.errors import PluginError, UnknownNameError
from evaluators import METRICS
from evaluators.doors import GROUP, families, metrics, resolve

GOOD = '''
from evaluators.metric import metric

@metric(better="higher", bounds=(0, 1), source="Nobody 2024", family="mine")
def {name}(hits, n_relevant):
    """Is this the one?"""
    return hits[:, 0] * 1.0
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package `name` with this source and one entry point, as pip would."""

    def put(name, source, entry):
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entry}\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, name, raising=False)

    return put


def names(found):
    return [metric.name for metric in found]


def test_names_come_back_in_the_order_asked_for_and_once():
    assert names(resolve("ndcg, recall,ndcg")) == ["ndcg", "recall"]
    assert names(resolve(["ndcg", METRICS["recall"], "ndcg"])) == ["ndcg", "recall"]
    assert names(resolve(METRICS["mrr"])) == ["mrr"]


def test_all_and_the_name_of_a_family_stand_for_their_metrics():
    judging = [name for name, metric in metrics().items() if metric.per != "audit"]
    assert names(resolve("all")) == judging
    assert names(resolve("rating")) == ["rmse", "mae"]
    by_family = families(METRICS.values())
    assert {name for family in by_family for name in names(resolve(family))} == set(judging)
    assert sum(map(len, by_family.values())) == len(METRICS)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="no metric is called 'ndgc'; did you mean 'ndcg'"):
        resolve(["recall", "ndgc"])
    with pytest.raises(UnknownNameError, match="did you mean 'rating'"):
        resolve("ratings")


def test_an_installed_package_brings_its_metric(install):
    install("bringer", GOOD.format(name="brought"), "brought = bringer:brought")
    assert metrics()["brought"].family == "mine"
    assert names(resolve("ndcg,brought")) == ["ndcg", "brought"]
    assert names(resolve("mine")) == ["brought"]
    assert "brought" in names(resolve("all"))


def test_a_metric_is_found_by_its_module_path(install):
    install("pathway", GOOD.format(name="by_path"), "unused = pathway:by_path")
    assert names(resolve("pathway:by_path")) == ["by_path"]


def test_a_broken_package_stops_only_those_who_ask_for_it(install):
    install("broken", "raise RuntimeError('no disk')", "sad = broken:sad")
    assert names(resolve("ndcg,map")) == ["ndcg", "map"]
    with pytest.raises(PluginError, match=r"'sad' \(broken:sad\) cannot be loaded: RuntimeError: "):
        resolve("sad")
    with pytest.raises(PluginError, match="mend or uninstall its package"):
        metrics()


def test_an_entry_point_may_not_take_a_built_in_name(install):
    install("thief", GOOD.format(name="ndcg"), "ndcg = thief:ndcg")
    with pytest.raises(PluginError, match="two metrics are called 'ndcg'"):
        metrics()


def test_two_different_metrics_of_one_name_are_not_mixed_up(install):
    install("double", GOOD.format(name="recall"), "recall = double:recall")
    with pytest.raises(PluginError, match="two different metrics called 'recall' are asked for"):
        resolve("recall,double:recall")


def test_a_path_that_leads_nowhere_says_how_to_write_one():
    with pytest.raises(PluginError, match="cannot be imported: ModuleNotFoundError"):
        resolve("nowhere.at.all:metric")
    with pytest.raises(PluginError, match=r"write it as package\.module:function"):
        resolve("evaluators.ranking:not_there")


@pytest.mark.parametrize(
    "source,message",
    [
        ("def plain(hits): return hits", "is a function; decorate the function"),
        (GOOD.format(name="plain").replace("(0, 1)", "(1, 0)"), "has bounds"),
        (GOOD.format(name="plain").replace("hits, n_relevant", ""), "asks for no array"),
        (GOOD.format(name="plain").replace('"""Is this the one?"""', ""), "has no docstring"),
    ],
)
def test_a_declaration_that_lacks_something_is_refused(install, source, message):
    install("lacking", source, "plain = lacking:plain")
    with pytest.raises(PluginError, match=message):
        resolve("lacking:plain")
