"""Does an explanation say what its evidence says?  By rules, by likelihood, by likeness."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.embedding import DEFAULT
from core.naming import listed
from core.tables import Floats
from explain.scorer import scorer

if TYPE_CHECKING:
    from core.language import LanguageModel

Texts = Sequence[str]
RULES = "explain.verify; classes as in its KINDS"
BART = "as BARTScore (Yuan et al. 2021, arXiv:2106.11520), of a text given its evidence"
LOWEST = 5  # tokens: the least likely ones of a text
ASKED = "Facts:\n{evidence}\n\nA recommendation that says only what the facts say:\n"
VERDICT = (
    "Facts:\n{evidence}\n\nSentence: {text}\n\nIs everything that the sentence says in the facts? "
    "Answer yes or no.\nAnswer:"
)


def evidence_text(because: Sequence[str], facts: Sequence[str]) -> str:
    """What a writer was told, as one text that words can be compared with.

    because  titles that the user liked; facts: sentences (both as in explain.brief.Brief)
    """
    liked = [f"The user liked {listed(because)}."] if because else []
    return "\n".join([*liked, *facts])


def by_class(violations: Sequence[Sequence[str]]) -> dict[str, int]:
    """How often was each kind of violation found?  "bad group: Horror" counts as "bad group"."""
    return dict(
        Counter(
            one.partition(":")[0].strip() for found in violations for one in found
        ).most_common()
    )


@scorer(better="higher", bounds=(0, 1), source=RULES, family="grounding", per="explanation")
def grounded(violations: Sequence[Sequence[str]]) -> Floats:
    """Is the text free of everything that a check against the facts knows to be wrong?

    1 - (has a violation). The check knows names, groups, years and ties; a plot made up in plain
    words passes it.
    """
    return np.array([float(not found) for found in violations])


@scorer(better="lower", bounds=(0, np.inf), source=RULES, family="grounding", per="explanation")
def n_violations(violations: Sequence[Sequence[str]]) -> Floats:
    """How many things does a check against the facts find wrong?  Longer texts have more."""
    return np.array([float(len(found)) for found in violations])


@scorer(better="higher", bounds=(-np.inf, 0), source=BART, family="grounding", per="explanation")
def likelihood(texts: Texts, evidence_texts: Texts, language_model: "LanguageModel") -> Floats:
    """How likely is the text to a language model that has read the evidence?

    Mean of ln p over the tokens of the text. Compares texts of one writer only: a template's
    sentences are all alike and all likely, whatever they say.
    """
    return _over_tokens(texts, evidence_texts, language_model, None)


@scorer(better="higher", bounds=(-np.inf, 0), source=BART, family="grounding", per="explanation")
def likelihood_lowest(
    texts: Texts, evidence_texts: Texts, language_model: "LanguageModel"
) -> Floats:
    """How likely are the least likely words of the text, the evidence read?

    Mean of the 5 lowest ln p: one wrong name is a few tokens of a long sentence, and a mean over
    all of them hides it. Compares texts of one writer only.
    """
    return _over_tokens(texts, evidence_texts, language_model, LOWEST)


@scorer(
    better="higher",
    bounds=(-1, 1),
    source="Reimers & Gurevych 2019, arXiv:1908.10084 (the vectors)",
    family="grounding",
    per="explanation",
)
def evidence_similarity(texts: Texts, evidence_texts: Texts, embedding: str = DEFAULT) -> Floats:
    """How like is the text to its evidence, as vectors of sentences?

    Cosine. It tells what a text is about; a wrong year or a wrong tie hardly moves it.
    """
    from core.embedding import embed

    asked = _places(texts, evidence_texts)
    values = np.full(len(texts), np.nan)
    if asked:
        told = embed([texts[place] for place in asked], embedding)
        known = embed([evidence_texts[place] for place in asked], embedding)
        values[asked] = (told.astype(np.float64) * known).sum(axis=1)
    return values


@scorer(
    better="higher",
    bounds=(-np.inf, np.inf),
    source="as P(True), Kadavath et al. 2022, arXiv:2207.05221",
    family="grounding",
    per="explanation",
)
def yes_no(texts: Texts, evidence_texts: Texts, language_model: "LanguageModel") -> Floats:
    """Asked whether the facts say all that the text says, does a language model lean to yes?

    ln p(" yes") - ln p(" no") of the first word of its answer. Small models lean to one side
    whatever they read: look at its calibration (explain.judges) before believing it.
    """
    asked = _places(texts, evidence_texts)
    prompts = [VERDICT.format(evidence=evidence_texts[p], text=texts[p]) for p in asked]
    values = np.full(len(texts), np.nan)
    if asked:
        yes = language_model.log_likelihood(prompts, [" yes"] * len(asked))
        no = language_model.log_likelihood(prompts, [" no"] * len(asked))
        values[asked] = [float(a.sum() - b.sum()) for a, b in zip(yes, no, strict=True)]
    return values


def _over_tokens(
    texts: Texts, evidence_texts: Texts, language_model: "LanguageModel", lowest: int | None
) -> Floats:
    told = _likelihoods(tuple(texts), tuple(evidence_texts), language_model)
    return np.array(
        [np.sort(each)[:lowest].mean() if len(each) else np.nan for each in told], dtype=np.float64
    )


@lru_cache(maxsize=16)  # two scorers ask for the same texts
def _likelihoods(
    texts: tuple[str, ...], evidence_texts: tuple[str, ...], language_model: Any
) -> list[Floats]:
    asked = _places(texts, evidence_texts)
    found: list[Floats] = [np.zeros(0)] * len(texts)
    if asked:
        prompts = [ASKED.format(evidence=evidence_texts[place]) for place in asked]
        told = language_model.log_likelihood(prompts, [texts[place] for place in asked])
        for place, values in zip(asked, told, strict=True):
            found[place] = values
    return found


def _places(texts: Texts, evidence_texts: Texts) -> list[int]:
    """Rows that have both a text and evidence."""
    rows = enumerate(zip(texts, evidence_texts, strict=True))
    return [place for place, (text, told) in rows if text.strip() and told.strip()]
