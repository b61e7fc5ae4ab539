"""From judged lists to audits: each family's question asked of the run, its answer kept on disk."""

from collections.abc import Sequence
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

ALL = "all"
FAILED = "the audit failed"
LONG = ("calibration", "drift", "user_fairness", "cold_start")  # those that take longest


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


def audit_one(case: Case, family: str) -> dict[str, Any]:
    """Write audits/FAMILY of one family; what it cost, {} where its files are there and whole.

    A family that cannot answer is kept with a note that says why.
    """
    folder = case.path / "audits" / family
    if is_whole(folder / AUDIT):
        return {}
    with Meter() as meter:
        report = asked(case, family)
    write_report(replace(report, seconds=meter.seconds), folder)
    return {"seconds": meter.seconds, "peak_memory_bytes": meter.peak_bytes}


def keep_failure(path: Path, family: str, reason: str) -> None:
    """A family that could not even say why it failed is kept with what others saw of it."""
    write_report(Report(notes=[Note(FAILED, reason)]), path / "audits" / family)


def longest_first(families: Sequence[str]) -> list[str]:
    """The order in which several hands are done soonest."""
    return sorted(families, key=lambda family: LONG.index(family) if family in LONG else len(LONG))


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
