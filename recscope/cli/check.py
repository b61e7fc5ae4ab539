"""python -m recscope check ID --gates GATES.toml."""

import argparse
from pathlib import Path

from core.errors import ConfigError
from recscope.cli import show
from recscope.store import open_run

HELD, FAILED = 0, 1


def check(given: argparse.Namespace) -> int:
    """A verdict for every gate; exit code 0 where all hold, 1 where one does not."""
    from recscope.gates import check as judge
    from recscope.gates import gate_of, read_gates

    run = open_run(given.id, Path(given.out).resolve() if given.out else None)
    gates = [gate_of({"preset": name}) for name in given.preset]
    if given.gates:
        gates += read_gates(Path(given.gates))
    if not gates:
        raise ConfigError("nothing to check: name --gates GATES.toml or --preset four-fifths")
    verdicts = judge(run, gates)
    is_held = all(verdict.is_held for verdict in verdicts)
    if given.json:
        show.as_json(
            {"run": run.id, "holds": is_held, "gates": [verdict.facts() for verdict in verdicts]}
        )
        return HELD if is_held else FAILED
    show.table(
        ("", "gate", "reason"),
        [
            ("holds" if verdict.is_held else "FAILS", verdict.gate.title, verdict.reason)
            for verdict in verdicts
        ],
        title=f"Gates of {run.id}",
        folds="reason",
    )
    return HELD if is_held else FAILED
