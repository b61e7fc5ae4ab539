"""A finished run laid out again: its data, its world and its models, to ask them more."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.errors import UnknownNameError
from explain.reasons import Question
from explain.world import World
from recscope import stages
from recscope.config import RunConfig
from recscope.engine_data import again, config_of
from recscope.engine_models import fitted_model
from recscope.explaining_world import world_of
from recscope.store import Run


@dataclass(frozen=True, eq=False)
class Bench:
    """What a run worked on.  Made by `bench_of`."""

    run: Run
    config: RunConfig
    given: stages.Material

    @cached_property
    def world(self) -> World:
        """What explainers may know."""
        return world_of(self.given)

    def fitted(self, model: str) -> Any:
        """The model fitted as in the run: the same settings, data and seed.

        Raises UnknownNameError for a name that the run does not have, PluginError where it fails.
        """
        if model not in self.config.models:
            raise UnknownNameError("model of this run", model, self.config.models)
        return fitted_model(model, self.config, self.given.dataset, self.given.history)

    def question(self, model: Any, user: int, item: int, **params: Any) -> Question:
        """Why this item for this user?  model: fitted; None before any has ranked."""
        return Question(self.world, user, np.array([item], dtype=np.int64), model, params)


def bench_of(run: Run) -> Bench:
    """The run's data, read and split as it was then.

    Raises DatasetError where the data have changed, FetchError where they cannot be had.
    """
    config = config_of(run)
    return Bench(run, config, again(run.manifest, config))
