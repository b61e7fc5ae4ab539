"""What changes in the answers when order, wording or seed change, and nothing else does?"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import combinations, islice, pairwise

import numpy as np
import pandas as pd

from core.answers import FACTORS
from core.tables import PAD, Bools, Codes, Floats
from evaluators import language_lists as measures
from evaluators.ranking import ndcg
from recscope.audits import numbers
from recscope.audits.report import Note, Report, Row, curves_frame, effects_frame, estimates_frame
from recscope.compare import compare
from recscope.estimate import Sureness

OF_FACTOR = {
    "template": ("prompt_sensitivity", "two wordings of the prompt"),
    "order": ("order_sensitivity", "two orders of the candidates"),
    "seed": ("run_to_run_distance", "two seeds"),
}
FOLLOWS = "the answer follows the order of the candidates"
POSITIONS = "first choice by place in the prompt"
MOST_PAIRS = 10  # of one user's answers under one prompt
N_BINS = 10
ALARM = 0.05


def audit_positions(
    table: pd.DataFrame,
    lists: Codes,
    shown: Sequence[Sequence[int]],
    sure: Sureness,
    model: str | None,
) -> Report:
    """candidate_position_bias, its test, and how often each place in the prompt comes first."""
    about = f"{model or 'answers'}: candidate_position_bias"
    rows = [
        row
        for row, candidates in enumerate(shown)
        if len(candidates) > 1 and set(candidates) & set(lists[row].tolist())
    ]
    if not rows:
        reason = "cannot be judged, because no answer chooses among candidates that it names"
        return Report(notes=[Note(about, reason)])
    places, answered, is_held = _places(table, lists, shown, rows)
    correlation = measures.position_correlation(places, answered)
    per_user = (
        pd.Series(correlation).groupby(table["user"].to_numpy()[rows]).mean().dropna().to_numpy()
    )
    if len(per_user) < 2:
        reason = "cannot be judged, because fewer than two users' answers rank their candidates"
        return Report(notes=[Note(about, reason)])
    number = _mean(per_user, measures.candidate_position_bias, sure)
    made = numbers.rows(["candidate_position_bias"], number, sure, len(per_user), model=model)
    notes = [] if is_held else [
        Note(about, "cannot be told from relevance for certain, because each user saw one order "
             "only: it is a bias where the candidates were shuffled")
    ]  # fmt: skip
    test = _against_zero(per_user, number, sure, model)
    curve = _first_choices(table, lists, shown, rows, sure, model)
    return Report(estimates_frame(made), curves_frame(curve), effects_frame([test]), notes)


def _places(
    table: pd.DataFrame, lists: Codes, shown: Sequence[Sequence[int]], rows: Sequence[int]
) -> tuple[Floats, Floats, bool]:
    """Places of candidates in prompt and answer, float (n_answers, m), NaN past the last.

    The third answer: could relevance be held constant for anybody? Then both are distances from
    the mean of the item over the user's orders.
    """
    width = max(len(shown[row]) for row in rows)
    places, answered = np.full((2, len(rows), width), np.nan)
    for at, row in enumerate(rows):
        rank = {code: place for place, code in enumerate(lists[row].tolist()) if code != PAD}
        candidates = shown[row]
        found = [rank.get(code) for code in candidates]
        n_found = sum(place is not None for place in found)
        rest = (n_found + len(candidates) - 1) / 2  # the mean of the places that are left
        order = {code: place for place, code in enumerate(sorted(
            (code for code in candidates if code in rank), key=rank.__getitem__
        ))}  # fmt: skip
        places[at, : len(candidates)] = np.arange(len(candidates))
        answered[at, : len(candidates)] = [order.get(code, rest) for code in candidates]
    long = pd.DataFrame(
        {
            "user": np.repeat(table["user"].to_numpy()[list(rows)], width),
            "item": [
                code for row in rows for code in (*shown[row], *[PAD] * (width - len(shown[row])))
            ],
            "place": places.ravel(),
            "answered": answered.ravel(),
        }
    )
    item = long.groupby(["user", "item"])
    n_orders = item["place"].transform("nunique").to_numpy().reshape(places.shape)
    several: Bools = np.broadcast_to(np.any(n_orders > 1, axis=1)[:, None], places.shape)
    means = item[["place", "answered"]].transform("mean")
    places = np.where(several, places - means["place"].to_numpy().reshape(places.shape), places)
    answered = np.where(
        several, answered - means["answered"].to_numpy().reshape(places.shape), answered
    )
    return places, answered, bool(np.any(several))


def _first_choices(
    table: pd.DataFrame,
    lists: Codes,
    shown: Sequence[Sequence[int]],
    rows: Sequence[int],
    sure: Sureness,
    model: str | None,
) -> list[Row]:
    """Share of answers whose first candidate stood in each part of the prompt."""
    m = min(len(shown[row]) for row in rows)
    n_bins = min(m, N_BINS)
    users, of_user = np.unique(table["user"].to_numpy()[list(rows)], return_inverse=True)
    parts = np.zeros((len(users), n_bins + 1))
    for at, row in enumerate(rows):
        candidates = list(shown[row])
        first = next(code for code in lists[row].tolist() if code in set(candidates))
        place = candidates.index(first) * n_bins // len(candidates)
        parts[of_user[at], place] += 1
        parts[of_user[at], -1] += 1
    value, low, high = numbers.from_sums(
        parts, lambda sums: sums[..., :-1] / np.maximum(sums[..., -1:], 1), sure
    )
    names = [f"{part + 1}/{n_bins}" for part in range(n_bins)]
    if all(len(shown[row]) == m for row in rows):  # then every part is some places
        ends = [-(-part * m // n_bins) for part in range(n_bins + 1)]
        names = [
            f"{low + 1}" if high - low == 1 else f"{low + 1}–{high}" for low, high in pairwise(ends)
        ]
    return [
        {"curve": POSITIONS, "model": model, "series": "answers", "x": bin_ + 1.0, "label": name,
         "y": value[bin_], "low": low[bin_], "high": high[bin_], "n": len(rows)}
        for bin_, name in enumerate(names)
    ]  # fmt: skip


def audit_pairs(
    table: pd.DataFrame,
    lists: Codes,
    sure: Sureness,
    model: str | None,
    k: int,
    relevant: Mapping[int, Collection[int]] | None,
) -> Report:
    """Distance between lists that differ in one factor, and of quality between seeds."""
    rows: list[Row] = []
    notes: list[Note] = []
    keys = table[["user", *FACTORS]].copy()
    keys["row"] = np.arange(len(keys))
    for factor, (metric, what) in OF_FACTOR.items():
        others = ["user", *(name for name in FACTORS if name != factor)]
        pairs = [
            (int(group["user"].iloc[0]), one, other)
            for _, group in keys.drop_duplicates(["user", *FACTORS]).groupby(others, sort=True)
            if len(group) > 1
            for one, other in islice(combinations(group["row"].to_numpy(), 2), MOST_PAIRS)
        ]
        about = f"{model or 'answers'}: {metric}"
        if not pairs:
            reason = f"cannot be judged, because nobody was asked under {what} and else alike"
            notes.append(Note(about, reason))
            continue
        users, first, second = (np.array(part) for part in zip(*pairs, strict=True))
        distance = 1 - measures.average_overlap(lists[first], lists[second])
        per_user = pd.Series(distance).groupby(users).mean().dropna().to_numpy()
        if len(per_user):
            number = _mean(per_user, getattr(measures, metric), sure)
            rows += numbers.rows([metric], number, sure, len(per_user), model=model, k=k)
    if relevant is None:
        reason = "cannot be judged, because it is not known what the users went on to choose"
        notes.append(Note(f"{model or 'answers'}: run_to_run_deviation", reason))
    else:
        rows += _deviation(table, lists, sure, model, k, relevant)
    return Report(estimates_frame(rows), notes=notes)


def _deviation(
    table: pd.DataFrame,
    lists: Codes,
    sure: Sureness,
    model: str | None,
    k: int,
    relevant: Mapping[int, Collection[int]],
) -> list[Row]:
    """NDCG of the answers, and its standard deviation over seeds."""
    users = table["user"].to_numpy()
    hits = np.zeros((len(lists), max(k, lists.shape[1])), dtype=bool)
    for hit, user, row in zip(hits, users.tolist(), lists.tolist(), strict=True):
        wanted = relevant.get(user, ())
        hit[: len(row)] = [item in wanted for item in row]
    n_relevant = np.array([len(relevant.get(user, ())) for user in users])
    quality = table[["user", *FACTORS]].assign(ndcg=ndcg(hits, n_relevant)).dropna(subset="ndcg")
    rows: list[Row] = []
    if len(quality):
        mean = quality.groupby("user")["ndcg"].mean().to_numpy()
        number = _mean(mean, lambda total, n: total / n, sure)
        facts = {"group_by": "answers", "group": "all"}
        rows += numbers.rows(["ndcg"], number, sure, len(mean), model=model, k=k, **facts)
    over_seeds = quality.groupby(["user", "template", "order"])["ndcg"].std(ddof=1).dropna()
    per_user = over_seeds.groupby("user").mean().to_numpy()
    if len(per_user):
        number = _mean(per_user, measures.run_to_run_deviation, sure)
        rows += numbers.rows(
            ["run_to_run_deviation"], number, sure, len(per_user), model=model, k=k
        )
    return rows


def _mean(
    per_user: Floats, measure: Callable[[Floats, Floats], Floats], sure: Sureness
) -> tuple[Floats, Floats, Floats]:
    parts = np.column_stack([per_user, np.ones(len(per_user))])
    return numbers.from_sums(parts, lambda sums: measure(sums[..., :1], sums[..., 1:]), sure)


def _against_zero(
    per_user: Floats, number: tuple[Floats, Floats, Floats], sure: Sureness, model: str | None
) -> Row:
    """Sign-flip test of a mean of 0 over users."""
    name = "candidate_position_bias"
    tables = {
        "answers": pd.DataFrame({name: per_user}), "none": pd.DataFrame({name: 0 * per_user})
    }  # fmt: skip
    p = float(compare(tables, "none", resamples=0, seed=sure.seed)["p"].iloc[0])
    value, low, high = (float(part[0]) for part in number)
    return {
        "test": FOLLOWS, "model": model, "metric": name, "statistic": value, "effect": value,
        "low": low, "high": high, "p": p, "p_adjusted": p, "n": len(per_user),
        "is_alarm": p < ALARM,
    }  # fmt: skip
