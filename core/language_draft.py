"""The likeliest next words, several checked in one pass: guesses out of texts that may come again.

Retrieval-pool speculative decoding (DARE: Xi et al. 2024, arXiv:2408.05676; REST: He et al. 2023,
arXiv:2311.08252). What a ranker writes are titles it has just read, so the pool is the prompt and
the titles of the candidates. Unlike DARE's relaxed check, a guess is taken only where it is the
model's own likeliest token: the answer is the one that word by word decoding gives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

LONGEST = 16  # tokens of a guess
NGRAM = 4  # last tokens by which a place in the pool is found, at most
# Several tokens in one pass add up in another order than one by one, which moves a logit by less
# than 1e-3 in float32. Where the two likeliest are closer than that, the token is asked for alone.
TIE = {"torch.float32": 2e-3}
ANY_TIE = 0.25  # bfloat16 and float16 have three digits


@dataclass
class Pool:
    """Token sequences that an answer may repeat, found by the tokens before; the answer among them.

    places  n-gram → (sequence, place after it); the last one told wins
    """

    sequences: list[list[int]] = field(default_factory=list)
    places: dict[tuple[int, ...], tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> "Pool":
        pool = cls()
        for sequence in sequences:
            pool.sequences.append([])
            pool.extend(sequence)
        return pool

    def extend(self, tokens: Sequence[int]) -> None:
        """The last sequence goes on."""
        number, last = len(self.sequences) - 1, self.sequences[-1]
        for token in tokens:
            end = len(last)
            # the place is told only once something follows it
            for n in range(1, min(NGRAM, end) + 1):
                self.places[tuple(last[end - n :])] = number, end
            last.append(token)

    def guess(self, longest: int) -> list[int]:
        """What may follow the last sequence: what followed its last tokens before; [] if none."""
        last = self.sequences[-1]
        for n in range(min(NGRAM, len(last)), 0, -1):
            if found := self.places.get(tuple(last[-n:])):
                number, place = found
                # one token in common says little
                return self.sequences[number][place : place + (longest if n > 1 else 2)]
        return []


@dataclass(frozen=True)
class Decoded:
    """tokens written; n_passes through the model, n_guessed and n_taken tokens of guesses."""

    tokens: list[int]
    n_passes: int
    n_guessed: int
    n_taken: int


def decode(
    model: Any,
    prompt: Sequence[int],
    pool: Pool | None,
    *,
    most: int,
    ends: frozenset[int],
    is_over: Callable[[Sequence[int]], bool] = lambda _written: False,
) -> Decoded:
    """The likeliest token again and again, up to `most` tokens, one of `ends`, or `is_over`.

    pool  of guesses; None: one token a pass, the plain loop
    """
    import torch

    asked = model(input_ids=torch.tensor([list(prompt)], device=model.device), use_cache=True)
    cache = asked.past_key_values
    if any(getattr(cache, "is_sliding", ())):
        pool = None  # a window that has moved on cannot be moved back
    written = [int(asked.logits[0, -1].argmax())]
    passes, guessed, taken, longest = 1, 0, 0, LONGEST // 2
    if pool:
        pool.sequences.append([])
        pool.extend([*prompt, *written])
    while len(written) < most and written[-1] not in ends and not is_over(written):
        guess = pool.guess(longest)[: most - len(written) - 1] if pool else []
        n_before = len(written)
        passes += _go_on(model, cache, written, guess, lambda now: now[-1] in ends or is_over(now))
        n_new = len(written) - n_before
        n_right = sum(a == b for a, b in zip(written[n_before:], guess, strict=False))
        guessed, taken = guessed + len(guess), taken + n_right
        # a long guess costs more than a short one: as long as the last ones held
        longest = min(LONGEST, 2 * longest) if n_new > len(guess) else max(2, n_new)
        if pool:
            pool.extend(written[n_before:])
    return Decoded(written, passes, guessed, taken)


def _go_on(
    model: Any,
    cache: Any,
    written: list[int],
    guess: Sequence[int],
    is_over: Callable[[Sequence[int]], bool],
) -> int:
    """Write the likeliest tokens as far as the guess holds, and one more; returns the passes."""
    import torch

    n_before = cache.get_seq_length()
    ids = torch.tensor([[written[-1], *guess]], device=model.device)
    logits = model(input_ids=ids, past_key_values=cache, use_cache=True).logits[0].float()
    best, second = logits.topk(2, dim=-1).values.T
    is_close = (best - second < TIE.get(str(model.dtype), ANY_TIE)).tolist()
    for place, token in enumerate(logits.argmax(dim=-1).tolist()):
        if guess and is_close[place]:
            _cut(cache, n_before + place)
            alone = torch.tensor([[written[-1]]], device=model.device)
            out = model(input_ids=alone, past_key_values=cache, use_cache=True)
            written.append(int(out.logits[0, -1].argmax()))
            return 2
        written.append(token)
        if place == len(guess) or token != guess[place] or is_over(written):
            _cut(cache, n_before + place + 1)
            break
    return 1


def _cut(cache: Any, length: int) -> None:
    """Forget what follows the first `length` tokens."""
    if surplus := cache.get_seq_length() - length:
        cache.crop(-surplus)
