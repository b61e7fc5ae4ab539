"""A run that the engine made and audited: what pages meet in earnest, in a few seconds."""

from pathlib import Path

from recscope import engine
from recscope.config import RunConfig
from recscope.config_sections import DataConfig, EvaluateConfig, ExplainConfig, ModelConfig

# template and baselines, no language model and no embedding: a few seconds
EXPLAIN = ExplainConfig(
    explainers=("template", "profile-match", "similarity", "popularity", "random", "reversed"),
    users=12,
    items_per_user=3,
    embedded=0,
    unsettled=4,
)
MODELS = ("popularity", "decayed-popularity", "item-knn", "ease", "biased-mf")


def make_audited_run(folder: Path) -> str:
    """Compute it into a folder of runs; its id."""
    config = RunConfig(
        DataConfig(name="sandbox", options={"n_users": 400, "n_items": 150}),
        models={name: ModelConfig(name) for name in MODELS},
        evaluate=EvaluateConfig(resamples=100, depth=50),
        explain=EXPLAIN,
    )
    return engine.run(config, out=folder).id
