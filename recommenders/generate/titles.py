"""Titles as a language model on this machine would write them, under a trie of the catalogue."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.language_cpu import is_out_of_memory
from core.language_torch import Weights
from core.tables import Floats, Ints
from recommenders.generate.beams import search_trie
from recommenders.generate.trie import Trie, build_trie

END = "\n"  # no title holds one: it tells "Alien" from "Aliens"


class Titles:
    """The catalogue as the tokens of one model.

    weights  of a causal model of transformers; names: one line an item
    """

    def __init__(self, weights: Weights, names: Sequence[str]) -> None:
        self.weights = weights
        tokenizer, _ = weights._loaded  # noqa: SLF001 - its tokens are needed one by one
        end = tokenizer(END, add_special_tokens=False)["input_ids"]
        rows = tokenizer([f" {name}" for name in names], add_special_tokens=False)["input_ids"]
        self.trie: Trie = build_trie([(*row, *end) for row in rows])
        told = json.dumps([rows, end]).encode()
        self.id = hashlib.sha256(told).hexdigest()

    def search(
        self, prompt: str, beams: int, *, hidden: Ints, within: bool
    ) -> tuple[Ints, Floats, int]:
        """As beams.search_trie, and how often the beams had to be halved for want of memory."""
        n_halved = 0
        while True:
            try:
                text = Text(self.weights, prompt)
                found, told = search_trie(text, self.trie, beams, hidden=hidden, within=within)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error) or beams == 1:
                    raise
                beams, n_halved = beams // 2, n_halved + 1
            else:
                return found, told, n_halved


class Text:
    """A text that goes on in several ways, as beams.Decoder.  prompt: what all begin with."""

    def __init__(self, weights: Weights, prompt: str) -> None:
        import torch

        tokenizer, self.model = weights._loaded  # noqa: SLF001 - its logits are needed
        ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
        self.given = torch.tensor([ids], device=self.model.device)
        self.memory: Any = None

    def begin(self) -> Floats:
        return self._read(self.given)

    def advance(self, parents: Ints, tokens: Ints) -> Floats:
        import torch

        device = self.model.device
        self.memory.batch_select_indices(torch.from_numpy(parents).to(device))
        return self._read(torch.from_numpy(np.asarray(tokens))[:, None].to(device))

    def _read(self, ids: Any) -> Floats:
        import torch

        with torch.inference_mode():
            out = self.model(
                input_ids=ids, past_key_values=self.memory, use_cache=True, logits_to_keep=1
            )
        self.memory = out.past_key_values
        found: Floats = out.logits[:, -1].float().cpu().numpy()
        return found
