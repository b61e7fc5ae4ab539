"""Compute a run: every stage in order, each kept on disk before the next begins."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import (
    ConfigError,
    PluginError,
    RecScopeError,
    StorageError,
    UnknownNameError,
)
from core.ledger import Entry
from core.paths import runs_dir
from core.privacy import switch_off_telemetry
from recscope import (
    engine_audit,
    engine_judge,
    engine_models,
    explaining,
    explaining_pairs,
    stages,
)
from recscope.auditing import share_audits
from recscope.config import RunConfig, default_config
from recscope.desk import Desk
from recscope.engine_data import data_of, material_of
from recscope.explaining_run import keep_explanations
from recscope.files import read_json
from recscope.hands import Hands, n_processes
from recscope.journal import Journal, at_work, begin, reopen
from recscope.progress import Event, Progress, ignore
from recscope.store import Run

AT_HAND = {"population", "measured"}  # of cost.json: long, and read from there
# steps of equal weight: load, split, the models, then judging, comparing, auditing, explaining
BEFORE, AFTER = 2, 4


@dataclass
class Teller:
    """Turns what a stage reports into events with the share of the whole run."""

    progress: Progress
    n_models: int
    step: int = 0

    def tell(
        self, stage: str, model: str = "", done: int = 0, total: int = 0, what: str = ""
    ) -> None:
        steps = BEFORE + self.n_models + AFTER
        # a model's turn: fitting, then lists, told by users where they are known
        within = 0.5 if stage == "recommend" else 0.0
        if total:
            within += (
                {"fit": 0.5, "recommend": 0.5, "judge": 1.0, "audit": 1.0, "explain": 1.0}.get(
                    stage, 0.0
                )
                * done
                / total
            )
        fraction = min(1.0, (self.step + within) / steps)
        self.progress(Event(stage, model, done, total, fraction, what))


def run(
    config: RunConfig | None = None,
    *,
    out: Path | str | None = None,
    resume: str | None = None,
    progress: Progress | None = None,
    named: Callable[[str], None] | None = None,
) -> Run:
    """Compute a run, or go on with one that stopped; the run on disk.

    config    None: the default audit, or the configuration of the run that is resumed
    out       folder of runs, by default core.paths.runs_dir()
    progress  called with every Event; may raise core.errors.Cancelled to stop
    named     called with the run's id as soon as its folder is there

    A model that raises, hangs or breaks its contract is marked in the manifest and the others go
    on; PluginError if none is left. Raises ConfigError and UnknownNameError before anything is
    written, StorageError where the disk refuses. Same configuration and data, same bits.
    """
    switch_off_telemetry()
    folder = Path(out).resolve() if out is not None else runs_dir()
    if resume is None:
        config = config or default_config()
        _check(config)
        journal = begin(config, folder)
    else:
        journal, config = reopen(resume, config, folder)
        journal.log("resume")
    if named:
        named(journal.path.name)
    with at_work(journal):
        _work(journal, config, progress or ignore)
    return Run(journal.path)


def _check(config: RunConfig) -> None:
    """Refuse what cannot be before a folder is made."""
    from core.load import available
    from core.split import RULES
    from evaluators.doors import resolve as resolve_metrics
    from recommenders.doors import resolve

    resolve_metrics(config.evaluate.metrics)
    engine_audit.check(config)
    explaining_pairs.check(config)
    if config.split.rule is not None and config.split.rule not in RULES:
        raise UnknownNameError("split rule", config.split.rule, RULES)
    if config.data.interactions is None:
        available(str(config.data.name))  # UnknownNameError with the nearest name
    for name, model in config.models.items():
        try:
            resolve(model.use, model.params)
        except (ConfigError, UnknownNameError) as error:
            raise ConfigError(f"[models.{name}] {error}") from error
        except Exception:  # noqa: BLE001, S112 - what a plug-in raises is told when its turn comes
            continue


def _work(journal: Journal, config: RunConfig, progress: Progress) -> None:
    teller = Teller(progress, len(config.models))
    given = _gather(journal, config, teller)
    # models are fitted and timed alone; what comes after takes no times, so others may help
    for name in config.models:
        _turn(journal, config, given, name, teller)
        teller.step += 1
    desk = Desk(journal.path, config, given)
    with Hands(desk, n_processes(config.run, given.dataset)) as hands:
        _judge(journal, config, hands, teller)
        teller.step += 1
        teller.tell("compare")
        with journal.stage("compare"):
            engine_judge.finish(journal.path, config, _require_any(journal))
        teller.step += 1
        families = engine_audit.wanted(config.audit.families)
        share_audits(
            journal, hands, families, lambda family, done, n: teller.tell("audit", family, done, n)
        )
        teller.step += 1
        if explaining.is_asked(config):
            teller.tell("explain")
            keep_explanations(
                journal, hands, lambda what, done, n: teller.tell("explain", what, done, n)
            )
    teller.step += 1
    teller.tell("done")


def _require_any(journal: Journal) -> list[str]:
    """Names of the models that are done.  PluginError where there is none."""
    models = journal.manifest["models"]
    done = [name for name, entry in models.items() if entry["status"] == "done"]
    if not done:
        errors = "; ".join(f"{name}: {entry['error']}" for name, entry in models.items())
        raise PluginError(f"every model failed, so there is nothing to judge: {errors}")
    return done


def _gather(journal: Journal, config: RunConfig, teller: Teller) -> stages.Material:
    manifest = journal.manifest
    teller.tell("load")
    with journal.stage("load"):
        dataset, fallback = data_of(
            manifest,
            config.data,
            lambda done, total: teller.tell("fetch", "", done, total or 0),
        )
        dataset = stages.with_threshold(dataset, config.relevance.threshold)
    teller.step += 1
    teller.tell("split")
    with journal.stage("split"):
        given = material_of(dataset, config)
        users = stages.users_table(given)
        stages.group_columns(users, config.evaluate.groups, dataset)  # unknown columns show here
        stages.write_tables(given, journal.path)
    teller.step += 1
    manifest["data"] = stages.data_facts(given, config.data.label)
    manifest["fallback"] = manifest["fallback"] or fallback
    journal.population(list(stages.data_ledger(given)))
    journal.save()
    return given


def _turn(
    journal: Journal, config: RunConfig, given: stages.Material, name: str, teller: Teller
) -> None:
    """One model fitted and asked for its lists; a failure is noted and the run goes on."""
    folder = journal.path / "models" / name
    turn = engine_models.Turn(
        name,
        config,
        given,
        folder,
        lambda stage, done, n, what: teller.tell(stage, name, done, n, what),
    )
    if engine_models.is_recommended(folder):
        return
    try:
        engine_judge.forget(folder)
        journal.log("start", stage="recommend", model=name)
        engine_models.recommend(turn)
    except StorageError:
        raise  # the disk, not the model
    except (RecScopeError, MemoryError) as error:
        _note_failure(journal, config, name, str(error) or type(error).__name__)
        journal.save()


def _judge(journal: Journal, config: RunConfig, hands: Hands, teller: Teller) -> None:
    """Every model that gave its lists, judged; a failure is noted and the run goes on."""
    folders = {name: journal.path / "models" / name for name in config.models}
    listed = [name for name in folders if engine_models.is_recommended(folders[name])]
    todo = [name for name in listed if not engine_judge.is_judged(folders[name])]
    for name in todo:
        engine_judge.forget(folders[name])
        journal.log("start", stage="judge", model=name)
    outcomes = hands.share("judge", todo, lambda name, done, n: teller.tell("judge", name, done, n))
    for name in listed:
        outcome = outcomes.get(name)
        if outcome is not None and outcome.error is not None:
            _note_failure(journal, config, name, outcome.error)
        else:
            _note_success(journal, config, name, folders[name])
    models = journal.manifest["models"]  # failures were noted first: back to the order asked for
    journal.manifest["models"] = {name: models[name] for name in config.models}
    journal.save()


def _note_success(journal: Journal, config: RunConfig, name: str, folder: Path) -> None:
    cost, judged = read_json(folder / engine_models.COST), read_json(folder / engine_judge.JUDGED)
    wall = cost.get("wall_seconds") or {
        "fit": cost["fit_seconds"],
        "recommend": cost["recommend_seconds"],
    }
    journal.manifest["stages"] |= {
        f"{name}: fit": {
            "seconds": wall["fit"],
            "peak_memory_bytes": cost["fit_peak_memory_bytes"],
        },
        f"{name}: recommend": {
            "seconds": wall["recommend"],
            "peak_memory_bytes": cost["peak_memory_bytes"],
        },
        f"{name}: judge": {
            "seconds": judged["seconds"],
            "peak_memory_bytes": judged["peak_memory_bytes"],
        },
    }
    journal.log("end", model=name)
    entries = engine_models.population(folder) + engine_judge.population(folder)
    journal.population(entries, name)
    journal.manifest["models"][name] = {
        "use": config.models[name].use,
        "params": cost.pop("parameters"),
        "status": "done",
        "error": None,
        "has_predictions": cost.pop("has_predictions"),
        "cost": {key: value for key, value in cost.items() if key not in AT_HAND},
    }


def _note_failure(journal: Journal, config: RunConfig, name: str, message: str) -> None:
    journal.log("model failed", model=name, message=message)
    journal.population(
        [Entry("recommend", "dropped", f"model failed: {message}", 1, "models")], name
    )
    journal.manifest["models"][name] = {
        "use": config.models[name].use,
        "params": dict(config.models[name].params),
        "status": "failed",
        "error": message,
        "has_predictions": False,
        "cost": None,
    }
