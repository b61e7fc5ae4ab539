"""What a model may learn from, and what it is judged on: four rules, no loop over users."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ConfigError, DatasetError, EmptyError, UnknownNameError
from core.leakage import leakage
from core.ledger import Ledger
from core.order import by_time, by_user, ranks_in_user
from core.tables import Bools, Interactions, Ints, Split

STAGE = "split"


@dataclass(frozen=True)
class Rule:
    """cut: (interactions, parameters, seed) → masks of test and validation; summary: one line."""

    cut: Callable[[Interactions, Mapping[str, Any], int], tuple[Bools, Bools]]
    summary: str
    needs_time: bool
    parameters: Mapping[str, Any]


def split(
    interactions: Interactions,
    rule: str = "global-time",
    *,
    seed: int = 0,
    **parameters: Any,
) -> Split:
    """Cut the interactions into train, validation and test by one of RULES.

    parameters  those of the rule (RULES[rule].parameters has the defaults): test and validation are
                shares of rows; leave-last takes n_last rows a user; ratio-per-user an `order`,
                "random" or "time"; rolling n_windows and the `window` wanted, counted from 0
    seed        for rules that draw
    Raises UnknownNameError, ConfigError for shares that leave nothing, DatasetError without the
    times that a rule needs, EmptyError when a part has no row.
    """
    if rule not in RULES:
        raise UnknownNameError("split rule", rule, RULES)
    chosen = RULES[rule]
    if unknown := sorted(parameters.keys() - chosen.parameters.keys()):
        raise UnknownNameError(f"parameter of split {rule}", unknown[0], chosen.parameters)
    given = {**chosen.parameters, **parameters}
    _check_shares(given)
    if chosen.needs_time and interactions.timestamps is None:
        raise DatasetError(
            f"split {rule} needs timestamps and this data has none; "
            "map a time column, or take the rule ratio-per-user"
        )
    if not len(interactions):
        raise EmptyError(f"split {rule} has nothing to cut: the data holds no row")
    is_test, is_validation = chosen.cut(interactions, given, seed)
    window = int(given["window"]) if rule == "rolling" else 0
    return _parts(interactions, is_test, is_validation, rule, given, seed, window)


def rolling(
    interactions: Interactions, *, n_windows: int = 5, seed: int = 0, **parameters: Any
) -> list[Split]:
    """One split a window, oldest first: how does quality change as time goes on?

    The last `test` share of rows, by time, falls into n_windows of equal size; each is judged on
    models that saw all before it, or, with `train`, that share of the rows.
    """
    return [
        split(interactions, "rolling", seed=seed, n_windows=n_windows, window=window, **parameters)
        for window in range(n_windows)
    ]


def _check_shares(given: Mapping[str, Any]) -> None:
    test, validation = float(given.get("test", 0.5)), float(given["validation"])
    if not (0 < test < 1 and 0 <= validation < 1 and test + validation < 1):
        raise ConfigError(
            "the shares of test and validation must be above 0 (validation may be 0) and leave "
            f"something to train on; got test={test:g}, validation={validation:g}"
        )
    for name in ("n_last", "n_windows"):
        if name in given and int(given[name]) < 1:
            raise ConfigError(f"{name} must be 1 or more; got {given[name]}")


def _parts(  # noqa: PLR0913, PLR0917 - what a Split records
    rows: Interactions,
    is_test: Bools,
    is_validation: Bools,
    rule: str,
    given: Mapping[str, Any],
    seed: int,
    window: int,
) -> Split:
    left_out = _before_train(rows, rule, given, is_test | is_validation)
    is_later = _after_window(rows, rule, is_test)
    is_train = ~(is_test | is_validation | left_out | is_later)
    parts = {"train": is_train, "validation": is_validation, "test": is_test}
    wanted = {"train": True, "validation": float(given["validation"]) > 0, "test": True}
    for name, mask in parts.items():
        if wanted[name] and not mask.any():
            raise EmptyError(
                f"split {rule} leaves no row for {name} out of {len(rows):,} "
                f"({', '.join(f'{k}={v}' for k, v in given.items())}); "
                "use more data, other shares, or another rule"
            )
    train, validation, test = (rows.take(mask) for mask in parts.values())
    ledger = Ledger()
    out = int((left_out | is_later).sum())
    ledger.add(STAGE, "dropped", "row outside the window's past", out)
    _count_new(ledger, train, test)
    return Split(train, validation, test, rule, seed, dict(given), ledger, window)


def _count_new(ledger: Ledger, train: Interactions, test: Interactions) -> None:
    """Users and items of the test part that training never met."""
    for unit, known, asked, n in (
        ("users", train.users, test.users, train.n_users),
        ("items", train.items, test.items, train.n_items),
    ):
        is_known = np.zeros(n, dtype=bool)
        is_known[known] = True
        is_asked = np.zeros(n, dtype=bool)
        is_asked[asked] = True
        count = int((is_asked & ~is_known).sum())
        ledger.add(STAGE, "noted", f"test {unit} without a row in train", count, unit=unit)


def _in_time(rows: Interactions) -> Ints:
    if rows.timestamps is None:
        raise DatasetError("a split by time needs timestamps")
    return rows.timestamps


def _moment(times: Ints, share: float) -> int:
    """The time at which the last `share` of the rows begins; equal times are never torn apart."""
    place = min(max(len(times) - round(share * len(times)), 0), len(times) - 1)
    if (times[1:] >= times[:-1]).all():
        return int(times[place])
    return int(np.partition(times, place)[place])


def _global_time(rows: Interactions, given: Mapping[str, Any], seed: int) -> tuple[Bools, Bools]:  # noqa: ARG001 - one signature for all rules
    times = _in_time(rows)
    start = _moment(times, given["test"])
    is_test = times >= start
    share = float(given["validation"])
    if not share:
        return is_test, np.zeros(len(times), dtype=bool)
    return is_test, (times >= _moment(times, given["test"] + share)) & ~is_test


def _leave_last(rows: Interactions, given: Mapping[str, Any], seed: int) -> tuple[Bools, Bools]:  # noqa: ARG001 - one signature for all rules
    """A user's last rows; whoever has too few keeps one to train on, then one to test on."""
    n_last = int(given["n_last"])
    order = by_user(rows.users, rows.n_users, by_time(_in_time(rows)))
    from_start, n = ranks_in_user(rows.users, rows.n_users, order)
    from_end = n - 1 - from_start
    is_test = (from_end < n_last) & (from_start > 0)
    if not given["validation"]:
        return is_test, np.zeros(len(rows), dtype=bool)
    return is_test, ~is_test & (from_end < 2 * n_last) & (from_start > 0)


