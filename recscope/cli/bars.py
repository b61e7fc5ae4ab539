"""A run's progress in the terminal: stage, model, users done, time left."""

import contextlib
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from recscope.progress import Clock, Event
from recscope.progress import Progress as Watch


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """A function to call with events. Bars on stderr; one line a step where that is no terminal."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.fields[stage]:<9}"),
        TextColumn("{task.fields[model]:<18}"),
        BarColumn(bar_width=18),
        TextColumn("{task.fields[users]:>15}"),
        TextColumn("{task.fields[left]:>10}"),
    )
    clock = Clock()
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=1.0, stage="start", model="", users="", left="")

        def show(event: Event) -> None:
            users = f"{event.done:,}/{event.total:,}" if event.total else ""
            bars.update(
                task,
                completed=event.fraction,
                stage=event.stage,
                model=event.model[:18],
                users=users,
                left=time_left(clock.left(event.fraction)),
            )

        yield show


def _lines() -> Watch:
    last: list[tuple[str, str]] = []

    def show(event: Event) -> None:
        here = (event.stage, event.model)
        if event.stage in {"fetch", "load", "split", "fit", "compare", "audit"} and last[-1:] != [
            here
        ]:
            sys.stderr.write(f"{event.fraction:4.0%}  {event.stage} {event.model}".rstrip() + "\n")
        last[:] = [here]

    return show


def time_left(seconds: float | None) -> str:
    """Time left for people: 40 s, 3 min, 2 h 05."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{max(1, round(seconds))} s left"
    minutes = round(seconds / 60)
    return f"{minutes} min left" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} left"
