"""Numbers of per-user values: means, differences, gaps between groups."""

import numpy as np
import pandas as pd

from recscope.compare import compare
from recscope.estimate import estimate
from recscope.permuted import apart
from recscope.regroup import numbers, regroup
from tests.validity.study import (
    MEAN_FOUND,
    Row,
    alarmed,
    covered,
    detected,
    ndcg_like,
    repeats,
    study,
)

BATCHES = 4
LABELS = [f"ndcg@{place}" for place in range(1, 2001)]


def table(values):
    return pd.DataFrame(values, columns=LABELS[: values.shape[1]])


@study("intervals")
def means():
    for n_users in (50, 200, 1000, 12_000):
        per_batch = repeats(60, 500) if n_users < 5000 else repeats(40, 150)
        held = []
        for seed in range(BATCHES):
            rng = np.random.default_rng([1, n_users, seed])
            found = estimate(table(ndcg_like(rng, (n_users, per_batch))), seed=seed)
            held.append(found["low"].le(0.35 * MEAN_FOUND) & found["high"].ge(0.35 * MEAN_FOUND))
        how = f"estimate, {found['method'].iloc[0]}"
        yield covered(f"mean of {n_users:,} users", how, pd.concat(held))


@study("intervals")
def group_means():
    """A group's own interval, drawn within the group; and Student's with a borrowed spread."""
    for n_group in (20, 60):
        held, student = [], []
        per_batch = repeats(50, 400)
        for seed in range(BATCHES):
            rng = np.random.default_rng([2, n_group, seed])
            values = ndcg_like(rng, (300 + n_group, per_batch))
            codes = (np.arange(len(values)) >= 300).astype(int)
            groups = pd.DataFrame({"g": np.array(["many", "few"])[codes]})
            found = estimate(table(values), groups=groups, seed=seed)
            few = found[found["group"].eq("few")]
            truth = 0.35 * MEAN_FOUND
            held.append(few["low"].le(truth) & few["high"].ge(truth))
            for column in values.T:
                low, high = regroup(column, codes, 2).interval(0.95)
                student.append(low[1] <= truth <= high[1])
        yield covered(f"mean of a group of {n_group}", "estimate, bca", pd.concat(held))
        yield covered(f"mean of a group of {n_group}", "regroup.Grouped.interval", student)


@study("intervals")
def differences():
    for n_users in (80, 600):
        held = []
        per_batch = repeats(50, 400)
        for seed in range(BATCHES):
            rng = np.random.default_rng([3, n_users, seed])
            one, other = (ndcg_like(rng, (n_users, per_batch), share) for share in (0.4, 0.3))
            found = compare({"a": table(one), "b": table(other)}, "b", flips=1000, seed=seed)
            truth = 0.1 * MEAN_FOUND
            held.append(found["low"].le(truth) & found["high"].ge(truth))
        yield covered(f"paired difference over {n_users} users", "compare, bca", pd.concat(held))


@study("levels")
def differences_of_none():
    for n_users in (12, 80, 600):
        p = []
        for seed in range(BATCHES):
            rng = np.random.default_rng([4, n_users, seed])
            size = (n_users, repeats(100, 500))
            same = {"a": table(ndcg_like(rng, size)), "b": table(ndcg_like(rng, size))}
            p.append(compare(same, "b", flips=1000, resamples=0, seed=seed)["p"])
        what = f"sign-flip test, {n_users} users, no difference"
        yield alarmed(what, "compare", pd.concat(p), at_most=n_users < 20)


@study("power")
def differences_at_their_mde():
    for n_users in (80, 600):
        found = []
        for seed in range(BATCHES):
            rng = np.random.default_rng([5, n_users, seed])
            size = (n_users, repeats(100, 500))
            noise = {"a": rng.normal(0, 0.2, size), "b": rng.normal(0, 0.2, size)}
            mde = 2.802 * 0.2 * np.sqrt(2 / n_users) * (1 + 2 / n_users)
            noise["a"] = noise["a"] + mde
            made = compare(
                {name: table(values) for name, values in noise.items()},
                "b", flips=1000, resamples=0, seed=seed,
            )  # fmt: skip
            stated = float(made["mde"].mean())
            assert abs(stated / mde - 1) < 0.03
            found.append(made["p"] < 0.05)
        yield detected(
            f"difference of the stated mde, {n_users} users", "compare", pd.concat(found)
        )


