"""A conversational recommender over any ranker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self

import numpy as np

from core.tables import PAD, Codes, Ids, Interactions, Ints, TopK
from recommenders.base import NeedsIds, TellsProgress, Told, require_fitted
from recommenders.converse.catalogue import catalogue_of
from recommenders.converse.ranking import (
    Answered,
    answer,
    base_order,
    dividing_group,
    without_relaxed,
)
from recommenders.converse.replies import reply_to
from recommenders.converse.understanding import understand
from recommenders.converse.wishes import State, Understood, Wish
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place


@dataclass(frozen=True)
class Turn:
    """One exchange.

    said, reply  the user's words and the recommender's
    understood   what the words were taken to ask for, and by whom
    state        of the conversation after it; items: codes listed, scores: what they were ranked by
    relaxed      wishes that had to be let go
    """

    said: str
    reply: str
    understood: Understood
    state: State
    items: tuple[int, ...]
    scores: tuple[float, ...] = ()
    relaxed: tuple[str, ...] = ()


@dataclass
class Conversational:
    """Lists of any ranker, bent by what a user says: wishes, critiques, questions, turn by turn.

    A turn is understood by a language model that fills in a form (its answer held to a JSON
    schema), or by rules: alone, or where the form says more or less than the words. The ranker's
    order is kept; groups that were asked for come first, what was refused, listed before or is of
    other years goes. `turn` answers one turn of one user; `recommend` gives the lists after `said`,
    the same words from everybody: empty, they are the ranker's own.
    """

    source: ClassVar[str] = (
        "Gao et al. 2023 (Chat-REC), arXiv:2303.14524; Huang et al. 2023 (InteRecAgent), "
        "arXiv:2308.16505; critiques after Chen & Pu 2012, doi:10.1007/s11257-011-9108-6"
    )
    taxonomy: ClassVar[Place] = Place(
        UTILIZE,
        "non-generative, without retraining",
        "conversation over a ranker",
        ("Chat-REC", "InteRecAgent", "LLMCRS", "RecLLM"),
    )

    ranker: str = setting("ease", "Which recommender ranks; any name.")
    said: str = setting("", "What every user says before the first list; empty: nothing.")
    understanding: str = setting(
        "rules",
        "Who reads a turn: rules, or a language model with rules behind it.",
        choices=("rules", "model"),
    )
    language_model: str = setting("smollm2-135m", "The language model that reads turns.")
    is_checked: bool = setting(
        default=True,
        doc="Take the model's reading only where words bear it out; false trusts a large one.",
    )
    group_weight: float = setting(
        1.0, "How far an item of all wanted groups moves up, in lengths of the list.", low=0, high=9
    )
    asks: bool = setting(default=True, doc="Ask about a group that divides the best candidates.")

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        """As `recommenders.base.NeedsIds`: items without titles are called by their ids."""
        self._ids = (user_ids, item_ids)
        return self

    def bind_progress(self, told: Told) -> Self:
        """As `recommenders.base.TellsProgress`: what the ranker tells."""
        self._told = told
        return self

    def fit(self, train: Interactions) -> Self:
        from recommenders.doors import resolve

        ranker = resolve(self.ranker)
        ids: tuple[Ids, Ids] | None = getattr(self, "_ids", None)
        if ids is not None and isinstance(ranker, NeedsIds):
            ranker.bind(*ids)
        told: Told | None = getattr(self, "_told", None)
        if told is not None and isinstance(ranker, TellsProgress):
            ranker.bind_progress(told)
        return self.around(ranker.fit(train), train)

    def around(self, ranker: Any, train: Interactions) -> Self:
        """As `fit`, where the ranker is fitted to `train` already."""
        ids: tuple[Ids, Ids] | None = getattr(self, "_ids", None)
        self.ranker_ = ranker
        self.catalogue_ = catalogue_of(train, None if ids is None else ids[1])
        self.train_ = train
        self.tokens_: dict[str, int] = {"prompt": 0, "completion": 0}
        return self

    def __getstate__(self) -> Mapping[str, Any]:
        """Without the listener, which belongs to one process."""
        return {name: value for name, value in vars(self).items() if name != "_told"}

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        if not self.said:
            top: TopK = self.ranker_.recommend(users, k)
            return top
        state = State().after(self.understood(self.said, State(), ()).wish)
        codes: Ints = np.asarray(users, dtype=np.int64)
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        scores = np.full((len(codes), k), -np.inf)
        has_history = np.diff(self.train_.liked.indptr) > 0
        for place, user in enumerate(codes):
            if has_history[user]:
                found = self.answered(int(user), state)
                n = min(k, len(found.items))
                items[place, :n], scores[place, :n] = found.items[:n], found.scores[:n]
        return TopK(codes, items, scores)

    def understood(self, said: str, state: State, listed: Sequence[int]) -> Understood:
        """What do these words ask for, here?  Counts the tokens of the language model."""
        require_fitted(self)
        model = language_of(self.language_model) if self.understanding == "model" else None
        found = understand(said, self.catalogue_, state, listed, model, is_checked=self.is_checked)
        self.tokens_["prompt"] += found.tokens[0]
        self.tokens_["completion"] += found.tokens[1]
        return found

    def answered(self, user: int | None, state: State) -> Answered:
        """Every item that may be listed after what was said, best first.

        user  a code; None for somebody who is not in the data
        """
        require_fitted(self)
        base = base_order(self.ranker_, self.train_, user, state)
        return answer(base, self.catalogue_, self.train_, user, state, self.group_weight)

    def turn(
        self,
        user: int | None,
        said: str,
        state: State,
        listed: Sequence[int] = (),
        k: int = 10,
        *,
        wish: Wish | None = None,
    ) -> Turn:
        """Answer one turn: understand it, list k items for all that was asked for so far.

        user    a code; None for somebody who is not in the data
        listed  codes of the last list
        wish    what the turn asks for, where the caller knows it: nothing is read then

        A question is answered from what the data hold, and the list stays.
        """
        found = self.understood(said, state, listed) if wish is None else Understood(wish, "given")
        now = state.after(found.wish)
        if found.wish.act == "question" and found.wish.is_empty:
            reply = reply_to(self, user, found.wish, now, Answered(*_nothing()), "")
            return Turn(said, reply, found, now, tuple(listed))
        answered = self.answered(user, now)
        now = without_relaxed(now, answered.relaxed)
        shown = tuple(int(item) for item in answered.items[:k])
        pending = dividing_group(self.catalogue_, answered, now) if self.asks else ""
        reply = reply_to(self, user, found.wish, now, answered, pending)
        return Turn(
            said,
            reply,
            found,
            now.showing(shown, pending),
            shown,
            tuple(float(score) for score in answered.scores[:k]),
            answered.relaxed,
        )


def _nothing() -> tuple[Ints, Any]:
    return np.zeros(0, dtype=np.int64), np.zeros(0)


@lru_cache(maxsize=2)
def language_of(name: str) -> Any:
    """The language model of this name, loaded once; no fitted model holds it."""
    from core.language import language_model

    return language_model(name)
