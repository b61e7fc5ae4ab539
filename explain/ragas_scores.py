"""Scores of the package ragas: of words beside references, of cited evidence, and by a judge.

Its BLEU is left out: it takes each sentence of a reference for another reference, and two sentences
against three can reach 1 (see reference_scores.bleu). What a judge says is worth what its
calibration shows (explain.judges): small models call everything right.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from core.embedding import DEFAULT
from core.tables import Floats
from explain.ragas_judge import Row, imported, judge_of, scored, vectors_of
from explain.scorer import Scorer, scorer

if TYPE_CHECKING:
    from core.language import LanguageModel

Texts = Sequence[str]
Sets = Sequence[Collection[int]]
SOURCE = "ragas 0.4, Es et al. 2024, doi:10.18653/v1/2024.eacl-demo.16"
QUESTION = "Why was this item recommended to the user?"
PASS, FAIL = "supported", "not supported"
RUBRICS = {
    "score1_description": "Names facts that are not in the context, or speaks of another item.",
    "score2_description": "Mostly not in the context.",
    "score3_description": "Partly in the context, or too vague to check.",
    "score4_description": "In the context, but it does not tell this user why.",
    "score5_description": "Every fact is in the context, and it tells this user why.",
}
VERDICT = (
    "Context: {context}\n\nExplanation: {response}\n\nDoes the context support everything that the "
    f"explanation says? Answer '{PASS}' or '{FAIL}'."
)


def _declared(low: float = 0, high: float = 1, family: str = "reference") -> Callable[..., Scorer]:
    return scorer(
        better="higher", bounds=(low, high), source=SOURCE, family=family, per="explanation"
    )


def _beside(texts: Texts, references: Texts) -> list[Row]:
    """Arguments of a metric that compares; None where either has no words."""
    return [
        {"response": text, "reference": wanted} if text.strip() and wanted.strip() else None
        for text, wanted in zip(texts, references, strict=True)
    ]


def _grounds(texts: Texts, evidence_texts: Texts, question: str | None = None) -> list[Row]:
    asked = {} if question is None else {"user_input": question}
    return [
        {"response": text, "retrieved_contexts": told.splitlines(), **asked}
        if text.strip() and told.strip()
        else None
        for text, told in zip(texts, evidence_texts, strict=True)
    ]


@_declared()
def ragas_rouge_l(texts: Texts, references: Texts) -> Floats:
    """What is ROUGE-L as ragas computes it?  F1, with stems as rouge_l."""
    imported()
    from ragas.metrics.collections import RougeScore

    metric = RougeScore(rouge_type="rougeL", mode="fmeasure")
    return scored(lambda row: metric.ascore(**row), _beside(texts, references))


@_declared()
def ragas_chrf(texts: Texts, references: Texts) -> Floats:
    """What is chrF as ragas computes it?  Of a corpus of one text, 0 to 1."""
    imported()
    from ragas.metrics.collections import CHRFScore

    metric = CHRFScore()
    return scored(lambda row: metric.ascore(**row), _beside(texts, references))


@_declared()
def ragas_string_similarity(texts: Texts, references: Texts) -> Floats:
    """How few letters must change to turn the text into the reference?

    1 - Levenshtein distance / length of the longer (NonLLMStringSimilarity, by rapidfuzz).
    """
    imported()
    from ragas.metrics.collections import DistanceMeasure, NonLLMStringSimilarity

    metric = NonLLMStringSimilarity(distance_measure=DistanceMeasure.LEVENSHTEIN)
    return scored(lambda row: metric.ascore(**row), _beside(texts, references))


@_declared(-1, 1)
def ragas_semantic_similarity(texts: Texts, references: Texts, embedding: str = DEFAULT) -> Floats:
    """How like are text and reference, as vectors of sentences?  Cosine."""
    imported()
    from ragas.metrics.collections import SemanticSimilarity

    rows = _beside(texts, references)
    wanted = [text for row in rows if row for text in (row["response"], row["reference"])]
    metric = SemanticSimilarity(embeddings=vectors_of(wanted, embedding))
    return scored(lambda row: metric.ascore(**row), rows)


@_declared(family="grounding")
def ragas_quoted_spans(texts: Texts, evidence_texts: Texts) -> Floats:
    """Is what the text puts in quotation marks found in the evidence?

    Share of quoted spans; 1 where nothing is quoted, so it only finds false quotations.
    """
    imported()
    from ragas.metrics.collections import QuotedSpansAlignment

    metric = QuotedSpansAlignment(min_span_words=1)
    return scored(lambda row: metric.ascore(**row), _grounds(texts, evidence_texts))


@_declared(family="grounding")
def ragas_id_precision(cited: Sets, strongest: Sets) -> Floats:
    """What share of the history items that an explanation cites are among the model's strongest?

    |cited ∩ strongest| / |cited|: IDBasedContextPrecision of items. NaN where nothing is cited.
    """
    return _ids("IDBasedContextPrecision", cited, strongest)


@_declared(family="grounding")
def ragas_id_recall(cited: Sets, strongest: Sets) -> Floats:
    """What share of the model's strongest history items does an explanation cite?

    |cited ∩ strongest| / |strongest|: IDBasedContextRecall. NaN where there are no strongest.
    """
    return _ids("IDBasedContextRecall", cited, strongest)


def _ids(name: str, cited: Sets, strongest: Sets) -> Floats:
    imported()
    import warnings

    with warnings.catch_warnings():
        # found at this place only, which warns of its own move
        warnings.simplefilter("ignore", DeprecationWarning)
        import ragas.metrics

        metric = getattr(ragas.metrics, name)()
    from ragas import SingleTurnSample

    def ask(row: Any) -> Any:
        # the public door writes a file into the user's home first, to count its users by
        return metric._single_turn_ascore(SingleTurnSample(**row), [])  # noqa: SLF001

    empty = cited if name.endswith("Precision") else strongest
    rows: list[Row] = [
        {"retrieved_context_ids": _texts(said), "reference_context_ids": _texts(known)}
        if len(whole)
        else None
        for said, known, whole in zip(cited, strongest, empty, strict=True)
    ]
    return scored(ask, rows)


def _texts(ids: Collection[int]) -> list[str]:
    return [str(one) for one in ids]


@_declared(family="judge")
def ragas_faithfulness(
    texts: Texts, evidence_texts: Texts, judge: "LanguageModel", question: str = QUESTION
) -> Floats:
    """What share of the statements in the text does a judge infer from the evidence?

    The judge takes the text apart, then gives each statement a verdict: two questions a text.
    """
    imported()
    from ragas.metrics.collections import Faithfulness

    metric = Faithfulness(llm=judge_of(judge))
    return scored(lambda row: metric.ascore(**row), _grounds(texts, evidence_texts, question))


@_declared(-1, 1, family="judge")
def ragas_answer_relevancy(
    texts: Texts, judge: "LanguageModel", embedding: str = DEFAULT, question: str = QUESTION
) -> Floats:
    """Could one tell from the text what was asked?

    Mean cosine of the question to one that the judge makes up for the text; 0 for an evasive one.
    """
    imported()
    from ragas.metrics.collections import AnswerRelevancy

    metric = AnswerRelevancy(
        llm=judge_of(judge), embeddings=vectors_of([question], embedding), strictness=1
    )
    rows: list[Row] = [
        {"user_input": question, "response": text} if text.strip() else None for text in texts
    ]
    return scored(lambda row: metric.ascore(**row), rows)


@_declared(1, 5, family="judge")
def ragas_rubric(
    texts: Texts, evidence_texts: Texts, judge: "LanguageModel", question: str = QUESTION
) -> Floats:
    """Which of five descriptions fits the text best, in a judge's eyes?  1 to 5."""
    imported()
    from ragas.metrics.collections import DomainSpecificRubrics

    metric = DomainSpecificRubrics(llm=judge_of(judge), rubrics=RUBRICS)
    return scored(lambda row: metric.ascore(**row), _grounds(texts, evidence_texts, question))


@_declared(family="judge")
def ragas_verdict(texts: Texts, evidence_texts: Texts, judge: "LanguageModel") -> Floats:
    """Does a judge call the text supported by the evidence?  1 or 0 (DiscreteMetric)."""
    imported()
    from ragas.metrics import DiscreteMetric

    metric = DiscreteMetric(name="supported", prompt=VERDICT, allowed_values=[PASS, FAIL])
    llm = judge_of(judge)

    async def ask(row: Any) -> float:
        context = "\n".join(row["retrieved_contexts"])
        said = await metric.ascore(llm=llm, response=row["response"], context=context)
        if said.value not in (PASS, FAIL):
            raise ValueError(f"a verdict must be {PASS!r} or {FAIL!r}; got {said.value!r}")
        return float(said.value == PASS)

    return scored(ask, _grounds(texts, evidence_texts))
