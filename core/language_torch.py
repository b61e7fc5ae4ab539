"""Weights in this process, by transformers: completes, and tells how likely a text is."""

import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from core.errors import ConfigError, LanguageError
from core.language_gguf import cached
from core.language_prefix import Scorer
from core.language_turns import Answer, Message, Request
from core.tables import Floats


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
        """Tokenizer and model, where and in the kind of numbers that is fastest here."""
        from transformers import AutoModelForCausalLM, AutoTokenizer

        from core.language_cpu import device_and_dtype

        folder = self.weights if self.weights.is_dir() else unpacked(self.weights)
        device, dtype = device_and_dtype()
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
            model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
        except (OSError, ValueError) as error:
            raise LanguageError(f"{folder} holds no causal language model: {error}") from error
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        model.train(mode=False)
        return tokenizer, model.to(device)

    @cached_property
    def scorer(self) -> Scorer:
        """What tells likelihoods of tokens, and counts its work."""
        tokenizer, model = self._loaded
        return Scorer(model, tokenizer.pad_token_id)

    @cached_property
    def identity(self) -> str:
        """Changes with the weights: name, files with their sizes and times, kind of numbers."""
        from core.language_cpu import device_and_dtype

        folder = self.weights
        files = sorted(folder.iterdir()) if folder.is_dir() else [folder]
        told = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        if folder.suffix == ".gguf":  # unpacked anew it is another file of the same weights
            told = [(folder.name, folder.stat().st_size, 0)]
        return f"{self.name} {device_and_dtype()} {told}"

    def n_context(self) -> int:
        """How many tokens it reads at most, prompt and answer together."""
        _, model = self._loaded
        return int(getattr(model.config, "max_position_embeddings", 0) or 2**31)

    def n_tokens(self, text: str) -> int:
        """How many tokens a text is."""
        return len(self._tokens([text])[0])

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        tokenizer, _ = self._loaded
        found: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return found

    def answer(self, request: Request) -> Answer:
        """The likeliest next words, or words drawn by temperature.  No answers by schema."""
        if request.schema is not None:
            raise ConfigError(
                f"{self.name} cannot hold an answer to a schema; name a .gguf model or a server"
            )
        prompt = self._tokens([self.templated(request)])[0]
        with self._lock:
            started = time.perf_counter()
            tokens = self._drawn(prompt, request) if request.temperature > 0 else (
                self._likeliest(prompt, request)
            )  # fmt: skip
            seconds = time.perf_counter() - started
        tokenizer, _ = self._loaded
        text = tokenizer.decode(tokens, skip_special_tokens=True)
        for end in request.stop:
            text = text.partition(end)[0]
        is_whole = len(tokens) < request.max_tokens or tokens[-1] == tokenizer.eos_token_id
        return Answer(text, len(prompt), len(tokens), seconds, is_whole)

    def _drawn(self, prompt: Sequence[int], request: Request) -> list[int]:
        import torch

        tokenizer, model = self._loaded
        ids = torch.tensor([list(prompt)], device=model.device)
        stops: dict[str, Any] = {}
        if request.stop:
            stops = {"stop_strings": list(request.stop), "tokenizer": tokenizer}
        with torch.inference_mode():
            torch.manual_seed(request.seed)
            written = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=True,
                temperature=request.temperature,
                max_new_tokens=request.max_tokens,
                pad_token_id=tokenizer.pad_token_id,
                **stops,
            )
        tokens: list[int] = written[0, len(prompt) :].tolist()
        return tokens

    def _likeliest(self, prompt: Sequence[int], request: Request) -> list[int]:
        """As one token after the other; with texts in `request.pool`, several in one pass."""
        import torch

        from core.language_draft import Pool, decode

        tokenizer, model = self._loaded
        told = model.generation_config.eos_token_id
        ends = {tokenizer.eos_token_id, *(told if isinstance(told, list) else [told])}
        pool = Pool.of([*self._tokens(request.pool), prompt]) if request.pool else None

        def is_over(written: Sequence[int]) -> bool:
            # one token more than the longest stop can have: each is a sign or longer
            tail = tokenizer.decode(list(written[-max(map(len, request.stop)) - 1 :]))
            return any(end in tail for end in request.stop)

        with torch.inference_mode():
            return decode(
                model,
                prompt,
                pool,
                most=request.max_tokens,
                ends=frozenset(ends),
                **({"is_over": is_over} if request.stop else {}),
            ).tokens

    def templated(self, request: Request) -> str:
        """The conversation as the model was taught to read it, up to where it goes on."""
        return self.told(request.messages) + request.prefill

    def told(self, messages: Sequence[Message]) -> str:
        """The same of messages alone."""
        tokenizer, _ = self._loaded
        text: str = tokenizer.apply_chat_template(
            [dict(message) for message in messages], tokenize=False, add_generation_prompt=True
        )
        return text

    def log_likelihood(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[Floats]:
        """Natural log of the probability of each token of each continuation after its prompt.

        Tokens are those of the two texts one after the other. What all prompts begin with is read
        once. Raises ConfigError for an empty text.
        """
        import torch

        if not prompts:
            return []
        first, rest = self._tokens(prompts), self._tokens(continuations)
        if any(not ids for ids in (*first, *rest)):
            raise ConfigError("a likelihood needs a prompt and a continuation that are not empty")
        with self._lock, torch.inference_mode():
            return self.scorer.rows(first, rest)

    def option_likelihood(self, prompts: Sequence[str], options: Sequence[str]) -> Floats:
        """Natural log of the probability of each option after each prompt: (n_prompts, n_options).

        Where every option is one token, one pass a prompt tells of all of them.
        """
        import numpy as np
        import torch

        if not prompts:
            return np.zeros((0, len(options)))
        ids = self._tokens(options)
        if all(len(one) == 1 for one in ids):
            with self._lock, torch.inference_mode():
                return self.scorer.firsts(self._tokens(prompts), [one[0] for one in ids])
        pairs = [(prompt, option) for prompt in prompts for option in options]
        told = self.log_likelihood([one for one, _ in pairs], [other for _, other in pairs])
        sums = np.array([values.sum() for values in told])
        return sums.reshape(len(prompts), len(options))


def unpacked(weights: Path) -> Path:
    """A .gguf file as a folder of safetensors in the cache: reading it anew takes half a minute."""
    from core.atomic import new_folder

    folder = cached(weights)
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
