"""What a reader hands on to be cleaned."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from core.ledger import Ledger


@dataclass
class Raw:
    """Tables as a reader found them; ids are still outside names.

    interactions  columns user, item and perhaps rating, timestamp (seconds, or any unit up to
                  nanoseconds, or dates)
    users, items  column user or item, and attributes
    graph         columns head (an item's id), relation, tail (text), perhaps tail_item (an id)
    reviews       columns user, item, text
    tables        further tables; their columns user and item, where there are any, are ids
    ledger        what the reader itself dropped
    whole_catalogue  are described items that nobody touched items of the data set, too?
    """

    interactions: pd.DataFrame
    users: pd.DataFrame | None = None
    items: pd.DataFrame | None = None
    graph: pd.DataFrame | None = None
    reviews: pd.DataFrame | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)
    whole_catalogue: bool = False
