"""python -m recscope audit ID: what each family of audits finds in a run."""

import argparse
from dataclasses import asdict
from pathlib import Path

from recscope.auditing import audit as compute
from recscope.cli import show
from recscope.cli.bars import watching
from recscope.store import open_run


def audit(given: argparse.Namespace) -> int:
    """Compute what is not there yet, then tell how much each family found."""
    run = open_run(given.id, Path(given.out).resolve() if given.out else None)
    with watching() as progress:
        compute(run, given.family or ["all"], again=given.again, progress=progress)
    reports = {name: run.audit(name) for name in run.audits()}
    if given.json:
        show.as_json(
            {
                name: {
                    **report.facts(),
                    "estimates": report.estimates,
                    "tests": report.tests,
                }
                for name, report in reports.items()
            }
        )
        return 0
    show.table(
        ("audit", "numbers", "tests", "alarms", "cannot be judged", "seconds"),
        [
            (
                name,
                len(report.estimates),
                len(report.tests),
                int(report.tests["is_alarm"].sum()),
                len(report.notes),
                f"{report.seconds:.1f}",
            )
            for name, report in reports.items()
        ],
        numbers=1,
    )
    for name, report in reports.items():
        for note in map(asdict, report.notes):
            show.say(f"{name}: {note['about']}: {note['reason']}")
    return 0
