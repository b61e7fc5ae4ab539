"""The data that a run works on: read, split, and on coming back the very same."""

from typing import Any

from core.errors import DatasetError, StorageError
from core.tables import Dataset
from recscope import stages
from recscope.config import RunConfig
from recscope.config_sections import DataConfig
from recscope.stages import Fetched
from recscope.store import Run


def data_of(
    manifest: dict[str, Any], asked: DataConfig, fetched: Fetched | None = None
) -> tuple[Dataset, str | None]:
    """The data, and why it is another than the one asked for (None: it is the one).

    manifest  of the run; where it names data already, DatasetError unless they are the same
    """
    before = manifest["data"]
    if before is not None and manifest["fallback"]:
        asked = DataConfig(name=asked.otherwise)  # what stood in once stands in to the end
    dataset, fallback = stages.load_data(asked, fetched)
    if before is not None and before["sha256"] != dataset.sha256:
        raise DatasetError(
            f"{dataset.name} is not what it was when run {manifest['id']} began (sha256 "
            f"{dataset.sha256[:12]}, was {before['sha256'][:12]}); start a new run"
        )
    return dataset, fallback


def again(manifest: dict[str, Any], config: RunConfig) -> stages.Material:
    """The data of a run that was computed before, split as it was then.  DatasetError."""
    dataset, _ = data_of(manifest, config.data)
    return material_of(stages.with_threshold(dataset, config.relevance.threshold), config)


def config_of(run: Run) -> RunConfig:
    """What a run on disk was asked to do."""
    return RunConfig.from_toml(run.config_text(), str(run.path / "config.toml"))


def require_finished(run: Run) -> None:
    """StorageError where a run has not come to its estimates yet."""
    if not run.models() or not (run.path / "estimates.parquet").is_file():
        raise StorageError(
            f"run {run.id} is not finished; go on with: recscope run --resume {run.id}"
        )


def material_of(dataset: Dataset, config: RunConfig) -> stages.Material:
    """The data split as the run asks; the same configuration splits the same way."""
    split = stages.split_data(dataset, config.split)
    return stages.material(
        dataset,
        split,
        learn_validation=config.run.learn_validation,
        n_users=config.evaluate.users,
        seed=config.evaluate.seed,
    )
