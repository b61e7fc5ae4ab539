"""Do new users, or new items, come in more than usual?"""

from typing import Any

import numpy as np

from core.tables import Floats, Ints
from evaluators.drift import newcomer_excess
from recscope.audits.drift_data import Found, Given
from recscope.audits.report import Note

TEST = "newcomers against a steady coming"


def newcomers(given: Given, kind: str, found: Found) -> None:
    """Users, or items, active for the first time: more than a steady coming would bring?

    Were nobody to join or leave, the windows in which somebody is active would be drawn from all
    full windows, busy ones more often. So many newcomers are expected in each; their number varies
    as that of independent draws.
    """
    rows, full = given.rows, np.flatnonzero(given.windows.is_full)
    place = given.windows.place(given.rows.timestamps)  # type: ignore[arg-type]  # there are times
    order = np.full(len(given.windows), -1)
    order[full] = np.arange(len(full))
    inside = (place >= 0) & (order[place] >= 0)
    codes, n_codes = (rows.users, rows.n_users) if kind == "users" else (rows.items, rows.n_items)
    key = np.unique(codes[inside].astype(np.int64) * len(full) + order[place[inside]])
    who, when = np.divmod(key, max(len(full), 1))
    if len(full) < 2 or not len(who):
        reason = "cannot be judged, because the data fill fewer than two windows"
        found.notes.append(Note(f"new {kind}", reason))
        return
    n_windows = np.bincount(who, minlength=n_codes)[who]
    is_first = np.append(True, who[1:] != who[:-1])
    n_active = np.bincount(when, minlength=len(full))
    n_new = np.bincount(when[is_first], minlength=len(full))
    held = np.bincount(n_windows[is_first])  # how many are active in so many windows
    chances = first_chances(len(held) - 1, n_active)
    expected, spread = held @ chances, np.sqrt(held @ (chances * (1 - chances)))
    for at, window in enumerate(full):
        counts = (n_new[at], expected[at], spread[at], n_active[at])
        _newcomer_row(given, kind, int(window), found, counts)


def first_chances(most: int, sizes: Ints) -> Floats:
    """Chance that the earliest of k windows is window w: float (most + 1, n_windows).

    sizes  int (n_windows,) how many are active in each: a window draws in proportion to it

    Of k windows all lie at or after w with chance C(m, k) / C(n, k), m the windows from w on, n all
    of them; where they differ in size, m is their part of all activity times n.
    """
    from scipy.special import gammaln

    n = len(sizes)
    k = np.arange(most + 1, dtype=np.float64)[:, None]
    left = n * np.append(np.cumsum(sizes[::-1])[::-1], 0) / max(sizes.sum(), 1)
    possible = left > k - 1
    m = np.where(possible, left, k)
    share = np.exp(gammaln(m + 1) - gammaln(m - k + 1) - gammaln(n + 1.0) + gammaln(n - k + 1.0))
    later = np.where(possible, share, 0.0)
    return np.where(k >= 1, later[:, :-1] - later[:, 1:], 0.0)


def _newcomer_row(
    given: Given, kind: str, window: int, found: Found, counts: tuple[Any, Any, Any, Any]
) -> None:
    from scipy.special import ndtr, ndtri

    n_new, expected, spread, n_active = counts
    if n_active < given.smallest:
        return
    excess = float(newcomer_excess(np.asarray(n_new), expected, np.asarray(n_active)))
    z = (n_new - expected) / spread if spread > 0 else np.nan
    reach = float(ndtri((1 + given.confidence) / 2)) * spread / n_active
    x, label = given.start(window), given.windows.labels[window]
    point = {"series": f"new {kind}", "x": x, "label": label, "n": int(n_active)}
    band = {"y": excess, "low": excess - reach, "high": excess + reach}
    found.curves.append({"curve": "newcomer_excess", **point, **band})
    found.curves.append({"curve": "newcomers", **point, "y": n_new / n_active})
    found.curves.append({"curve": "newcomers expected", **point, "y": expected / n_active})
    found.tests.append({
        "test": TEST, "metric": "newcomer_excess", "group_by": f"new {kind}", "group": label,
        "statistic": z, "effect": excess, "low": excess - reach, "high": excess + reach,
        "p": float(2 * ndtr(-abs(z))) if np.isfinite(z) else np.nan, "n": int(n_active),
    })  # fmt: skip
