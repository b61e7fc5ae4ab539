"""What can be set on a recommender: read from its dataclass fields, checked before it is made."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from inspect import Parameter as Argument
from inspect import getdoc, signature
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.errors import ConfigError, UnknownNameError

SIMPLE = (bool, int, float, str)


@dataclass(frozen=True)
class Parameter:
    """One thing to set.  required: has no default; low, high: inclusive; choices: all allowed."""

    name: str
    type: type | None
    default: Any
    doc: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    required: bool = False
    optional: bool = False

    @property
    def type_name(self) -> str:
        return self.type.__name__ if self.type else "any"


@dataclass(frozen=True)
class Description:
    """A recommender as lists, forms and the command line show it.  source: paper and DOI."""

    name: str
    summary: str
    source: str
    parameters: tuple[Parameter, ...]
    doc: str = ""


def setting(
    default: Any,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[Any, ...] = (),
) -> Any:
    """Declare a dataclass field that forms and the command line can explain and check."""
    return field(
        default=default, metadata={"doc": doc, "low": low, "high": high, "choices": choices}
    )


def parameters_of(kind: Any) -> tuple[Parameter, ...]:
    """Everything that can be given when a class (or a factory function) is called."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return tuple(_from_field(f, hints.get(f.name)) for f in fields(kind) if f.init)
    try:
        arguments = list(signature(kind, eval_str=True).parameters.values())
    except (TypeError, ValueError, NameError):  # some callables written in C have no signature
        return ()
    named = [
        a for a in arguments if a.kind in {Argument.POSITIONAL_OR_KEYWORD, Argument.KEYWORD_ONLY}
    ]
    return tuple(_from_argument(a) for a in named)


def describe_class(name: str, kind: Any) -> Description:
    doc = getdoc(kind) or ""
    return Description(
        name=name,
        summary=doc.partition("\n")[0],
        source=str(getattr(kind, "source", "")),
        parameters=parameters_of(kind),
        doc=doc,
    )


def build(name: str, kind: Any, given: Mapping[str, Any]) -> Any:
    """Make the thing with these values; ConfigError says which value does not fit, and why."""
    known = {p.name: p for p in parameters_of(kind)}
    for key in given:
        if key not in known:
            raise UnknownNameError(f"parameter of {name}", key, known)
    missing = [p.name for p in known.values() if p.required and p.name not in given]
    if missing:
        raise ConfigError(
            f"{name} cannot be made without {', '.join(missing)}; set "
            f"{'it' if len(missing) == 1 else 'them'} among the model's parameters"
        )
    values = {key: checked(name, known[key], value) for key, value in given.items()}
    return kind(**values)


def checked(name: str, parameter: Parameter, value: Any) -> Any:
    """Return the value in the parameter's type; ConfigError where it does not fit."""
    if value is None and parameter.optional:
        return None
    if parameter.type is float and type(value) is int:
        value = float(value)
    right_type = parameter.type is None or (
        isinstance(value, parameter.type)
        and not (isinstance(value, bool) and parameter.type is not bool)
    )
    if not right_type:
        raise ConfigError(
            f"{name}: {parameter.name} must be {parameter.type_name}, such as "
            f"{parameter.default!r}; got {value!r} ({type(value).__name__})"
        )
    if parameter.choices and value not in parameter.choices:
        allowed = ", ".join(repr(choice) for choice in parameter.choices)
        raise ConfigError(f"{name}: {parameter.name} must be one of {allowed}; got {value!r}")
    low, high = parameter.low, parameter.high
    too_low = low is not None and not value >= low  # `not >=` also catches NaN
    too_high = high is not None and not value <= high
    if too_low or too_high:
        bounds = f"at least {low:g}" if low is not None else ""
        bounds += " and " if low is not None and high is not None else ""
        bounds += f"at most {high:g}" if high is not None else ""
        raise ConfigError(f"{name}: {parameter.name} must be {bounds}; got {value!r}")
    return value


def _from_field(f: "Field[Any]", hint: Any) -> Parameter:
    default = f.default
    if default is MISSING and f.default_factory is not MISSING:
        default = f.default_factory()
    required = default is MISSING
    kind, optional = _simple(hint)
    facts = {key: f.metadata[key] for key in ("doc", "low", "high", "choices") if key in f.metadata}
    return Parameter(
        f.name, kind, None if required else default, required=required, optional=optional, **facts
    )


def _from_argument(argument: Argument) -> Parameter:
    required = argument.default is Argument.empty
    kind, optional = _simple(argument.annotation)
    default = None if required else argument.default
    return Parameter(argument.name, kind, default, required=required, optional=optional)


def _simple(hint: Any) -> tuple[type | None, bool]:
    """Split a type hint into (bool, int, float, str or None for anything else; may it be None?)."""
    if get_origin(hint) in {Union, UnionType}:
        others = [arm for arm in get_args(hint) if arm is not NoneType]
        optional = len(others) < len(get_args(hint))
        return (_simple(others[0])[0] if len(others) == 1 else None), optional
    return (hint if hint in SIMPLE else None), False
