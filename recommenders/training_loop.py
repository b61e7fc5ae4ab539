"""The loop of a training: steps, checks, checkpoints."""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import Cancelled, ConfigError
from core.tables import Ints
from recommenders.base import Told
from recommenders.training_adam import Adam
from recommenders.training_plan import Check, Loss, Plan
from recommenders.training_state import Progress, Tensors, copied, finish, put_back, resume, store

if TYPE_CHECKING:
    import torch

STAGE = "training"
STORED_EVERY = 10.0  # seconds at least between two checkpoints
TOLD_EVERY = 0.2  # seconds at least between two reports of progress


class Loop:
    """One training at work."""

    def __init__(  # noqa: PLR0913, PLR0917 - as train
        self,
        module: "torch.nn.Module",
        n_examples: int,
        loss: Loss,
        plan: Plan,
        check: Check | None,
        folder: Path | None,
        told: Told,
    ) -> None:
        self.module, self.n_examples, self.loss, self.plan = module, n_examples, loss, plan
        self.check, self.folder, self.told = check, folder, told
        self.weights = [p for p in module.parameters() if p.requires_grad]
        self.optimizer = Adam(self.weights, plan.betas, plan.decay)
        self.per_epoch = math.ceil(n_examples / plan.batch)
        whole = plan.n_epochs * self.per_epoch
        self.n_steps = whole if plan.n_steps is None else min(plan.n_steps, whole)
        self.progress = Progress()
        self.kept: Tensors | None = None
        if folder:
            self.progress, self.kept = resume(folder, module, self.optimizer)
        self.began = time.perf_counter() - self.progress.seconds
        self.stored = self.said = -math.inf
        self.order: tuple[int, Ints] = (-1, np.zeros(0, dtype=np.int64))

    def run(self) -> None:
        try:
            while self.progress.step < self.n_steps and not self._is_done():
                self._say()
                if not self._step():
                    break
                if self._is_row():
                    self._row()
        except Cancelled:
            self._store()
            raise
        if self.kept is not None:
            put_back(self.module, self.kept)
        self._say(ended=True)
        if self.folder:
            self.progress.seconds = time.perf_counter() - self.began
            finish(self.folder, self.module, self.progress)

    def _is_done(self) -> bool:
        return bool(self.plan.patience) and self.progress.waited >= self.plan.patience

    def _is_row(self) -> bool:
        step, every = self.progress.step, self.plan.check_every or self.per_epoch
        return step % every == 0 or step == self.n_steps

    def _step(self) -> bool:
        """One batch; False where its loss or gradient is no number."""
        import torch

        at = self.progress
        self.module.train()
        value = self._gradients(self._places(at.step))
        length = torch.nn.utils.clip_grad_norm_(self.weights, self.plan.clip or math.inf)
        if not (math.isfinite(value) and bool(torch.isfinite(length))):
            self._give_up(value)
            return False
        self.optimizer.step(self.plan.rate_at(at.step, self.n_steps))
        at.step, at.total, at.n_since = at.step + 1, at.total + value, at.n_since + 1
        return True

    def _places(self, step: int) -> Ints:
        epoch, place = divmod(step, self.per_epoch)
        if self.order[0] != epoch:
            rng = np.random.default_rng([self.plan.seed, epoch])
            self.order = epoch, rng.permutation(self.n_examples)
        return self.order[1][place * self.plan.batch : (place + 1) * self.plan.batch]

    def _gradients(self, places: Ints) -> float:
        """Of the mean loss; the batch in as many pieces as memory allows."""
        import torch

        at = self.progress
        while True:
            value = 0.0
            self.optimizer.forget_gradients()
            try:
                for number, piece in enumerate(np.array_split(places, min(at.pieces, len(places)))):
                    torch.manual_seed(_seed(self.plan.seed, at.step, number))
                    part = self.loss(piece) * (len(piece) / len(places))
                    part.backward()  # type: ignore[no-untyped-call]
                    value += float(part.detach())
            except (MemoryError, RuntimeError) as error:
                if not _is_memory(error):
                    raise
            else:
                return value
            self._halve(len(places))

    def _halve(self, n: int) -> None:
        at = self.progress
        size = math.ceil(n / at.pieces)
        if size <= 1:
            raise ConfigError(
                "training ran out of memory with a single example; use a smaller model, a shorter "
                "history, or a machine with more memory"
            )
        at.pieces *= 2
        reason = f"out of memory: {size} examples at a time became {math.ceil(n / at.pieces)}"
        at.counted.append((reason, 1, "steps"))

    def _give_up(self, value: float) -> None:
        at = self.progress
        what = "loss" if not math.isfinite(value) else "gradient"
        if self.kept is None:
            raise ConfigError(
                f"the {what} of training is no number at step {at.step + 1}, before anything was "
                "learned; lower the learning rate, or look for values that are no numbers"
            )
        reason = f"{what} was no number at step {at.step + 1}; weights of step {at.kept_step} kept"
        at.counted.append((reason, 1, "trainings"))

    def _row(self) -> None:
        """Add to the curve, ask the check, keep the best."""
        at = self.progress
        rate = self.plan.rate_at(at.step - 1, self.n_steps)
        row: dict[str, Any] = {"step": at.step, "loss": at.total / at.n_since, "rate": rate}
        at.total, at.n_since = 0.0, 0
        value = None
        if self.check is not None:
            value = self._judged(self.check)
            row |= {"validation": value, "metric": self.check.metric}
        row["seconds"] = at.seconds = time.perf_counter() - self.began
        at.curve.append(row)
        at.waited += 1
        if self.kept is None or value is None or self._is_better(value):
            self.kept, at.kept_step, at.waited = copied(self.module), at.step, 0
            at.best = value
        if at.seconds - self.stored >= STORED_EVERY:
            self._store()

    def _judged(self, check: Check) -> float:
        import torch

        self.module.eval()
        with torch.no_grad():
            return float(check.judge())

    def _is_better(self, value: float) -> bool:
        best = self.progress.best
        if best is None or math.isnan(best) or self.check is None:
            return True
        return value < best if self.check.lower_is_better else value > best

    def _store(self) -> None:
        at = self.progress
        at.seconds = self.stored = time.perf_counter() - self.began
        if self.folder:
            kept = None if at.kept_step == at.step else self.kept
            store(self.folder, self.module, self.optimizer, kept, at)

    def _say(self, *, ended: bool = False) -> None:
        now = time.perf_counter()
        if ended or now - self.said >= TOLD_EVERY:
            self.said = now
            self.told(STAGE, self.n_steps if ended else self.progress.step, self.n_steps)


def _seed(seed: int, step: int, piece: int) -> int:
    return int(np.random.SeedSequence([seed, step, piece]).generate_state(1, np.uint64)[0] >> 1)


def _is_memory(error: BaseException) -> bool:
    import torch

    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return "allocate memory" in str(error) or "not enough memory" in str(error)
