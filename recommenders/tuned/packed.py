"""Many continuations of one text in one pass of a language model.

A prompt is read once; each of its branches (a candidate, with the answer that is wanted or weighed)
sees the prompt and itself, and no other branch: positions go on from the prompt's end, the mask
hides the rest. What comes out is what the texts would give one by one, at a fraction of the cost.
(Tree attention over a shared prefix, as SpecInfer, Miao et al. 2024, arXiv:2305.09781.)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.tables import Floats

LEAST_CONTEXT = 64  # tokens left for the prompt beside its branches


@dataclass(frozen=True)
class Branch:
    """One continuation.  text: read; target: learned or weighed, after it."""

    text: str
    target: str


@dataclass(frozen=True)
class Example:
    """What a user's prompt is made of, and what follows it.

    head     before the history; history: one line each, oldest first; tail: after it
    branches all that may follow, each apart from the others
    """

    head: str
    history: tuple[str, ...]
    tail: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Pack:
    """An example in tokens.

    ids        prompt, then the branches one after the other
    n_prompt   tokens of the prompt; lengths: tokens of each branch
    n_targets  of each branch, how many of its last tokens are its target
    is_cut     the oldest of the history had to be left out
    """

    ids: tuple[int, ...]
    n_prompt: int
    lengths: tuple[int, ...]
    n_targets: tuple[int, ...]
    is_cut: bool = False


def packed(example: Example, tokenizer: Any, context: int) -> Pack:
    """Tokens of an example; the oldest of its history is left out until the prompt fits.

    context  tokens that the prompt and its longest branch may have together. Raises
    ConfigError where not even one branch fits.
    """

    def read(text: str) -> list[int]:
        found: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"] if text else []
        return found

    branches = []
    for branch in example.branches:
        first, target = read(branch.text), read(branch.target)
        if not target:
            raise ConfigError(f"an answer to be weighed has no text: {branch!r}")
        branches.append((first, target))
    room = context - max((len(a) + len(b) for a, b in branches), default=0)
    if room < LEAST_CONTEXT:
        raise ConfigError(
            f"a candidate's text takes so much of the {context} tokens of context that "
            f"{max(room, 0)} are left for the prompt, {LEAST_CONTEXT} are needed; raise `context`"
        )
    prompt, is_cut = _prompt(example, read, room)
    ids = prompt + [token for first, target in branches for token in (*first, *target)]
    return Pack(
        tuple(ids),
        len(prompt),
        tuple(len(a) + len(b) for a, b in branches),
        tuple(len(b) for _, b in branches),
        is_cut,
    )


def _prompt(
    example: Example, read: Callable[[str], list[int]], room: int
) -> tuple[list[int], bool]:
    """Tokens before the branches, and whether the oldest of the history had to go."""
    head, tail = read(example.head), read(example.tail)
    lines = [read(line) for line in example.history]
    n_before = len(lines)
    while lines and len(head) + len(tail) + sum(map(len, lines)) > room:
        lines.pop(0)
    prompt = [*head, *(token for line in lines for token in line), *tail]
    if not prompt:
        raise ConfigError("a prompt needs some text before what is weighed")
    # a frame longer than the context keeps its end: the question
    return prompt[-room:], len(lines) < n_before or len(prompt) > room


def places_of(pack: Pack) -> tuple[Any, Any]:
    """Where each target token is told from, and which branch it is of: two int64 arrays.

    The first token of a branch that is all target is told by the prompt's last one.
    """
    told_by, branch = [], []
    start = pack.n_prompt
    for number, (length, n_target) in enumerate(zip(pack.lengths, pack.n_targets, strict=True)):
        for place in range(start + length - n_target, start + length):
            told_by.append(pack.n_prompt - 1 if place == start else place - 1)
            branch.append(number)
        start += length
    return np.array(told_by, dtype=np.int64), np.array(branch, dtype=np.int64)


def targets_of(pack: Pack) -> list[int]:
    """The target tokens themselves, in the order of `places_of`."""
    found: list[int] = []
    start = pack.n_prompt
    for length, n_target in zip(pack.lengths, pack.n_targets, strict=True):
        found.extend(pack.ids[start + length - n_target : start + length])
        start += length
    return found


def hidden_of(language: Any, pack: Pack) -> Any:
    """Last hidden states (n_tokens, width) of a pack, each branch apart from the others.

    language  a `recommenders.tuned.weights.Language`
    """
    import torch

    n = len(pack.ids)
    n_soft = language.n_soft
    prompt = n_soft + pack.n_prompt
    owner = np.repeat(np.arange(1, len(pack.lengths) + 1), pack.lengths)
    owner = np.concatenate([np.zeros(prompt, dtype=np.int64), owner])
    within = [np.arange(length) for length in pack.lengths]
    positions = np.concatenate([np.arange(prompt), *(prompt + w for w in within)])
    is_past = np.tri(n + n_soft, dtype=bool)
    may_see = is_past & ((owner[None, :] == 0) | (owner[None, :] == owner[:, None]))
    device = language.device
    ids = torch.tensor([pack.ids], device=device)
    embedded = language.embedded(ids)
    mask = torch.zeros((1, 1, n + n_soft, n + n_soft), dtype=embedded.dtype)
    mask.masked_fill_(~torch.from_numpy(may_see)[None, None], torch.finfo(embedded.dtype).min)
    hidden = language.body(
        inputs_embeds=embedded,
        attention_mask=mask.to(device),
        position_ids=torch.from_numpy(positions)[None].to(device),
        use_cache=False,
    ).last_hidden_state
    return hidden[0, n_soft:]


def losses(language: Any, pack: Pack) -> Any:
    """Of each branch, the mean of -log p over the tokens of its target: tensor (n_branches,)."""
    import torch

    each, branch = _told(language, pack)
    owner = torch.from_numpy(branch).to(each.device)
    sums = torch.zeros(len(pack.lengths), device=each.device, dtype=each.dtype)
    sums = sums.index_add(0, owner, each)
    return sums / torch.tensor(pack.n_targets, device=each.device, dtype=each.dtype)


def _told(language: Any, pack: Pack) -> tuple[Any, Any]:
    """-log p of each target token, and its branch."""
    import torch

    told_by, branch = places_of(pack)
    hidden = hidden_of(language, pack)[torch.from_numpy(told_by).to(language.device)]
    # words are only weighed where something is told: a fifth of the work less
    logits = language.words(hidden).float()
    wanted = torch.tensor(targets_of(pack), device=logits.device)
    return torch.nn.functional.cross_entropy(logits, wanted, reduction="none"), branch


def likelihoods(language: Any, pack: Pack) -> Floats:
    """Of each branch, the mean log-likelihood of its target's tokens: float64 (n_branches,)."""
    import torch

    with torch.inference_mode():
        return np.asarray((-losses(language, pack)).double().cpu().numpy())


def odds(language: Any, pack: Pack) -> Floats:
    """Of each branch, log p(yes) - log p(no) where the two part: float64 (n_branches,).

    The branches' targets are the answer yes; `language.answers` tells where it parts from no.
    """
    import torch

    place, yes, no = language.answers
    told_by, branch = places_of(pack)
    parting = np.searchsorted(branch, np.arange(len(pack.lengths))) + place
    with torch.inference_mode():
        hidden = hidden_of(language, pack)[torch.from_numpy(told_by[parting]).to(language.device)]
        logits = language.words(hidden).float()
        return np.asarray((logits[:, yes] - logits[:, no]).double().cpu().numpy())


def chunks(example: Example, size: int) -> Sequence[Example]:
    """The same prompt with so many branches at a time."""
    parts = range(0, len(example.branches), size)
    return [
        Example(example.head, example.history, example.tail, example.branches[at : at + size])
        for at in parts
    ]
