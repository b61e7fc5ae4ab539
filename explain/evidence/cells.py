"""Single entries of a sparse table."""

from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import Codes, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def values_at(table: "csr_array[Any]", rows: Codes | Ints, columns: Codes | Ints) -> Any:
    """What stands at each of these places?  (n,); 0 where nothing is stored, (0,) for no places."""
    if not len(rows):  # SciPy answers with a sparse array here, and with a dense one otherwise
        return np.zeros(0, dtype=table.dtype)
    return np.asarray(table[rows, columns]).ravel()
