"""Who belongs together? Users by the values of their attributes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, UnknownNameError
from core.tables import Ints

MISSING = "(missing)"
MOST_GROUPS = 1000


@dataclass(frozen=True, eq=False)
class Cell:
    """One group, or everybody (both names None).  rows: positions of its users."""

    group_by: str | None
    group: str | None
    rows: Ints


def group_frame(attributes: pd.DataFrame, users: Ints, columns: Sequence[str]) -> pd.DataFrame:
    """The groups of each user: index as `users`, one categorical column of text per attribute.

    attributes  one row a user, indexed by code; a user without a row, or without a value, is in
                the group (missing)
    users       int (n_users,) codes, in the order wanted

    Categories keep the order of the values, numbers as numbers. Raises UnknownNameError for a
    column that is not there and ConfigError for one that hardly groups (over 1,000 values).
    """
    groups = {}
    for column in columns:
        if column not in attributes.columns:
            raise UnknownNameError("user attribute", column, [str(c) for c in attributes.columns])
        groups[column] = _texts(attributes[column].reindex(users), column)
    return pd.DataFrame(groups, index=pd.Index(users, name="user"))


def _texts(values: "pd.Series[Any]", column: str) -> "pd.Categorical[str]":
    try:
        codes, distinct = pd.factorize(values, sort=True)
    except TypeError:  # values of several types have no order of their own
        codes, distinct = pd.factorize(values.map(str, na_action="ignore"), sort=True)
    if len(distinct) > MOST_GROUPS:
        raise ConfigError(
            f"the attribute {column!r} has {len(distinct):,} values, too many to group by (at most "
            f"{MOST_GROUPS:,}); put its values into bands first"
        )
    names = list(dict.fromkeys(_text(value) for value in distinct))
    to_name = np.array([names.index(_text(value)) for value in distinct] + [len(names)])
    if (codes < 0).any():
        names.append(MISSING)
    return pd.Categorical.from_codes(to_name[codes].astype(np.intp), categories=pd.Index(names))


def _text(value: object) -> str:
    """As a person would write it: 25, not 25.0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def cells(n_users: int, groups: pd.DataFrame | None) -> Iterator[Cell]:
    """Everybody first, then each group of each column, in order; empty groups are left out."""
    yield Cell(None, None, np.arange(n_users))
    if groups is None:
        return
    for column in groups.columns:
        values = groups[column].astype("category")
        codes = values.cat.codes.to_numpy()
        for code, name in enumerate(values.cat.categories):
            rows = np.flatnonzero(codes == code)
            if len(rows):
                yield Cell(str(column), str(name), rows)
