"""Audit a run that was computed before: ask it the questions of families it was not asked yet."""

from collections.abc import Sequence
from dataclasses import replace

from recscope import engine_audit
from recscope.config import RunConfig
from recscope.config_sections import AuditConfig
from recscope.desk import Desk
from recscope.engine_data import again as given_again
from recscope.engine_data import config_of, require_finished
from recscope.hands import Hands, Told, n_processes
from recscope.journal import Journal, held
from recscope.progress import Event, Progress, ignore
from recscope.store import Run


def audit(
    run: Run,
    families: Sequence[str] = (engine_audit.ALL,),
    *,
    config: AuditConfig | None = None,
    again: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Compute audits of a finished run, from its data and the lists that it kept.

    families  names, or "all"; config: settings other than the run's own
    again     also compute what is there already

    Raises StorageError where the run is not finished, DatasetError where its data have changed,
    UnknownNameError for a family that there is not.
    """
    names = engine_audit.wanted(families)
    require_finished(run)
    asked = config_of(run)
    if config is not None:
        asked = replace(asked, audit=config)
    engine_audit.check(asked)
    journal = Journal(run.path, run.manifest)
    with held(journal):
        _work(journal, asked, names, again=again, progress=progress or ignore)
    return run


def _work(
    journal: Journal, config: RunConfig, names: list[str], *, again: bool, progress: Progress
) -> None:
    progress(Event("load"))
    given = given_again(journal.manifest, config)
    if again:
        for name in names:
            engine_audit.forget(journal.path, name)
    with Hands(Desk(journal.path, config, given), n_processes(config.run, given.dataset)) as hands:
        share_audits(
            journal,
            hands,
            names,
            lambda family, done, n: progress(Event("audit", family, done, n, done / n)),
        )
    progress(Event("done", fraction=1.0))


def share_audits(journal: Journal, hands: Hands, families: Sequence[str], told: Told) -> None:
    """Every family asked, each in one process; what it cost goes to the manifest.

    Raises StorageError where the disk refuses. A family whose process died is kept with a note.
    """
    outcomes = hands.share("audit", engine_audit.longest_first(families), told)
    for family, outcome in outcomes.items():
        if outcome.error is not None:
            engine_audit.keep_failure(journal.path, family, outcome.error)
        if outcome.facts:
            journal.manifest["stages"][f"audit: {family}"] = dict(outcome.facts)
            journal.log("audited", family=family, seconds=round(outcome.facts["seconds"], 4))
    journal.save()
