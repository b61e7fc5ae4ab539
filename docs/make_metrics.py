"""Write docs/metrics.md from the metrics' own declarations: python docs/make_metrics.py."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluators.metric import Metric

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "metrics.md"
HEAD = """# Metrics

Made from the declarations by `docs/make_metrics.py`. Adding your own: [own metric](own-metric.md).

What holds for all of them:

- Who counts: everybody with at least one relevant test item. Who has none scores NaN (undefined),
  who has but got no list scores 0 (imputed); both are counted beside every number.
- Relevant is a test item rated at or above the data set's threshold; without ratings, every one.
- An item repeated in a list, and one the user already had in train or validation, is a miss, and
  is counted.
- Tied scores keep the order of the list as delivered.
- A metric with a cutoff is judged on the first k places and called `name@k`; one without is judged
  once, on the whole delivered list.
- A user's value is the same to the last bit alone, in any batch, and in a resumed run.

Values of trec_eval, RePlay, RecTools, LensKit and pyltr are kept in `tests/golden/` and agree to
1e-12, or differ by the clause that the definition names.
"""
FAMILIES = {
    "accuracy": "Did the list hold what the user went on to like?",
    "rating": "How far are predicted ratings from the given ones?",
    "diversity": "How varied, new and unlike are lists, and what of the catalogue is shown?",
    "calibration": "Do scores mean what they say: of those called 80 % sure, are 80 % right?",
    "list-calibration": "Does a list mirror the tastes that the user's history shows?",
    "popularity": "Do lists favour what is popular already?",
    "user-fairness": "Are some users served worse than others?",
    "item-fairness": "Are items and who provides them shown as much as they deserve?",
    "drift": "Has something changed in the data, in the lists, or in how good they are?",
    "cold-start": "How are new users and new items served?",
    "cost": "What does a list take, in time, memory, tokens and money?",
    "language": "What is wrong with the lists that a language model writes?",
}


def facts(metric: "Metric") -> list[tuple[str, str]]:
    """What is declared of a metric, as rows of a table."""
    low, high = metric.bounds
    computed = {
        "user": "one value a user",
        "run": "one value a run",
        "audit": "by the audits of its family",
    }[metric.per]
    rows = [
        ("computed", computed + _cutoff(metric)),
        ("needs", ", ".join(f"`{name}`" for name in metric.needs)),
        ("better", f"{metric.better}, from {low:g} to {high:g}"),
    ]
    if metric.settings:
        shown = ", ".join(f"`{name}` = {value}" for name, value in metric.settings.items())
        rows.append(("settings", shown))
    return [*rows, ("source", metric.source)]


def _cutoff(metric: "Metric") -> str:
    if metric.per == "audit":
        return ""
    return ", for each cutoff k" if metric.cutoff else ", without a cutoff"


def section(metric: "Metric") -> str:
    """A metric's question, arrays, formula and facts."""
    question, arrays, *rest = metric.doc.split("\n\n")
    table = "\n".join(f"| {name} | {value} |" for name, value in facts(metric))
    definition = "\n\n".join(rest)
    return (
        f"### {metric.name}\n\n**{question}**\n\n{definition}\n\n"
        f"```text\n{arrays}\n```\n\n| | |\n|---|---|\n{table}\n"
    )


def page() -> str:
    """The whole reference as Markdown."""
    from evaluators import METRICS
    from evaluators.arrays import ARRAYS
    from evaluators.doors import families

    parts = [HEAD]
    for family, metrics in families(METRICS.values()).items():
        parts.append(f"## {family.capitalize()}\n\n{FAMILIES[family]}\n")
        parts.extend(section(metric) for metric in metrics)
    rows = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in ARRAYS.items())
    head = "## Arrays\n\nWhat a metric can ask for by name.\n\n| array | meaning |\n|---|---|\n"
    parts.append(f"{head}{rows}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    TARGET.write_text(page(), encoding="utf-8")
