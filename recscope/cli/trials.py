"""python -m recscope stress, python -m recscope unlearn: change the data, look what moves."""

import argparse
import sys
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from recscope.cli import show

MODELS = ("item-knn", "ease", "als")


def stress(given: argparse.Namespace) -> int:
    """Print what fake profiles move, or write it to a file."""
    from recscope.stress import Stress
    from recscope.stress import stress as inject

    asked = _asked(given, ("attacks", "sizes", "targets", "fillers", "users", "k"))
    models: dict[str, tuple[str, dict[str, Any]]] = {
        name: (name, {}) for name in given.models or MODELS
    }
    out = _out(given)
    found = inject(_data(given), models, Stress(**asked), _sure(given), told=_progress)
    return _told(found, given, out, _stressed)


def unlearn(given: argparse.Namespace) -> int:
    """Print what forgetting comes to, or write it to a file."""
    from recscope.unlearning import Unlearning
    from recscope.unlearning import unlearn as forget

    out = _out(given)
    if given.adapter is not None:
        return _told(_without_adapter(given), given, out, _unlearned)
    if given.model_params is not None:
        raise ConfigError("--model-params is for --adapter ATTRIBUTE=GROUP, which is not asked for")
    asked = _asked(given, ("base", "shards", "share", "users", "k"))
    found = forget(_data(given), Unlearning(**asked), _sure(given), told=_progress)
    return _told(found, given, out, _unlearned)


def _without_adapter(given: argparse.Namespace) -> Any:
    from recscope.unlearning_adapters import AdapterUnlearning, unlearn_adapter

    for flag in ("base", "shards", "share"):
        if getattr(given, flag) is not None:
            raise ConfigError(f"--{flag} says how users are forgotten without --adapter")
    attribute, _, group = given.adapter.partition("=")
    asked = _asked(given, ("users", "k", "model_params"))
    settings = AdapterUnlearning(attribute.strip(), group.strip(), **asked)
    return unlearn_adapter(_data(given), settings, _sure(given), told=_progress)


def _asked(given: argparse.Namespace, flags: tuple[str, ...]) -> dict[str, Any]:
    named = {name: getattr(given, name) for name in flags}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in named.items()
        if value is not None
    }


def _data(given: argparse.Namespace) -> Any:
    from core.load import load

    return load(given.data)


def _sure(given: argparse.Namespace) -> Any:
    from recscope.estimate import Sureness

    return Sureness(given.resamples, given.confidence, given.seed)


def _out(given: argparse.Namespace) -> Path | None:
    from recscope.outputs import check_ending

    return check_ending(Path(given.out)) if given.out else None


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what}: {done} of {total}\033[K" + ("\n" if done == total else ""))


def _told(found: Any, given: argparse.Namespace, out: Path | None, table: Any) -> int:
    if out is not None:
        found.write(out)
    if given.json:
        show.say(found.to_json())
    elif out is None:
        table(found, given.confidence)
    else:
        show.say(f"wrote {out}")
    return 0


def _stressed(found: Any, confidence: float) -> None:
    facts = found.facts
    show.say(
        f"{facts['n_users_asked']:,} of {facts['n_users_honest']:,} honest users of "
        f"{facts['data']}; promoted items: {', '.join(facts['targets'])}"
    )
    _rows(found, confidence)


def _unlearned(found: Any, confidence: float) -> None:
    show.facts({name.replace("_", " "): value for name, value in found.facts["told"].items()})
    _rows(found, confidence)


def _rows(found: Any, confidence: float) -> None:
    """One table for each thing held against; trials that only serve as such are left out."""
    against = set(found.table["against"])
    for baseline, part in found.table.groupby("against", sort=False):
        rows = [
            _row(row)
            for row in part.to_dict("records")
            if not row["trial"].endswith(tuple(against))
        ]
        columns = ("model", "trial", "metric", "before", "after", "change", f"{confidence:.0%}")
        show.table(columns, rows, title=f"against: {baseline}", numbers=4, folds="trial")
    for about, reason in found.notes:
        show.say(f"{about}: {reason}")


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    size = f" {row['size']:.1%}" if row["size"] else ""
    metric = row["metric"] if show.is_missing(row["k"]) else f"{row['metric']}@{int(row['k'])}"
    numbers = (show.number(row[name], 3) for name in ("before", "after", "difference"))
    band = show.interval(row["low"], row["high"], 3)
    return (row["model"], f"{row['trial']}{size}", metric, *numbers, band)
