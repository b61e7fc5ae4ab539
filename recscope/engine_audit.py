"""From judged lists to audits: each family's question asked of the run, its answer kept on disk."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from core.errors import RecScopeError, StorageError, UnknownNameError
from recscope.audits import AUDITS
from recscope.audits.case import Case
from recscope.audits.report import AUDIT, Note, Report, write_report
from recscope.config import RunConfig
from recscope.files import is_whole
from recscope.machine import Meter
from recscope.stages import Material

ALL = "all"
FAILED = "the audit failed"
Tell = Callable[[str, int, int], None]  # family, audits done, audits in all


def wanted(names: Sequence[str]) -> list[str]:
    """Families asked for, "all" spelt out, in the order of the registry.  UnknownNameError."""
    for name in names:
        if name != ALL and name not in AUDITS:
            raise UnknownNameError("audit", name, [*AUDITS, ALL])
    return [name for name in AUDITS if name in names or ALL in names]


def check(config: RunConfig) -> None:
    """Refuse unknown families and settings before anything is computed."""
    wanted(config.audit.families)
    for family in config.audit.sections:
        if family not in AUDITS:
            raise UnknownNameError("section of [audit]", family, AUDITS)
        _settings(config, family, module_of(family))


def module_of(family: str) -> ModuleType:
    """The module that answers: it has QUESTION and audit, and Settings where there are any."""
    return import_module(AUDITS[family])


def audit_run(
    path: Path,
    config: RunConfig,
    given: Material,
    models: Sequence[str],
    families: Sequence[str],
    tell: Tell,
) -> dict[str, dict[str, Any]]:
    """Write audits/FAMILY of each family; seconds and peak memory by family.

    A family whose files are there and whole is kept. One that cannot answer is kept with a note
    that says why, and the others go on.
    """
    case = Case(path, config, given, tuple(models))
    costs = {}
    for place, family in enumerate(families):
        tell(family, place, len(families))
        folder = path / "audits" / family
        if is_whole(folder / AUDIT):
            continue
        with Meter() as meter:
            report = asked(case, family)
        write_report(replace(report, seconds=meter.seconds), folder)
        costs[family] = {"seconds": meter.seconds, "peak_memory_bytes": meter.peak_bytes}
    return costs


def forget(path: Path, family: str) -> None:
    """Before a family is asked anew: what it said goes."""
    (path / "audits" / family / AUDIT).unlink(missing_ok=True)


def asked(case: Case, family: str) -> Report:
    """What the family answers; where it cannot, a report that holds the reason."""
    module = module_of(family)
    settings = _settings(case.config, family, module)
    facts = asdict(settings) if is_dataclass(settings) and not isinstance(settings, type) else {}
    try:
        report: Report = module.audit(case, settings)
    except StorageError:
        raise  # the disk, not the family
    except RecScopeError as error:
        report = Report(notes=[Note(FAILED, str(error))])
    return replace(report, settings=facts)


def _settings(config: RunConfig, family: str, module: ModuleType) -> Any:
    from recscope.config_values import build, reject_unknown

    section, where = config.audit.of(family), f"[audit.{family}]"
    if not hasattr(module, "Settings"):
        reject_unknown(section, (), where)
        return None
    return build(module.Settings, section, where)
