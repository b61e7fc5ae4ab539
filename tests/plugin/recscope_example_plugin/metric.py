"""A metric in ten lines."""

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric


@metric(better="higher", bounds=(0, 1), source="An example", family="example")
def example_last_hit(hits: Bools, n_relevant: Ints) -> Floats:
    """Is the item at the last rank of the list one that the user chose?

    hits        bool (n_users, k)  is the item at this rank relevant?
    n_relevant  int  (n_users,)    relevant items of the user; 0 gives NaN
    """
    return np.where(n_relevant > 0, hits[:, -1].astype(float), np.nan)
