"""A run that takes a second: small generated data, models without randomness left over."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from core.tables import TopK
from recscope.config import RunConfig
from recscope.config_sections import (
    AuditConfig,
    DataConfig,
    EvaluateConfig,
    ExplainConfig,
    ModelConfig,
)

TIMED = {
    *("seconds", "fit_seconds", "recommend_seconds", "users_per_second"),
    *("peak_memory_bytes", "fit_peak_memory_bytes", "measured", "n_kept", "wall_seconds"),
}
OF_THE_MOMENT = {"id", "created", "finished", "machine", "git_commit"}


def small_config(*models: str, **evaluate: Any) -> RunConfig:
    """Popularity and what else is named, on 120 users of the generated data; no audits and such."""
    named = {name.rpartition(":")[2].lower(): ModelConfig(name) for name in models}
    settings = {"k": (5, 10), "metrics": ("ndcg", "recall"), "resamples": 50, "depth": 20}
    return RunConfig(
        DataConfig(name="sandbox", options={"n_users": 120, "n_items": 60}),
        models={"popularity": ModelConfig("popularity"), **named},
        evaluate=EvaluateConfig(**{**settings, **evaluate}),
        audit=AuditConfig(()),
        explain=ExplainConfig(explainers=()),
    )


def content(folder: Path) -> dict[str, Any]:
    """All that a run holds, byte for byte, but what depends on the clock and the machine."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            found[str(path.relative_to(folder))] = _timeless(json.loads(path.read_text()))
        elif path.is_file() and path.name != "log.jsonl":
            found[str(path.relative_to(folder))] = path.read_bytes()
    for name in OF_THE_MOMENT:
        found["manifest.json"].pop(name, None)
    return found


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(entry) for key, entry in value.items() if key not in TIMED}
    return [_timeless(entry) for entry in value] if isinstance(value, list) else value


class Plugged:
    """A recommender from outside: lists the first items to everybody."""

    def fit(self, train: Any) -> "Plugged":
        self.n_items_ = train.n_items
        self.train_ = train
        return self

    def recommend(self, users: Any, k: int) -> TopK:
        items = np.tile(np.arange(k, dtype=np.int32), (len(users), 1))
        return TopK(np.asarray(users), items, -items.astype(float))


class Raises(Plugged):
    def fit(self, train: Any) -> "Plugged":
        raise ZeroDivisionError("no luck")


class Hangs(Plugged):
    def recommend(self, users: Any, k: int) -> TopK:
        while True:
            sum(range(1000))


class SaysNaN(Plugged):
    def recommend(self, users: Any, k: int) -> TopK:
        lists = super().recommend(users, k)
        return TopK(lists.users, lists.items, np.full(lists.scores.shape, np.nan))


class WrongShape(Plugged):
    def recommend(self, users: Any, k: int) -> TopK:
        return super().recommend(users[:-1], k)


class PredictsInfinity(Plugged):
    def predict(self, users: Any, items: Any) -> Any:
        return np.full(len(users), np.inf)


class Slow(Plugged):
    """Takes long enough to be cancelled or killed while it works."""

    def fit(self, train: Any) -> "Plugged":
        import time

        time.sleep(60)
        return super().fit(train)
