"""How near do explanations come to words that people wrote for the same user and item?

Every number here has a floor far above 0: any two texts about any two things share words. Read it
beside the same texts paired with other people's references (explain.scorers.shuffled).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from core.embedding import DEFAULT
from core.tables import Floats
from explain.scorer import scorer

Texts = Sequence[str]
BLEU = "Papineni et al. 2002, doi:10.3115/1073083.1073135; sacrebleu: Post 2018, arXiv:1804.08771"
ROUGE = "Lin 2004, aclanthology.org/W04-1013; package rouge-score"
CHRF = "Popović 2015, doi:10.18653/v1/W15-3049; sacrebleu"
BERT = "Zhang et al. 2020, arXiv:1904.09675"
TOKENS_AT_A_TIME = 64  # texts in one pass


def pairs(texts: Texts, references: Texts) -> Iterator[tuple[str, str] | None]:
    """Each text with its reference; None where either has no words, so that it has no score."""
    for text, reference in zip(texts, references, strict=True):
        yield (text, reference) if text.strip() and reference.strip() else None


@scorer(better="higher", bounds=(0, 1), source=BLEU, family="reference", per="explanation")
def bleu(texts: Texts, references: Texts) -> Floats:
    """How many of the text's words and phrases stand in the reference?

    Geometric mean of the precision of runs of 1 to 4 words, times a penalty for being shorter;
    0 to 1 (tools print it times 100). One text at a time, with orders that it is too short for left
    out (effective order) and 0 matches smoothed (sacrebleu's default, exp). The average over texts
    is not the corpus BLEU of papers: that is `bleu_corpus`. ragas 0.4 splits both at full stops
    and takes each sentence of the reference for another reference, so that two sentences against
    three can reach 1; here a text is one segment, as BLEU is defined.
    """
    counter = _bleu()
    return _each(
        texts, references, lambda text, wanted: counter.sentence_score(text, [wanted]).score / 100
    )


@scorer(better="higher", bounds=(0, 1), source=BLEU, family="reference", per="set")
def bleu_corpus(texts: Texts, references: Texts) -> float:
    """What is the BLEU of all texts together, as papers print it?

    Matches and lengths summed over texts before they are divided (sacrebleu, 13a tokens, case
    kept); 0 to 1. NETE, PETER and PEPLER cut texts at 15 or 20 words and split at blanks instead.
    """
    told = [pair for pair in pairs(texts, references) if pair]
    if not told:
        return np.nan
    score = _bleu().corpus_score([text for text, _ in told], [[wanted for _, wanted in told]])
    return float(score.score) / 100


@scorer(better="higher", bounds=(0, 1), source=ROUGE, family="reference", per="explanation")
def rouge_1(texts: Texts, references: Texts) -> Floats:
    """How many words do text and reference share?  F1 over words, lower case, stems."""
    return _rouge(texts, references, "rouge1")


@scorer(better="higher", bounds=(0, 1), source=ROUGE, family="reference", per="explanation")
def rouge_2(texts: Texts, references: Texts) -> Floats:
    """How many pairs of neighbouring words do text and reference share?  F1, stems."""
    return _rouge(texts, references, "rouge2")


@scorer(better="higher", bounds=(0, 1), source=ROUGE, family="reference", per="explanation")
def rouge_l(texts: Texts, references: Texts) -> Floats:
    """How long is the longest run of words in common, gaps allowed?

    F1 of its length over the whole text, stems. (rougeL; rougeLsum, which takes sentences one by
    one, is another number.)
    """
    return _rouge(texts, references, "rougeL")


@scorer(better="higher", bounds=(0, 1), source=CHRF, family="reference", per="explanation")
def chrf(texts: Texts, references: Texts) -> Floats:
    """How many runs of letters do text and reference share?

    F-score with recall counted twice as much (β = 2), mean over runs of 1 to 6 letters, blanks
    left out; 0 to 1. Kinder to inflected and misspelt words than BLEU.
    """
    from sacrebleu.metrics import chrf as sacre

    counter = sacre.CHRF()
    return _each(
        texts, references, lambda text, wanted: counter.sentence_score(text, [wanted]).score / 100
    )


@scorer(better="higher", bounds=(-1, 1), source=BERT, family="reference", per="explanation")
def bert_precision(texts: Texts, references: Texts, embedding: str = DEFAULT) -> Floats:
    """Has every word of the text its like in the reference?

    Mean over the text's tokens of the largest cosine to a token of the reference (greedy match).
    """
    return bert_scores(texts, references, embedding)[:, 0]


@scorer(better="higher", bounds=(-1, 1), source=BERT, family="reference", per="explanation")
def bert_recall(texts: Texts, references: Texts, embedding: str = DEFAULT) -> Floats:
    """Has every word of the reference its like in the text?

    Mean over the reference's tokens of the largest cosine to a token of the text (greedy match).
    """
    return bert_scores(texts, references, embedding)[:, 1]


@scorer(better="higher", bounds=(-1, 1), source=BERT, family="reference", per="explanation")
def bert_f1(texts: Texts, references: Texts, embedding: str = DEFAULT) -> Floats:
    """Do text and reference say the same in other words?

    2PR / (P + R) of greedy matches of token vectors, as BERTScore, without its weights by idf and
    without rescaling. The vectors are those of a small sentence model's last layer
    (all-MiniLM-L6-v2), not of roberta-large's 17th: figures compare within this program only, not
    with printed ones. Tokens that open and close a text are left out; texts are cut at 256 tokens.
    """
    return bert_scores(texts, references, embedding)[:, 2]


def bert_scores(texts: Texts, references: Texts, embedding: str = DEFAULT) -> Floats:
    """Precision, recall and F1 of greedy token matches: float64 (n, 3), NaN for an empty text."""
    return np.array(_matched(tuple(texts), tuple(references), embedding), dtype=np.float64)


@lru_cache(maxsize=8)  # three scorers ask for the same pairs, one after the other
def _matched(texts: Texts, references: Texts, embedding: str) -> Floats:
    from core.embedding import tokens

    told = list(pairs(texts, references))
    wanted = list(dict.fromkeys(text for pair in told if pair for text in pair))
    vectors = dict(zip(wanted, tokens(wanted, embedding), strict=True))
    values = np.full((len(told), 3), np.nan)
    for place, pair in enumerate(told):
        if pair:
            cosines = vectors[pair[0]] @ vectors[pair[1]].T
            precision, recall = cosines.max(axis=1).mean(), cosines.max(axis=0).mean()
            total = precision + recall
            values[place] = precision, recall, 2 * precision * recall / total if total > 0 else 0
    values.setflags(write=False)
    return values


def _bleu() -> Any:
    from sacrebleu.metrics import bleu as sacre

    return sacre.BLEU(effective_order=True)


def _each(texts: Texts, references: Texts, score: Any) -> Floats:
    return np.array([score(*pair) if pair else np.nan for pair in pairs(texts, references)])


def _rouge(texts: Texts, references: Texts, kind: str) -> Floats:
    from rouge_score.rouge_scorer import RougeScorer

    counter = RougeScorer([kind], use_stemmer=True)
    return _each(texts, references, lambda text, wanted: counter.score(wanted, text)[kind].fmeasure)
