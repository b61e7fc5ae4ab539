"""python -m recscope tune-explainer."""

import argparse
import sys

from recscope.cli import show


def tune(given: argparse.Namespace) -> int:
    """Tune, or go on with a tuning that was broken off; a line for every tenth step."""
    from explain import tuning

    asked = {
        "dataset": given.data,
        "base": given.model,
        "n_steps": given.steps,
        "seed": given.seed,
    }
    settings = tuning.Tuning(**{key: value for key, value in asked.items() if value is not None})
    folder = tuning.tune(settings, told=_progress)
    show.say(f"tuned weights: path:{folder / 'weights'}")
    if settings == tuning.Tuning():
        show.say("the explainer 'tuned' uses them from now on")
    return 0


def _progress(step: int, n_steps: int, loss: float) -> None:
    if step % 10 == 0 or step == n_steps:
        sys.stderr.write(f"step {step} of {n_steps}: loss {loss:.2f}\n")
