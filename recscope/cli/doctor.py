"""python -m recscope doctor."""

import argparse

from recscope.cli import show


def doctor(given: argparse.Namespace) -> int:
    """What works on this machine, and why not; exit code 2 where something needed is missing."""
    from recscope.doctor import examine

    findings = examine()
    if given.json:
        show.as_json([vars(finding) for finding in findings])
    else:
        show.table(
            ("what", "works", "because"),
            [(finding.what, finding.verdict, finding.because) for finding in findings],
            folds="because",
        )
    return 2 if any(finding.verdict == "NO" for finding in findings) else 0
