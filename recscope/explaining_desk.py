"""Where a process explains: the data, and every model it is asked about, laid out once."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from explain.brief import Writer
from explain.make import writer_of
from explain.world import World
from recscope import explaining_pairs
from recscope.audits.case import Case
from recscope.config_sections import ExplainConfig
from recscope.explaining_make import params_of
from recscope.explaining_pairs import Pairs
from recscope.explaining_world import world_of


@dataclass(frozen=True, eq=False)
class ExplainingDesk:
    """One run, for explanations.

    case    the run as audits see it
    made    what pieces of work leave for later ones of the same process, by model and purpose
    """

    case: Case
    made: dict[tuple[str, str], Any] = field(default_factory=dict)

    @cached_property
    def world(self) -> World:
        """The data behind explanations."""
        return world_of(self.case.given)

    @cached_property
    def models(self) -> list[str]:
        """Names of the models that are explained."""
        case = self.case
        return explaining_pairs.models_of(case.path, case.config, case.given, case.models)

    @cached_property
    def users(self) -> list[int]:
        """Codes of the users who are explained to, the same for every model.  ConfigError."""
        case = self.case
        return explaining_pairs.drawn_users(case.path, case.config, case.given, self.models)

    @property
    def asked(self) -> ExplainConfig:
        """[explain], with what a language model is asked for shared among the models."""
        asked = self.case.config.explain
        return replace(asked, written=-(-asked.written // len(self.models)))

    def pairs(self, model: str) -> Pairs:
        """What is explained of a model, which is fitted at the first call.

        Raises PluginError where it cannot be fitted.
        """
        if (model, "pairs") not in self.made:
            fitted = self.case.fitted(model)
            self.made[model, "pairs"] = explaining_pairs.pairs_of(
                self.case.path, model, fitted, self.users, self.asked.items_per_user
            )
        pairs: Pairs = self.made[model, "pairs"]
        return pairs

    @cached_property
    def references(self) -> dict[tuple[int, int], str]:
        """What the explained users themselves wrote, by user and item; {} without reviews.

        Explainers never see what was written of later rows: that is what they are held against.
        """
        reviews = self.case.given.dataset.side.reviews
        if reviews is None:
            return {}
        own = reviews[reviews["user"].isin(self.users)].dropna(subset=["text"])
        keys = zip(own["user"].tolist(), own["item"].tolist(), strict=True)
        return dict(zip(keys, own["text"].astype(str), strict=True))

    def writer(self, explainer: str) -> Writer:
        """Who words an explainer's reasons; one that asks a language model has it at hand."""
        if ("", explainer) not in self.made:
            asked = self.asked
            settings = {"language_model": asked.language_model, "seed": asked.seed}
            self.made["", explainer] = writer_of(explainer, settings)
        writer: Writer = self.made["", explainer]
        return writer

    def params(self, model: str) -> dict[str, Any]:
        """Settings of questions about a model as it was fitted."""
        return params_of(self.asked, self.kept(model))

    def kept(self, model: str) -> dict[Any, Any]:
        """Attributions made so far, for all who ask for the same ones."""
        kept: dict[Any, Any] = self.made.setdefault((model, "kept"), {})
        return kept
