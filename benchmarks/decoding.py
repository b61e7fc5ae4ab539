"""Tokens a second of a language model that ranks, before and after: decoding.py.

Writes docs/benchmarks.md. Before: one prompt, one token at a time. The answers are compared; a
difference stops the benchmark.
"""

import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.common import write_section  # noqa: E402 - the path is set above
from core.language import language_model  # noqa: E402
from core.language_draft import Pool, decode  # noqa: E402
from core.load import load  # noqa: E402
from recommenders.language.histories import Histories, lines  # noqa: E402
from recommenders.language.prompts import prompt  # noqa: E402
from recommenders.texts import names_of  # noqa: E402

USERS, CANDIDATES, WRITTEN = 2, 20, 120


def main() -> None:
    import torch

    asked_model = language_model(cache=False)
    asked_model.complete([{"role": "user", "content": "Hello"}], max_tokens=1)  # loads the weights
    weights = asked_model.scorer
    tokenizer, model = weights._loaded  # noqa: SLF001 - the loop before is built on it
    train = load("movielens-100k").interactions
    names, histories = names_of(train), Histories(train)
    users = np.random.default_rng(0).choice(train.n_users, USERS, replace=False).tolist()
    some = np.random.default_rng(1).choice(train.n_items, CANDIDATES, replace=False).tolist()
    titles = [names[item] for item in some]
    before, after, loops, guesses = 0.0, 0.0, 0.0, 0.0
    n_read = n_written = n_passes = n_said = 0
    says = 0.0
    for user in users:
        told = {"history": lines(histories.of(user)[-10:], names), "noun": "film", "time": ""}
        pointwise = prompt("pointwise")
        asked = [weights.told(pointwise.messages({**told, "candidate": title})) for title in titles]
        n_read += sum(weights.n_tokens(text) for text in asked)
        start = time.perf_counter()
        one_by_one = np.vstack([plain(weights, text, pointwise.options) for text in asked])
        before += time.perf_counter() - start
        start = time.perf_counter()
        together = weights.option_likelihood(asked, pointwise.options)
        after += time.perf_counter() - start
        if not np.allclose(one_by_one, together, atol=1e-3):
            raise SystemExit("likelihoods differ")
        shown = "\n".join(f"{place}. {title}" for place, title in enumerate(titles, 1))
        listwise = prompt("listwise").messages(
            {**told, "candidates": shown, "n": str(CANDIDATES), "last": ""}
        )
        ids = weights._tokens([weights.told(listwise) + "1."])[0]  # noqa: SLF001 - as above
        ends = frozenset({tokenizer.eos_token_id})
        with torch.inference_mode():
            start = time.perf_counter()
            loop = decode(model, ids, None, most=WRITTEN, ends=ends)
            loops += time.perf_counter() - start
            pool = Pool.of(weights._tokens(titles))  # noqa: SLF001 - as above
            start = time.perf_counter()
            guessed = decode(model, ids, pool, most=WRITTEN, ends=ends)
            guesses += time.perf_counter() - start
        if loop.tokens != guessed.tokens:
            raise SystemExit("answers differ")
        start = time.perf_counter()
        said = asked_model.complete(listwise, prefill="1.", max_tokens=WRITTEN)
        says += time.perf_counter() - start
        n_said += said.n_answer
        n_written += len(loop.tokens)
        n_passes += guessed.n_passes
    rows = [
        ["yes or no for 20 candidates a user, one prompt at a time", rate(n_read, before), "1"],
        ["the same: common beginning read once, one batch by length", rate(n_read, after),
         f"{before / after:.1f} (goal: 3)"],
        ["a ranked list written, one token at a time", rate(n_written, loops), "1"],
        ["the same: guesses out of prompt, titles and answer so far", rate(n_written, guesses),
         f"{loops / guesses:.1f}"],
        ["a ranked list written as rankers ask for it: llama.cpp, eight bits a weight",
         rate(n_said, says), f"{n_said / says / (n_written / loops):.1f} (goal: 3)"],
    ]  # fmt: skip
    note = (
        f"SmolLM2-135M, {str(model.dtype).removeprefix('torch.')}, threads: "
        f"{torch.get_num_threads()}, {USERS} users of MovieLens 100K. Tokens are "
        "those of the prompts in full, or of "
        "the lists written, reading the prompt included. The likelihoods are equal to 1e-3, the "
        f"lists token by token; guesses took {n_passes} passes for {n_written} tokens. What a list "
        "gains depends on how much of the prompt the model repeats. llama.cpp rounds otherwise and "
        "may choose other words."
    )
    write_section("decoding", ["what", "tokens a second", "times faster"], rows, note)


def rate(n: int, seconds: float) -> str:
    return f"{n / seconds:.0f}"


def plain(weights, text, options):
    """Ln p of each option, with nothing shared: the whole prompt, all words at every place."""
    import torch

    tokenizer, model = weights._loaded  # noqa: SLF001 - this is the loop before
    ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        each = torch.log_softmax(model(ids).logits[0, -1].float(), -1)
    return each[[weights._tokens([option])[0][0] for option in options]].numpy()  # noqa: SLF001


if __name__ == "__main__":
    main()
