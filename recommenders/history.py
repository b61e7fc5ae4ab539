"""Histories put together, for models that learn more without starting over."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import Codes, Interactions, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array


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


def without_users(old: Interactions, users: Codes | Ints) -> Interactions:
    """All rows but those of these users; codes stay as they are."""
    is_gone = np.zeros(old.n_users, dtype=bool)
    is_gone[np.asarray(users, dtype=np.int64)] = True
    return old.take(~is_gone[old.users])


def newly_liked(old: Interactions, all_: Interactions) -> "csr_array[Any]":
    """Which likings came in?  CSR (n_users, n_items) of `all_`, 1 where `old` held no liking.

    all_  `together(old, new)`: what was liked once stays liked, so nothing is ever taken back
    """
    from scipy.sparse import csr_array

    before = old.liked
    rows = np.append(before.indptr, np.full(all_.n_users - old.n_users, before.indptr[-1]))
    grown = csr_array((before.data, before.indices, rows), shape=(all_.n_users, all_.n_items))
    came = csr_array(all_.liked - grown)
    came.eliminate_zeros()
    return came


def _joined(name: str, old: Any, new: Any) -> Any:
    if (old is None) != (new is None):
        raise ValueError(f"{name} are in one part of the interactions and not in the other")
    return None if old is None else np.concatenate([old, new])
