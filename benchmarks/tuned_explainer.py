"""The tuned explainer against the untuned: python benchmarks/tuned_explainer.py [N_WRITTEN].

Sentences of held-out users' reviews of amazon-musical-instruments: how likely they are to either
model, and how near what either writes comes to them. Needs the tuned checkpoint
(python -m recscope tune-explainer). Writes its part of docs/explanation-scores.md; ten minutes or
so on one core.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.common import write_section
from benchmarks.xrec import (
    RESAMPLES,
    SEED,
    interval,
    shown,
)
from core.language import LanguageModel, language_model, weights_of
from core.language_torch import Weights, unpacked
from core.language_turns import Request
from core.load import load
from core.tables import Floats, Ints
from explain.mentions import first_sentence
from explain.scorers import score_all, shuffled
from explain.tuning import Tuning, brief_of_pair, checkpoint, words
from explain.tuning_pairs import Pair, pairs_of
from explain.verify import verify
from recscope.bootstrap import resampled_sums

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation-scores.md"
N_READ, N_WRITTEN = 100, 30
BESIDE = ("bleu", "rouge_1", "rouge_l", "chrf", "bert_f1")
OF_SET = ("usr", "distinct_1", "distinct_2")


def by_transformers(folder: Path) -> LanguageModel:
    """Both models answer by the same program, in the same number format."""
    return in_float32(language_model(f"path:{folder}", cache=False))


def in_float32(model: LanguageModel) -> LanguageModel:
    """Half of that is two to three times as slow where the processor has no bfloat16."""
    weights_in(model)._loaded[1].float()  # noqa: SLF001 - in place, for these tables alone
    return model


def weights_in(model: LanguageModel) -> Weights:
    if not isinstance(model.scorer, Weights):
        raise TypeError(f"likelihoods need weights on this machine; {model.name} has none")
    return model.scorer


def read(model: LanguageModel, pairs: Sequence[Pair]) -> Floats:
    """Sum of ln p of each sentence, and its number of tokens: float (n, 2)."""
    asked, weights = words(), weights_in(model)
    prompts = []
    for pair in pairs:
        brief = brief_of_pair(pair)
        request = Request(tuple(asked.messages(brief)), prefill=asked.begun(brief))
        prompts.append(weights.templated(request))
    told = model.log_likelihood(prompts, [f" {pair.target}" for pair in pairs])
    return np.array([[each.sum(), len(each)] for each in told])


def write(model: LanguageModel, pairs: Sequence[Pair]) -> list[str]:
    """What the model goes on with after the opening, up to the end of its first sentence."""
    asked, made = words(), []
    for pair in pairs:
        brief = brief_of_pair(pair)
        answer = model.complete(
            asked.messages(brief),
            prefill=asked.begun(brief),
            max_tokens=asked.max_tokens,
            stop=asked.stop,
        )
        made.append(first_sentence(answer.text.strip(), (pair.title,)))
    return made


def perplexity_rows(base: Floats, tuned: Floats, users: Ints) -> list[list[str]]:
    """Perplexity a token of either model, and the ratio, over users drawn again."""
    _, codes = np.unique(users, return_inverse=True)
    both = np.column_stack([base, tuned])
    of_users = np.zeros((codes.max() + 1, 4))
    np.add.at(of_users, codes, both)
    drawn = np.vstack([both.sum(axis=0), resampled_sums(of_users, RESAMPLES, (SEED,))])
    first, second = np.exp(-drawn[:, 0] / drawn[:, 1]), np.exp(-drawn[:, 2] / drawn[:, 3])
    told = [
        (float(v[0]), *np.percentile(v[1:], [2.5, 97.5])) for v in (first, second, second / first)
    ]
    return [["perplexity", *(shown(t, 1) for t in told[:2]), f"× {shown(told[2])}", ""]]


def score_rows(
    pairs: Sequence[Pair], base: list[str], tuned: list[str], users: Ints
) -> list[list[str]]:
    wanted = [pair.target for pair in pairs]
    items = np.array([pair.item for pair in pairs])
    other = shuffled({"texts": tuned, "references": wanted, "users": users, "items": items}, SEED)
    others = list(other["references"])
    rows = []
    for scorer in BESIDE:
        first, second, third = (
            score_all({"texts": t, "references": r}, [scorer]).each[scorer]
            for t, r in ((base, wanted), (tuned, wanted), (tuned, others))
        )
        told = [interval(values, users) for values in (first, second, second - first, third)]
        rows.append([scorer, *map(shown, told)])
    for scorer in OF_SET:
        told_of = [score_all({"texts": t}, [scorer]).whole[scorer] for t in (base, tuned, wanted)]
        rows.append([scorer, *(f"{v:.3f}" for v in told_of[:2]), "", f"people: {told_of[2]:.3f}"])
    rows.append(["passes the check", *(passing(pairs, t) for t in (base, tuned)), "", ""])
    return rows


def passing(pairs: Sequence[Pair], texts: Sequence[str]) -> str:
    """Share that would be shown: nothing that the facts do not hold, by explain.verify."""
    asked = words()
    briefs = [brief_of_pair(pair) for pair in pairs]
    fine = [
        not verify(f"{asked.begun(brief)} {text}", brief)
        for brief, text in zip(briefs, texts, strict=True)
    ]
    return f"{np.mean(fine):.2f}"


def main() -> None:
    n_written = int(sys.argv[1]) if len(sys.argv) > 1 else N_WRITTEN
    settings = Tuning()
    learned, judged = pairs_of(load(settings.dataset), settings.seed)
    rng = np.random.default_rng(SEED)
    chosen = [judged[place] for place in rng.permutation(len(judged))[:N_READ]]
    users = np.array([pair.user for pair in chosen])
    base = by_transformers(unpacked(weights_of(settings.base)))
    tuned = by_transformers(checkpoint(settings))
    rows = perplexity_rows(read(base, chosen), read(tuned, chosen), users)
    some = chosen[:n_written]
    texts = [write(model, some) for model in (base, tuned)]
    rows += score_rows(some, texts[0], texts[1], users[: len(some)])
    # what people wrote is not repeated: the reviews are for research, not for passing on
    examples = "\n".join(
        f"- untuned: {a} Tuned: {b}" for a, b in list(zip(*texts, strict=True))[:6]
    )
    note = (
        f"{settings.base} after {settings.n_steps} steps of {settings.n_at_a_time} of "
        f"{len(learned):,} sentences; {len(chosen)} sentences read and {len(some)} written for "
        f"{len(set(users.tolist()))} users of whom nothing was learned. In brackets 95 %, "
        f"{RESAMPLES:,} draws of users. Greedy, both by transformers in float32, the same prompt "
        "(`explain/prompts/tuned.toml`). Shuffled: what the tuned model wrote beside sentences on "
        f"other items by other users.\n\nThe first of them, as both models wrote:\n\n"
        f"{examples}"
    )
    columns = ["score", "untuned", "tuned", "difference", "tuned, shuffled"]
    write_section("tuned-explainer", columns, rows, note, page_path=PAGE)


if __name__ == "__main__":
    main()
