"""Does evidence that enters the ranking make the lists better?  Weight by weight, kind by kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from core.tables import PAD, Codes, Ints, TopK
from evaluators.doors import resolve
from evaluators.metric import Metric
from explain.evidence.kinds import CHEAP, why_not
from explain.fusion import (
    LEAST_USERS,
    WEIGHTS,
    base_scores,
    chosen,
    dense_evidence,
    drawn,
    fused,
    users_at_a_time,
    validation_gain,
)
from explain.world import World
from recommenders.rank import rank
from recscope.compare import compare, holm
from recscope.config import RunConfig
from recscope.engine_models import fitted_model
from recscope.estimate import Sureness
from recscope.explained import frame
from recscope.explaining_coverage import coverage_change
from recscope.explaining_world import world_of
from recscope.judge import judge, label, per_user, reason_missing
from recscope.lists import fill
from recscope.stages import Material

METRICS = ("ndcg", "hit_rate", "recall", "ild", "list_kl", "coverage")
K = 10
BASE = "base"
Tell = Callable[[str, int, int], None]  # kind of evidence, kinds done, kinds in all


class Fusion(NamedTuple):
    """What fusion came to.

    table  the rows of fusion.parquet; notes: about, reason of what could not be tried
    """

    table: pd.DataFrame
    notes: list[dict[str, str]]


def fusion_table(  # noqa: PLR0913 - what is fused, and how sure one wants to be
    given: Material,
    config: RunConfig,
    model_name: str,
    kinds: Sequence[str] = CHEAP,
    sure: Sureness | None = None,
    *,
    model: Any = None,
    weights: Sequence[float] = WEIGHTS,
    metrics: Sequence[str] = METRICS,
    tell: Tell | None = None,
) -> Fusion:
    """What does each kind of evidence change in a model's lists?

    given       data of the run; config: of the run, its cutoffs and its model of this name
    kinds       of explain.evidence.kinds.EVIDENCE
    sure        resamples, confidence and seed; None: those of the run
    model       fitted on given.history; None: it is fitted here
    tell        called before each kind

    The weight of a kind is the one of `weights` whose lists are best by ndcg@k on the validation
    part, for a model and a world that know the train part alone; 0, no evidence at all, wins a
    draw. With that weight and everything learned, the lists are then judged on the test part
    against the base's own: difference, interval and p of the paired test, p_adjusted by Holm's
    method over all rows of this table. A weight of 0 leaves the lists as they are: differences of
    0 without a p, which says that validation found nothing to gain. `covered` is the share of the
    places of the base's lists for which the evidence says anything. Rows of a metric of the whole
    run (coverage) have a jackknife interval and a p from swapping the two lists of users.
    """
    sure = sure or _sureness(config)
    k = K if K in config.evaluate.k else max(config.evaluate.k)
    world = world_of(given)
    reasons = {kind: why_not(kind, world) for kind in kinds}
    notes = [
        {"about": f"fusion of {model_name} with {kind}", "reason": reason}
        for kind, reason in reasons.items()
        if reason
    ]
    usable = [kind for kind in kinds if not reasons[kind]]
    if not usable:
        return Fusion(frame("fusion"), notes)
    picked, why = _weights(given, config, model_name, usable, weights, k)
    if why:
        notes.append({"about": f"fusion of {model_name}", "reason": why})
    if model is None:
        model = fitted_model(model_name, config, given.dataset, given.history)
    given = _few_enough(given, sure.seed, notes)
    lists, covered = _lists(model, world, given, picked, k, tell)
    filled = {name: _filled(one, given, config) for name, one in lists.items()}
    table = _table(given, filled, resolve(tuple(metrics)), k, sure)
    table["model"] = model_name
    table["weight"] = table["evidence"].map(picked)
    table["covered"] = table["evidence"].map(covered)
    # what was not tried is no test, and must not make the others' correction harsher
    table.loc[table["weight"] == 0, "p"] = np.nan
    table["p_adjusted"] = holm(table["p"].to_numpy(dtype=np.float64))
    rows: list[dict[Any, Any]] = table.to_dict("records")
    return Fusion(frame("fusion", rows), notes)


def _few_enough(given: Material, seed: int, notes: list[dict[str, str]]) -> Material:
    """Users drawn by lot where scores of all would be too many; they alone are then judged."""
    test = given.split.test
    users = drawn(given.users, test.n_items, seed)
    if len(users) == len(given.users):
        return given
    told = f"{len(users):,} of {len(given.users):,} users were drawn: scores of all are too many"
    notes.append({"about": "fusion", "reason": told})
    few = test.take(np.isin(test.users, users))
    return replace(given, users=users, split=replace(given.split, test=few))


def _sureness(config: RunConfig) -> Sureness:
    asked = config.evaluate
    return Sureness(asked.resamples, asked.confidence, asked.seed)


def _weights(
    given: Material,
    config: RunConfig,
    model_name: str,
    kinds: Sequence[str],
    weights: Sequence[float],
    k: int,
) -> tuple[dict[str, float], str]:
    """The weight of each kind that serves validation best, and why there is none."""
    train, validation = given.split.train, given.split.validation
    nothing = dict.fromkeys(kinds, 0.0)
    if not len(validation):
        return nothing, "not available: needs a validation part, on which weights are chosen"
    early = world_of(replace(given, history=train))
    able = [kind for kind in kinds if not why_not(kind, early)]
    model = fitted_model(model_name, config, given.dataset, train)
    gains = validation_gain(model, early, able, validation, weights=weights, k=k)
    n = min((found.shape[1] for found in gains.values()), default=0)
    if n < LEAST_USERS:
        return nothing, (
            f"not available: needs {LEAST_USERS} users with a history and a liked item in the "
            f"validation part to choose weights; there are {n}"
        )
    return nothing | {kind: chosen(found, weights) for kind, found in gains.items()}, ""


def _lists(
    model: Any,
    world: World,
    given: Material,
    picked: Mapping[str, float],
    k: int,
    tell: Tell | None,
) -> tuple[dict[str, TopK], dict[str, float]]:
    """Lists of the base and of each fusion, and the share of the base's places with evidence."""
    users, n_items = given.users, world.n_items
    found: dict[str, list[Codes]] = {name: [] for name in (BASE, *picked)}
    n_said, n_places = dict.fromkeys(picked, 0), 0
    step = users_at_a_time(n_items)
    for start in range(0, len(users), step):
        some = users[start : start + step]
        base = base_scores(model, some, n_items)
        items = rank(some, base, world.train.seen, k).items
        rows, columns = np.nonzero(items != PAD)
        n_places += len(rows)
        found[BASE].append(items)
        for done, (kind, weight) in enumerate(picked.items()):
            if tell:
                tell(kind, done, len(picked))
            evidence = dense_evidence(kind, world, some)
            n_said[kind] += int((evidence[rows, items[rows, columns]] > 0).sum())
            total = fused(base, evidence, weight)
            fusion = rank(some, total, world.train.seen, k).items if weight else items
            found[kind].append(fusion)
    lists = {name: _as_lists(users, np.concatenate(blocks)) for name, blocks in found.items()}
    return lists, {kind: n / n_places if n_places else np.nan for kind, n in n_said.items()}


