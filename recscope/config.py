"""What a run is asked to do: one frozen object, written and read as TOML.

[data]       name of a card and its stand-in (otherwise); or files (interactions, users, items)
[split]      rule, seed, and what the rule takes: test, validation, n_last, order …
[relevance]  threshold
[evaluate]   k, metrics, groups, resamples, confidence, baseline, seed, depth
[run]        fallback, learn_validation, model_timeout, block
[models.X]   use, and [models.X.params]
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from recscope.config_text import to_text
from recscope.config_values import build, need, reject_unknown

DEFAULT_MODELS = (
    "random",
    "popularity",
    "decayed-popularity",
    "item-knn",
    "ease",
    "als",
    "bpr",
    "biased-mf",
)
AUTO = "auto"
LISTS = "lists:"
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class DataConfig:
    """A card's name, or files of one's own.

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
    """

    k: tuple[int, ...] = (5, 10, 20)
    metrics: tuple[str, ...] = ("all",)
    groups: tuple[str, ...] = (AUTO,)
    resamples: int = 1000
    confidence: float = 0.95
    baseline: str | None = None
    seed: int = 0
    depth: int = 100

    def __post_init__(self) -> None:
        fits = bool(self.k) and min(self.k, default=0) >= 1 and len(set(self.k)) == len(self.k)
        need(fits, "[evaluate] k", "different cutoffs of 1 or more, such as [5, 10, 20]")
        need(bool(self.metrics), "[evaluate] metrics", 'at least one name, or ["all"]')
        need(self.resamples >= 0, "[evaluate] resamples", "0 (no interval) or more")
        need(0 < self.confidence < 1, "[evaluate] confidence", "between 0 and 1, such as 0.95")
        need(self.seed >= 0, "[evaluate] seed", "0 or more")
        need(self.depth >= 1, "[evaluate] depth", "1 or more")

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
    """

    fallback: bool = True
    learn_validation: bool = True
    model_timeout: float = 3600.0
    block: int = 2000

    def __post_init__(self) -> None:
        need(self.model_timeout > 0, "[run] model_timeout", "a number of seconds")
        need(self.block >= 1, "[run] block", "1 or more")


@dataclass(frozen=True)
class ModelConfig:
    """use: a built-in name, package.module:Class, an entry point, lists:FILE or an http address."""

    use: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RunConfig:
    """All that a run is asked to do."""

    data: DataConfig
    split: SplitConfig = field(default_factory=SplitConfig)
    relevance: RelevanceConfig = field(default_factory=RelevanceConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    run: WorkConfig = field(default_factory=WorkConfig)
    models: Mapping[str, ModelConfig] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.models:
            raise ConfigError(
                'no model is named; add [models.NAME] with use = "popularity" '
                "(see: python -m recscope recommenders)"
            )
        for name in self.models:
            if not MODEL_NAME.fullmatch(name):
                raise ConfigError(
                    f"[models.{name}] cannot name a folder; use letters, digits, '-', '_' and '.'"
                )
        asked = self.evaluate.baseline
        if asked is not None and asked not in self.models:
            raise ConfigError(
                f"[evaluate] baseline {asked!r} is none of the models: {', '.join(self.models)}"
            )

    @property
    def baseline(self) -> str:
        """The model the others are compared with."""
        usual = "popularity" if "popularity" in self.models else next(iter(self.models))
        return self.evaluate.baseline or usual

    def to_toml(self) -> str:
        """Every setting, defaults filled in; from_toml reads it back equal."""
        return to_text(self)

    @classmethod
    def from_toml(cls, source: str | Path, where: str = "the configuration") -> "RunConfig":
        """Read TOML, text or the path of a file.  where: named in messages.

        Raises ConfigError for what cannot be.
        """
        if isinstance(source, Path):
            return read_config(source)
        try:
            given = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{where} is not TOML: {error}") from error
        return cls.from_mapping(given, where)

    @classmethod
    def from_mapping(
        cls, given: Mapping[str, Any], where: str = "the configuration"
    ) -> "RunConfig":
        """The same out of plain dicts, as a form or a test has them."""
        reject_unknown(given, [entry.name for entry in fields(cls)], where, "section")
        models = given.get("models", {})
        if not isinstance(models, Mapping):
            raise ConfigError(f"{where}: models must be tables, [models.NAME] with use = …")
        return cls(
            data=build(DataConfig, given.get("data", {}), f"{where}: [data]"),
            split=build(SplitConfig, given.get("split", {}), f"{where}: [split]"),
            relevance=build(RelevanceConfig, given.get("relevance", {}), f"{where}: [relevance]"),
            evaluate=build(EvaluateConfig, given.get("evaluate", {}), f"{where}: [evaluate]"),
            run=build(WorkConfig, given.get("run", {}), f"{where}: [run]"),
            models={
                name: build(ModelConfig, entry, f"{where}: [models.{name}]")
                for name, entry in models.items()
            },
        )


def read_config(path: Path) -> RunConfig:
    """Read a file; paths inside are meant relative to the file's folder."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: {error}; save it as UTF-8") from error
    config = RunConfig.from_toml(text, str(path))
    folder = path.resolve().parent
    models = {name: _located(model, folder) for name, model in config.models.items()}
    return replace(config, data=_absolute(config.data, folder), models=models)


def _located(model: ModelConfig, folder: Path) -> ModelConfig:
    if not model.use.startswith(LISTS):
        return model
    return replace(model, use=f"{LISTS}{folder / model.use.removeprefix(LISTS)}")


def _absolute(data: DataConfig, folder: Path) -> DataConfig:
    def place(name: str | None) -> str | None:
        return None if name is None else str(folder / name)

    return replace(
        data,
        interactions=place(data.interactions),
        users=place(data.users),
        items=place(data.items),
    )


def default_config(
    data: str = "movielens-100k", models: tuple[str, ...] = DEFAULT_MODELS
) -> RunConfig:
    """The default audit: eight models on MovieLens 100K, split by time, three cutoffs."""
    named = {name: ModelConfig(name) for name in models}
    standing_in = "sandbox" if data != "sandbox" else None
    return RunConfig(DataConfig(name=data, otherwise=standing_in), models=named)
