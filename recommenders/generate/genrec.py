"""Titles written by a language model, held to the catalogue by a trie."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from core.errors import ConfigError
from core.kept_numbers import remembered
from core.language_torch import Weights
from core.tables import Floats, Interactions, Ints
from recommenders.generate.titles import Titles
from recommenders.generate.writer import LanguageWriter, as_json
from recommenders.language.asking import HALVED
from recommenders.language.histories import Past
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place

TRIE, FREE = "trie", "free"
MOST_NAMED = 1000  # values that servers take in one schema


@dataclass
class GenRec(LanguageWriter):
    """The titles that a language model would most likely write next, under a trie of the catalogue.

    Beam search over tokens where only what leads on to a title may follow, so no title is invented;
    scores are logs of probabilities. A server without weights here is held to the titles by a JSON
    schema instead. With decoding free it writes a list as it likes: what is no item is counted in
    `ledger_`, shares are in `rates_`. The model is taken as it is: one that was tuned on histories
    (as GenRec's) comes in by `path:FOLDER`.
    """

    source: ClassVar[str] = (
        "Ji et al. 2023, arXiv:2307.00457; trie: De Cao et al. 2021, arXiv:2010.00904"
    )
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "generative, reusing", "titles under a trie by beam search", ("GenRec",)
    )

    template: str = setting("", "Wording: a name or a .toml file; empty: that of the decoding.")
    decoding: str = setting(TRIE, "Held to titles by a trie, or free.", choices=(TRIE, FREE))
    beams: int = setting(20, "Titles followed at once: the longest list.", low=1)
    among: str = setting(
        "titles",
        "Probabilities are shares of what leads to a title, or of all tokens.",
        choices=("titles", "tokens"),
    )

    def fit(self, train: Interactions) -> "GenRec":
        template = self.template
        self.template = template or ("titles" if self.decoding == FREE else "genrec")
        try:
            super().fit(train)
        finally:
            self.template = template
        vars(self).pop("_titles", None)
        return self

    def _list(self, user: int, past: tuple[Past, ...]) -> tuple[Ints, Floats]:
        if self.decoding == FREE:
            return self._written(user, self._write(user, past, self.beams))
        weights = self._asking.model.scorer
        if not isinstance(weights, Weights):
            return self._named(user, past)
        messages, opening = self._conversation(past, self.words_, self.beams, 32)
        prompt = weights.told(messages) + opening
        hidden = self._had(user)

        def make() -> Floats:
            items, scores, n_halved = self._titles.search(
                prompt, self.beams, hidden=hidden, within=self.among == "titles"
            )
            self.asked_.counts[HALVED] += n_halved
            return np.array([items, scores])

        about = ["titles", weights.identity, prompt, self._titles.id, self.beams, self.among]
        items, scores = remembered([*about, hidden.tolist()], make)
        self.asked_.tokens["prompt"] += weights.n_tokens(prompt)
        self.asked_.tokens["completion"] += sum(
            weights.n_tokens(f" {self.names_[int(item)]}") + 1 for item in items
        )
        return items.astype(np.int64), scores

    def _written(self, user: int, text: str) -> tuple[Ints, Floats]:
        """Items of a list as it was written, in its order."""
        items = np.array(self._judge(user, text).items, dtype=np.int64)
        return items, -1.0 - np.arange(len(items))

    def _named(self, user: int, past: tuple[Past, ...]) -> tuple[Ints, Floats]:
        """From a server that holds its answer to a schema: every entry is a title."""
        if len(self.names_) > MOST_NAMED:
            raise ConfigError(
                f"{self.language_model} is a server, which takes at most {MOST_NAMED:,} titles in "
                f"a schema, and there are {len(self.names_):,}; name a model whose weights are on "
                'this machine, or set decoding = "free"'
            )
        n = min(self.beams, len(self.names_))
        entry = {"enum": list(dict.fromkeys(self.names_))}
        listed = {"type": "array", "items": entry, "minItems": 1, "maxItems": n}
        schema = {"type": "object", "properties": {"titles": listed}, "required": ["titles"]}
        messages, _ = self._conversation(past, self.words_, n, 16 * n)
        said = self._asking.model.complete(messages, schema=schema, max_tokens=16 * n)
        self.asked_.tokens["prompt"] += said.n_prompt
        self.asked_.tokens["completion"] += said.n_answer
        self._keep(user, said.text, n, messages[-1]["content"])
        return self._written(user, as_json(_listed(said.text)))

    @cached_property
    def _titles(self) -> Titles:
        weights = self._asking.model.scorer
        if not isinstance(weights, Weights):
            raise ConfigError(f"{self.language_model} has no weights on this machine")
        return Titles(weights, self.names_)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "_titles"}


def _listed(text: str) -> list[str]:
    """Titles of an answer by schema; none where it was cut off."""
    try:
        said = json.loads(text)
    except ValueError:
        return []
    titles = said.get("titles") if isinstance(said, dict) else None
    return [str(one) for one in titles] if isinstance(titles, list) else []
