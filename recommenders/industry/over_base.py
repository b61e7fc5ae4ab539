"""What models share that change what another recommender learns from, by reading texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from core.errors import ConfigError
from core.language import DEFAULT
from core.ledger import Ledger
from core.prompt_files import Words, words_named
from core.tables import Floats, Ids, Interactions
from recommenders.base import ScoresHistories, Told, untold
from recommenders.language.asking import Asked, Asking
from recommenders.language.candidates import inner, let_tell
from recommenders.parameters import setting
from recommenders.rank import product

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FOLDER = Path(__file__).parent / "prompts"
GAPS = ("history", "candidate", "first", "second", "noun")


@dataclass
class OverBase:
    """A base recommender, a language model and an embedding model, each named and made when needed.

    The base is fitted on data that the model has changed, and asked about unchanged histories.
    """

    base: str = setting("ease", "The recommender that learns: any that can score histories.")
    base_params: str = setting("", 'Its parameters in one line, such as "l2 = 50".')
    language_model: str = setting(DEFAULT, "Who judges, by name: weights or a server.")
    embedding: str = setting("all-minilm-l6-v2", "The embedding model that reads texts, by name.")
    noun: str = setting("item", 'What an item is, in one word: "film".')
    context: int = setting(
        2048, "Longest prompt in tokens; the oldest history is left out to fit.", low=64
    )

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        """As `recommenders.base.NeedsIds`: for bases that speak with the outside by names."""
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        """As `recommenders.base.TellsProgress`."""
        self._told = told
        let_tell(getattr(self, "base_", None), told)
        return self

    def _start(self, train: Interactions) -> None:
        """Forget what an earlier fit left behind."""
        self.asked_ = Asked()
        self.noted_ = Ledger()
        self.train_ = train
        vars(self).pop("_asking", None)

    def _fit_base(self, train: Interactions) -> None:
        ids = getattr(self, "_ids", None)
        made: Any = inner(self.base, self.base_params, "base", train, ids)
        if not isinstance(made, ScoresHistories):
            name = type(self).__name__
            raise ConfigError(
                f"{name} asks its base about histories that it did not learn from, and {self.base} "
                "cannot score histories; take one that can, such as ease, item-knn or als"
            )
        model: Any = made
        let_tell(model, getattr(self, "_told", untold))
        self.base_: Any = model.fit(train) or model

    def _scored(self, histories: "csr_array[Any]", users: Sequence[int | None]) -> Floats:
        """Score histories by the base, one at a time.

        A base may use dense products, whose last bits depend on the batch.
        """
        rows = [
            np.asarray(self.base_.score_histories(histories[[row]], user), dtype=np.float64)
            for row, user in enumerate(users)
        ]
        return np.vstack(rows) if rows else np.zeros((0, self.train_.n_items))

    def _say(self, what: str, done: int, total: int) -> None:
        getattr(self, "_told", untold)(what, done, total)

    def _likely(self, words: Words, gaps: Mapping[str, str], history: Sequence[str]) -> float:
        """p(first option) / p(first or second): how sure is the language model of a Yes?

        history  lines of the prompt's gap `history`, oldest first; the oldest go where it is long.
        NaN where there is no answer.
        """
        told = self._asking.fitted(
            lambda n: [words.messages({**gaps, "history": "\n".join(history[len(history) - n :])})],
            len(history),
        )
        found = self.asked_.attempt(lambda: self._asking.options(told, words.options)[0], 2)
        yes, no = found
        with np.errstate(over="ignore", invalid="ignore"):
            return float(1.0 / (1.0 + np.exp(no - yes)))

    @cached_property
    def _asking(self) -> Asking:
        from core import language

        return Asking(language.language_model(self.language_model), self.context, self.asked_)

    @property
    def tokens_(self) -> Mapping[str, int]:
        """As `recommenders.base.CountsTokens`."""
        asked = getattr(self, "asked_", Asked())
        return {kind: asked.tokens[kind] for kind in ("prompt", "completion")}

    @property
    def ledger_(self) -> Ledger:
        """What was changed, left out or cut since fit."""
        kept = Ledger()
        kept.extend(getattr(self, "noted_", Ledger()))
        kept.extend(getattr(self, "asked_", Asked()).ledger("fit"))
        return kept

    def __getstate__(self) -> dict[str, Any]:
        gone = {"_asking", "_told"}
        return {name: value for name, value in vars(self).items() if name not in gone}


def prompt(name: str) -> Words:
    """The prompt of this name, or in this .toml file; it must have two options."""
    words = words_named(name, FOLDER, GAPS, ("user", "system"))
    if len(words.options) != 2:
        raise ConfigError(
            f"the prompt {words.name!r} must have two options, the first one for yes; it has "
            f"{list(words.options)}"
        )
    return words


def profiles(liked: "csr_array[Any]", vectors: Floats) -> Floats:
    """Mean of the vectors of what each user liked, of length 1: (n_users, n_dimensions).

    liked  CSR (n_users, n_items); vectors: float32 (n_items, n_dimensions). Zeros for no history.
    """
    sums = product(liked, vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.where(lengths > 0, lengths, 1.0))