def _ratio(rows: Interactions, given: Mapping[str, Any], seed: int) -> tuple[Bools, Bools]:
    """The same share of every user's rows, rounded; at least one row stays to train on."""
    if given["order"] not in {"random", "time"}:
        raise ConfigError(f'order is "random" or "time"; got {given["order"]!r}')
    if given["order"] == "time":
        first_to_last = by_time(_in_time(rows))
    else:
        first_to_last = np.random.default_rng(seed).permutation(len(rows))
    order = by_user(rows.users, rows.n_users, first_to_last)
    from_start, n = ranks_in_user(rows.users, rows.n_users, order)
    from_end = n - 1 - from_start
    n_test = np.minimum(np.rint(n * given["test"]), n - 1)
    n_held = np.minimum(n_test + np.rint(n * given["validation"]), n - 1)
    is_test = from_end < n_test
    return is_test, (from_end < n_held) & ~is_test


def _edges(times: Ints, given: Mapping[str, Any]) -> Ints:
    """Start of every window, and the end of the last: windows of equally many rows."""
    shares = np.linspace(float(given["test"]), 0.0, int(given["n_windows"]) + 1)[:-1]
    starts = [_moment(times, float(share)) for share in shares]
    return np.array([*starts, int(times.max()) + 1], dtype=np.int64)


def _rolling(rows: Interactions, given: Mapping[str, Any], seed: int) -> tuple[Bools, Bools]:  # noqa: ARG001 - one signature for all rules
    times, window = _in_time(rows), int(given["window"])
    if not 0 <= window < int(given["n_windows"]):
        raise ConfigError(f"window counts from 0 to {int(given['n_windows']) - 1}; got {window}")
    edges = _edges(times, given)
    start, end = int(edges[window]), int(edges[window + 1])
    past = times[times < start]
    is_test = (times >= start) & (times < end)
    if not given["validation"] or not len(past):
        return is_test, np.zeros(len(times), dtype=bool)
    share = float(given["validation"]) * len(times) / len(past)
    return is_test, (times >= _moment(past, min(share, 1.0))) & (times < start)


def _after_window(rows: Interactions, rule: str, is_test: Bools) -> Bools:
    """Rows later than a window's test part: nobody knows them yet."""
    if rule != "rolling" or not is_test.any():
        return np.zeros(len(rows), dtype=bool)
    times = _in_time(rows)
    later: Bools = times > times[is_test].max()
    return later


def _before_train(rows: Interactions, rule: str, given: Mapping[str, Any], held: Bools) -> Bools:
    """Rows older than a sliding window trains on."""
    if rule != "rolling" or not given["train"] or not held.any():
        return np.zeros(len(rows), dtype=bool)
    times = _in_time(rows)
    past: Bools = times < times[held].min()
    if not past.any():
        return past
    share = min(float(given["train"]) * len(times) / int(past.sum()), 1.0)
    older: Bools = times < _moment(times[past], share)
    return older


SHARES = {"test": 0.2, "validation": 0.1}
RULES: dict[str, Rule] = {
    "global-time": Rule(
        _global_time, "one moment for all: the last rows are the test, as in a live system",
        needs_time=True, parameters=SHARES,
    ),
    "leave-last": Rule(
        _leave_last, "each user's last row; the future of others leaks into training",
        needs_time=True, parameters={"n_last": 1, "validation": 0.1},
    ),
    "ratio-per-user": Rule(
        _ratio, "the same share of every user's rows, drawn by chance or the latest ones",
        needs_time=False, parameters={**SHARES, "order": "random"},
    ),
    "rolling": Rule(
        _rolling, "several windows, one after another, each with all its past to learn from",
        needs_time=True,
        parameters={"test": 0.5, "validation": 0.1, "n_windows": 5, "window": 0, "train": None},
    ),
}  # fmt: skip

__all__ = ["RULES", "Rule", "leakage", "rolling", "split"]