CUTS = {  # sizes of groups, and the share of users who find something in each
    "two groups, 100 and 300 users": ((100, 300), (0.3, 0.45)),
    "two groups, no gap": ((100, 300), (0.35, 0.35)),
    "five groups of 40 to 400 users": ((40, 80, 120, 400, 400), (0.25, 0.3, 0.35, 0.4, 0.5)),
}


def grouped(sizes, shares, n_columns, seed):
    """Values (n_users, n_columns) and codes."""
    rng = np.random.default_rng([6, *sizes, seed])
    parts = [ndcg_like(rng, (n, n_columns), share) for n, share in zip(sizes, shares, strict=True)]
    return np.concatenate(parts), np.repeat(np.arange(len(sizes)), sizes)


@study("intervals")
def gaps():
    for what, (sizes, shares) in CUTS.items():
        truth = {"user_gap": MEAN_FOUND * (max(shares) - min(shares)),
                 "worst_group": MEAN_FOUND * min(shares),
                 "user_ratio": min(shares) / max(shares)}  # fmt: skip
        held = {name: [] for name in truth}
        for seed in range(BATCHES):
            values, codes = grouped(sizes, shares, repeats(40, 250), seed)
            reached = apart(values, codes, len(sizes), permutations=1000, seed=seed).reach
            for column, reach in zip(values.T, reached, strict=True):
                bounds = numbers(regroup(column, codes, len(sizes)), reach, 0.95)
                for name, true in truth.items():
                    _, low, high = bounds[name]
                    held[name].append(low - 1e-12 <= true <= high + 1e-12)
        for name, all_held in held.items():
            # ends that are searched for among groups keep 95 % or more, see regroup.numbers
            row = covered(f"{name}, {what}", "regroup.numbers", all_held)
            yield Row(row.what, row.how, row.found, row.low, 1.0, row.repeats)


@study("levels")
def gaps_of_none():
    cuts = {
        "two groups, 100 and 300 users": (100, 300),
        "five groups of 10 to 400 users": (10, 80, 120, 400, 400),
        "three groups of 12,000 users": (200, 2000, 9800),
    }
    for what, sizes in cuts.items():
        any_, each = [], []
        for seed in range(BATCHES):
            n_columns = repeats(100, 500) if sum(sizes) < 5000 else repeats(40, 300)
            values, codes = grouped(sizes, (0.35,) * len(sizes), n_columns, seed)
            held = apart(values, codes, len(sizes), permutations=1000, seed=seed)
            any_.append(held.p_any)
            each.append(held.p[:, 0])
        yield alarmed(f"some group differs, {what}", "permuted.apart, p_any", np.concatenate(any_))
        yield alarmed(f"first group differs, {what}", "permuted.apart, p", np.concatenate(each))


@study("power")
def gaps_of_the_stated_size():
    """One group lags by what `user_gap_detectable` says is found four times in five."""
    from evaluators.user_fairness import user_gap_detectable

    sizes = (150, 300, 500)
    found = []
    for seed in range(BATCHES):
        n_columns = repeats(100, 500)
        none, codes = grouped(sizes, (0.35,) * 3, n_columns, seed)
        held = apart(none, codes, 3, permutations=1000, seed=seed)
        stated = user_gap_detectable(held.error[:, 0], held.critical)
        lag = float(np.mean(stated)) / MEAN_FOUND
        values, _ = grouped(sizes, (0.35 - lag, 0.35, 0.35), n_columns, seed + 100)
        found.append(apart(values, codes, 3, permutations=1000, seed=seed).p_any < 0.05)
    yield detected("gap of the stated detectable size", "permuted.apart", np.concatenate(found))
