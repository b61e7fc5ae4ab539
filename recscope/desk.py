"""One piece of a run's work, wherever it is done: judge one model, or ask one family's question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import RecScopeError, StorageError
from recscope import engine_audit, engine_judge, explaining_parts
from recscope.audits.case import Case
from recscope.config import RunConfig
from recscope.engine_models import Turn
from recscope.explaining_desk import ExplainingDesk
from recscope.stages import Material


@dataclass(frozen=True)
class Outcome:
    """What came of a piece of work.

    facts         what it cost, for the manifest
    error         why it could not be done; is_storage: the disk refused, so the run cannot go on
    """

    facts: Mapping[str, Any]
    error: str | None = None
    is_storage: bool = False


@dataclass(frozen=True, eq=False)
class Desk:
    """All that a piece of work needs, the same in every process.

    path    the run's folder
    """

    path: Path
    config: RunConfig
    given: Material

    @cached_property
    def case(self) -> Case:
        """What audits share, of the models that are judged by now; read once a process."""
        folder = self.path / "models"
        judged = [name for name in self.config.models if engine_judge.is_judged(folder / name)]
        return Case(self.path, self.config, self.given, tuple(judged))

    @cached_property
    def explaining(self) -> ExplainingDesk:
        """What explanations share, of the models that are judged by now."""
        return ExplainingDesk(self.case)

    def do(self, kind: str, name: str, given: Any = None) -> Outcome:
        """One piece, its files written. What goes wrong is told, not raised.

        given  what the piece needs besides
        """
        try:
            return Outcome(WORK[kind](self, name, given))
        except StorageError as error:
            return Outcome({}, str(error), is_storage=True)
        except (RecScopeError, MemoryError) as error:
            return Outcome({}, str(error) or type(error).__name__)


def _judge(desk: Desk, name: str, _: None) -> Mapping[str, Any]:
    folder = desk.path / "models" / name
    engine_judge.judge_model(Turn(name, desk.config, desk.given, folder, lambda *_: None))
    return {}


def _audit(desk: Desk, name: str, _: None) -> Mapping[str, Any]:
    return engine_audit.audit_one(desk.case, name)


def _explain(desk: Desk, _: str, piece: explaining_parts.Piece) -> Mapping[str, Any]:
    return {"made": explaining_parts.done(desk.explaining, piece)}


Work = Callable[[Desk, str, Any], Mapping[str, Any]]
WORK: Mapping[str, Work] = {"judge": _judge, "audit": _audit, "explain": _explain}
