"""What do writers make of the same reasons?  python benchmarks/explanation_writers.py [N [NAME …]].

N pairs (48) of a user of MovieLens 100K and EASE's first film for them, worded by each writer and
prompt, by SmolLM2-135M. Counts what the check refuses, which is what readers never see. Writes its
part of docs/explanation-writers.md; twenty minutes or so on an idle core, seconds where the answers
are kept already.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.common import write_section
from core.language import language_model
from core.load import load
from core.split import split
from explain.attribution_reasons import usual_reasons
from explain.brief import Brief, Writer, Written
from explain.briefs import brief_of
from explain.reasons import Question
from explain.verify import verify
from explain.worlds import world_from
from explain.writers.aspects import Aspects
from explain.writers.model import LanguageWriter
from explain.writers.sampling import BestOf
from explain.writers.slots import Slots
from explain.writers.template import Template
from recommenders import RECOMMENDERS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation-writers.md"
N_PAIRS, EVERY = 48, 19
COSTLY = {"aspects", "best-of"}  # many calls each: worded for the first sixth of the pairs
COLUMNS = ("writer", "prompt", "n", "refused", "why, by kind", "n words", "tokens read", "seconds")


def briefs_of(n_pairs: int) -> list[Brief]:
    """Why EASE's first film, for every 19th user?"""
    data = load("movielens-100k")
    train = split(data.interactions, "leave-last").train
    world = replace(world_from(train, data.item_ids), noun="film")
    model = RECOMMENDERS["ease"]().fit(train)
    found: list[Brief] = []
    for user in range(0, train.n_users, EVERY):
        if len(found) == n_pairs or not len(world.liked(user)):
            continue
        items = model.recommend(np.array([user]), 1).items[0].astype(np.int64)
        (reasons,) = usual_reasons(Question(world, user, items, model))
        found.append(brief_of(world, user, int(items[0]), reasons))
    return found


def writers() -> dict[str, tuple[Writer, str]]:
    """Each writer and the prompt it asks with."""
    model = language_model()
    return {
        "template": (Template(), ""),
        "language-model": (LanguageWriter(model), "opened"),
        "no opening": (LanguageWriter(model, "examples"), "examples"),
        "no examples": (LanguageWriter(model, "facts"), "facts"),
        "no facts": (LanguageWriter(model, "naive"), "naive"),
        "slots": (Slots(model), "slots"),
        "aspects": (Aspects(model), "aspects, opened, revise"),
        "best-of": (BestOf(model), "opened, 4 samples"),
    }


def row(name: str, asked: str, briefs: Sequence[Brief], said: Sequence[Written]) -> list[object]:
    """What came of one writer."""
    own = [one.own_text or one.text for one in said]
    kinds: Counter[str] = Counter()
    for text, brief in zip(own, briefs, strict=True):
        kinds.update({violation.kind for violation in verify(text, brief)})
    why = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
    failed = sum("error" in one.facts for one in said)
    return [
        name,
        asked or "–",
        len(said),
        sum(bool(one.violations) for one in said) + failed,
        why or "–",
        f"{np.mean([len(text.split()) for text in own]):.0f}",
        f"{np.mean([one.facts.get('n_prompt', 0) for one in said]):.0f}",
        f"{np.median([one.facts.get('seconds', 0.0) for one in said]):.1f}",
    ]


def main() -> None:
    n_pairs = int(sys.argv[1]) if len(sys.argv) > 1 else N_PAIRS
    briefs = briefs_of(n_pairs)
    asked_for = set(sys.argv[2:])
    rows = []
    for name, (writer, asked) in writers().items():
        if not asked_for or name in asked_for:
            some = briefs[: max(1, n_pairs // 6)] if name in COSTLY else briefs
            rows.append(row(name, asked, some, writer.write(some)))
            print(*rows[-1], sep=" | ", flush=True)
    if not asked_for:
        note = (
            "Seconds: the median of one explanation on one core, from a machine shared with others."
        )
        write_section("explanation-writers", COLUMNS, rows, note, PAGE)


if __name__ == "__main__":
    main()
