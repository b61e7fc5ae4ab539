"""Several sentences of one model, of which the best is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.language import DEFAULT, LanguageModel
from explain.brief import Brief, Written
from explain.prompts import Prompt
from explain.reward import reward
from explain.writers.asking import Desk, checked, named, write_each


@dataclass
class BestOf:
    """The best of several sentences that a language model draws, by what rules can tell.

    n_samples    one of the likeliest words, the others drawn at `temperature`, each by a seed
    prompt       a name of explain.prompts, a .toml file or a Prompt

    Ranked by explain.reward, what the check passes before what it does not, then grounded and
    specific; LLM2ER-EQR (Yang et al. 2024,
    doi:10.1609/aaai.v38i8.28777) tunes a model by such rewards, here they choose. Every sample and
    its reward is kept in `facts["samples"]`. Takes `n_samples` times the time.
    """

    language_model: str | LanguageModel = DEFAULT
    prompt: str | Prompt = "opened"
    n_samples: int = 4
    temperature: float = 0.8
    seed: int = 0

    def write(self, briefs: Sequence[Brief]) -> list[Written]:
        return write_each(Desk(self.language_model), briefs, self._one)

    def _one(self, desk: Desk, brief: Brief) -> Written:
        words = named(self.prompt)
        samples: dict[str, dict[str, Any]] = {}
        for place in range(max(1, self.n_samples)):
            warmth = self.temperature if place else 0.0
            text = desk.sentence(words, brief, temperature=warmth, seed=self.seed + place)
            worth = reward(text, brief)
            parts = {
                "reward": worth.total,
                "verified": worth.verified,
                "grounding": worth.grounding,
                "specificity": worth.specificity,
                "seed": self.seed + place,
                "temperature": warmth,
            }
            samples.setdefault(text, parts)
        best = max(samples, key=lambda text: (samples[text]["verified"], samples[text]["reward"]))
        told = [{"text": text, **parts} for text, parts in samples.items()]
        return checked(best, brief, {**desk.spent, "seed": self.seed, "samples": told})
