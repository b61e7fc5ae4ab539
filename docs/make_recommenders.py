"""Write docs/recommenders.md from the recommenders' own words: python docs/make_recommenders.py."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "recommenders.md"
HEAD = """# Recommenders

Made from the declarations by `docs/make_recommenders.py`. What a model learns from and what is
hidden: [decision 0001](decisions/0001-what-a-model-learns-from.md). Plugging in your own:
[own recommender](own-recommender.md).
"""


def page() -> str:
    """The whole reference as Markdown."""
    from recommenders import RECOMMENDERS
    from recommenders.doors import describe

    sections = [HEAD]
    for name in RECOMMENDERS:
        about = describe(name)
        sections.append(f"## {name}\n\n{about.doc}\n\nSource: {about.source}\n")
        if about.parameters:
            rows = [
                f"| `{p.name}` | {p.type_name} | `{p.default}` | {p.doc} |"
                for p in about.parameters
            ]
            sections.append(
                "\n".join(
                    ["| parameter | type | default | meaning |", "|---|---|---|---|", *rows, ""]
                )
            )
    return "\n".join(sections)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    TARGET.write_text(page(), encoding="utf-8")
