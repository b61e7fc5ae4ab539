from dataclasses import dataclass, field

import pytest

from core.errors import ConfigError, UnknownNameError
from recommenders.parameters import build, describe_class, parameters_of, setting


@dataclass
class Toy:
    """What a toy answers.

    And more of it.
    """

    source = "Toy 2020"

    weight: float = setting(1.5, "How heavy.", low=0, high=10)
    n_parts: int = setting(3, "How many.", low=1)
    colour: str = setting("red", "Which.", choices=("red", "blue"))
    is_loud: bool = setting(default=False, doc="Whether.")
    limit: int | None = None
    tags: list[str] = field(default_factory=list)


class Plain:
    """No dataclass."""

    def __init__(self, size: int, shape: str = "round") -> None:
        self.size, self.shape = size, shape


def test_fields_are_described_with_type_default_bounds_and_doc():
    known = describe_class("toy", Toy)
    assert known.summary == "What a toy answers."
    assert known.source == "Toy 2020"
    weight, n_parts, colour, is_loud, limit, tags = known.parameters
    assert (weight.name, weight.type, weight.default, weight.doc) == (
        "weight",
        float,
        1.5,
        "How heavy.",
    )
    assert (weight.low, weight.high) == (0, 10)
    assert n_parts.type_name == "int"
    assert colour.choices == ("red", "blue")
    assert is_loud.default is False
    assert limit.optional
    assert limit.type is int
    assert tags.type_name == "any"
    assert tags.default == []


def test_arguments_of_a_plain_class_are_described_too():
    size, shape = parameters_of(Plain)
    assert size.required
    assert size.type is int
    assert shape.default == "round"


def test_a_callable_without_a_signature_has_no_parameters():
    assert parameters_of(dict) == ()


def test_values_that_fit_are_taken_and_whole_numbers_serve_as_decimals():
    toy = build("toy", Toy, {"weight": 2, "colour": "blue", "limit": None})
    assert (toy.weight, toy.colour, toy.limit) == (2.0, "blue", None)
    assert type(toy.weight) is float


@pytest.mark.parametrize(
    "given,message",
    [
        ({"weight": "heavy"}, r"toy: weight must be float, such as 1.5; got 'heavy' \(str\)"),
        ({"n_parts": 2.5}, r"n_parts must be int, such as 3; got 2.5 \(float\)"),
        ({"n_parts": True}, r"n_parts must be int, such as 3; got True \(bool\)"),
        ({"is_loud": 1}, r"is_loud must be bool, such as False; got 1 \(int\)"),
        ({"n_parts": None}, r"n_parts must be int"),
        ({"n_parts": 0}, "n_parts must be at least 1; got 0"),
        ({"weight": 11.0}, "weight must be at least 0 and at most 10; got 11.0"),
        ({"weight": float("nan")}, "weight must be at least 0 and at most 10; got nan"),
        ({"colour": "green"}, "colour must be one of 'red', 'blue'; got 'green'"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(given, message):
    with pytest.raises(ConfigError, match=message):
        build("toy", Toy, given)


def test_an_unknown_parameter_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="parameter of toy is called 'wieght'; did you mean"):
        build("toy", Toy, {"wieght": 1.0})


def test_a_missing_value_is_asked_for():
    with pytest.raises(ConfigError, match="plain cannot be made without size; set it among"):
        build("plain", Plain, {})
