"""The systems that the survey of recommenders with language models lists, and where it puts them.

"Towards Next-Generation LLM-based Recommender Systems: A Survey and Beyond" (Wang et al. 2024,
arXiv:2410.19744), sections 3 to 5 and its tables of generative and of deployed systems. What is
told of a system is its name, title, year and address, and the branches that it stands on: facts.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from recommenders.taxonomy import DEPLOY, REPRESENT, UTILIZE

SURVEY = "Wang et al. 2024, arXiv:2410.19744"
FILE = Path(__file__).with_suffix(".psv")  # values parted by bars: titles hold commas


@dataclass(frozen=True)
class Branch:
    """One leaf of the survey's taxonomy.  tier: of taxonomy.TIERS; section: of the survey."""

    tier: str
    paradigm: str
    technique: str
    section: int

    @property
    def label(self) -> str:
        """Such as "non-generative, retraining: instruction tuning"."""
        return f"{self.paradigm}: {self.technique}"


_NON, _GEN = "non-generative", "generative"
BRANCHES: Mapping[str, Branch] = {
    "u": Branch(REPRESENT, "representing", "one modality", 3),
    "m": Branch(REPRESENT, "representing", "several modalities", 3),
    "b": Branch(REPRESENT, "understanding", "explanations before recommending", 3),
    "a": Branch(REPRESENT, "understanding", "explanations after recommending", 3),
    "nf": Branch(UTILIZE, f"{_NON}, retraining", "naive fine-tuning", 4),
    "ni": Branch(UTILIZE, f"{_NON}, retraining", "instruction tuning", 4),
    "nl": Branch(UTILIZE, f"{_NON}, retraining", "low-rank adaptation", 4),
    "nd": Branch(UTILIZE, f"{_NON}, reusing", "direct use", 4),
    "np": Branch(UTILIZE, f"{_NON}, reusing", "prompt tuning", 4),
    "nc": Branch(UTILIZE, f"{_NON}, reusing", "in-context learning", 4),
    "gf": Branch(UTILIZE, f"{_GEN}, retraining", "naive fine-tuning", 4),
    "gi": Branch(UTILIZE, f"{_GEN}, retraining", "instruction tuning", 4),
    "gl": Branch(UTILIZE, f"{_GEN}, retraining", "low-rank adaptation", 4),
    "gd": Branch(UTILIZE, f"{_GEN}, reusing", "direct use", 4),
    "gp": Branch(UTILIZE, f"{_GEN}, reusing", "prompt tuning", 4),
    "gc": Branch(UTILIZE, _GEN, "components and strategies", 4),
    "ds": Branch(DEPLOY, "deployed", "large-scale scenarios", 5),
    "da": Branch(DEPLOY, "deployed", "acceleration", 5),
    "dc": Branch(DEPLOY, "deployed", "cold start", 5),
    "dd": Branch(DEPLOY, "deployed", "dynamic update", 5),
    "db": Branch(DEPLOY, "deployed", "business requirements", 5),
}
PREPRINTS: Mapping[str, str] = {  # of systems that the list names by where they were published
    "LLaRA": "arXiv:2312.02445",
    "RLMRec": "arXiv:2310.15950",
    "GenRec": "arXiv:2307.00457",
    "IDGenRec": "arXiv:2403.19021",
    "CLLM4Rec": "arXiv:2311.01343",
    "LLMRec": "arXiv:2311.00423",
    "ONCE": "arXiv:2305.06566",
    "TALLRec": "arXiv:2305.00447",
    "DEALRec": "arXiv:2401.17197",
    "LLMRank": "arXiv:2305.08845",
    "ReLLa": "arXiv:2308.11131",
    "PO4ISR": "arXiv:2312.07552",
    "Item ID indexing": "arXiv:2305.06569",
}
ADDRESSES = {"arXiv:": "https://arxiv.org/abs/", "doi:": "https://doi.org/"}


@dataclass(frozen=True)
class System:
    """One system of the survey.

    name      as it is called; empty where its paper gives it no name
    title     of the paper; year: of its publication, or of the preprint
    source    "arXiv:…" or "doi:…"; empty where there is neither
    branches  where the survey lists it, in the survey's order
    company   that has put it to use, where the survey names one
    """

    name: str
    title: str
    year: int
    source: str
    branches: tuple[Branch, ...]
    company: str = ""

    @property
    def label(self) -> str:
        return self.name or self.title

    @property
    def numbers(self) -> tuple[str, ...]:
        """Under which numbers it is cited: of the publication, of the preprint."""
        return tuple(filter(None, (self.source, PREPRINTS.get(self.name, ""))))

    @property
    def address(self) -> str:
        """Where to read it; empty where that is unknown."""
        for prefix, base in ADDRESSES.items():
            if self.source.startswith(prefix):
                return base + self.source.removeprefix(prefix)
        return ""

    def is_in(self, tier: str) -> bool:
        return any(branch.tier == tier for branch in self.branches)


@cache
def systems() -> tuple[System, ...]:
    """Every system of the survey's sections 3 to 5, in the survey's order."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="|", quoting=csv.QUOTE_NONE))
    return tuple(
        System(
            name=row["name"],
            title=row["title"],
            year=int(row["year"]),
            source=row["source"],
            branches=tuple(branch for key, branch in BRANCHES.items() if key in _keys(row)),
            company=row["company"],
        )
        for row in rows
    )


def _keys(row: Mapping[str, str]) -> set[str]:
    return set(row["branches"].split())


def stood_for(names: Iterable[str], source: str = "") -> tuple[list[System], list[str]]:
    """Which of the survey's systems are meant, and which names are none of them?

    names   as a recommender's taxonomy names them: case, spaces and hyphens do not matter
    source  of the built-in: a system whose arXiv or DOI number stands in it is meant too
    """
    wanted = {_plain(name): name for name in names}
    found = [
        system
        for system in systems()
        if (system.name and _plain(system.name) in wanted)
        or _plain(system.title) in wanted
        or any(_cites(source, number) for number in system.numbers)
    ]
    known = {_plain(text) for system in found for text in (system.name, system.title)}
    return found, [name for plain, name in wanted.items() if plain not in known]


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _cites(text: str, number: str) -> bool:
    """Whole numbers only: doi:10.1145/1 is not in doi:10.1145/12."""
    return re.search(re.escape(number) + r"(?!\d)", text, flags=re.IGNORECASE) is not None
