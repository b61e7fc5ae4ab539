"""What all rankers by a language model share: settings, candidates, prompts, counts."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from core.errors import ConfigError
from core.language import DEFAULT
from core.ledger import Ledger
from core.prompt_files import Words
from core.tables import PAD, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.language.asking import Asked, Asking
from recommenders.language.candidates import arranged, inner, let_tell
from recommenders.language.histories import Histories, Past, lines
from recommenders.language.prompts import wordings
from recommenders.parameters import setting
from recommenders.texts import item_texts, names_of

ORDERS = ("retrieved", "shuffled", "reversed")


@dataclass(frozen=True)
class Case:
    """One user under one wording.  past: oldest first; shown: candidates in the order shown."""

    user: int
    past: tuple[Past, ...]
    shown: tuple[int, ...]
    words: Words


@dataclass
class LanguageRanker(ABC):
    """Candidates of another recommender, put in order by a language model that was never trained.

    A ranker says what fits a prompt: `_rank` answers with one score a candidate.
    """

    language_model: str = setting(DEFAULT, "Who is asked, by name: weights or a server.")
    retriever: str = setting("ease", "Finds the candidates: any recommender by name.")
    retriever_params: str = setting("", 'Its parameters in one line, such as "l2 = 500".')
    candidates: int = setting(20, "How many are put in order for each user.", low=1)
    history: int = setting(10, "How many of the last liked items a prompt tells.", low=1)
    template: str = setting(
        "", "Wording of the prompt: a name or a .toml file; of several, with commas, the mean rank."
    )
    is_time_aware: bool = setting(
        default=False, doc="Whether the prompt tells when each item was liked."
    )
    order: str = setting("retrieved", "Order in which candidates are shown.", choices=ORDERS)
    noun: str = setting("item", 'What an item is, in one word: "film".')
    context: int = setting(
        2048, "Longest prompt in tokens; the oldest history is left out to fit.", low=64
    )
    seed: int = setting(0, "Of the shuffled orders.", low=0)

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        let_tell(getattr(self, "retriever_", None), told)
        return self

    def fit(self, train: Interactions) -> Self:
        """Read the names and histories; the language model learns nothing."""
        item_texts(train)  # without a text there is nothing to read
        ids = getattr(self, "_ids", None)
        self.wordings_ = wordings(self._wording(), self._needs(), type(self).__name__)
        self.names_ = names_of(train, ids[1] if ids else None)
        self.histories_ = Histories(train)
        self.train_ = train
        self.asked_ = Asked()
        self.answers_: list[Mapping[str, Any]] = []
        vars(self).pop("_asking", None)
        _ = self._asking  # weights that are missing are told of now
        if self.retriever:
            found = inner(self.retriever, self.retriever_params, "retriever", train, ids)
            let_tell(found, getattr(self, "_told", untold))
            self.retriever_ = found.fit(train) or found
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        if not self.retriever:
            raise ConfigError(
                f"{type(self).__name__} has no retriever, so it can only score candidates that it "
                "is given; name one, or make it the ranker of a pipeline"
            )
        codes: Ints = np.asarray(users, dtype=np.int64)
        found = self.retriever_.recommend(codes, self.candidates)
        return arranged(found, self.score_candidates(codes, found.items), k)

    def score_candidates(self, users: Codes | Ints, candidates: Codes) -> Floats:
        """As `recommenders.base.ScoresCandidates`; -inf for users without a history."""
        require_fitted(self)
        told = getattr(self, "_told", untold)
        scores = np.full(candidates.shape, -np.inf)
        for row, user in enumerate(np.asarray(users).tolist()):
            told(f"{self.language_model} ranks", row, len(users))
            listed = candidates[row] != PAD
            past = self.histories_.of(user)[-self.history :]
            if past and listed.any():
                scores[row, listed] = self._scores(user, past, candidates[row, listed].tolist())
        told(f"{self.language_model} ranks", len(users), len(users))
        scores[np.isnan(scores)] = -np.inf
        return scores

    def _scores(self, user: int, past: tuple[Past, ...], items: Sequence[int]) -> Floats:
        """One score an item; of several wordings or orders, the mean of minus the rank."""
        orders = self._orders(user, len(items))
        each = []
        for words in self.wordings_:
            for number, places in enumerate(orders):
                case = Case(user, past, tuple(items[place] for place in places), words)
                shown = self.asked_.attempt(lambda case=case: self._rank(case), len(items))  # type: ignore[misc]
                scores = np.full(len(items), np.nan)
                scores[places] = shown
                each.append(scores)
                if len(self.wordings_) * len(orders) > 1 and not self._writes():
                    self._keep(case, _as_list(case.shown, shown, self._outside), number)
        if len(each) == 1:
            return each[0]
        means: Floats = np.mean([_minus_rank(scores) for scores in each], axis=0)
        return means

    def _wording(self) -> str:
        """Names of the templates."""
        return self.template

    def _needs(self) -> tuple[str, ...]:
        """Gaps that a template must have."""
        return ("history",)

    def _orders(self, user: int, n: int) -> list[Ints]:
        """In which orders candidates are shown: places of the order found."""
        return [self._order(user, n, self.order, 0)]

    def _order(self, user: int, n: int, kind: str, number: int) -> Ints:
        if kind == "shuffled":
            return np.random.default_rng([self.seed, user, number]).permutation(n)
        return np.arange(n)[:: -1 if kind == "reversed" else 1]

    def _writes(self) -> bool:
        """Does `_rank` itself keep what the model wrote?"""
        return False

    @abstractmethod
    def _rank(self, case: Case) -> Floats:
        """One score for each item of case.shown, higher is better; NaN where there is none."""

    def _gaps(self, case: Case, n_history: int, **more: str) -> dict[str, str]:
        """What fills a prompt with the last n_history items of the history."""
        past = case.past[len(case.past) - n_history :]
        is_timed = self.is_time_aware and all(one.ago is not None for one in past)
        return {
            "history": lines(past, self.names_, is_timed=is_timed),
            "time": case.words.texts.get("time", "") if is_timed else "",
            "last": self.names_[past[-1].item] if past else "",
            "noun": self.noun,
            "n": str(len(case.shown)),
            **more,
        }

    def _keep(self, case: Case, text: str, order: int, prompt: str = "") -> None:
        """Keep an answer as an audit of answers reads it (core.answers)."""
        users = getattr(self, "_ids", None)
        self.answers_.append(
            {
                "user": users[0].names[case.user] if users else str(case.user),
                "answer": text,
                "candidates": [self._outside(item) for item in case.shown],
                "asked": len(case.shown),
                "template": case.words.id,
                "order": str(order),
                "seed": str(self.seed),
                "prompt": prompt,
            }
        )

    def _outside(self, item: int) -> str:
        ids = getattr(self, "_ids", None)
        return str(ids[1].names[item]) if ids else str(item)

    @cached_property
    def _asking(self) -> Asking:
        from core import language

        return Asking(language.language_model(self.language_model), self.context, self.asked_)

    @property
    def tokens_(self) -> Mapping[str, int]:
        return {kind: self.asked_.tokens[kind] for kind in ("prompt", "completion")}

    @property
    def ledger_(self) -> Ledger:
        return self.asked_.ledger(f"rank by {self.language_model}")

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: value for name, value in vars(self).items() if name not in {"_told", "_asking"}
        }


def _minus_rank(scores: Floats) -> Floats:
    """0 for the best, -1 for the next; what has no score shares the places that are left."""
    values = np.where(np.isnan(scores), -np.inf, scores)
    better = (values[None, :] > values[:, None]).sum(axis=1)
    alike = (values[None, :] == values[:, None]).sum(axis=1)
    ranks: Floats = -(better + (alike - 1) / 2.0)
    return ranks


def _as_list(shown: Sequence[int], scores: Floats, outside: Any) -> str:
    """The order that likelihoods give, as a list of ids in JSON; ties in the order shown."""
    order = np.argsort(-np.where(np.isnan(scores), -np.inf, scores), kind="stable")
    return json.dumps([outside(shown[place]) for place in order])