def _as_lists(users: Ints, items: Codes) -> TopK:
    """Scores of different models are not compared, so places stand for them."""
    places = np.broadcast_to(-np.arange(items.shape[1], dtype=np.float32), items.shape)
    return TopK(users, items, np.where(items == PAD, -np.inf, places))


def _filled(lists: TopK, given: Material, config: RunConfig) -> TopK:
    return fill(lists, given.history)[0] if config.run.fallback else lists


def _table(
    given: Material, lists: Mapping[str, TopK], metrics: Sequence[Metric], k: int, sure: Sureness
) -> pd.DataFrame:
    """Rows of every kind and metric, without what is the same for a whole kind."""
    seen = (given.split.train, given.split.validation)
    judged = {
        name: judge(
            one, given.split.test, seen=seen, k=k, has_scores=False, catalogue=given.catalogue
        )
        for name, one in lists.items()
    }
    able = [metric for metric in metrics if not reason_missing(metric, judged[BASE])]
    of_users = [metric for metric in able if metric.per == "user"]
    tables = {name: per_user(one, of_users, [k], np.float64) for name, one in judged.items()}
    found = compare(
        tables,
        BASE,
        resamples=sure.resamples,
        confidence=sure.confidence,
        seed=sure.seed,
        method=sure.method,
    ).rename(columns={"model": "evidence"})
    means = [
        _means(tables[BASE], tables[kind], label(name, None if pd.isna(at) else int(at)))
        for kind, name, at in zip(found["evidence"], found["metric"], found["k"], strict=True)
    ]
    found["base"], found["fused"] = [a for a, _ in means], [b for _, b in means]
    rows: list[dict[Any, Any]] = found.to_dict("records")
    for metric in able:
        if metric.name == "coverage":
            rows += [
                {"evidence": kind, **coverage_change(judged[BASE], judged[kind], metric, k, sure)}
                for kind in judged
                if kind != BASE
            ]
    columns = ("evidence", "metric", "k", "base", "fused", "difference", "low", "high", "p", "n")
    order = {name: place for place, name in enumerate((*lists, *(metric.name for metric in able)))}
    rows.sort(key=lambda row: (order[row["evidence"]], order[row["metric"]]))
    return pd.DataFrame(rows)[list(columns)]


def _means(base: pd.DataFrame, fusion: pd.DataFrame, column: str) -> tuple[float, float]:
    """Means over the users for whom both are defined."""
    both = base[column].notna() & fusion[column].notna()
    return float(base.loc[both, column].mean()), float(fusion.loc[both, column].mean())
