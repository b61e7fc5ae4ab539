"""Try judges of explanations on MovieLens 100K: python benchmarks/explanation_judges.py [N_TEXTS].

Sentences of the template for EASE's lists, and the same with one thing wrong. Writes its part of
docs/explanation-scores.md; some minutes on one core, most of them likelihoods.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.common import write_section
from benchmarks.tuned_explainer import in_float32
from core.language import DEFAULT, language_model
from core.load import load
from core.split import split
from explain.attribution_reasons import usual_reasons
from explain.briefs import brief_of
from explain.judges import ALL, FACTUAL, JUDGES, calibrate
from explain.reasons import Question
from explain.worlds import world_from
from explain.writers.template import Template
from recommenders import RECOMMENDERS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation-scores.md"
N_TEXTS, SEED = 20, 0


def main() -> None:
    n_texts = int(sys.argv[1]) if len(sys.argv) > 1 else N_TEXTS
    dataset = load("movielens-100k")
    parts = split(dataset.interactions, "leave-last")
    world = world_from(parts.train, dataset.item_ids)
    model = RECOMMENDERS["ease"]().fit(parts.train)
    users = np.random.default_rng(SEED).permutation(parts.train.n_users)[:n_texts]
    briefs = []
    for user, row in zip(users, model.recommend(users, 1).items, strict=True):
        question = Question(world, int(user), row.astype(np.int64), model)
        (reasons,) = usual_reasons(question)
        briefs.append(brief_of(world, int(user), int(row[0]), reasons))
    texts = [written.text for written in Template().write(briefs)]
    started = time.perf_counter()
    found = calibrate(
        texts, briefs, material={"language_model": in_float32(language_model())}, seed=SEED
    )
    seconds = time.perf_counter() - started
    shown = {
        (row.judge, row.corruption): f"{row.auc:.2f} ({row.low:.2f} to {row.high:.2f})"
        for row in found.itertuples()
    }
    kinds = [kind for kind in (*FACTUAL, ALL) if (JUDGES[0], kind) in shown]
    flagged = set(found.loc[found["is_flagged"] & (found["corruption"] == ALL), "judge"])
    rows = [
        [judge, *(shown[judge, kind] for kind in kinds), "yes" if judge in flagged else ""]
        for judge in JUDGES
    ]
    n_spoilt = int(found.loc[found["corruption"] == ALL, "n"].max())
    note = (
        f"AUC on MovieLens 100K: {len(texts)} sentences of the template for EASE's first item, and "
        f"{n_spoilt} with one thing wrong; 95 % over users. Likelihoods and yes or no by "
        f"{DEFAULT}; {seconds:.0f} seconds in all."
    )
    write_section("judges", ["judge", *kinds, "flagged"], rows, note, page_path=PAGE)


if __name__ == "__main__":
    main()
