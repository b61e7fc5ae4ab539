"""How good is a sentence, as far as rules can tell?  What sampled explanations are ranked by."""

from dataclasses import dataclass

from explain.brief import Brief
from explain.claims import liked_by_user, ties
from explain.lexicon import Lexicon
from explain.reading import PLAIN, YEAR, Reading
from explain.verify import verify

WEIGHTS = {"verified": 0.5, "grounding": 0.25, "specificity": 0.25}


@dataclass(frozen=True)
class Reward:
    """Parts from 0 to 1, the more the better.

    verified     1 over 1 + what the check of explain.verify finds
    grounding    share of the longer words that hold a sentence together or are words of the facts
    specificity  share of what could be told of the item (groups, liked items, ties, year) that is
    untold       facts of ties to liked items, and of what the item is, that the sentence leaves out
    """

    verified: float
    grounding: float
    specificity: float
    untold: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        parts = {
            "verified": self.verified,
            "grounding": self.grounding,
            "specificity": self.specificity,
        }
        return sum(WEIGHTS[name] * value for name, value in parts.items())


def reward(text: str, brief: Brief, lexicon: Lexicon | None = None) -> Reward:
    """What is a sentence worth beside its facts?

    As the quality rewards of LLM2ER-EQR (Yang et al. 2024, doi:10.1609/aaai.v38i8.28777), which
    tune a model by learned rewards; here rules rank what an untuned one says.
    """
    reading = Reading(text, brief, lexicon or brief.lexicon or Lexicon(noun=brief.noun))
    n_wrong = len(verify(text, brief, reading.lexicon))
    n_words = len(PLAIN.findall(reading.covered.text))
    told, possible, untold = _told(reading)
    return Reward(
        verified=1 / (1 + n_wrong),
        grounding=1 - len(reading.untold) / n_words if n_words else 1.0,
        specificity=told / possible if possible else 0.0,
        untold=untold,
    )


def _told(r: Reading) -> tuple[int, int, tuple[str, ...]]:
    """How many particulars are told, how many could be, and which facts are left out."""
    brief = r.brief
    pattern = r.lexicon.group_pattern
    said = {
        r.lexicon.group_words[one.group().lower()]
        for one in (pattern.finditer(r.covered.text) if pattern else ())
    }
    groups = set(brief.groups)
    liked = {one.name for one in liked_by_user(r.covered)} & set(brief.because)
    years = {one.group() for one in YEAR.finditer(r.covered.text)}
    in_text = {(tie.noun, tie.title) for tie in ties(r.covered)}
    in_facts = {(tie.noun, tie.title) for fact in r.facts for tie in ties(fact)}
    told = len(said & groups) + len(liked) + len(in_text & in_facts) + (str(brief.year) in years)
    possible = len(groups) + min(2, len(brief.because)) + min(1, len(in_facts)) + bool(brief.year)
    untold = []
    for fact, read in zip(r.brief.facts, r.facts, strict=False):
        of_fact = {(tie.noun, tie.title) for tie in ties(read)}
        is_told = bool(of_fact & in_text) if of_fact else bool(said & groups) or not groups
        if not is_told:
            untold.append(fact)
    return min(told, possible), possible, tuple(untold)
