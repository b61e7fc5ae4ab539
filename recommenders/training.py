"""How does a model learn by gradients? One trainer for all of them: repeatable, resumable, watched.

Each step draws from a generator of its own seed and number, so a training that was broken off and
goes on comes to the same bits as one that ran through.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.keeping import note_use
from core.ledger import Ledger
from recommenders.base import Told, untold
from recommenders.training_loop import STAGE, Loop
from recommenders.training_plan import Check, Loss, Plan, Trained
from recommenders.training_state import deterministic, finished, folder_of

if TYPE_CHECKING:
    import torch

__all__ = ["Check", "Loss", "Plan", "Trained", "deterministic", "folder_of", "train"]


def train(  # noqa: PLR0913 - what is learned, from what, how, and who watches
    module: "torch.nn.Module",
    n_examples: int,
    loss: Loss,
    plan: Plan,
    *,
    check: Check | None = None,
    folder: Path | None = None,
    told: Told = untold,
) -> Trained:
    """Teach a module, in place; it ends in eval mode with the weights that are kept.

    module  its trainable weights are learned (the others stay, and are not stored)
    loss    int64 (n,) numbers of examples → mean loss over them, a scalar tensor; may draw from
            torch's own generator, which is seeded anew for every step
    check   asked at the end of every epoch; its best weights are kept, else the last ones
    folder  of checkpoints (training_state.folder_of); None: nothing is stored. A training that is
            finished there is loaded, one that was broken off goes on and comes to the same bits.
    told    what it raises passes through; at core.errors.Cancelled a checkpoint is stored first

    A loss or gradient that is no number ends the training, with the last good weights. Where memory
    runs out a batch is worked off in halves. Both are counted in the ledger. Raises ConfigError
    where there is nothing to learn from, where the loss is no number before any check, and where
    memory does not suffice for one example.
    """
    if n_examples < 1:
        raise ConfigError("there is no example to train on; lower the relevance threshold")
    with deterministic(plan.seed, plan.n_threads):
        over = finished(folder, module) if folder else None
        if over is None:
            loop = Loop(module, n_examples, loss, plan, check, folder, told)
            loop.run()
            over, was_loaded = loop.progress, False
        else:
            was_loaded = True
            note_use(float(over.curve[-1]["seconds"]) if over.curve else 0.0)
    module.eval()
    ledger = Ledger()
    for reason, count, unit in over.counted:
        ledger.add(STAGE, "noted", reason, count, unit=unit)
    return Trained(over.curve, ledger, over.kept_step, was_loaded)
