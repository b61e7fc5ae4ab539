"""Calibration error without bins."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MESH = 200  # points at which the smoothed error is read
GRID = 2000  # finest pieces that a width of 0.01 or more needs
HALVINGS = 10
NARROWEST = 0.001
FLOOR = 1e-4  # added to the density, so that an empty stretch divides by something


@metric(
    better="lower",
    bounds=(0, 1),
    source="Błasiok & Nakkiran 2023, arXiv:2309.12236",
    family="calibration",
    per="audit",
)
def smooth_ece(probabilities: Floats, outcomes: Bools) -> Floats:
    """How far are promise and fulfilment apart, smoothed instead of cut into bins?

    probabilities  float (n,)  what the model promises for each pair, in [0, 1]
    outcomes       bool  (n,)  did the user choose the item?

    Promise minus outcome is smoothed along the promises with a Gaussian reflected at 0 and 1, and
    the mean size of what remains is the error. The width is the one that equals the error it
    finds, so nothing has to be chosen. On relplot's grid and with its ten halvings of the width,
    so that its smECE is met to the last digits.
    """
    return np.asarray(_error(probabilities, outcomes, smooth_width(probabilities, outcomes)))


def smooth_width(probabilities: Floats, outcomes: Bools) -> float:
    """The width of smoothing that is no larger than the error it finds; NaN without pairs."""
    if not len(probabilities):
        return float("nan")
    wide, narrow = 1.0, 0.0
    if _is_enough(probabilities, outcomes, wide):
        return wide
    for _ in range(HALVINGS):
        middle = (wide + narrow) / 2
        if _is_enough(probabilities, outcomes, middle):
            narrow = middle
        else:
            wide = middle
    return wide


def _is_enough(probabilities: Floats, outcomes: Bools, width: float) -> bool:
    return width < NARROWEST or width < _error(probabilities, outcomes, width)


def _error(probabilities: Floats, outcomes: Bools, width: float) -> float:
    if np.isnan(width):
        return float("nan")
    n_points = max(GRID, round(20 / width)) // 2 + 1
    mesh = np.linspace(0, 1, max(round(10 / width), MESH))
    error = np.asarray(probabilities, dtype=np.float64) - outcomes
    both = np.stack(
        [_on_grid(probabilities, one, n_points) for one in (error, np.ones_like(error))]
    )
    apart, density = _smoothed(both, width, mesh)
    return float(np.abs(apart).sum() / (density + FLOOR).sum())


def _shares(probabilities: Floats, n_points: int) -> tuple[Ints, Floats]:
    """The grid point below each probability, and how much of it goes to the one above."""
    along = np.asarray(probabilities, dtype=np.float64) * (n_points - 1)
    below = np.clip(along.astype(np.int64), 0, n_points - 2)
    return below, along - below


def _on_grid(probabilities: Floats, values: Floats, n_points: int) -> Floats:
    below, above = _shares(probabilities, n_points)
    total: Floats = np.bincount(below, (1 - above) * values, n_points).astype(np.float64)
    total += np.bincount(below + 1, above * values, n_points)
    return total


def _smoothed(values: Floats, width: float, mesh: Floats) -> Floats:
    """Rows of values on the grid, smoothed and read on the mesh: (n_rows, n_mesh)."""
    n_points = values.shape[1]
    kernel = _kernel(n_points, width)
    turned = values[:, ::-1]
    mirrored = np.concatenate([turned[:, :-1], values, turned[:, 1:]], axis=1)
    size = 1 << int(mirrored.shape[1] + n_points).bit_length()  # powers of 2 transform fast
    spectrum = np.fft.rfft(mirrored, size) * np.fft.rfft(kernel, size)
    # the stretch in which kernel and mirrored values overlap fully, and of it the middle
    start = n_points - 1 + n_points // 2
    smooth = np.fft.irfft(spectrum, size)[:, start : start + n_points]
    below, above = _shares(mesh, n_points)
    return np.asarray(smooth[:, below] * (1 - above) + smooth[:, below + 1] * above)


def _kernel(n_points: int, width: float) -> Floats:
    away = np.linspace(0, 1, n_points) - 0.5
    return np.asarray(np.exp(-(away**2) / (2 * width**2)) / (np.sqrt(2 * np.pi) * width))


@dataclass(frozen=True, eq=False)
class SmoothSums:
    """The smooth error as a function of sums over users, at a fixed width of smoothing.

    parts   float (n_users, 2 · n_points) what each user adds to the errors on the grid, and after
            them to the density
    """

    parts: "csr_array[Any]"
    width: float
    exact: float

    def error(self, sums: Floats) -> Floats:
        """smooth_ece of sums (..., 2 · n_points): (...)."""
        half = sums.shape[-1] // 2
        matrix = self._matrix(half)
        apart = np.abs(sums[..., :half] @ matrix).sum(axis=-1)
        return np.asarray(apart / (sums[..., half:] @ matrix + FLOOR).sum(axis=-1))

    def _matrix(self, n_points: int) -> Floats:
        """From values on the grid to the smoothed ones on the mesh, (n_points, MESH)."""
        grid, mesh = np.linspace(0, 1, n_points), np.linspace(0, 1, MESH)
        total = np.zeros((n_points, MESH))
        for image in (grid, -grid, 2 - grid):  # itself, and mirrored at 0 and at 1
            away = image[:, None] - mesh
            near = np.abs(away) <= 0.5
            total += np.where(near, np.exp(-(away**2) / (2 * self.width**2)), 0)
        for edge in (0, n_points - 1):
            total[edge] /= 2  # a point on the mirror is its own image
        return np.asarray(total / (np.sqrt(2 * np.pi) * self.width))


def smooth_sums(
    user: Ints, n_users: int, probabilities: Floats, outcomes: Bools, n_points: int = MESH + 1
) -> SmoothSums:
    """Sums per user from which `smooth_ece` of any users together can be had.

    user  int (n,)  row of the user of each pair; the grid is coarser than that of `smooth_ece`

    """
    from scipy.sparse import csr_array

    below, above = _shares(probabilities, n_points)
    error = np.asarray(probabilities, dtype=np.float64) - outcomes
    columns = np.concatenate([below, below + 1, n_points + below, n_points + below + 1])
    values = np.concatenate([(1 - above) * error, above * error, 1 - above, above])
    parts = csr_array((values, (np.tile(user, 4), columns)), shape=(n_users, 2 * n_points))
    width = smooth_width(probabilities, outcomes)
    return SmoothSums(parts, max(width, 1 / MESH), _error(probabilities, outcomes, width))
