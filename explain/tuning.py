"""A language model taught to explain on what people wrote, apart from any recommender.

The ranker is not touched and not asked: the model learns which words people use of items whose
reviews speak of certain things. (Decoupled from the ranker as LLMXRec: Luo et al. 2023,
arXiv:2312.15661; on review sentences as PEPLER: Li et al. 2023, arXiv:2202.07371, which tunes
prompts.) Low-rank updates of the upper half of the layers are all that is learned (LoRA: Hu et al.
2022, arXiv:2106.09685).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ConfigError
from core.language import DEFAULT, weights_of
from core.language_turns import Message
from core.paths import cache_dir
from explain.brief import Brief
from explain.prompts import Prompt, prompt
from explain.tuning_pairs import Pair
from recommenders.training_plan import Plan

if TYPE_CHECKING:
    from core.tables import Dataset

MODULES = ("q_proj", "v_proj", "o_proj", "down_proj")
WARM = 10  # steps until the full rate
KEPT_EVERY = 20  # steps
DONE = "tuning.json"
Told = Callable[[int, int, float], None]


@dataclass(frozen=True)
class Tuning:
    """All that decides what is learned.

    base     a language model whose weights are on this machine; dataset: a card with reviews
    n_steps  of n_at_a_time sentences each; rank of the updates; rate: the highest learning rate
    """

    base: str = DEFAULT
    dataset: str = "amazon-musical-instruments"
    n_steps: int = 80
    n_at_a_time: int = 8
    rank: int = 8
    rate: float = 1e-3
    n_threads: int = 1
    seed: int = 0

    @property
    def folder(self) -> Path:
        """Where what is learned lies: in the cache, by the digest of these settings."""
        text = json.dumps([1, words().id, asdict(self)], sort_keys=True)
        return cache_dir() / "tuned" / hashlib.sha256(text.encode()).hexdigest()[:16]


class Plain(Prompt):
    """A prompt whose facts stand as they are, one a line."""

    def messages(self, brief: Brief, **_: str) -> list[Message]:
        told = "\n".join(brief.facts)
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.user.format(facts=told).strip()},
        ]


def words() -> Plain:
    """What the model is asked; the same when it learns and when it writes."""
    return Plain(**vars(prompt("tuned")))


def checkpoint(settings: Tuning | None = None) -> Path:
    """Folder of tuned weights, for the language model `path:FOLDER`.

    Raises ConfigError where nothing was tuned yet, with the command that does it.
    """
    settings = settings or Tuning()
    if not (settings.folder / DONE).is_file():
        raise ConfigError(
            f"no explainer was tuned on {settings.dataset} from {settings.base}; tune one, some "
            f"minutes on one core: python -m recscope tune-explainer --data {settings.dataset}"
        )
    return settings.folder / "weights"


def tune(
    settings: Tuning | None = None, dataset: "Dataset | None" = None, told: Told | None = None
) -> Path:
    """Teach a model to explain, and answer with the folder of what came of it.

    dataset  where it is loaded already; told: called with step, number of steps and loss

    The folder holds adapter/ (the updates, safetensors), weights/ (the whole model, ready for
    `path:FOLDER`), progress.json and tuning.json (settings, loss by step, pairs), written last. A
    training that was broken off goes on from its last kept step and comes to the same bits.
    """
    settings = settings or Tuning()
    if (settings.folder / DONE).is_file():
        return settings.folder
    if settings.n_steps < 1 or settings.n_at_a_time < 1 or settings.rank < 1:
        raise ConfigError(
            "n_steps, n_at_a_time and rank of a tuning must be 1 or more; got "
            f"{settings.n_steps}, {settings.n_at_a_time} and {settings.rank}"
        )
    from core.load import load
    from explain.tuning_pairs import pairs_of

    learned, judged = pairs_of(dataset or load(settings.dataset), settings.seed)
    if not learned:
        raise ConfigError(
            f"no review of {settings.dataset} holds a short sentence to learn from; use a data set "
            "with more reviews"
        )
    import torch

    n_before = torch.get_num_threads()
    torch.set_num_threads(settings.n_threads)
    try:
        losses = _learn(settings, learned, told)
    finally:
        torch.set_num_threads(n_before)
    facts = {
        "settings": asdict(settings),
        "n_learned": len(learned),
        "n_judged": len(judged),
        "losses": losses,
    }
    _write(settings.folder / DONE, json.dumps(facts, indent=1))
    return settings.folder


def _learn(settings: Tuning, pairs: Sequence[Pair], told: Told | None) -> list[float]:
    import torch

    from explain.tuning_state import finished, model_to_tune, resumed, stored

    tokenizer, model = model_to_tune(
        weights_of(settings.base), settings.rank, MODULES, settings.seed
    )
    learning = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=settings.rate, weight_decay=0.0)
    losses = resumed(settings.folder, model, optimizer)
    plan = Plan(rate=settings.rate, warm=WARM, is_cosine=True)
    for step in range(len(losses), settings.n_steps):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate_at(step, settings.n_steps)
        batch = _batch(settings, pairs, step)
        loss = _loss(model, tokenizer, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if told is not None:
            told(step + 1, settings.n_steps, losses[-1])
        if (step + 1) % KEPT_EVERY == 0:
            stored(settings.folder, model, optimizer, losses)
    finished(settings.folder, model, tokenizer)
    return losses


def _batch(settings: Tuning, pairs: Sequence[Pair], step: int) -> list[Pair]:
    """Sentences of one step: the pairs in one shuffled order after another."""
    first = step * settings.n_at_a_time
    places = np.arange(first, first + settings.n_at_a_time)
    order = {
        turn: np.random.default_rng([settings.seed, int(turn)]).permutation(len(pairs))
        for turn in np.unique(places // len(pairs))
    }
    return [pairs[order[place // len(pairs)][place % len(pairs)]] for place in places]


def _loss(model: Any, tokenizer: Any, batch: Sequence[Pair]) -> Any:
    """Mean of -log p over the tokens of the sentences; prompts and openings cost nothing."""
    import torch

    rows, masks = [], []
    for pair in batch:
        prompt = tokenizer(prompted(tokenizer, pair), add_special_tokens=False)["input_ids"]
        target = tokenizer(f" {pair.target}", add_special_tokens=False)["input_ids"]
        target = [*target, tokenizer.eos_token_id]
        rows.append([*prompt, *target])
        masks.append([False] * len(prompt) + [True] * len(target))
    longest = max(map(len, rows))
    # on the right, so that no text is moved by the padding
    ids = torch.tensor([row + [tokenizer.pad_token_id] * (longest - len(row)) for row in rows])
    is_read = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    is_target = torch.tensor([mask + [False] * (longest - len(mask)) for mask in masks])
    whole = model.get_base_model()
    hidden = whole.base_model(input_ids=ids, attention_mask=is_read).last_hidden_state
    # words are only weighed where something is learned: a fifth of the work less
    logits = whole.get_output_embeddings()(hidden[:, :-1][is_target[:, 1:]])
    return torch.nn.functional.cross_entropy(logits, ids[:, 1:][is_target[:, 1:]])


def brief_of_pair(pair: Pair) -> Brief:
    """What is told of a pair, as a writer is told it."""
    return Brief(user=pair.user, item=pair.item, title=pair.title, facts=pair.facts)


def prompted(tokenizer: Any, pair: Pair) -> str:
    """All that the model reads before the sentence, with the words that begin it."""
    asked, brief = words(), brief_of_pair(pair)
    told: str = tokenizer.apply_chat_template(
        asked.messages(brief), tokenize=False, add_generation_prompt=True
    )
    return told + asked.begun(brief)


def _write(target: Path, text: str) -> None:
    from core.atomic import new_file

    with new_file(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
