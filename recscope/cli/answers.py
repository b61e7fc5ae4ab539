"""python -m recscope answers FILE: can a language model's answers be used as lists?"""

import argparse
from pathlib import Path
from typing import Any

from recscope.cli import show


def answers(given: argparse.Namespace) -> int:
    """Judge the answers of a file and print or write the estimates."""
    from core.frames import read_frame
    from recscope.answering import answers as judge
    from recscope.outputs import check_ending

    out = check_ending(Path(given.out)) if given.out else None

    def frame(name: str | None) -> Any:
        return None if name is None else read_frame(Path(name))

    found = judge(
        given.file,
        frame(given.items),
        history=frame(given.history),
        truth=frame(given.truth),
        k=given.k,
        resamples=given.resamples,
        confidence=given.confidence,
        seed=given.seed,
        columns=given.columns,
    )
    if out is not None:
        found.write(out)
    if given.json:
        show.say(found.to_json())
    elif out is None:
        _table(found, given.confidence)
    else:
        show.say(f"wrote {out}")
    return 0


def _table(found: Any, confidence: float) -> None:
    from recscope.outputs import records

    rows = [
        (
            row["metric"] if row["k"] is None else f"{row['metric']}@{int(row['k'])}",
            "everybody" if row["group_by"] is None else f"{row['group_by']} {row['group']}",
            show.number(row["mean"]),
            show.interval(row["low"], row["high"]),
            f"{row['n']:,}",
        )
        for row in records(found.estimates)
    ]
    columns = ("metric", "group", "mean", f"{confidence:.0%} interval", "users")
    show.table(columns, rows, numbers=3, folds="metric")
    for about, reason in found.notes:
        show.say(f"{about}: {reason}")
