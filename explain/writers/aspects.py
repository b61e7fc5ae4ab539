"""Aspects first, then a draft, then critique and revision: a scaffold for a language model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.errors import LanguageError
from core.language import DEFAULT, LanguageModel
from explain.brief import Brief, Written
from explain.prompts import Prompt
from explain.reward import Reward, reward
from explain.verify import KINDS, Violation, verify
from explain.writers.asking import Desk, named, refused, write_each
from explain.writers.slots import narrowed, read_json

N_ASPECTS = 3


@dataclass(frozen=True)
class Draft:
    """One attempt at a sentence.

    faults  what a critic says of it, in words; lacking: facts chosen as aspects that it leaves out
    """

    text: str
    found: tuple[Violation, ...]
    reward: Reward
    faults: tuple[str, ...]

    @property
    def rank(self) -> tuple[float, float]:
        return (-len(self.found), self.reward.total)

    def facts(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "violations": [str(one) for one in self.found],
            "faults": list(self.faults),
            "reward": round(self.reward.total, 4),
        }


@dataclass
class Aspects:
    """A language model picks the facts that matter, drafts, is told what is wrong, and revises.

    n_rounds  revisions at most; a round that is no better than the one before ends it

    Scaffold as in Logic-Scaffolding (Rahdari et al. 2024, doi:10.1145/3616855.3635689), critique
    and revision as in LLM4Vis (Wang et al. 2023, arXiv:2310.07652). There a large model is its own
    critic; here rules are (explain.verify), and whether the chosen facts are told: small models
    find no fault with anything. Every draft is kept in `facts["drafts"]`.
    """

    language_model: str | LanguageModel = DEFAULT
    prompt: str | Prompt = "opened"
    choosing: str | Prompt = "aspects"
    revising: str | Prompt = "revise"
    n_rounds: int = 2
    seed: int = 0

    def write(self, briefs: Sequence[Brief]) -> list[Written]:
        words = [named(one) for one in (self.choosing, self.prompt, self.revising)]

        def one(desk: Desk, brief: Brief) -> Written:
            return self._one(desk, brief, *words)

        return write_each(Desk(self.language_model), briefs, one)

    def _one(
        self, desk: Desk, brief: Brief, choosing: Prompt, drafting: Prompt, revising: Prompt
    ) -> Written:
        picked, how = self._picked(desk, brief, choosing)
        first = desk.sentence(drafting, picked, seed=self.seed)
        drafts = [judged(first, picked)]
        while drafts[-1].faults and len(drafts) <= self.n_rounds:
            last = drafts[-1]
            faults = "\n".join(f"- {fault}" for fault in last.faults)
            again = desk.sentence(revising, picked, seed=self.seed, draft=last.text, faults=faults)
            drafts.append(judged(again, picked))
            if drafts[-1].rank <= last.rank:
                break
        best = max(drafts, key=lambda draft: draft.rank)
        facts = {
            **desk.spent,
            **how,
            "aspects": list(picked.facts),
            "drafts": [draft.facts() for draft in drafts],
            "prompt": ", ".join(one.id for one in (choosing, drafting, revising)),
        }
        if found := verify(best.text, brief):
            return refused(best.text, brief, found, facts)
        return Written(best.text, facts=facts)

    def _picked(self, desk: Desk, brief: Brief, choosing: Prompt) -> tuple[Brief, dict[str, Any]]:
        """The brief with the facts that the model picked; all of them where it cannot pick."""
        if len(brief.facts) < 2:
            return brief, {}
        asked = desk.ask(choosing, brief, schema=aspects_of(brief), seed=self.seed)
        try:
            said = read_json(asked.text, desk.name)
            return narrowed(brief, {"aspects": said.get("aspects")}), {}
        except LanguageError as error:
            return replace(brief), {"reason": f"all facts were used: {error}"}


def aspects_of(brief: Brief) -> dict[str, Any]:
    """The JSON schema of a choice of one to three facts."""
    listing = {
        "type": "array",
        "items": {"enum": list(brief.facts)},
        "minItems": 1,
        "maxItems": min(N_ASPECTS, len(brief.facts)),
    }
    return {
        "type": "object",
        "properties": {"aspects": listing},
        "required": ["aspects"],
        "additionalProperties": False,
    }


def judged(text: str, brief: Brief) -> Draft:
    """A draft with what a critic says of it."""
    found = verify(text, brief)
    worth = reward(text, brief)
    faults = [
        f'"{one.words}": {KINDS[one.kind]}.' if one.words else KINDS[one.kind] + "."
        for one in found
    ]
    faults += [f"It leaves out: {fact}" for fact in worth.untold[:2]]
    return Draft(text, found, worth, tuple(faults))
