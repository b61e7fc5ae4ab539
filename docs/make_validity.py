"""Write docs/validity.md from every study of tests/validity at full size.

RECSCOPE_VALIDITY_FULL=1 python docs/make_validity.py [NAME ...]

A study that docs/validity.json holds is not made again unless it is named; without the file all
are, which takes some ten minutes.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.validity.study import Row

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "docs" / "validity.json"
sys.path.insert(0, str(ROOT))

HEADING = """# Do the intervals and tests keep their word?

Written by `docs/make_validity.py`, at full size; `tests/validity` makes the same studies with
fewer data sets on every check. Each row is a simulation: data sets are made anew with a truth
known beforehand, the function that a run uses is asked, and the share of data sets in which it was
right is counted. ± is two standard errors of that share.
"""
INTERVALS = """Wanted: 93 to 97 %. Numbers that are searched for among groups (the widest gap, the
worst group), errors of calibration where there are none, and the share of items shown may hold it
more often, never less. A number of whole lists (a Gini) is held against its mean over data sets of
as many users."""
LEVELS = """Wanted: 3.5 to 6.5 %; where a test is discrete, corrected for many, or several of one
data set go together, anything below."""
POWER = """Wanted: four times in five, at the smallest effect that is stated as detectable; where a
family states none, at the effect named."""
ABOUT = {
    "intervals": ("How often does a 95 % interval hold the truth?", INTERVALS),
    "levels": ("How often does a test at 5 % alarm where nothing is?", LEVELS),
    "power": ("How often is a planted effect found?", POWER),
}
PUBLISHED = [
    ("LensKit's Java reciprocal ranks", "equal to 1e-12", "–"),
    (
        "LensKit's Java nDCG",
        "equal under its convention",
        "bare ratings as gains; ranks 1 and 2 weigh alike",
    ),
    ("trec_eval's own test outputs", "equal in all 4 printed digits", "–"),
    ("FairDiverse on Steam: nDCG and MRR at 5, 10, 20", "equal in all 4 printed digits", "–"),
    (
        "FairDiverse on Steam: HR at 5, 10, 20",
        "equal as recall over what k places hold",
        "its HR is not the share of users with a hit",
    ),
    (
        "Top-N quest, supplement: F1 of two examples",
        "per-user F1 equal in all 3 digits",
        "the F1 of averaged precision and recall is the other number of its table",
    ),
    (
        "Top-N quest, ML-1M: ratings of 4 and more, 10-core",
        "571,531 rows, 5,949 users, 2,810 films; every hold-out lies within",
        (
            "its five hold-outs are random fifths of each user, rounded up; they overlap, so "
            "this is no cross-validation"
        ),
    ),
]
HELD_BY = """Held by `tests/golden/test_golden_fixtures.py` and `tests/validity/test_published.py`,
where the data are. The accuracy table of the Top-N quest is not among its data, so models are not
compared with it."""


def published() -> str:
    lines = ["| figure | ours | where it differs |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in PUBLISHED)])


def main(asked: list[str]) -> None:
    if not os.environ.get("RECSCOPE_VALIDITY_FULL"):
        raise SystemExit("set RECSCOPE_VALIDITY_FULL=1: the documents show the full study")
    from tests.validity.catalogue import STUDIES
    from tests.validity.study import Row

    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    page = [HEADING]
    for kind, (question, wanted) in ABOUT.items():
        lines = ["| what | function | found | wanted | data sets |", "|---|---|---|---|---|"]
        for made in STUDIES[kind]:
            name = made.__name__
            if name in asked or name not in kept:
                kept[name] = [asdict(row) for row in made()]
                KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
            lines += [line(Row(**row)) for row in kept[name]]
            print("\n".join(lines[-len(kept[name]) :]), flush=True)
        page += [f"## {question}", wanted, "\n".join(lines)]
    text = "\n\n".join(
        part.strip() for part in [*page, "## What others published", published(), HELD_BY]
    )
    (ROOT / "docs" / "validity.md").write_text(text + "\n", encoding="utf-8")


def line(row: "Row") -> str:
    mark = "" if row.holds else " **missed**"
    return (
        f"| {row.what} | `{row.how}` | {100 * row.found:.1f} ± {100 * row.room:.1f} %{mark} | "
        f"{100 * row.low:g} to {100 * row.high:g} % | {row.repeats:,} |"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
