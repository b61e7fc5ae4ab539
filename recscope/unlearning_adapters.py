"""Forgetting by adapter removal: what a group taught a language model is taken away with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.tables import Codes, Dataset, Floats, Ints
from recommenders.language.candidates import parameters
from recscope.config_values import need
from recscope.estimate import Sureness
from recscope.membership import Seen
from recscope.trials import (
    Scene,
    Told,
    Trials,
    fitted_on,
    lists_of,
    moved,
    quality,
    scene_of,
    table_of,
    untold,
)
from recscope.unlearning import FORGOTTEN, asking, identical, timed

MODEL = "llm-lora"
THEIRS, OTHERS = "users of the group", "everybody else"
FEWEST = 2  # members, and outsiders, that an attack needs


@dataclass(frozen=True)
class AdapterUnlearning:
    """Which group is forgotten.

    attribute, group  users whose `attribute` is `group` have an adapter of their own, and lose it
    model_params      settings of llm-lora in one line, such as "n_examples = 60"
    users             asked about quality, at most; k: length of lists
    probes            of each user's likings that the attacker asks about
    """

    attribute: str = "gender"
    group: str = "F"
    model_params: str = ""
    users: int = 100
    k: int = 10
    probes: int = 10

    def __post_init__(self) -> None:
        need(bool(self.attribute and self.group), "adapter", "ATTRIBUTE=GROUP, such as gender=F")
        need(self.users >= FEWEST, "users", f"{FEWEST} or more")
        need(self.k >= 1, "k", "1 or more")
        need(self.probes >= 1, "probes", "1 or more")


def unlearn_adapter(
    dataset: Dataset,
    settings: AdapterUnlearning | None = None,
    sure: Sureness | None = None,
    told: Told = untold,
) -> Trials:
    """Is what a group taught gone with its adapter?

    `llm-lora` learns an adapter for each value of an attribute, from prompts of some of its users
    (Bao et al. 2023, doi:10.1145/3604915.3608857; forgetting by the weights that learned it, as
    E2URec: Wang et al. 2024, arXiv:2403.03536). The group's adapter is then dropped.

    membership_auc   an attacker who holds users' likings asks how much likelier the model thinks
                     them than the same language model that nobody taught (Yeom et al. 2018,
                     doi:10.1109/CSF.2018.00027): chance that a user of the group whose prompts were
                     learned stands out more than one whose were not. 0.5 is none the wiser
    identical_lists  share of the users outside of the group whose list stays, place by place
    ndcg@k           of the group's own users and of all others, before and after

    Facts: seconds of teaching all adapters again and of dropping one. Raises ConfigError for a
    group without users, or of whom too few were taught or left out.
    """
    settings, sure = settings or AdapterUnlearning(), sure or Sureness()
    scene = scene_of(dataset, settings.users, settings.k, sure)
    given = {**parameters(settings.model_params, "model_params"), "per": settings.attribute}
    told(MODEL, 0, 3)
    model, taught = timed(fitted_on, MODEL, given, dataset, scene.train)
    members, outsiders = _sides(model, settings, scene)
    attack = _Attack(model, scene, settings.probes)
    told(MODEL, 1, 3)
    before = lists_of(model, MODEL, scene, scene.train)
    signals = [attack.log_odds(users) for users in (members, outsiders)]
    _, dropped = timed(model.drop_adapter, settings.group)
    told(MODEL, 2, 3)
    after = lists_of(model, MODEL, scene, scene.train)
    untaught = [attack.log_odds(users) for users in (members, outsiders)]
    is_theirs = model.group_of_[scene.users] == settings.group
    facts: dict[str, Any] = {"model": MODEL, "trial": FORGOTTEN, "size": float(is_theirs.mean())}
    # nobody taught what is left: the model as it came is its own reference
    first = Seen(signals[0] - untaught[0], signals[1] - untaught[1], sure)
    gone = Seen(np.zeros(len(members)), np.zeros(len(outsiders)), sure)
    rows: list[Mapping[str, Any]] = [{**facts, "against": "before", **gone.since(first)}]
    for about, chosen in ((THEIRS, is_theirs), (OTHERS, ~is_theirs)):
        if not chosen.any():
            continue
        some = asking(scene, scene.users[chosen])
        was, now = quality(before[chosen], some), quality(after[chosen], some)
        rows += moved(was, now, sure, **facts, against=f"before, {about}")
        same = identical(before[chosen], after[chosen])
        rows.append({**facts, "against": f"before, {about}", **same})
    seconds = {"teaching all adapters": round(taught, 3), "dropping one": round(dropped, 6)}
    counted = {
        "data": dataset.name,
        "forgotten": f"{settings.attribute} = {settings.group}",
        "taught by": len(members),
        "not taught by": len(outsiders),
        "asked": len(scene.users),
    }
    told(MODEL, 3, 3)
    shown = {**counted, **{f"seconds, {name}": value for name, value in seconds.items()}}
    kept = {**counted, "settings": asdict(settings), "seed": sure.seed, "seconds": seconds}
    return Trials(table_of(rows), {**kept, "told": shown})


def _sides(model: Any, settings: AdapterUnlearning, scene: Scene) -> tuple[Ints, Ints]:
    """Users of the group whose prompts were learned, and as many whose were not."""
    of_group = np.flatnonzero(model.group_of_ == settings.group)
    if not len(of_group):
        known = sorted({str(one) for one in model.group_of_ if one})
        raise ConfigError(
            f"no user has {settings.attribute} = {settings.group}; there are: {', '.join(known)}"
        )
    taught = model.taught_.get(settings.group, np.zeros(0, dtype=np.int64))
    likes = np.diff(scene.train.liked.indptr) > 0
    others = np.setdiff1d(of_group[likes[of_group]], taught)
    n = min(len(taught), len(others), settings.users)
    if n < FEWEST:
        raise ConfigError(
            f"of {len(of_group)} users of the group {len(taught)} were taught from, so "
            f"{len(others)} were left out: an attack needs {FEWEST} of each; set n_examples in "
            "model_params lower, or higher"
        )
    rng = np.random.default_rng([scene.sure.seed, 7])
    members, outsiders = (np.sort(rng.choice(side, n, replace=False)) for side in (taught, others))
    return members, outsiders


@dataclass(frozen=True, eq=False)
class _Attack:
    """What the attacker asks the model about."""

    model: Any
    scene: Scene
    probes: int

    def log_odds(self, users: Ints) -> Floats:
        """How likely does the model think a user's own likings? Mean log odds: float64 (n,)."""
        return np.array([self._of(int(user)) for user in users])

    def _of(self, user: int) -> float:
        liked = self.scene.train.liked[[user]].indices.astype(np.int32)
        rng = np.random.default_rng([self.scene.sure.seed, 8, user])
        n = min(len(liked), self.probes)
        items: Codes = np.sort(rng.choice(liked, n, replace=False))[None, :]
        scores = self.model.score_candidates(np.array([user]), items)
        return float(np.asarray(scores).mean())
