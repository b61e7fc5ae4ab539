"""Weights in this process, by transformers: completes, and tells how likely a text is."""

import hashlib
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from core.errors import ConfigError, LanguageError
from core.language_turns import Answer, Request
from core.paths import cache_dir
from core.tables import Floats

AT_A_TIME = 16  # texts in one pass


class Weights:
    """A causal model of transformers, loaded at the first question.

    weights  a folder as save_pretrained writes it, or one .gguf file
    """

    def __init__(self, name: str, weights: Path) -> None:
        self.name = f"{name} transformers"
        self.weights = weights
        self._lock = Lock()

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        """Tokenizer and model, in bfloat16: the fastest here, and small."""
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        folder = self.weights if self.weights.is_dir() else unpacked(self.weights)
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
        except (OSError, ValueError) as error:
            raise LanguageError(f"{folder} holds no causal language model: {error}") from error
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        model.train(mode=False)
        return tokenizer, model

    def answer(self, request: Request) -> Answer:
        """The likeliest next words, or words drawn by temperature.  No answers by schema."""
        import torch

        if request.schema is not None:
            raise ConfigError(
                f"{self.name} cannot hold an answer to a schema; name a .gguf model or a server"
            )
        tokenizer, model = self._loaded
        prompt = self.templated(request)
        with self._lock, torch.inference_mode():
            started = time.perf_counter()
            read = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
            drawn: dict[str, Any] = {"do_sample": False}
            if request.temperature > 0:
                torch.manual_seed(request.seed)
                drawn = {"do_sample": True, "temperature": request.temperature}
            if request.stop:
                drawn |= {"stop_strings": list(request.stop), "tokenizer": tokenizer}
            written = model.generate(
                **read,
                **drawn,
                max_new_tokens=request.max_tokens,
                pad_token_id=tokenizer.pad_token_id,
            )
            seconds = time.perf_counter() - started
        n_prompt = read["input_ids"].shape[1]
        tokens = written[0, n_prompt:]
        text = tokenizer.decode(tokens, skip_special_tokens=True)
        for end in request.stop:
            text = text.partition(end)[0]
        is_whole = len(tokens) < request.max_tokens or int(tokens[-1]) == tokenizer.eos_token_id
        return Answer(text, int(n_prompt), len(tokens), seconds, is_whole)

    def templated(self, request: Request) -> str:
        """The conversation as the model was taught to read it, up to where it goes on."""
        tokenizer, _ = self._loaded
        messages = [dict(message) for message in request.messages]
        text: str = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        return text + request.prefill

    def log_likelihood(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[Floats]:
        """Natural log of the probability of each token of each continuation after its prompt.

        Tokens are those of the two texts one after the other; the first text may be empty only
        where the model begins texts with a token of its own.
        """
        order = np.argsort([len(p) + len(c) for p, c in zip(prompts, continuations, strict=True)])
        found: list[Floats] = [np.zeros(0)] * len(prompts)
        for start in range(0, len(order), AT_A_TIME):
            some = order[start : start + AT_A_TIME]
            told = self._likelihoods(
                [prompts[place] for place in some], [continuations[place] for place in some]
            )
            for place, values in zip(some, told, strict=True):
                found[place] = values
        return found

    def _likelihoods(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[Floats]:
        import torch

        tokenizer, model = self._loaded
        first = tokenizer(list(prompts), add_special_tokens=False)["input_ids"]
        rest = tokenizer(list(continuations), add_special_tokens=False)["input_ids"]
        if any(not ids for ids in (*first, *rest)):
            raise ConfigError("a likelihood needs a prompt and a continuation that are not empty")
        joined = [{"input_ids": a + b} for a, b in zip(first, rest, strict=True)]
        batch = tokenizer.pad(joined, return_tensors="pt")
        with self._lock, torch.inference_mode():
            logits = model(**batch).logits.float()
            each = torch.log_softmax(logits[:, :-1], dim=-1)
            picked = each.gather(2, batch["input_ids"][:, 1:, None]).squeeze(2).double().numpy()
        # texts end at the right edge: padding is on the left
        return [row[len(row) - len(ids) :] for row, ids in zip(picked, rest, strict=True)]


def unpacked(weights: Path) -> Path:
    """A .gguf file as a folder of safetensors in the cache: reading it anew takes half a minute."""
    from core.atomic import new_folder

    about = f"{weights.name} {weights.stat().st_size} {weights.parent.name}"
    folder = cache_dir() / "models" / hashlib.sha256(about.encode()).hexdigest()[:16]
    if (folder / "config.json").is_file():
        return folder
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place, file = weights.parent, weights.name
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=file)
    model: Any = AutoModelForCausalLM.from_pretrained(place, gguf_file=file, dtype=torch.float32)
    # read from GGUF the model calls itself quantised, and transformers would not write it
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    with new_folder(folder) as temporary:
        model.to(torch.bfloat16).save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
    return folder
