"""Where recommenders come in: built in, from a package, a file of lists, or over HTTP."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from core.errors import ConfigError, PluginError, RecScopeError, UnknownNameError
from recommenders import RECOMMENDERS
from recommenders.contract import check_model
from recommenders.parameters import Description, build, describe_class

GROUP = "recscope.recommenders"
LISTS, ANSWERS = "lists:", "answers:"
HTTP = ("http://", "https://")
NOTHING: Mapping[str, Any] = {}


def plugged_in() -> dict[str, EntryPoint]:
    """Recommenders of installed packages, by name; not loaded yet."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def names() -> list[str]:
    """Every name that resolve() knows by itself: built-in ones, then those of packages."""
    return [*RECOMMENDERS, *(name for name in plugged_in() if name not in RECOMMENDERS)]


def resolve(spec: str, parameters: Mapping[str, Any] = NOTHING) -> Any:
    """Which recommender is meant?  Returns it, not fitted yet.

    spec        a built-in name · `package.module:Class` (or a function that makes one, or a ready
                object) · the name of an installed entry point (group recscope.recommenders) ·
                `lists:PATH`, a file of ready lists · `answers:PATH`, a file of a language model's
                answers · `http://…`, an endpoint
    parameters  its fields by name

    A model that also is a `recommenders.base.NeedsIds` must be bound to the names before fit.
    Raises UnknownNameError with the nearest name, ConfigError for a parameter that does not fit,
    PluginError for what cannot be loaded or is no recommender.
    """
    for prefix in (LISTS, ANSWERS):
        if spec.startswith(prefix):
            return build(spec, _located(spec), {"path": spec.removeprefix(prefix), **parameters})
    if spec.startswith(HTTP):
        return build(spec, _located(spec), {"url": spec, **parameters})
    found = _located(spec)
    if callable(found):
        model = _made(spec, found, parameters)
    elif parameters:
        raise ConfigError(
            f"{spec} is a ready object, so it takes no parameters; got {', '.join(parameters)}"
        )
    else:
        model = found
    check_model(model, spec)
    return model


def describe(spec: str) -> Description:
    """What is this recommender, and what can be set on it?  spec: as for resolve()."""
    return describe_class(spec, _located(spec))


def _located(spec: str) -> Any:
    """The class, function or object that a spec names."""
    if spec.startswith(LISTS) or spec == LISTS.rstrip(":"):
        from recommenders.ready_lists import ReadyLists

        return ReadyLists
    if spec.startswith(ANSWERS) or spec == ANSWERS.rstrip(":"):
        from recommenders.answers import StoredAnswers

        return StoredAnswers
    if spec.startswith(HTTP) or spec == "http":
        from recommenders.endpoint import Endpoint

        return Endpoint
    if spec in RECOMMENDERS:
        return RECOMMENDERS[spec]
    if ":" in spec:
        return _imported(spec)
    entries = plugged_in()
    if spec in entries:
        return _loaded(entries[spec])
    raise UnknownNameError("recommender", spec, names())


def _made(spec: str, kind: Any, parameters: Mapping[str, Any]) -> Any:
    try:
        return build(spec, kind, parameters)
    except RecScopeError:
        raise
    except Exception as error:
        raise PluginError(
            f"{spec} cannot be made with {dict(parameters)}: {type(error).__name__}: {error}"
        ) from error


def _imported(spec: str) -> Any:
    module, _, name = spec.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise PluginError(
            f"the recommender {spec!r} cannot be imported: no module {error.name!r}; write it as "
            "package.module:Class, installed or in the folder RecScope is started from"
        ) from error
    except AttributeError as error:
        raise PluginError(
            f"the module {module!r} has no {name!r}; write the recommender as package.module:Class"
        ) from error
    except Exception as error:
        raise PluginError(
            f"the recommender {spec!r} cannot be imported: {type(error).__name__}: {error}"
        ) from error


def _loaded(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise PluginError(
            f"the recommender {entry.name!r} ({entry.value}) cannot be loaded: "
            f"{type(error).__name__}: {error}; mend or uninstall its package"
        ) from error
