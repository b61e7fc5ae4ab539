"""Explain a run that was computed before: its stage of explanations, made now."""

from dataclasses import replace

from recscope import explaining, explaining_pairs
from recscope.config import RunConfig
from recscope.config_sections import ExplainConfig
from recscope.desk import Desk
from recscope.engine_data import again as given_again
from recscope.engine_data import config_of, require_finished
from recscope.explained import Explained, read_explained
from recscope.hands import Hands, Told, n_processes
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
    require_finished(run)
    asked = config_of(run)
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
    given = given_again(journal.manifest, config)
    if again:
        explaining.forget(journal.path)
    with Hands(Desk(journal.path, config, given), n_processes(config.run, given.dataset)) as hands:
        keep_explanations(
            journal,
            hands,
            lambda what, done, n: progress(Event("explain", what, done, n, done / n)),
        )
    progress(Event("done", fraction=1.0))


def keep_explanations(journal: Journal, hands: Hands, told: Told) -> None:
    """Explanations of a run's judged models; what they cost goes to the manifest.  StorageError."""
    cost = explaining.explain_run(hands, told)
    if cost:
        journal.manifest["stages"]["explain"] = cost
        journal.log("explained", seconds=round(cost["seconds"], 4))
    journal.save()
