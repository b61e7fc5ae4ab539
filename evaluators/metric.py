"""What a metric is: a pure function of named arrays, and the facts needed to read its numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, getdoc, signature
from typing import Any, Literal

import numpy as np

from core.tables import Floats, Ints

Better = Literal["higher", "lower", "neither"]
Per = Literal["user", "run", "audit"]


@dataclass(frozen=True)
class Metric:
    """Call it as the function it wraps; its parameter names say which arrays it needs.

    per     "user" gives one value a user, shape (n_users,); "run" one value in all, shape ().
            A run metric takes arrays whose first axis is the user, so that an interval can be had
            by drawing users again and computing again. "audit": computed by the audit of its
            family (`recscope.audits`) from arrays of its own, which its docstring tells.
    better  "neither" where neither end of the scale is good: a profile to match, a figure to know
    cutoff  True: judged on the first k of each list, once for every k asked for, and named
            name@k. False: judged once, on the whole list or on no list at all.
    additive  a run metric that needs its arrays' sums over users alone: it takes them with users
            last, (..., n_users), so that all drawings of users are computed in one call
    """

    compute: Callable[..., Floats]
    better: Better
    bounds: tuple[float, float]
    source: str
    family: str
    per: Per = "user"
    cutoff: bool = True
    additive: bool = False

    @property
    def name(self) -> str:
        return self.compute.__name__

    @property
    def doc(self) -> str:
        return getdoc(self.compute) or ""

    @property
    def summary(self) -> str:
        return self.doc.partition("\n")[0]

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """Arrays it asks for: its parameters without a default."""
        parameters = signature(self.compute).parameters.values()
        return tuple(p.name for p in parameters if p.default is Parameter.empty)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Constants of the formula and their values: its parameters with a default."""
        parameters = signature(self.compute).parameters.values()
        return {p.name: p.default for p in parameters if p.default is not Parameter.empty}

    def __call__(self, *args: object, **kwargs: object) -> Floats:
        return self.compute(*args, **kwargs)


def metric(  # noqa: PLR0913 - the facts of a metric, all named
    *,
    better: Better,
    bounds: tuple[float, float],
    source: str,
    family: str,
    per: Per = "user",
    cutoff: bool = True,
    additive: bool = False,
) -> Callable[[Callable[..., Floats]], Metric]:
    """Declare a metric.  source: the paper and DOI whose definition it follows."""
    return lambda compute: Metric(compute, better, bounds, source, family, per, cutoff, additive)


def ratio(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """Divide; NaN where the denominator is zero, because the question then has no answer."""
    quotient = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
