"""A language model that learned from reviews how people explain, apart from any recommender."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.language import LanguageModel, language_model
from explain import tuning
from explain.brief import Brief, Written
from explain.tuning_pairs import aspect_facts
from explain.writers.asking import Desk, checked, write_each
from recommenders.represent.aspects import N_ASPECTS


@dataclass
class Tuned:
    """The tuned model goes on from "You may enjoy X:", told what reviews speak of.

    checkpoint  a folder of tuned weights, or the model itself; None: what tune-explainer made last
                with its usual settings

    The sentence is checked (explain.verify) and replaced by the template's where it says more than
    the facts, as every writer's. Raises ConfigError where no explainer was tuned yet.
    """

    checkpoint: str | LanguageModel | None = None

    def write(self, briefs: Sequence[Brief]) -> list[Written]:
        model = self.checkpoint
        if not isinstance(model, LanguageModel):
            model = language_model(f"path:{model or tuning.checkpoint()}")
        asked = tuning.words()

        def one(desk: Desk, brief: Brief) -> Written:
            text = desk.sentence(asked, told(brief))
            return checked(text, brief, dict(desk.spent))

        return write_each(Desk(model), briefs, one)


def told(brief: Brief) -> Brief:
    """The brief in the words that the model learned under, where reviews speak of aspects."""
    aspects = [str(one.facts["aspect"]) for one in brief.evidence if "aspect" in one.facts]
    named = list(dict.fromkeys(aspects))[:N_ASPECTS]
    return replace(brief, facts=aspect_facts(brief.title, named, named)) if named else brief
