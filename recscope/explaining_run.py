"""Explain a run that was computed before: its stage of explanations, made now."""

from dataclasses import replace

from core.errors import StorageError
from recscope import explaining, explaining_pairs, stages
from recscope.config import RunConfig
from recscope.config_sections import ExplainConfig
from recscope.engine_data import data_of, material_of
from recscope.explained import Explained, read_explained
from recscope.journal import Journal, held
from recscope.progress import Event, Progress, ignore
from recscope.store import Run


def explain_finished(
    run: Run,
    *,
    config: ExplainConfig | None = None,
    again: bool = False,
    progress: Progress | None = None,
) -> Explained:
    """Make explanations of a finished run, from its data and the lists that it kept.

    config  settings other than the run's own; where the run asked for none, the usual ones
    again   also where they are there already

    Raises StorageError where the run is not finished, DatasetError where its data have changed,
    UnknownNameError for an explainer or a model that there is not.
    """
    if not run.models() or not (run.path / "estimates.parquet").is_file():
        raise StorageError(
            f"run {run.id} is not finished; go on with: recscope run --resume {run.id}"
        )
    asked = RunConfig.from_toml(run.config_text(), str(run.path / "config.toml"))
    wanted = config or asked.explain
    if not wanted.explainers:
        wanted = ExplainConfig()
    asked = replace(asked, explain=wanted)
    explaining_pairs.check(asked)
    journal = Journal(run.path, run.manifest)
    with held(journal):
        _work(journal, asked, again=again, progress=progress or ignore)
    return read_explained(run)


def _work(journal: Journal, config: RunConfig, *, again: bool, progress: Progress) -> None:
    progress(Event("load"))
    dataset, _ = data_of(journal.manifest, config.data)
    dataset = stages.with_threshold(dataset, config.relevance.threshold)
    given = material_of(dataset, config)
    if again:
        explaining.forget(journal.path)
    cost = explaining.explain_run(
        journal.path,
        config,
        given,
        Run(journal.path).models(),
        lambda what, done, n: progress(Event("explain", what, done, n, done / n)),
    )
    if cost:
        journal.manifest["stages"]["explain"] = cost
        journal.log("explained", seconds=round(cost["seconds"], 4))
    journal.save()
    progress(Event("done", fraction=1.0))
