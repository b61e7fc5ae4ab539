"""Two clubs of users, each with its own kind of items, told by their titles."""

import numpy as np
import pandas as pd

from core.ledger import Ledger
from core.tables import Dataset, Ids, Interactions, Side

KINDS = ("Cooking pasta and soup", "War between distant stars")


def clubs(n_users: int = 60, n_items: int = 24, share: float = 0.7) -> Dataset:
    """Users and items of even number are of one club, of odd number of the other.

    share  of the items of their club that users like, drawn once
    """
    rng = np.random.default_rng(5)
    users, items = (axis.ravel() for axis in np.mgrid[0:n_users, 0:n_items])
    keep = ((users + items) % 2 == 0) & (rng.random(len(users)) < share)
    titles = [f"{KINDS[item % 2]}, volume {item}" for item in range(n_items)]
    rows = Interactions(
        users[keep].astype(np.int32),
        items[keep].astype(np.int32),
        n_users,
        n_items,
        side=Side(items=pd.DataFrame({"title": titles})),
    )
    names = [
        Ids(kind, np.array([f"{kind}{n}" for n in range(count)], dtype=object))
        for kind, count in (("user", n_users), ("item", n_items))
    ]
    return Dataset("clubs", rows, *names, sha256="", ledger=Ledger())
