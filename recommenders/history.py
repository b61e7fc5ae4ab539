"""Histories put together, for models that learn more without starting over."""

from dataclasses import replace
from typing import Any

import numpy as np

from core.tables import Interactions


def together(old: Interactions, new: Interactions) -> Interactions:
    """Both parts as one, old rows first; ids may have grown in `new`, never shrunk.

    A column that only one part has cannot be kept: ValueError.
    """
    if new.n_users < old.n_users or new.n_items < old.n_items:
        raise ValueError(
            f"new interactions speak of {new.n_users} users and {new.n_items} items, fewer than "
            f"the {old.n_users} and {old.n_items} learned before; use the same codes"
        )
    return replace(
        new,
        users=np.concatenate([old.users, new.users]),
        items=np.concatenate([old.items, new.items]),
        ratings=_joined("ratings", old.ratings, new.ratings),
        timestamps=_joined("timestamps", old.timestamps, new.timestamps),
    )


def _joined(name: str, old: Any, new: Any) -> Any:
    if (old is None) != (new is None):
        raise ValueError(f"{name} are in one part of the interactions and not in the other")
    return None if old is None else np.concatenate([old, new])
