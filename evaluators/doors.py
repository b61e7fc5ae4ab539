"""Where metrics come in: the built-in ones, installed entry points, `package.module:name`."""

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from core.errors import ConfigError, PluginError, UnknownNameError
from evaluators import METRICS
from evaluators.metric import Metric

GROUP = "recscope.metrics"
ALL = "all"


def metrics() -> dict[str, Metric]:
    """Which metrics are there? Built-in ones, then those of installed packages, by name.

    Raises PluginError where an installed package's metric cannot be loaded or breaks the contract.
    """
    found = dict(METRICS)
    for entry in entry_points(group=GROUP):
        metric = _load(entry)
        if metric.name in found:
            raise PluginError(
                f"two metrics are called {metric.name!r}; the one of entry point {entry.name!r} "
                f"({entry.value}) needs another name, or its package must be uninstalled"
            )
        found[metric.name] = metric
    return found


def families(known: Iterable[Metric]) -> dict[str, list[Metric]]:
    """Which metrics answer the same kind of question? Family name to its metrics, in order."""
    found: dict[str, list[Metric]] = {}
    for metric in known:
        found.setdefault(metric.family, []).append(metric)
    return found


def resolve(names: str | Iterable[str | Metric]) -> list[Metric]:
    """Which metrics are asked for, to judge lists by?

    names  metrics, their names, names of families, "all", or `package.module:name`; one text may
           hold several between commas. A metric asked for twice is given once, at its first place.

    Entry points are looked at only when a name is not a built-in one, so that a broken package
    cannot stop a run that does not use it. "all" and families leave out what only an audit
    computes. Raises UnknownNameError with the nearest name, ConfigError for a metric of an audit
    asked for by name, and PluginError for a plug-in that cannot be loaded.
    """
    asked = [names] if isinstance(names, str | Metric) else list(names)
    chosen: dict[str, Metric] = {}
    for entry in asked:
        parts = [entry] if isinstance(entry, Metric) else _words(entry)
        for part in parts:
            for metric in [part] if isinstance(part, Metric) else _named(part):
                _add(chosen, metric)
    return list(chosen.values())


def _words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _add(chosen: dict[str, Metric], metric: Metric) -> None:
    other = chosen.setdefault(metric.name, metric)
    if other is not metric:
        raise PluginError(
            f"two different metrics called {metric.name!r} are asked for; rename the function of "
            f"one of them ({other.compute.__module__}, {metric.compute.__module__})"
        )


def _named(name: str) -> list[Metric]:
    if name in METRICS:
        return [_of_lists(METRICS[name])]
    if ":" in name:
        return [_imported(name)]
    known = metrics()
    if name == ALL:
        return [metric for metric in known.values() if metric.per != "audit"]
    if name in known:
        return [_of_lists(known[name])]
    by_family = families(known.values())
    if name in by_family:
        return [metric for metric in by_family[name] if metric.per != "audit"]
    raise UnknownNameError("metric", name, [*known, *by_family, ALL])


def _of_lists(metric: Metric) -> Metric:
    if metric.per == "audit":
        raise ConfigError(
            f"the metric {metric.name!r} cannot be asked for beside others: the audit of its "
            f"family ({metric.family}) computes it for every run; see: python -m recscope audit "
            "--help"
        )
    return metric


def _load(entry: EntryPoint) -> Metric:
    try:
        loaded = entry.load()
    except Exception as error:
        raise PluginError(
            f"the metric {entry.name!r} ({entry.value}) cannot be loaded: "
            f"{type(error).__name__}: {error}; mend or uninstall its package"
        ) from error
    return checked(loaded, f"{entry.name!r} ({entry.value})")


def _imported(spec: str) -> Metric:
    module, _, name = spec.partition(":")
    try:
        loaded = getattr(import_module(module), name)
    except Exception as error:
        raise PluginError(
            f"the metric {spec!r} cannot be imported: {type(error).__name__}: {error}; "
            "write it as package.module:function"
        ) from error
    return checked(loaded, repr(spec))


def checked(loaded: object, where: str) -> Metric:
    """A plugged-in metric as it came, or a PluginError that says what its declaration lacks."""
    if not isinstance(loaded, Metric):
        raise PluginError(
            f"the metric {where} is a {type(loaded).__name__}; decorate the function with "
            "evaluators.metric.metric"
        )
    low, high = loaded.bounds
    if not low < high:
        raise PluginError(f"the metric {where} has bounds {loaded.bounds}; give (lowest, highest)")
    if not loaded.needs:
        raise PluginError(f"the metric {where} asks for no array; its parameters name its arrays")
    if not loaded.summary:
        raise PluginError(f"the metric {where} has no docstring; say what question it answers")
    return loaded
