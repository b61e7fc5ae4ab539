"""A language model that can learn: its base loaded, and what of it may change.

Low-rank updates (LoRA: Hu et al. 2022, arXiv:2106.09685) and soft prompts (prompt tuning: Lester et
al. 2021, arXiv:2104.08691) by peft; naive fine-tuning changes the upper layers themselves.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import ConfigError, LanguageError
from core.language import weights_of

ANSWERS = (" Yes", " No")
MODULES = ("q_proj", "v_proj", "o_proj", "down_proj")


def folder_of_weights(name: str) -> Path:
    """A folder with the weights of a language model by name, for transformers.

    Raises ConfigError for a model behind a server: what is not on this machine cannot learn here.
    """
    from core.language_torch import unpacked

    if name.startswith("openai:"):
        raise ConfigError(
            f"{name} answers from a server and cannot be taught here; name a model whose weights "
            "are on this machine, such as 'smollm2-135m', hf:ORG/NAME or path:FOLDER"
        )
    weights = weights_of(name)
    return weights if weights.is_dir() else unpacked(weights)


def load_base(folder: Path, *, may_use_gpu: bool = True) -> tuple[Any, Any]:
    """Tokenizer and model, none of it learning: float32 on a CPU, bfloat16 on a GPU.

    may_use_gpu  False keeps it on the CPU where there is one
    Raises LanguageError where the folder holds no causal language model.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    has_gpu = may_use_gpu and torch.cuda.is_available()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        base: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.bfloat16 if has_gpu else torch.float32
        )
    except (OSError, ValueError) as error:
        raise LanguageError(f"{folder} holds no causal language model: {error}") from error
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    base.requires_grad_(requires_grad=False)
    return tokenizer, base.to("cuda") if has_gpu else base


def with_lora(base: Any, rank: int, modules: Sequence[str] = MODULES, share: float = 0.5) -> Any:
    """The model with updates of low rank in the upper `share` of its layers.

    What lies below needs no way back for the gradient: at a half, a step costs a third less.
    """
    from peft import LoraConfig, get_peft_model

    n_layers = base.config.num_hidden_layers
    first = min(n_layers - 1, int(n_layers * (1 - share)))
    lora = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.0,
        target_modules=list(modules),
        layers_to_transform=list(range(first, n_layers)),
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings():
        # peft asks transformers by a name that it calls old
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        return get_peft_model(base, lora)


def with_upper_layers(base: Any, n_layers: int) -> Any:
    """The model with its last layers free to change, in float32."""
    import torch

    for layer in base.base_model.layers[-n_layers:]:
        layer.to(torch.float32).requires_grad_(requires_grad=True)
    return base


def soft_prompt(base: Any, tokenizer: Any, words: str, n_tokens: int) -> Any:
    """Vectors to be learned in front of every prompt; they begin as those of some words."""
    import torch
    from peft import PromptTuningConfig
    from peft.tuners.prompt_tuning import PromptEmbedding

    config = PromptTuningConfig(
        task_type="CAUSAL_LM",
        num_virtual_tokens=n_tokens,
        token_dim=base.config.hidden_size,
        num_transformer_submodules=1,
        num_layers=base.config.num_hidden_layers,
        num_attention_heads=base.config.num_attention_heads,
    )
    made = PromptEmbedding(config, base.get_input_embeddings())  # type: ignore[no-untyped-call]
    read = tokenizer(words, add_special_tokens=False)["input_ids"]
    ids = torch.tensor((read * (n_tokens // len(read) + 1))[:n_tokens])
    table = base.get_input_embeddings().weight
    with torch.no_grad():
        made.embedding.weight.copy_(table[ids.to(table.device)].float())
    return made.to(table.device)


def make_language(name: str, tokenizer: Any, model: Any, soft: Any = None) -> Any:
    """What `recommenders.tuned.packed` reads and `recommenders.training.train` teaches: a module.

    name   tells these weights from others
    model  a causal model of transformers, or of peft around one; soft: of `soft_prompt`, or None
    """
    import torch

    class Language(torch.nn.Module):
        """A causal language model in parts: embedded words, body, words of the hidden states."""

        def __init__(self) -> None:
            super().__init__()
            self.name = name
            self.model = model
            self.soft = soft
            self.tokenizer = tokenizer
            self.n_soft = 0 if soft is None else int(soft.embedding.num_embeddings)
            whole = model.get_base_model() if hasattr(model, "get_base_model") else model
            self.context = int(getattr(whole.config, "max_position_embeddings", 2048))
            self.answers = apart(tokenizer, ANSWERS)
            self._body = [whole.base_model]
            self._head = [whole.get_output_embeddings()]  # in lists: they are parts of the model
            self._table = [whole.get_input_embeddings()]

        @property
        def body(self) -> Any:
            """All but the words."""
            return self._body[0]

        @property
        def device(self) -> Any:
            return self._table[0].weight.device

        def embedded(self, ids: Any) -> Any:
            """Vectors (n, n_soft + n_tokens, width) of tokens, the soft prompt first."""
            found = self._table[0](ids)
            if self.soft is None:
                return found
            first = self.soft(torch.arange(self.n_soft, device=ids.device))
            return torch.cat([first.to(found.dtype)[None].expand(len(ids), -1, -1), found], dim=1)

        def words(self, hidden: Any) -> Any:
            """Logits of the vocabulary."""
            return self._head[0](hidden.to(self._head[0].weight.dtype))

    return Language()


def apart(tokenizer: Any, answers: tuple[str, str]) -> tuple[int, int, int]:
    """Where two answers part: at which of their tokens, and the token of each there.

    Raises ConfigError where one is the beginning of the other.
    """
    one, other = (tokenizer(text, add_special_tokens=False)["input_ids"] for text in answers)
    for place, (first, second) in enumerate(zip(one, other, strict=False)):
        if first != second:
            return place, int(first), int(second)
    raise ConfigError(
        f"the model's tokens do not tell the answers {answers[0]!r} and {answers[1]!r} apart; "
        "use another language model"
    )
