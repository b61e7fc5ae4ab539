"""python -m recscope score."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recscope.cli import show


def score(given: argparse.Namespace) -> int:
    """Judge the lists of a file and print or write the estimates."""
    from core.frames import read_frame
    from recscope.outputs import check_ending
    from recscope.scoring import score as judge

    out = check_ending(Path(given.out)) if given.out else None

    def frame(name: str | None) -> Any:
        return None if name is None else read_frame(Path(name))

    chosen = {} if given.metrics is None else {"metrics": given.metrics}
    scores = judge(
        _lists(given.recommendations),
        frame(given.truth),
        train=frame(given.train),
        users=frame(given.users),
        items=frame(given.items),
        k=tuple(given.k),
        convention=given.convention,
        groups=tuple(given.groups),
        resamples=given.resamples,
        confidence=given.confidence,
        seed=given.seed,
        columns=given.columns,
        **chosen,
    )
    if out is not None:
        scores.write(out)
    if given.json:
        show.say(scores.to_json())
    elif out is None:
        _table(scores, given.confidence)
    else:
        show.say(f"wrote {out}")
    return 0


def _lists(name: str) -> Any:
    """The recommendations; a file in another tool's own layout, which is no table, too."""
    from core.frames import read_frame
    from recscope.imports.lists import is_one_object, read_lists

    path = Path(name)
    return read_lists(path).frame if is_one_object(path) else read_frame(path)


def _table(scores: Any, confidence: float) -> None:
    from recscope.outputs import records

    has_groups = scores.estimates["group_by"].notna().any()
    rows = []
    for row in records(scores.estimates):
        name = row["metric"] if row["k"] is None else f"{row['metric']}@{int(row['k'])}"
        who = "everybody" if row["group_by"] is None else f"{row['group_by']} = {row['group']}"
        figures = (
            show.number(row["mean"]),
            show.interval(row["low"], row["high"]),
            f"{row['n']:,}",
            f"{row['n_undefined']:,}",
            f"{row['n_imputed']:,}",
        )
        rows.append((name, *((who,) if has_groups else ()), *figures))
    columns = ("mean", f"{confidence:.0%} interval", "users", "undefined", "imputed")
    show.table(
        ("metric", *(("group",) if has_groups else ()), *columns), rows, numbers=len(columns)
    )
    show.say()
    told = {name: count for name, count in scores.population.items() if isinstance(count, int)}
    show.facts({name.replace("_", " "): f"{count:,}" for name, count in told.items() if count})
    _tell_convention(scores.manifest)


def _tell_convention(manifest: Mapping[str, Any]) -> None:
    """How another tool counts, where it was asked to."""
    tool = manifest.get("tool")
    if tool is None:
        return
    show.say(f"\nCounted as {tool['name']} {tool['version']} does: {tool['counts']}.")
    told = {**manifest["clauses"], **manifest["stops"], **manifest["left_out"]}
    show.facts(told)
