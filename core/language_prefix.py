"""Likelihoods of many texts that begin alike: what they share is read once.

Rows are taken some at a time by length; a batch that does not fit into memory is halved.
"""

import copy
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from core.language_cpu import is_out_of_memory
from core.tables import Floats

SHORTEST = 16  # tokens in common from which on reading them once is worth a pass of its own
ROWS, TOKENS = 32, 8192  # of one batch, padding included
Tokens = Sequence[int]
T = TypeVar("T")


@dataclass
class Scorer:
    """A causal model of transformers that tells likelihoods.

    model     in evaluation mode; padding: token that fills short rows
    n_rows    rows of one batch at most; halved for good where memory does not do
    n_halved  how often that happened
    n_read    tokens that went through the model, padding included
    """

    model: Any
    padding: int
    n_rows: int = ROWS
    n_halved: int = 0
    n_read: int = 0
    _prefix: tuple[tuple[int, ...], Any] = field(default=((), None), repr=False)

    def rows(self, prompts: Sequence[Tokens], continuations: Sequence[Tokens]) -> list[Floats]:
        """Tell ln p of each token of each continuation after its prompt: float64 (n_tokens,) each.

        Prompts and continuations must hold a token or more.
        """

        def picked(each: Any, ids: Any, some: Sequence[int]) -> list[Floats]:
            wanted = ids[:, ids.shape[1] - each.shape[1] + 1 :]
            values = each[:, :-1].gather(2, wanted[:, :, None]).squeeze(2).double().cpu().numpy()
            # texts end at the right edge: padding is on the left
            return [
                row[len(row) - len(continuations[place]) :]
                for row, place in zip(values, some, strict=True)
            ]

        whole = [[*p, *c] for p, c in zip(prompts, continuations, strict=True)]
        longest = [len(one) + 1 for one in continuations]
        return self._in_batches(whole, shared(prompts), longest, picked)

    def firsts(self, prompts: Sequence[Tokens], options: Tokens) -> Floats:
        """Tell ln p of each of these tokens as the next one: float64 (n_prompts, n_options)."""

        def picked(each: Any, _ids: Any, _some: Sequence[int]) -> list[Floats]:
            values: Floats = each[:, -1, list(options)].double().cpu().numpy()
            return list(values)

        found = self._in_batches(prompts, shared(prompts), [1] * len(prompts), picked)
        return np.array(found).reshape(len(prompts), len(options))

    def _in_batches(
        self,
        whole: Sequence[Tokens],
        n_shared: int,
        n_kept: Sequence[int],
        pick: Callable[[Any, Any, Sequence[int]], list[T]],
    ) -> list[T]:
        """`pick` of ln p at the last n_kept places of each row, rows in the order given."""
        order = sorted(range(len(whole)), key=lambda row: (len(whole[row]), row))
        found: dict[int, T] = {}
        while len(found) < len(order):
            rest = order[len(found) :]
            some = rest[: self._fitting([len(whole[row]) - n_shared for row in rest])]
            try:
                cache = self._read(tuple(whole[0][:n_shared])) if n_shared else None
                kept = max(n_kept[row] for row in some)
                ids, each = self._batch([whole[row][n_shared:] for row in some], cache, kept)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error) or len(some) == 1:
                    raise
                self.n_rows = len(some) // 2
                self.n_halved += 1
                continue
            found |= dict(zip(some, pick(each, ids, some), strict=True))
        return [found[row] for row in range(len(whole))]

    def _fitting(self, lengths: Sequence[int]) -> int:
        """How many of the next rows, ever longer ones, make a batch."""
        n = 1
        while n < min(self.n_rows, len(lengths)) and (n + 1) * lengths[n] <= TOKENS:
            n += 1
        return n

    def _read(self, tokens: tuple[int, ...]) -> Any:
        """The model's memory of a beginning; that of the last question is kept."""
        import torch

        if self._prefix[0] != tokens:
            ids = torch.tensor([tokens], device=self.model.device)
            out = self.model(input_ids=ids, use_cache=True, **self._keeping(1))
            self.n_read += len(tokens)
            self._prefix = tokens, out.past_key_values
        return self._prefix[1]

    def _batch(self, rows: Sequence[Tokens], cache: Any, n_kept: int) -> tuple[Any, Any]:
        """Tokens of the batch, and ln p of every token at its last places."""
        import torch

        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self.padding)
        is_read = torch.zeros((len(rows), width), dtype=torch.long)
        for place, row in enumerate(rows):
            ids[place, width - len(row) :] = torch.tensor(list(row))
            is_read[place, width - len(row) :] = 1
        asked: dict[str, Any] = {"attention_mask": is_read, "use_cache": False}
        if cache is not None:
            n_before = cache.get_seq_length()
            # places are counted from the beginning of the whole text, padding left out
            asked["position_ids"] = (n_before + is_read.cumsum(1) - 1).clamp(min=0)
            before = torch.ones((len(rows), n_before), dtype=torch.long)
            asked["attention_mask"] = torch.cat([before, is_read], dim=1)
            memory = copy.deepcopy(cache)
            memory.batch_repeat_interleave(len(rows))
            asked |= {"past_key_values": memory, "use_cache": True}
        there = {
            name: value.to(self.model.device) if hasattr(value, "to") else value
            for name, value in {**asked, "input_ids": ids}.items()
        }
        self.n_read += ids.numel()
        # words are only weighed where they are asked for: most of the memory, and much of the work
        logits = self.model(**there, **self._keeping(n_kept)).logits[:, -n_kept:]
        return there["input_ids"], torch.log_softmax(logits.float(), dim=-1)

    def _keeping(self, n: int) -> dict[str, int]:
        knows = "logits_to_keep" in inspect.signature(self.model.forward).parameters
        return {"logits_to_keep": n} if knows else {}


def shared(prompts: Sequence[Tokens]) -> int:
    """How many first tokens all prompts have in common, 0 where it is not worth a pass.

    The last token of a prompt is never among them: the next one is told from it.
    """
    if len(prompts) < 2:
        return 0
    in_order = sorted(list(prompt) for prompt in prompts)
    first, last = in_order[0], in_order[-1]  # in order of the alphabet: the least alike
    most = min(map(len, prompts)) - 1
    n = next((at for at in range(most) if first[at] != last[at]), most)
    return n if n >= SHORTEST else 0
