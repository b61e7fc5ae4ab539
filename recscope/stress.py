"""Poisoning stress: somebody injects fake profiles; what moves for everybody else?"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, RecScopeError, UnknownNameError
from core.tables import Codes, Dataset, Floats, Interactions, Ints
from recscope.config_values import need
from recscope.estimate import Sureness
from recscope.stress_profiles import ATTACKS, TEXT, fake_rows, praised, targets_of, without_targets
from recscope.trials import (
    Scene,
    Told,
    Trials,
    fitted_on,
    lists_of,
    moved,
    overlap,
    quality,
    scene_of,
    table_of,
    untold,
    with_users,
)

CLEAN, CONTROL = "clean", "same profiles without targets"


@dataclass(frozen=True)
class Stress:
    """What is injected, and who is asked about it.

    attacks   random, average, bandwagon (Lam & Riedl 2004, doi:10.1145/988672.988726; Mobasher et
              al. 2007, doi:10.1145/1278366.1278372), text (no profiles: titles are changed)
    sizes     fake profiles, as shares of the honest users
    targets   items promoted, all by every profile; drawn among those with 1 to 10 likings
    fillers   items a profile rates besides; 0: as many rows as the median user has
    users     honest users asked, at most; k: length of their lists; depth: how far down the targets
              are looked for besides
    control   also inject the same profiles without the targets: what more rows do by themselves
    """

    attacks: tuple[str, ...] = ("average", "bandwagon")
    sizes: tuple[float, ...] = (0.01, 0.03)
    targets: int = 5
    fillers: int = 0
    users: int = 500
    k: int = 10
    depth: int = 100
    control: bool = True

    def __post_init__(self) -> None:
        for attack in self.attacks:
            if attack not in ATTACKS and attack != TEXT:
                raise UnknownNameError("attack", attack, [*ATTACKS, TEXT])
        need(bool(self.attacks), "attacks", "one name or more, such as average")
        need(bool(self.sizes), "sizes", "one share or more, such as 0.01")
        need(all(0 < size <= 1 for size in self.sizes), "sizes", "above 0 and at most 1")
        need(self.targets >= 1, "targets", "1 or more")
        need(self.fillers >= 0, "fillers", "0 or more")
        need(self.users >= 2, "users", "2 or more")
        need(self.k >= 1, "k", "1 or more")
        need(self.depth >= self.k, "depth", "k or more")


def stress(
    dataset: Dataset,
    models: Mapping[str, tuple[str, Mapping[str, Any]]],
    settings: Stress | None = None,
    sure: Sureness | None = None,
    told: Told = untold,
) -> Trials:
    """How far do fake profiles push an item, and what do they do to everybody's lists?

    models  name → (recommender, parameters)

    A fifth of each user's rows is held out at random, each model is fitted on the rest, then on the
    rest with fake profiles, and asked for the same honest users. Metrics, per user:
    target_hit@k  share of the targets the user has not seen that stand on the list; also @depth
    ndcg@k        of the user's own held-out likings
    overlap@k     share of the list that was on the clean list (1 before, by definition)
    Each is held against the clean model and, with `control`, against the same profiles without the
    targets. The interval is over users; targets and profiles are one draw of the seed.
    Raises ConfigError where the data cannot be used; a model that fails is a note.
    """
    settings, sure = settings or Stress(), sure or Sureness()
    scene = scene_of(dataset, settings.users, settings.k, sure)
    rng = np.random.default_rng([sure.seed, 2])
    targets = targets_of(scene.train, settings.targets, rng)
    plan = _plan(scene, settings, targets, sure.seed)
    rows: list[dict[str, Any]] = []
    notes: list[tuple[str, str]] = []
    for name, (spec, parameters) in models.items():
        try:
            rows += _of_model(name, spec, parameters, scene, targets, plan, settings.depth, told)
        except RecScopeError as error:
            notes.append((name, f"cannot be stressed, because {error}"))
    if not rows:
        raise ConfigError("no model could be stressed: " + "; ".join(why for _, why in notes))
    facts = {
        "data": dataset.name,
        "sha256": dataset.sha256,
        "settings": asdict(settings),
        "seed": sure.seed,
        "n_users_asked": len(scene.users),
        "n_users_honest": int(np.unique(scene.train.users).size),
        "targets": [str(dataset.item_ids.names[code]) for code in targets],
        "n_fake": {f"{trial} {size:g}": n for trial, size, _, n, _ in plan},
    }
    return Trials(table_of(rows), facts, notes)


# attack, size, rows to learn from, fake users, the attack that this is the control of
Planned = tuple[str, float, Interactions, int, str]


def _plan(scene: Scene, settings: Stress, targets: Ints, seed: int) -> list[Planned]:
    train = scene.train
    n_rows = np.bincount(train.users, minlength=train.n_users)
    n_honest = int((n_rows > 0).sum())
    n_fillers = settings.fillers or max(1, int(np.median(n_rows[n_rows > 0])) - len(targets))
    plan: list[Planned] = []
    for place, attack in enumerate(settings.attacks):
        if attack == TEXT:
            plan.append((TEXT, 0.0, praised(train, targets), 0, ""))
            continue
        for size in settings.sizes:
            n_fake = max(1, round(size * n_honest))
            rng = np.random.default_rng([seed, 3, place, n_fake])
            fake = fake_rows(train, targets, attack, n_fake, n_fillers, rng)
            plan.append((attack, size, with_users(train, fake), n_fake, ""))
            if settings.control:
                bare = with_users(train, without_targets(fake, targets))
                plan.append((f"{attack}: {CONTROL}", size, bare, n_fake, attack))
    return plan


def _of_model(  # noqa: PLR0913, PLR0917 - who is asked, about what
    name: str,
    spec: str,
    parameters: Mapping[str, Any],
    scene: Scene,
    targets: Ints,
    plan: list[Planned],
    depth: int,
    told: Told,
) -> list[dict[str, Any]]:
    told(name, 0, len(plan) + 1)
    model = fitted_on(spec, parameters, scene.dataset, scene.train)
    before = lists_of(model, name, scene, scene.train, depth)
    clean = _judged(before, before, scene, targets)
    found: dict[tuple[str, float], pd.DataFrame] = {}
    rows: list[dict[str, Any]] = []
    for done, (trial, size, train, _, _) in enumerate(plan, start=1):
        told(name, done, len(plan) + 1)
        model = fitted_on(spec, parameters, scene.dataset, train)
        table = _judged(lists_of(model, name, scene, train, depth), before, scene, targets)
        found[trial, size] = table
        facts = {"model": name, "trial": trial, "size": size, "against": CLEAN}
        rows += moved(clean, table, scene.sure, **facts)
    for trial, size, _, _, attack in plan:
        if attack:
            facts = {"model": name, "trial": attack, "size": size, "against": CONTROL}
            rows += moved(found[trial, size], found[attack, size], scene.sure, **facts)
    told(name, len(plan) + 1, len(plan) + 1)
    return rows


def _judged(items: Codes, clean: Codes, scene: Scene, targets: Ints) -> pd.DataFrame:
    """One row a user asked: what `stress` measures."""
    k, depth = scene.k, items.shape[1]
    table = quality(items[:, :k], scene).reindex(scene.users)
    for length in sorted({k, depth}):
        table[f"target_hit@{length}"] = target_hits(items[:, :length], scene, targets)
    table[f"overlap@{k}"] = overlap(items[:, :k], clean[:, :k])
    return table


def target_hits(items: Codes, scene: Scene, targets: Ints) -> Floats:
    """Share of each user's unseen targets on the list: float64 (n,), NaN where all were seen."""
    n_unseen = len(targets) - scene.train.seen[scene.users][:, targets].sum(axis=1)
    listed = np.isin(items, targets).sum(axis=1)
    return np.where(n_unseen > 0, listed / np.maximum(n_unseen, 1), np.nan)
