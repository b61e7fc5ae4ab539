"""Write the reference in docs/explanation-scores.md: python docs/make_explanation_scores.py."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explain.scorer import Scorer

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "explanation-scores.md"
FAMILIES = {
    "faithfulness": "Is what an explanation names what the model in fact used?",
    "stability": "Does the explanation stay when what should not matter changes?",
    "grounding": "Does the text say what its evidence says?",
    "text": "How do texts read, and do they differ?",
    "reference": "How near are texts to what people wrote?",
    "paths": "Which paths through the knowledge graph do explanations take?",
    "judge": "What does a language model say of the text?",
}
PLACE = re.compile(r"<!-- scorers:start -->.*?<!-- scorers:end -->", re.DOTALL)


def section(one: "Scorer") -> str:
    """A scorer's question, definition and facts."""
    question, *rest = one.doc.split("\n\n")
    low, high = one.bounds
    per = "one number an explanation" if one.per == "explanation" else "one number for all texts"
    needs = ", ".join(f"`{name}`" for name in one.needs)
    facts = f"*{per}; better: {one.better}, from {low:g} to {high:g}; needs {needs}; {one.source}*"
    return "\n\n".join([f"### {one.name}", f"**{question}**", *rest, facts])


def reference() -> str:
    """Every scorer, by family, and the material that they ask for by name."""
    from explain.scorer import MATERIAL
    from explain.scorers import SCORERS

    parts = []
    found = list(dict.fromkeys(one.family for one in SCORERS.values()))
    for family in sorted(found, key=[*FAMILIES, *found].index):
        parts.append(f"## {family.capitalize()}\n\n{FAMILIES.get(family, '')}".rstrip())
        parts += [section(one) for one in SCORERS.values() if one.family == family]
    rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in MATERIAL.items())
    parts.append(f"## Material\n\n| name | meaning |\n|---|---|\n{rows}")
    body = "\n\n".join(parts)
    return f"<!-- scorers:start -->\n{body}\n<!-- scorers:end -->"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    page = TARGET.read_text(encoding="utf-8")
    TARGET.write_text(PLACE.sub(lambda _: reference(), page), encoding="utf-8")
