"""A stand-in for the model that knows only what items are like: how far does that carry?

For every user one regression of the model's scores on the groups, year and popularity of items.
Its own Shapley values say what speaks for an item in the stand-in; whether they say anything of the
model is measured beside them, and where that is little they are not called the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.naming import article, listed
from core.tables import Floats, Ints
from explain.explanation import Evidence
from explain.masking import masked_history
from explain.reasons import Question, Reasons
from explain.world import World
from recommenders.base import ScoresHistories

KIND = "surrogate"
ENOUGH = 0.5  # share of the variance from which the stand-in may speak for the model
LEAST = 20  # scored items
N_TOLD = 2
K = 10
N_TREES, LEAF = 50, 3
RIDGE = 1.0


@dataclass(frozen=True, eq=False)
class Features:
    """What the stand-in knows of items.  values float64 (n_items, n); names: one a column."""

    values: Floats
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A stand-in and how true it is.

    shap     rows of features → float64 (m, n) what each feature adds to the stand-in's score
    r2       share of the variance of scores that it explains of items it was not fitted to
    r2_seen  the same of the items that it was fitted to; overlap: share of the model's first k
             that are its own first k, of items it was not fitted to
    """

    shap: Callable[[Floats], Floats]
    r2: float
    r2_seen: float
    overlap: float


def features_of(world: World) -> Features:
    """Groups (1 or 0), year and the logarithm of popularity, the last two at mean 0, deviation 1.

    An item without a year has the mean. Raises ConfigError where items have neither.
    """
    if world.groups is None and world.years is None:
        raise ConfigError(
            "items have neither groups nor years, so a content surrogate knows nothing of them; "
            "use an explainer that looks at the history"
        )
    columns: list[Floats] = []
    names: list[str] = []
    if world.groups is not None:
        columns.append((world.groups.toarray() > 0).astype(np.float64))
        names += world.group_names
    if world.years is not None:
        known = np.where(np.isnan(world.years), np.nanmean(world.years), world.years)
        columns.append(_scaled(known))
        names.append("year")
    columns.append(_scaled(np.log1p(world.popularity.astype(np.float64))))
    names.append("popularity")
    return Features(np.column_stack(columns), tuple(names))


def _scaled(values: Floats) -> Floats:
    spread = values.std()
    return np.asarray(((values - values.mean()) / (spread or 1.0))[:, None])


def scores_of(question: Question) -> tuple[Ints, Floats, str]:
    """Items that the model scores for the user, the scores, and over what: "all" or "list"."""
    model, world = question.model, question.world
    if model is None:
        raise ConfigError("a content surrogate needs the fitted model that it stands for; got none")
    if isinstance(model, ScoresHistories):
        history = masked_history(model, world.train, question.user)
        scores = history.scores(np.ones((1, len(history)), dtype=bool))[0]
        free = np.setdiff1d(np.arange(world.n_items), history.seen)
        return free, scores[free], "all"
    lists = model.recommend(np.array([question.user]), world.n_items)
    listed_ = np.isfinite(lists.scores[0]) & (lists.items[0] >= 0)
    return (
        lists.items[0][listed_].astype(np.int64),
        lists.scores[0][listed_].astype(np.float64),
        "list",
    )


def surrogate_reasons(question: Question) -> list[Reasons]:
    """What of an item's groups, year and popularity speaks for it, by ridge regression."""
    return _reasons(question, "ridge")


def forest_reasons(question: Question) -> list[Reasons]:
    """The same by a random forest, which fits more and takes longer."""
    return _reasons(question, "forest")


def _reasons(question: Question, kind: str) -> list[Reasons]:
    """facts: r2, r2_seen, overlap, over (all items, or the list only), features → what they add.

    A model that scores no histories is looked at through its list alone, so the stand-in then only
    tells apart items that are listed.
    """
    items, scores, over = scores_of(question)
    facts: dict[str, Any] = {"method": f"content surrogate ({kind})", "over": over}
    if len(items) < LEAST or np.ptp(scores) == 0:
        told = "scores" if over == "all" else "lists"
        reason = (
            f"not available: needs {LEAST} items with different scores; the model {told} "
            f"{len(items)} for this user"
        )
        return [Reasons(facts={**facts, "reason": reason}) for _ in question.items]
    features = features_of(question.world)
    fit = {"ridge": fit_ridge, "forest": fit_forest}[kind]
    k = int(question.params.get("k", K))
    fitted = fit(features.values[items], scores, k, int(question.params.get("seed", 0)))
    facts |= {"r2": fitted.r2, "r2_seen": fitted.r2_seen, "overlap": fitted.overlap, "k": k}
    facts |= {"n_scored": len(items), "may_be_called_reason": fitted.r2 >= ENOUGH}
    values = fitted.shap(features.values[question.items])
    return [
        _one(question.world, int(item), features, row, facts)
        for item, row in zip(question.items, values, strict=True)
    ]


