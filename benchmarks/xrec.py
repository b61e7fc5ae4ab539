"""Score published explanations against reference ones: python benchmarks/xrec.py [N [N_EMBEDDED]].

XRec's test pairs (Ma et al. 2024, arXiv:2406.02377): 3,000 of Amazon books, 3,000 of Google places,
each with the text that the authors' model wrote and the reference that a large model distilled from
the user's review. Needs xrec.zip of the authors' data under RECSCOPE_DATA_DIR. Writes its part of
docs/explanation-scores.md; some minutes on one core, most of them token vectors.
"""

import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.common import write_section
from core.errors import DatasetError
from core.paths import data_dir
from core.tables import Floats, Ints
from explain.scorers import score_all, shuffled
from recscope.bootstrap import resampled_sums

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation-scores.md"
SETS = {"amazon": "Amazon books", "google": "Google places"}
LEXICAL = ("bleu", "rouge_1", "rouge_2", "rouge_l", "chrf", "ragas_string_similarity")
EMBEDDED = ("bert_precision", "bert_recall", "bert_f1", "ragas_semantic_similarity")
ALONE = ("n_words", "reading_ease")
OF_SET = ("usr", "distinct_1", "distinct_2")
RESAMPLES, SEED = 1000, 0


def read(folder: str, n: int | None = None) -> dict[str, list[str] | Ints]:
    """Generated and reference texts of one data set, and whose they are."""
    place = data_dir()
    path = place / "xrec" / "xrec.zip" if place else None
    if path is None or not path.is_file():
        raise DatasetError(
            "the xrec data are not here: put xrec.zip into a folder xrec of RECSCOPE_DATA_DIR"
        )
    with zipfile.ZipFile(path) as archive:
        made, wanted, rows = (
            [json.loads(line) for line in archive.read(f"{folder}/{name}").decode().splitlines()]
            for name in ("tst_pred.jsonl", "tst_ref.jsonl", "tst.jsonl")
        )
    # the rows stand in another order than the texts, which are all different
    row_of = {row["explanation"]: row for row in rows}
    told = [row_of[text] for text in wanted]
    return {
        "texts": made[:n],
        "references": wanted[:n],
        "users": np.array([row["uid"] for row in told])[:n],
        "items": np.array([row["iid"] for row in told])[:n],
    }


def interval(values: Floats, users: Ints) -> tuple[float, float, float]:
    """Mean over texts with 95 % over users drawn again, all of their texts with them."""
    _, codes = np.unique(users, return_inverse=True)
    is_told = ~np.isnan(values)
    sums = np.bincount(codes, np.nan_to_num(values))
    counts = np.bincount(codes, is_told.astype(float))
    drawn = resampled_sums(np.column_stack([sums, counts]), RESAMPLES, (SEED,))
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return float(np.nanmean(values)), float(low), float(high)


def bleu_counts(texts: list[str], references: list[str]) -> Floats:
    """Matches and totals of runs of 1 to 4 words, and both lengths: float (n, 10)."""
    from sacrebleu.metrics import bleu

    counter = bleu.BLEU(effective_order=True)
    scores = [counter.sentence_score(a, [b]) for a, b in zip(texts, references, strict=True)]
    return np.array([[*s.counts, *s.totals, s.sys_len, s.ref_len] for s in scores], dtype=float)


def corpus_bleu(counts: Floats) -> float:
    from sacrebleu.metrics import bleu

    whole = [round(float(value)) for value in counts]
    found = bleu.BLEU.compute_bleu(whole[:4], whole[4:8], whole[8], whole[9], smooth_method="exp")
    return float(found.score) / 100


def corpus_interval(counts: Floats, other: Floats, users: Ints) -> list[tuple[float, float, float]]:
    """BLEU of all texts, of the shuffled ones, and the difference, over the same drawn users."""
    _, codes = np.unique(users, return_inverse=True)
    both = np.column_stack([counts, other])
    of_users = np.zeros((codes.max() + 1, both.shape[1]))
    np.add.at(of_users, codes, both)
    drawn = resampled_sums(of_users, RESAMPLES, (SEED,))
    values = np.array([[corpus_bleu(row[:10]), corpus_bleu(row[10:])] for row in drawn])
    told = [corpus_bleu(counts.sum(axis=0)), corpus_bleu(other.sum(axis=0))]
    ends = [np.percentile(v, [2.5, 97.5]) for v in (*values.T, values[:, 0] - values[:, 1])]
    means = [*told, told[0] - told[1]]
    return [(m, float(e[0]), float(e[1])) for m, e in zip(means, ends, strict=True)]


def shown(told: tuple[float, float, float], digits: int = 3) -> str:
    mean, low, high = told
    return f"{mean:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def rows_of(name: str, n: int | None, n_embedded: int | None) -> list[list[str]]:
    """One row a scorer: generated, shuffled, their difference, and the references themselves."""
    material = read(name, n)
    users = np.asarray(material["users"])
    other = shuffled(material, SEED)
    texts, references = list(material["texts"]), list(material["references"])
    others = list(other["references"])
    counts = bleu_counts(texts, references)
    shuffled_counts = bleu_counts(texts, others)
    rows = [["bleu_corpus", *map(shown, corpus_interval(counts, shuffled_counts, users)), "1.000"]]
    for scorers, some in ((LEXICAL, len(texts)), (EMBEDDED, n_embedded or len(texts))):
        # right and shuffled pairs at once: every text becomes vectors once
        right, wrong = references[:some], others[:some]
        stacked = {"texts": texts[:some] * 2, "references": [*right, *wrong]}
        each = score_all(stacked, scorers).each
        for scorer in scorers:
            values = np.split(each[scorer], 2)
            told = [interval(v, users[:some]) for v in (*values, values[0] - values[1])]
            rows.append([scorer, *map(shown, told), "1.000"])
    for scorer in ALONE:
        own, wanted = ({"texts": t} for t in (texts, references))
        told = [interval(score_all(m, [scorer]).each[scorer], users) for m in (own, wanted)]
        rows.append([scorer, shown(told[0], 1), "the same", "", shown(told[1], 1)])
    for scorer in OF_SET:
        of = [score_all({"texts": t}, [scorer]).whole[scorer] for t in (texts, references)]
        rows.append([scorer, f"{of[0]:.3f}", "the same", "", f"{of[1]:.3f}"])
    return rows


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    n, n_embedded = (*given, None, None)[:2]
    columns = ["scorer", "generated", "shuffled", "difference", "the references"]
    for name, title in SETS.items():
        note = (
            f"{title}: {n or 3000:,} pairs, of which the first {n_embedded or n or 3000:,} became "
            f"vectors (bert, semantic). In brackets 95 %, {RESAMPLES:,} draws of users with "
            "all their texts. Shuffled: the same texts beside references of other users and items. "
            "Scores of a set of words have no interval: a text drawn twice is one text less. "
            "Not available: `fmr`, `fcr` and `feature_diversity` (the data have no features)."
        )
        write_section(f"xrec-{name}", columns, rows_of(name, n, n_embedded), note, page_path=PAGE)


if __name__ == "__main__":
    main()
