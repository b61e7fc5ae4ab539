"""What an audit works on: one run's data, lists and scores, each read when first asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from core.tables import Interactions, Ints, TopK
from recscope.config import RunConfig
from recscope.config_values import build
from recscope.engine_judge import judged_model, lists_of
from recscope.engine_models import COST, fitted_model
from recscope.estimate import Sureness
from recscope.files import read_json, read_table
from recscope.groups import group_frame
from recscope.judged import Judged
from recscope.stages import Material, group_columns

T = TypeVar("T")
KEPT = 3  # judged models held in memory at once


@dataclass(eq=False)
class Case:
    """One run, for audits.

    path    the run's folder; given: its data, split and judged users; models: those judged
    family  the audit at work, whose section [audit.FAMILY] `settings` reads
    """

    path: Path
    config: RunConfig
    given: Material
    models: tuple[str, ...]

    def __post_init__(self) -> None:
        self._judged: dict[str, Judged] = {}

    @property
    def sure(self) -> Sureness:
        """How intervals are made in this run."""
        asked = self.config.evaluate
        return Sureness(asked.resamples, asked.confidence, asked.seed)

    @property
    def k(self) -> int:
        """The cutoff that speaks for the run: 10 where it is judged at 10, else the middle one."""
        ks = sorted(self.config.evaluate.k)
        return 10 if 10 in ks else ks[len(ks) // 2]

    @cached_property
    def users(self) -> pd.DataFrame:
        """users.parquet, index: code of the user."""
        return read_table(self.path / "users.parquet").set_index("user", drop=False)

    @cached_property
    def items(self) -> pd.DataFrame:
        """items.parquet, index: code of the item."""
        return read_table(self.path / "items.parquet").set_index("item", drop=False)

    @property
    def judged_users(self) -> Ints:
        """int64 (n,) codes of the users of the test set, ascending: the rows of every table."""
        return self.given.users

    def judged(self, model: str) -> Judged:
        """The model's lists held against the truth; row u is judged_users[u]."""
        if model not in self._judged:
            while len(self._judged) >= KEPT:
                del self._judged[next(iter(self._judged))]
            self._judged[model] = judged_model(self._folder(model), self.config, self.given)
        return self._judged[model]

    def lists(self, model: str) -> TopK:
        """The model's lists as kept: (n_judged_users, config.evaluate.length)."""
        return lists_of(self._folder(model), self.config, self.given)

    def per_user(self, model: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """float32, index: code of the user; only these columns are read."""
        wanted = None if columns is None else ["user", *columns]
        return read_table(self._folder(model) / "per_user.parquet", wanted).set_index("user")

    def metric_columns(self, model: str) -> list[str]:
        """Names of the columns of per_user, such as ndcg@10."""
        from recscope.files import columns_of

        return [
            name for name in columns_of(self._folder(model) / "per_user.parquet") if name != "user"
        ]

    def groups(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """One categorical column per attribute, a row a judged user, index: code.

        names  columns of users; by default those that the run is cut by
        """
        asked = self.config.evaluate.groups if names is None else names
        chosen = group_columns(self.users, asked, self.given.dataset)
        return group_frame(chosen, self.judged_users, list(chosen.columns))

    def cost(self, model: str) -> dict[str, Any]:
        """cost.json of the model."""
        cost: dict[str, Any] = read_json(self._folder(model) / COST)
        return cost

    def fitted(self, model: str, history: Interactions | None = None) -> Any:
        """The model fitted anew, on `history` or on what it learned from in the run.

        Raises PluginError where it raises or takes longer than [run] model_timeout.
        """
        learned = self.given.history if history is None else history
        return fitted_model(model, self.config, self.given.dataset, learned)

    def settings(self, family: str, kind: type[T]) -> T:
        """[audit.FAMILY] as the family's own dataclass.  ConfigError where it does not fit."""
        return build(kind, self.config.audit.of(family), f"[audit.{family}]")

    def _folder(self, model: str) -> Path:
        return self.path / "models" / model
