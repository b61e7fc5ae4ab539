"""New items started from their text: likings simulated by a language model, before any came."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.history import together
from recommenders.industry.over_base import OverBase, profiles, prompt
from recommenders.language.histories import Histories
from recommenders.parameters import setting
from recommenders.rank import rank_in_blocks
from recommenders.taxonomy import DEPLOY, Place
from recommenders.texts import item_texts, names_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

STARTS = ("simulated", "text", "none")
NO_TEXT = "new item without a text: not started"
TOO_MANY = "new item beyond most_items: not started"
STARTED = "new item started by simulated likings"


@dataclass
class ColdSimulator(OverBase):
    """A base that meets new items with likings that nobody gave yet.

    A funnel finds for each new item the users whose liked items' texts are nearest to its own; a
    language model is asked of each of them whether this person would like it; the surest count as
    likings when the base is fitted. Or, by text alone, the nearest users do. Histories that are
    scored and lists that are made know nothing of simulated likings.
    """

    source: ClassVar[str] = "Huang et al. 2024 (LLM-InS), arXiv:2402.09176"
    taxonomy: ClassVar[Place] = Place(
        DEPLOY, "cold start", "language model as interaction simulator", ("LLM-InS",)
    )

    start: str = setting(
        "simulated",
        "Who likes a new item: whom the language model says, the nearest by text, or nobody.",
        choices=STARTS,
    )
    new_below: int = setting(1, "Items with fewer likings than this are new.", low=1)
    likings: int = setting(10, "Simulated likings of each new item.", low=1)
    funnel: int = setting(20, "Nearest users the language model is asked about, an item.", low=1)
    most_items: int = setting(100, "New items started at most, those of most rows first.", low=1)
    history: int = setting(10, "How many of the last liked items a prompt tells.", low=1)
    template: str = setting("would-like", "Wording of the question: a name or a .toml file.")

    def fit(self, train: Interactions) -> Self:
        self._start(train)
        ids = getattr(self, "_ids", None)
        self.words_ = prompt(self.template)
        self.names_ = names_of(train, ids[1] if ids else None)
        self.histories_ = Histories(train)
        pairs = self._simulated(train) if self.start != "none" else np.zeros((0, 2), np.int64)
        self.simulated_ = pairs
        self._fit_base(with_likings(train, pairs))
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        liked = self.train_.liked
        return rank_in_blocks(
            lambda some: self._scored(liked[some], [int(user) for user in some]),
            users, self.train_, k,
        )  # fmt: skip

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`."""
        require_fitted(self)
        return self._scored(histories, [user] * histories.shape[0])

    def _simulated(self, train: Interactions) -> Ints:
        """Pairs of user and new item: int64 (n, 2)."""
        from core.embedding import embed

        texts = item_texts(train)
        new = self._new_items(train, texts)
        if not len(new) or not train.liked.nnz:
            return np.zeros((0, 2), np.int64)
        vectors = embed(texts, self.embedding)
        users = np.flatnonzero(np.diff(train.liked.indptr))
        tastes = profiles(train.liked[users], vectors)
        pairs = []
        for done, item in enumerate(new.tolist()):
            self._say("new items", done, len(new))
            has_it = train.seen[users][:, [item]].toarray().ravel() > 0
            nearness = np.where(has_it, -np.inf, tastes @ vectors[item])
            nearest = users[np.argsort(-nearness, kind="stable")[: self.funnel]]
            nearest = nearest[~has_it[np.searchsorted(users, nearest)]]
            chosen = self._chosen(item, nearest)
            pairs.append(np.column_stack([chosen, np.full(len(chosen), item)]))
        self.noted_.add("fit", "imputed", STARTED, len(new), unit="items")
        return np.concatenate(pairs).astype(np.int64)

    def _new_items(self, train: Interactions, texts: tuple[str, ...]) -> Ints:
        likings = np.bincount(train.liked.indices, minlength=train.n_items)
        is_new = likings < self.new_below
        is_told = np.array([bool(text) for text in texts])
        self.noted_.add("fit", "noted", NO_TEXT, int((is_new & ~is_told).sum()), unit="items")
        new = np.flatnonzero(is_new & is_told)
        rows = np.bincount(train.items, minlength=train.n_items)
        kept = new[np.argsort(-rows[new], kind="stable")[: self.most_items]]
        self.noted_.add("fit", "noted", TOO_MANY, len(new) - len(kept), unit="items")
        return np.sort(kept)

    def _chosen(self, item: int, nearest: Ints) -> Ints:
        """Who likes it: by text the nearest, else those of whom the language model is surest."""
        if self.start == "text":
            return nearest[: self.likings]
        words, names, past = self.words_, self.names_, self.histories_
        told = {"candidate": names[item], "noun": self.noun}
        sure = np.array(
            [
                self._likely(
                    words, told, [f"- {names[one.item]}" for one in past.of(user)[-self.history :]]
                )
                for user in nearest.tolist()
            ]
        )
        # no answer comes last; ties in the order of the funnel
        order = np.argsort(-np.where(np.isnan(sure), -1.0, sure), kind="stable")
        return nearest[order[: self.likings]]


def with_likings(train: Interactions, pairs: Ints) -> Interactions:
    """The rows and these likings: best rated, at the last moment of the data.

    pairs  int64 (n, 2) user and item
    """
    if not len(pairs):
        return train
    ratings = times = None
    if train.ratings is not None:
        ratings = np.full(len(pairs), train.ratings.max(), dtype=np.float32)
    if train.timestamps is not None:
        times = np.full(len(pairs), train.timestamps.max(), dtype=np.int64)
    users, items = pairs.T.astype(np.int32)
    new = replace(train, users=users, items=items, ratings=ratings, timestamps=times)
    return together(train, new)
