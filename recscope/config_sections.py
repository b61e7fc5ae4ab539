"""The sections of a run's configuration, one dataclass each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from recscope.config_values import build, need

AUTO = "auto"


@dataclass(frozen=True)
class DataConfig:
    """A card's name, or files of one's own.

    name       of a card; beside interactions, what the data are called (else as the file)
    columns    role → column name, where the guess would be wrong
    otherwise  card that stands in where this one cannot be fetched; None: that is an error
    options    of a generated data set: its size, seed and planted truths
    """

    name: str | None = None
    interactions: str | None = None
    users: str | None = None
    items: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name is None and self.interactions is None:
            raise ConfigError(
                '[data] needs name = "movielens-100k" (see: python -m recscope datasets) or '
                'interactions = "FILE"'
            )
        if self.interactions is None and (self.users or self.items or self.columns):
            raise ConfigError('[data] users, items and columns belong to interactions = "FILE"')

    @property
    def label(self) -> str:
        return self.name or Path(str(self.interactions)).stem


@dataclass(frozen=True)
class SplitConfig:
    """rule None: the card's, or ratio-per-user where there are no timestamps.

    What is None takes the rule's own default; what the rule does not know is refused.
    """

    rule: str | None = None
    seed: int = 0
    test: float | None = None
    validation: float | None = None
    train: float | None = None
    n_last: int | None = None
    order: str | None = None
    n_windows: int | None = None
    window: int | None = None

    def __post_init__(self) -> None:
        need(self.seed >= 0, "[split] seed", "0 or more")

    @property
    def parameters(self) -> dict[str, Any]:
        """Those of the rule's parameters that were given."""
        own = ("rule", "seed")
        named = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {
            name: value for name, value in named.items() if name not in own and value is not None
        }


@dataclass(frozen=True)
class RelevanceConfig:
    """threshold: ratings at or above it count as a liking; None: the card's."""

    threshold: float | None = None


@dataclass(frozen=True)
class EvaluateConfig:
    """How lists are judged.

    metrics   names, families or "all"; groups: columns of users, "auto" for the card's sensitive
              attributes, activity and history
    resamples 0 asks for no interval; baseline None: popularity, else the first model
    depth     entries asked of each model; metrics without a cutoff see that many
    users     so many of the test set's users are judged, drawn by lot with `seed`; 0: all. For
              models that take seconds a user; every number then says how many it rests on
    """

    k: tuple[int, ...] = (5, 10, 20)
    metrics: tuple[str, ...] = ("all",)
    groups: tuple[str, ...] = (AUTO,)
    resamples: int = 1000
    confidence: float = 0.95
    baseline: str | None = None
    seed: int = 0
    depth: int = 100
    users: int = 0

    def __post_init__(self) -> None:
        fits = bool(self.k) and min(self.k, default=0) >= 1 and len(set(self.k)) == len(self.k)
        need(fits, "[evaluate] k", "different cutoffs of 1 or more, such as [5, 10, 20]")
        need(bool(self.metrics), "[evaluate] metrics", 'at least one name, or ["all"]')
        need(self.resamples >= 0, "[evaluate] resamples", "0 (no interval) or more")
        need(0 < self.confidence < 1, "[evaluate] confidence", "between 0 and 1, such as 0.95")
        need(self.seed >= 0, "[evaluate] seed", "0 or more")
        need(self.depth >= 1, "[evaluate] depth", "1 or more")
        need(self.users >= 0, "[evaluate] users", "1 or more, or 0: all users of the test set")

    @property
    def length(self) -> int:
        """How long a list is asked of a model."""
        return max(self.depth, *self.k)


@dataclass(frozen=True)
class WorkConfig:
    """How the work is done.

    fallback       fill lists of users without a training history with popular items
    learn_validation  models learn from the validation part too, as nothing is tuned on it
    model_timeout  seconds a model may take to fit, and for each block of users
    block          users asked for at once
    processes      how many share the judging and the audits; 0: what suits machine and data
    """

    fallback: bool = True
    learn_validation: bool = True
    model_timeout: float = 3600.0
    block: int = 2000
    processes: int = 0

    def __post_init__(self) -> None:
        need(self.model_timeout > 0, "[run] model_timeout", "a number of seconds")
        need(self.block >= 1, "[run] block", "1 or more")
        need(self.processes >= 0, "[run] processes", "1 or more, or 0: as many as suits")


@dataclass(frozen=True)
class AuditConfig:
    """Which audits are made of the run once its lists are judged, and with which settings.

    families  names, or "all"; () for none
    sections  family → its section [audit.FAMILY], read by the family itself
    """

    families: tuple[str, ...] = ("all",)
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, family: str) -> Mapping[str, Any]:
        """The section of a family, empty where there is none."""
        return self.sections.get(family, {})

    @classmethod
    def from_mapping(cls, given: object, where: str) -> "AuditConfig":
        """[audit] with its families' sections beside `families`."""
        if not isinstance(given, Mapping):
            raise ConfigError(f"{where} must be a table of keys, got {given!r}")
        sections = {key: value for key, value in given.items() if key != "families"}
        for name, section in sections.items():
            if not isinstance(section, Mapping):
                raise ConfigError(
                    f"{where} {name} = {section!r}: a family's settings are a table, [audit.{name}]"
                )
        families = {"families": given["families"]} if "families" in given else {}
        return replace(build(cls, families, where), sections=sections)


@dataclass(frozen=True)
class ExplainConfig:
    """Which explanations are made once the audits are done, and how they are scored.

    models           names; () for EASE, or the best by ndcg of those that score histories
    explainers       names, "auto" for the usual ones; () for no explanations at all
    users            how many are drawn; items_per_user: so many of the first items of each list
    written          of an explainer that asks a language model: so many explanations in all; of
                     any other: so many texts that scorers of words read
    embedded         of any explainer: so many texts that an embedding model reads
    language_model   words them; judge: a model that is asked for verdicts, "" for none
    fusion           is evidence fed into the ranking, and what it changes tested?
    unsettled        users who are explained again after something changed; 0: no stability
    n_permutations   of a history, where attributions are drawn
    """

    models: tuple[str, ...] = ()
    explainers: tuple[str, ...] = (AUTO,)
    users: int = 25
    items_per_user: int = 4
    written: int = 50
    embedded: int = 10
    language_model: str = "smollm2-135m"
    judge: str = ""
    embedding: str = "all-minilm-l6-v2"
    fusion: bool = True
    unsettled: int = 10
    n_permutations: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        need(self.users >= 1, "[explain] users", "1 or more")
        need(self.items_per_user >= 1, "[explain] items_per_user", "1 or more")
        need(self.n_permutations >= 2, "[explain] n_permutations", "2 or more, to have an error")
        for name in ("written", "embedded", "unsettled", "seed"):
            need(getattr(self, name) >= 0, f"[explain] {name}", "0 or more")


@dataclass(frozen=True)
class ModelConfig:
    """Which recommender is meant.

    use     a built-in name, package.module:Class, an entry point, lists:FILE, answers:FILE or an
            http address
    params  its fields
    """

    use: str
    params: Mapping[str, Any] = field(default_factory=dict)
