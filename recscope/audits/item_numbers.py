"""From what users add to what each group of items gets, with intervals and tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.tables import Floats, Ints
from evaluators import item_fairness as fair
from evaluators.metric import Metric, ratio
from recscope.audits.item_parts import Groups, Parts
from recscope.audits.numbers import from_sums
from recscope.estimate import Sureness
from recscope.jackknife import blocks_of, jackknife

Row = dict[str, Any]
KINDS = ("exposure", "hit_exposure", "listed", "hits", "relevance", "relevant", "had")
DRAWN_AT_MOST = 3000  # users; of more, leaving blocks of them out tells as well, and much faster
FOUR_FIFTHS = 0.8  # of what is due: below that, or above its inverse, a difference matters
ALARM = 0.05

OF_GROUPS: Mapping[str, Callable[[Mapping[str, Any]], Floats]] = {
    "exposure_share": lambda of: fair.exposure_share(of["exposure"]),
    "exposure_to_catalogue": lambda of: fair.exposure_to_catalogue(of["exposure"], of["n_items"]),
    "exposure_to_relevance": lambda of: fair.exposure_to_relevance(of["exposure"], of["relevance"]),
    "recommended_rate": lambda of: fair.recommended_rate(of["listed"], of["candidates"]),
    "found_rate": lambda of: fair.found_rate(of["hits"], of["relevant"]),
}
OVER_GROUPS: tuple[Metric, ...] = (
    fair.demographic_parity,
    fair.disparate_treatment,
    fair.disparate_impact,
    fair.group_exposure_disparity,
    fair.group_exposure_relevance,
    fair.group_exposure_loss,
    fair.rsp,
    fair.reo,
    fair.exposure_min_max,
    fair.exposure_gini,
    fair.worst_half_share,
    fair.exposure_entropy,
    fair.unexposed_share,
)
WHOLE = {"group_exposure_disparity", "group_exposure_relevance", "group_exposure_loss"}
OF_PROVIDERS = {
    "exposure_min_max",
    "exposure_gini",
    "worst_half_share",
    "exposure_entropy",
    "unexposed_share",
}


@dataclass(frozen=True, eq=False)
class ByGroup:
    """Numbers of the shown groups, each float64 (3, n_shown): value, low and high.

    numbers    those of OF_GROUPS by name
    relevance  the share of what users want
    awrf       float64 (3, 1)
    n_wanting  int64 (n_shown,) users who want something of the group; n_lists: those of awrf
    method     how the intervals were made
    """

    numbers: Mapping[str, Floats]
    relevance: Floats
    awrf: Floats
    n_wanting: Ints
    n_lists: int
    method: str


def of_groups(parts: Parts, groups: Groups, sure: Sureness) -> ByGroup:
    """What each shown group gets, with intervals by drawing users again."""
    dense = {kind: groups.folded(getattr(parts, kind)) for kind in KINDS}
    n_users = len(dense["exposure"])
    n_items, n_members = groups.folded(groups.n_items), groups.folded(groups.n_members)
    fairness, is_list = _mirrored(dense["exposure"], fair.shares(n_items))

    def compute(sums: Floats, n: Any = n_users) -> Floats:
        by_kind = dict(zip(KINDS, np.split(sums[..., :-2], len(KINDS), axis=-1), strict=True))
        by_kind |= {"n_items": n_items, "candidates": n * n_members - by_kind["had"]}
        numbers = [number(by_kind) for number in OF_GROUPS.values()]
        mirrored = fair.awrf(sums[..., -2:-1], sums[..., -1:])
        return np.concatenate([*numbers, fair.shares(by_kind["relevance"]), mirrored], axis=-1)

    together = np.hstack([*dense.values(), fairness[:, None], is_list[:, None]])
    drawn = n_users <= DRAWN_AT_MOST
    bounds = np.stack(from_sums(together, compute, sure)) if drawn else _left_out(
        together, compute, sure
    )  # fmt: skip
    pieces = np.split(bounds[:, :-1], len(OF_GROUPS) + 1, axis=1)
    return ByGroup(
        dict(zip(OF_GROUPS, pieces, strict=False)),
        pieces[-1],
        bounds[:, -1:],
        (dense["relevant"] > 0).sum(axis=0),
        int(is_list.sum()),
        "percentile" if drawn else "jackknife",
    )


def _left_out(together: Floats, compute: Callable[..., Floats], sure: Sureness) -> Floats:
    """Value, low and high, the interval from leaving blocks of users out."""
    block, n_blocks = blocks_of(len(together), (sure.seed,))
    sizes = np.bincount(block, minlength=n_blocks)
    sums = np.stack([np.bincount(block, column, n_blocks) for column in together.T], axis=1)
    value = compute(sums.sum(axis=0))
    low, high = np.full((2, len(value)), np.nan)
    if sure.resamples:
        without = compute(sums.sum(axis=0) - sums, (sizes.sum() - sizes)[:, None])
        for place in np.flatnonzero(~np.isnan(value)):
            bounds = jackknife(value[place], without[:, place], sizes, sure.confidence)
            low[place], high[place] = max(bounds[0], 0), bounds[1]
    return np.stack([value, low, high])


def _mirrored(exposure: Floats, catalogue: Floats) -> tuple[Floats, Floats]:
    """1 - Jensen-Shannon divergence of each list from the catalogue, and whether there is a list.

    exposure  float (n_users, n_groups); catalogue: float (n_groups,) shares
    Both float64 (n_users,), 0 without a list.
    """
    is_list = exposure.sum(axis=1) > 0
    given = np.where(is_list[:, None], fair.shares(exposure), catalogue)
    middle = (given + catalogue) / 2
    apart = (_bits(given, middle) + _bits(catalogue, middle)) / 2
    return np.where(is_list, 1 - apart, 0), is_list.astype(np.float64)


def _bits(p: Floats, q: Floats) -> Floats:
    """Σ p log2(p / q) of each row; q is 0 only where p is."""
    given = np.broadcast_to(p, q.shape)
    share = np.divide(given, q, out=np.ones(q.shape), where=given > 0)
    return np.asarray((p * np.log2(share)).sum(axis=-1))


def over_groups(
    parts: Parts, groups: Groups, sure: Sureness, smallest: int
) -> tuple[dict[str, tuple[float, float, float]], int, int]:
    """Each metric of OVER_GROUPS with its interval; how many groups entered, and how many did not.

    smallest  items that a group must have, and users who wanted something of it where that counts
    Gini, entropy and their like look at all providers, however small. Intervals by leaving blocks
    of users out, since drawing users again makes a Gini look larger than it is.
    """
    block, n_blocks = blocks_of(parts.lost.shape[0], (sure.seed,))
    to_block = _indicator(block, n_blocks)
    sums = {kind: np.asarray((to_block @ getattr(parts, kind)).toarray()) for kind in KINDS}
    sizes = np.bincount(block, minlength=n_blocks)
    n_wanting = np.asarray((parts.relevant > 0).sum(axis=0)).ravel()
    is_large = groups.n_members >= smallest
    is_judged = is_large & (n_wanting >= smallest)
    found = {}
    for metric in OVER_GROUPS:
        compute = _over(metric, groups, is_large, is_judged)
        value = float(compute(_totals(sums), float(sizes.sum())))
        low = high = np.nan
        if sure.resamples and n_blocks > 1 and not np.isnan(value):
            without = {kind: _totals(sums)[kind] - part for kind, part in sums.items()}
            again = compute(without, (sizes.sum() - sizes)[:, None])
            bounds = jackknife(value, again, sizes, sure.confidence)
            low, high = np.clip(bounds, *metric.bounds)
        found[metric.name] = (value, low, high)
    return found, int(is_large.sum()), int((~is_large).sum())


def _totals(sums: Mapping[str, Floats]) -> dict[str, Floats]:
    return {kind: part.sum(axis=0) for kind, part in sums.items()}


def _over(
    metric: Metric, groups: Groups, is_large: Any, is_judged: Any
) -> Callable[[Mapping[str, Floats], Any], Floats]:
    needs_wanted = {"relevance", "relevant"}.intersection(metric.needs)

    def compute(of: Mapping[str, Floats], n_users: Any) -> Floats:
        known = {**of, "n_items": groups.n_items}
        known["candidates"] = n_users * groups.n_members - of["had"]
        chosen = {name: known[name] for name in metric.needs}
        if metric.name in WHOLE:
            return metric(**chosen)
        if metric.name in OF_PROVIDERS:
            if not groups.is_provider:
                chosen = {name: values[..., is_large] for name, values in chosen.items()}
            return metric(**chosen)
        rows = is_judged if needs_wanted else is_large
        return metric(**{name: values[..., rows] for name, values in chosen.items()})

    return compute


def _indicator(block: Ints, n_blocks: int) -> Any:
    from scipy.sparse import csr_array

    n = len(block)
    return csr_array((np.ones(n), (block, np.arange(n))), shape=(n_blocks, n))


def away_from_relevance(parts: Parts, groups: Groups) -> tuple[Floats, Floats]:
    """Is a group's share of what is seen another than its share of what is wanted?

    answers  float64 (n_shown,) each: the difference of the shares in standard errors, and two-sided
             p; NaN where nobody wants any of the group
    The error comes from what each user adds to either share, linearised (Woodruff 1971,
    doi:10.1080/01621459.1971.10482279), since both are ratios of sums over the same users.
    """
    from scipy.special import ndtr

    seen, due = groups.folded(parts.exposure), groups.folded(parts.relevance)
    pull = _pull(seen) - _pull(due)
    n = len(seen)
    error = np.sqrt(n / max(n - 1, 1) * (pull**2).sum(axis=0))
    apart = fair.shares(seen.sum(axis=0)) - fair.shares(due.sum(axis=0))
    z = ratio(np.where(due.sum(axis=0) > 0, apart, np.nan), error)
    return z, 2 * ndtr(-np.abs(z))


def _pull(amounts: Floats) -> Floats:
    """By how much each user moves each group's share of the whole: float64 (n_users, n_groups)."""
    share = fair.shares(amounts.sum(axis=0))
    moved: Floats = amounts - amounts.sum(axis=1, keepdims=True) * share
    return moved / max(float(amounts.sum()), 1e-300)