def fit_ridge(features: Floats, scores: Floats, k: int, seed: int) -> Fitted:  # noqa: ARG001 - nothing is drawn
    """Ridge regression; each held-out score comes from a fit without that item.

    In closed form: score - residual / (1 - h), h the item's own weight in its fitted score (Allen
    1974, doi:10.1080/00401706.1974.10489157).
    """
    import shap
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=RIDGE).fit(features, scores)
    centred = features - features.mean(axis=0)
    inner = centred.T @ centred + RIDGE * np.eye(features.shape[1])
    own = 1 / len(scores) + (centred * np.linalg.solve(inner, centred.T).T).sum(axis=1)
    seen = model.predict(features)
    held_out = scores - (scores - seen) / (1 - own)
    return _fitted(shap.LinearExplainer(model, features).shap_values, scores, held_out, seen, k)


def fit_forest(features: Floats, scores: Floats, k: int, seed: int) -> Fitted:
    """Random forest; held-out scores from the trees that did not see an item."""
    import shap
    from sklearn.ensemble import RandomForestRegressor

    model = RandomForestRegressor(
        N_TREES, min_samples_leaf=LEAF, oob_score=True, random_state=seed, n_jobs=1
    ).fit(features, scores)
    explainer = shap.TreeExplainer(model)
    held_out = np.asarray(model.oob_prediction_)
    return _fitted(explainer.shap_values, scores, held_out, model.predict(features), k)


def _fitted(
    shap_values: Callable[[Floats], Any], scores: Floats, held_out: Floats, seen: Floats, k: int
) -> Fitted:
    best, own = (set(np.argsort(-each, kind="stable")[:k].tolist()) for each in (scores, held_out))
    return Fitted(
        lambda rows: np.asarray(shap_values(rows), dtype=np.float64),
        r2(scores, held_out),
        r2(scores, seen),
        len(best & own) / min(k, len(scores)),
    )


def r2(scores: Floats, told: Floats) -> float:
    """1 - Σ (score - told)² / Σ (score - mean)²: below 0 where the mean alone tells more."""
    return float(1 - ((scores - told) ** 2).sum() / ((scores - scores.mean()) ** 2).sum())


def _one(
    world: World, item: int, features: Features, row: Floats, facts: dict[str, Any]
) -> Reasons:
    values = dict(zip(features.names, row.tolist(), strict=True))
    known = {**facts, "features": values}
    has = set(world.groups_of(item)) | {"year", "popularity"}
    if world.years is None or np.isnan(world.years[item]):
        has.discard("year")
    speaking = sorted(
        (name for name in values if name in has and values[name] > 0),
        key=lambda name: (-values[name], name),
    )[:N_TOLD]
    if not speaking:
        reason = "nothing that is known of the item speaks for it in the stand-in"
        return Reasons(facts={**known, "reason": reason})
    evidence = Evidence(
        kind=KIND,
        item=item,
        sources=(),
        weight=float(sum(values[name] for name in speaking)),
        text=_told(world, item, speaking, facts),
        facts={name: values[name] for name in speaking},
    )
    return Reasons((evidence,), facts=known)


def _told(world: World, item: int, speaking: list[str], facts: dict[str, Any]) -> str:
    what = listed([_phrase(world, item, name) for name in speaking])
    verb = "speak" if len(speaking) > 1 else "speaks"
    title, share = world.titles[item], f"{max(facts['r2'], 0):.0%}"
    of = "the scores that the model gives" if facts["over"] == "all" else "the order of its list"
    if facts["may_be_called_reason"]:
        return f"{what} {verb} for {title}: such facts alone explain {share} of {of}."
    return (
        f"{what} {verb} for {title} in a simple stand-in for the model, which explains only "
        f"{share} of {of}; this may not be its reason."
    )


def _phrase(world: World, item: int, name: str) -> str:
    if name == "popularity":
        return f"{int(world.popularity[item])} users who liked it"
    if name == "year" and world.years is not None:
        return f"its year {int(world.years[item])}"
    kind = f"{name} {world.noun}"
    return f"being {article(kind)} {kind}"
