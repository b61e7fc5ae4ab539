"""Nearest neighbours by cosine, kept sparse; what both neighbourhood models learn."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array, eye_array

from core.tables import PAD, Codes, Floats, Ints
from recommenders.rank import BLOCK_BYTES, rank


def neighbours(matrix: "csr_array[Any]", n_neighbours: int, shrink: float) -> "csr_array[Any]":
    """Who is most like whom?  CSR float64 (n, n), at most n_neighbours a row, never itself.

    matrix  0/1 CSR (n, m), one row per thing compared
    Similarity is overlap / (sqrt(size_i · size_j) + shrink); shrink takes trust from small
    overlaps. Only positive similarities are kept; ties go to the lower code.
    """
    return _rows_of(matrix, np.arange(matrix.shape[0]), n_neighbours, shrink)


def renewed(
    old: "csr_array[Any]",
    matrix: "csr_array[Any]",
    changed: Ints,
    n_neighbours: int,
    shrink: float,
    before: "csr_array[Any] | None" = None,
) -> "csr_array[Any]":
    """The neighbours of a matrix that has changed in some rows: the very bits of `neighbours`.

    old      what `neighbours` said of the matrix as it was; it may have had fewer rows then
    matrix   0/1 CSR (n, m) as it is now
    changed  rows that are not as they were, or are new
    before   the matrix as it was, needed where rows have lost entries

    A similarity changes with either row of its pair, so new neighbours are looked for by the rows
    that changed and by those that overlap with one of them; all others keep theirs.
    """
    n = matrix.shape[0]
    is_touched = np.zeros(n, dtype=bool)
    is_touched[(matrix @ matrix[changed].sum(axis=0)) > 0] = True
    if before is not None:
        is_touched[(before @ before[changed].sum(axis=0)) > 0] = True
    is_touched[changed] = True
    touched = np.flatnonzero(is_touched)
    if not len(touched):
        return old
    kept, new = old.tocoo(), _rows_of(matrix, touched, n_neighbours, shrink).tocoo()
    stays = ~is_touched[kept.row]
    rows = np.concatenate([kept.row[stays], touched[new.row]])
    columns = np.concatenate([kept.col[stays], new.col])
    values = np.concatenate([kept.data[stays], new.data])
    order = np.lexsort((columns, rows))
    starts = np.append(0, np.cumsum(np.bincount(rows, minlength=n)))
    return csr_array((values[order], columns[order].astype(np.int32), starts), shape=(n, n))


def _rows_of(
    matrix: "csr_array[Any]", codes: Ints, n_neighbours: int, shrink: float
) -> "csr_array[Any]":
    """The rows of `neighbours` that belong to these codes: CSR float64 (n_codes, n)."""
    n = matrix.shape[0]
    across = matrix.T.tocsr()
    norms = np.sqrt(np.diff(matrix.indptr).astype(np.float64))
    itself = csr_array(eye_array(n, format="csr"))
    step = max(1, BLOCK_BYTES // (16 * max(n, 1)))
    parts = [
        _nearest(matrix, across, norms, itself, some, min(n_neighbours, n), shrink)
        for some in np.array_split(codes, max(1, -(-len(codes) // step)))
    ]
    columns = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    is_real = columns != PAD
    starts = np.append(0, np.cumsum(is_real.sum(axis=1)))
    result = csr_array((values[is_real], columns[is_real], starts), shape=(len(codes), n))
    result.sort_indices()  # one order of adding up, whatever the ranking was
    return result


def nearest(
    rows: "csr_array[Any]",
    matrix: "csr_array[Any]",
    n_neighbours: int,
    shrink: float,
    hidden: int | None = None,
) -> "csr_array[Any]":
    """Which rows of the matrix are most like each of these?  CSR float64 (m, n), as `neighbours`.

    rows    0/1 CSR (m, width); matrix: 0/1 CSR (n, width)
    hidden  row of the matrix that is nobody's neighbour here
    """
    n = matrix.shape[0]
    sizes = [np.sqrt(np.diff(part.indptr).astype(np.float64)) for part in (rows, matrix)]
    overlap = (rows @ matrix.T).toarray().astype(np.float64)
    if hidden is not None:
        overlap[:, hidden] = 0
    scale = sizes[0][:, None] * sizes[1] + shrink
    similarity = np.divide(overlap, scale, out=np.full_like(overlap, -np.inf), where=overlap > 0)
    nobody = np.zeros(rows.shape[0], dtype=np.int64)  # these rows are no user's, and hide nothing
    nothing = csr_array(np.zeros((1, n), dtype=np.float32))
    top = rank(nobody, similarity, nothing, max(1, min(n_neighbours, n)))
    is_real = top.items != PAD
    starts = np.append(0, np.cumsum(is_real.sum(axis=1)))
    found = csr_array((top.scores[is_real], top.items[is_real], starts), shape=(len(starts) - 1, n))
    found.sort_indices()
    return found


def _nearest(  # noqa: PLR0913, PLR0917 - the pieces that neighbours() computes once
    matrix: "csr_array[Any]",
    across: "csr_array[Any]",
    norms: Floats,
    itself: "csr_array[Any]",
    codes: Ints,
    n_neighbours: int,
    shrink: float,
) -> tuple[Codes, Floats]:
    overlap = (matrix[codes] @ across).toarray().astype(np.float64)
    scale = norms[codes, None] * norms + shrink
    hidden = np.full_like(overlap, -np.inf)
    similarity = np.divide(overlap, scale, out=hidden, where=overlap > 0)
    top = rank(codes, similarity, itself, max(1, n_neighbours))
    return top.items, top.scores


def supported(scores: "csr_array[Any]") -> Floats:
    """Dense scores; -inf where nothing was added up, since no neighbour speaks for the item."""
    dense = scores.toarray()
    dense[dense == 0] = -np.inf  # similarities are positive, so a sum of some is too
    return dense
