"""Every scorer of explanations by name, and all of them asked at once.

To add one, declare it (explain.scorer.scorer) and list it here; an outside package names its own as
an entry point of the group recscope.explanation_scorers. The modules import nothing heavy
before a scorer is called.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from core.errors import RecScopeError, UnknownNameError
from core.registry import Registry
from core.tables import Floats
from explain import (
    faithfulness,
    grounding_scores,
    path_scores,
    ragas_scores,
    reference_scores,
    stability,
    text_scores,
)
from explain.scorer import Scorer, not_available

BUILT_IN: Mapping[str, Scorer] = {
    one.name: one
    for one in (
        *faithfulness.SCORERS,
        *stability.SCORERS,
        *path_scores.SCORERS,
        text_scores.n_words,
        text_scores.reading_ease,
        text_scores.usr,
        text_scores.distinct_1,
        text_scores.distinct_2,
        text_scores.fmr,
        text_scores.fcr,
        text_scores.feature_diversity,
        reference_scores.bleu,
        reference_scores.bleu_corpus,
        reference_scores.rouge_1,
        reference_scores.rouge_2,
        reference_scores.rouge_l,
        reference_scores.chrf,
        reference_scores.bert_precision,
        reference_scores.bert_recall,
        reference_scores.bert_f1,
        grounding_scores.grounded,
        grounding_scores.n_violations,
        grounding_scores.likelihood,
        grounding_scores.likelihood_lowest,
        grounding_scores.evidence_similarity,
        grounding_scores.yes_no,
        ragas_scores.ragas_rouge_l,
        ragas_scores.ragas_chrf,
        ragas_scores.ragas_string_similarity,
        ragas_scores.ragas_semantic_similarity,
        ragas_scores.ragas_quoted_spans,
        ragas_scores.ragas_id_precision,
        ragas_scores.ragas_id_recall,
        ragas_scores.ragas_faithfulness,
        ragas_scores.ragas_answer_relevancy,
        ragas_scores.ragas_rubric,
        ragas_scores.ragas_verdict,
    )
}
SCORERS: Registry[Scorer] = Registry(
    BUILT_IN, Scorer, "recscope.explanation_scorers", lambda one: one.name
)

# of one explanation alone: to shuffle these pairs texts with what belongs to others
OTHERS = ("references", "features", "evidence_texts", "strongest")


class Scored(NamedTuple):
    """What all scorers said of one set of explanations.

    each     scorer → float64 (n,), one number an explanation, NaN where it has none
    whole    scorer → one number for the set
    reasons  scorer → "not available: needs …", or what went wrong
    """

    each: dict[str, Floats]
    whole: dict[str, float]
    reasons: dict[str, str]


def scorer_named(name: str) -> Scorer:
    """The scorer of this name.  UnknownNameError, with the nearest, where there is none."""
    if name not in SCORERS:
        raise UnknownNameError("scorer of explanations", name, SCORERS)
    return SCORERS[name]


def score_all(material: Mapping[str, Any], names: Iterable[str] | None = None) -> Scored:
    """What do scorers say of these explanations?

    material  by the names of explain.scorer.MATERIAL, rows aligned; what is absent or None is
              lacking, and the scorers that need it say so
    names     of scorers; None: all of them

    A scorer that fails (a server that does not answer …) leaves its reason, and the others go on.
    """
    scored = Scored({}, {}, {})
    for one in map(scorer_named, SCORERS if names is None else names):
        if reason := not_available(one, material):
            scored.reasons[one.name] = reason
            continue
        try:
            value = one.of(material)
        except RecScopeError as error:
            scored.reasons[one.name] = f"not available: {error}"
            continue
        if one.per == "set":
            scored.whole[one.name] = float(value)
        else:
            scored.each[one.name] = value
    return scored


def shuffled(material: Mapping[str, Any], seed: int = 0) -> dict[str, Any]:
    """The same texts beside what belongs to others: the floor of every score that compares.

    Whoever wrote for nobody in particular scores here as high as with the right pairs. References,
    evidence and features move together, in one circle: no text keeps its own row. Where `users` or
    `items` (codes) is given, rows of the same user and item are avoided as far as a few tries go.
    """
    n = len(material["texts"])
    if n < 2:
        raise ValueError(f"shuffling pairs needs two texts or more; got {n}")
    keys = [np.asarray(material[k]) for k in ("users", "items") if material.get(k) is not None]
    other = _circle(n, keys, np.random.default_rng(seed))
    moved = dict(material)
    for name in OTHERS:
        if material.get(name) is not None:
            moved[name] = [material[name][place] for place in other]
    # what was checked against the right facts says nothing of the wrong ones
    moved.pop("violations", None)
    return moved


def _circle(n: int, keys: list[Any], rng: np.random.Generator, n_tries: int = 20) -> Any:
    """A permutation without a fixed point; the one of some that meets the fewest equal keys."""
    best, fewest = np.roll(np.arange(n), 1), n + 1
    for _ in range(n_tries):
        order = rng.permutation(n)
        other = np.empty(n, dtype=np.int64)
        other[order] = np.roll(order, 1)
        n_met = int(np.sum([(key == key[other]).sum() for key in keys])) if keys else 0
        if n_met < fewest:
            best, fewest = other, n_met
        if not fewest:
            break
    return best
