"""Can a judge of explanations tell good ones from spoilt ones?  Asked before it is believed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.tables import Floats
from explain.brief import Brief
from explain.corrupt import Corrupted, corrupted
from explain.grounding_scores import evidence_text
from explain.scorers import score_all, scorer_named
from explain.verify import verify

FLAGGED_BELOW = 0.7  # an AUC under it: a judge that must not be believed
ALL = "all"  # the row of every corruption together
# what changes one fact and leaves the sentence in shape; the others are easy
FACTUAL = ("wrong group", "wrong history", "wrong relation", "wrong target", "wrong year")
JUDGES = ("grounded", "likelihood", "likelihood_lowest", "evidence_similarity", "yes_no")
COLUMNS = ("judge", "corruption", "auc", "low", "high", "n", "is_flagged", "n_undefined", "reason")


def calibrate(  # noqa: PLR0913 - what is judged, by whom, and how often it is drawn again
    texts: Sequence[str],
    briefs: Sequence[Brief],
    judges: Sequence[str] = JUDGES,
    *,
    kinds: Sequence[str] = FACTUAL,
    material: Mapping[str, Any] | None = None,
    n_resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """How well does each judge tell explanations from the same ones with one thing wrong?

    texts     known to be good (a template's); briefs: what each was written from
    judges    names of scorers, one number an explanation each
    kinds     of corruption (explain.corrupt.CORRUPTIONS); empty: all
    material  what judges need besides: language_model, judge, embedding …

    One row a judge and corruption, and one for ALL together:
        auc         chance that a good text scores above a spoilt one, half of ties; over all pairs
        low, high   95 %, users drawn again with all their texts (see `auc_interval`)
        n           spoilt texts with a verdict; n_undefined: verdicts that broke off or are NaN
        is_flagged  below 0.7, or not known: its verdicts are not to be shown as such
        reason      "not available: needs …" where the judge cannot answer

    Raises ConfigError where no text could be spoilt, and where a judge has no better or worse.
    """
    spoilt = corrupted(texts, briefs, kinds=kinds, seed=seed)
    if not spoilt:
        raise ConfigError(
            f"none of {len(texts)} texts could be spoilt by {', '.join(kinds) or 'anything'}; "
            "judges are calibrated on sentences that name items, groups or years"
        )
    for name in judges:
        _direction(name)
    given = dict(material or {})
    # of explanations of one text, all are needed once: a judge may be slow
    good = sorted({one.place for one in spoilt})
    at = {place: row for row, place in enumerate(good)}
    told = [*(texts[place] for place in good), *(one.text for one in spoilt)]
    about = [briefs[place] for place in (*good, *(one.place for one in spoilt))]
    scored = score_all(given | _material(told, about), judges)
    users = np.array([brief.user for brief in about])
    rows: list[list[Any]] = []
    for name in judges:
        if name in scored.reasons:
            rows += [_unknown(name, kind, scored.reasons[name]) for kind in _kinds(spoilt)]
            continue
        values = _direction(name) * scored.each[name]
        for kind in _kinds(spoilt):
            wrong = [n for n, one in enumerate(spoilt) if kind in (ALL, one.kind)]
            right = sorted({at[spoilt[n].place] for n in wrong})
            bad = np.array(wrong) + len(good)
            rows.append(
                [name, kind, *_judged(values, np.array(right), bad, users, (n_resamples, seed)), ""]
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def may_be_shown(calibration: pd.DataFrame, judge: str) -> bool:
    """Was this judge calibrated, and found able to tell good from spoilt?"""
    rows = calibration[(calibration["judge"] == judge) & (calibration["corruption"] == ALL)]
    return bool(len(rows)) and not bool(rows["is_flagged"].iloc[0])


def auc(good: Floats, bad: Floats) -> float:
    """Chance that a good one scores above a bad one, ties counted half; NaN where either is none.

    Mann-Whitney's U over n_good n_bad: Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747.
    """
    good, bad = good[~np.isnan(good)], bad[~np.isnan(bad)]
    return float(_wins(good, bad).mean()) if len(good) and len(bad) else np.nan


def auc_interval(
    good: Floats,
    bad: Floats,
    good_users: Any,
    bad_users: Any,
    n_resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """How far could the AUC have been off, had other users been drawn?  95 %.

    good, bad  float (n,), (m,) without NaN; good_users, bad_users: whose they are, int

    Percentiles over users drawn again with all their texts, good and bad: texts of one user are not
    independent, and DeLong's interval takes them to be. Where every pair is in order no draw can
    differ, and the end is Clopper & Pearson's for as many successes as users: 0.025^(1 / users).
    """
    users, codes = np.unique(np.concatenate([good_users, bad_users]), return_inverse=True)
    of_good = np.eye(len(users))[codes[: len(good)]]
    of_bad = np.eye(len(users))[codes[len(good) :]]
    table = of_good.T @ _wins(good, bad) @ of_bad  # wins of a user's good over a user's bad texts
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(users), np.full(len(users), 1 / len(users)), size=n_resamples)
    wins = np.einsum("ru,uv,rv->r", drawn, table, drawn, optimize=True)
    pairs = (drawn @ of_good.sum(axis=0)) * (drawn @ of_bad.sum(axis=0))
    values = wins[pairs > 0] / pairs[pairs > 0]
    low, high = np.percentile(values, [2.5, 97.5])
    whole = float(table.sum() / (len(good) * len(bad)))
    narrow = float(0.025 ** (1 / len(users)))
    if whole == 1:
        low = narrow
    if whole == 0:
        high = 1 - narrow
    return float(low), float(high)


def _wins(good: Floats, bad: Floats) -> Floats:
    above, level = good[:, None] > bad, good[:, None] == bad
    return np.asarray(above + 0.5 * level, dtype=np.float64)


def _judged(
    values: Floats, right: Any, wrong: Any, users: Any, drawing: tuple[int, int]
) -> list[Any]:
    """auc, low, high, n, is_flagged, n_undefined."""
    n_undefined = int(np.isnan(values[np.concatenate([right, wrong])]).sum())
    right, wrong = right[~np.isnan(values[right])], wrong[~np.isnan(values[wrong])]
    found = auc(values[right], values[wrong])
    low = high = np.nan
    if not np.isnan(found):
        low, high = auc_interval(values[right], values[wrong], users[right], users[wrong], *drawing)
    return [found, low, high, len(wrong), not found >= FLAGGED_BELOW, n_undefined]


def _material(texts: Sequence[str], briefs: Sequence[Brief]) -> dict[str, Any]:
    return {
        "texts": list(texts),
        "evidence_texts": [evidence_text(brief.because, brief.facts) for brief in briefs],
        "violations": [
            [str(one) for one in verify(text, brief)]
            for text, brief in zip(texts, briefs, strict=True)
        ],
    }


def _kinds(spoilt: Sequence[Corrupted]) -> list[str]:
    return [*dict.fromkeys(one.kind for one in spoilt), ALL]


def _direction(name: str) -> int:
    """1 where higher is better, -1 where lower is."""
    one = scorer_named(name)
    if one.per != "explanation" or one.better == "neither":
        raise ConfigError(
            f"{name!r} cannot be calibrated as a judge: it must give each explanation a number of "
            "which higher or lower is better"
        )
    return 1 if one.better == "higher" else -1


def _unknown(name: str, kind: str, reason: str) -> list[Any]:
    return [name, kind, np.nan, np.nan, np.nan, 0, True, 0, reason]
