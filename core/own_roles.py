"""Which column serves which role, once a person has had a say."""

from collections.abc import Mapping, Sequence

from core.errors import DatasetError, UnknownNameError
from core.frames_roles import ROLES


def check_roles(columns: Mapping[str, str]) -> dict[str, str]:
    """The mapping as given; UnknownNameError for a role there is not, DatasetError for a clash."""
    for role in columns:
        if role not in ROLES:
            raise UnknownNameError("role of a column", role, ROLES)
    used = [column for column in columns.values() if column]
    for column in used:
        if used.count(column) > 1:
            roles = [role for role in columns if columns[role] == column]
            raise DatasetError(
                f"column {column!r} is mapped to {' and '.join(roles)}; one column has one role"
            )
    return dict(columns)


def choose_roles(
    guessed: Mapping[str, str], names: Sequence[str], by_hand: Mapping[str, str], label: str
) -> dict[str, str]:
    """Role → column: what was mapped by hand, else the guess.

    Raises UnknownNameError for a mapped column that is not there, DatasetError without a user or
    an item column.
    """
    chosen = {role: column for role, column in by_hand.items() if column}
    for column in chosen.values():
        if column not in names:
            raise UnknownNameError(f"column of {label}", column, names)
    for role, column in guessed.items():
        if role not in by_hand and column in names and column not in chosen.values():
            chosen[role] = column
    if missing := [role for role in ("user", "item") if role not in chosen]:
        shown = ", ".join(f"{role!r}: NAME" for role in missing)
        raise DatasetError(
            f"{label} has no column that is known to be the {' or the '.join(missing)}; its "
            f"columns are {', '.join(names)}. Say which: columns={{{shown}}}"
        )
    return {role: chosen[role] for role in ROLES if role in chosen}
