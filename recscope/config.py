"""What a run is asked to do: one frozen object, written and read as TOML.

[data]       name of a card and its stand-in (otherwise); or files (interactions, users, items)
[split]      rule, seed, and what the rule takes: test, validation, n_last, order …
[relevance]  threshold
[evaluate]   k, metrics, groups, resamples, confidence, baseline, seed, depth, users
[run]        fallback, learn_validation, model_timeout, block
[audit]      families, and [audit.FAMILY] with what the family takes
[explain]    models, explainers, users, items_per_user, written, language_model, fusion …
[models.X]   use, and [models.X.params]
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from recscope.config_sections import (
    AuditConfig,
    DataConfig,
    EvaluateConfig,
    ExplainConfig,
    ModelConfig,
    RelevanceConfig,
    SplitConfig,
    WorkConfig,
)
from recscope.config_text import to_text
from recscope.config_values import build, reject_unknown

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
LISTS, ANSWERS = "lists:", "answers:"
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class RunConfig:
    """All that a run is asked to do."""

    data: DataConfig
    split: SplitConfig = field(default_factory=SplitConfig)
    relevance: RelevanceConfig = field(default_factory=RelevanceConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    run: WorkConfig = field(default_factory=WorkConfig)
    audit: AuditConfig = field(default_factory=AuditConfig)
    explain: ExplainConfig = field(default_factory=ExplainConfig)
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
            audit=AuditConfig.from_mapping(given.get("audit", {}), f"{where}: [audit]"),
            explain=build(ExplainConfig, given.get("explain", {}), f"{where}: [explain]"),
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
    for kind in (LISTS, ANSWERS):
        if model.use.startswith(kind):
            return replace(model, use=f"{kind}{folder / model.use.removeprefix(kind)}")
    return model


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
