"""Histories without what is likely noise, before a base learns from them."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.sparse import csr_array

from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.industry.over_base import OverBase, prompt
from recommenders.language.histories import Histories
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks
from recommenders.taxonomy import DEPLOY, Place
from recommenders.texts import item_texts, names_of

DROPPED = "liking taken for noise: the base does not learn from it"
UNASKED = "suspected liking beyond `asked`: judged by text alone"
JUDGES = ("language", "text", "likings")


@dataclass
class Denoised(OverBase):
    """A base that does not learn from likings that fit nothing else of their user.

    Of each user with `least` likings or more, up to `share` of them are dropped: those whose texts
    are farthest from the mean of the user's other ones; or, by likings, those that are liked least
    together with them. By language, twice as many are suspected by their texts and the language
    model is asked whether each fits in: the half that it thinks least likely goes. The dropped are
    gone from what is learned and from the history that is scored, and are listed to nobody who had
    them.
    """

    source: ClassVar[str] = "Wang et al. 2024 (LLM4DSR), arXiv:2408.08208"
    taxonomy: ClassVar[Place] = Place(
        DEPLOY, "denoising", "language model as judge of a sequence's items", ("LLM4DSR",)
    )

    judged_by: str = setting(
        "language", "Who tells noise: the language model, texts, or likings.", choices=JUDGES
    )
    share: float = setting(0.1, "Of a user's likings, dropped at most.", low=0, high=0.5)
    least: int = setting(5, "Likings below which a history is left as it is.", low=2)
    asked: int = setting(300, "Likings the language model is asked about, in all.", low=0)
    history: int = setting(10, "How many of the last other likings a prompt tells.", low=1)
    template: str = setting("fits-in", "Wording of the question: a name or a .toml file.")

    def fit(self, train: Interactions) -> Self:
        self._start(train)
        self.words_ = prompt(self.template)
        ids = getattr(self, "_ids", None)
        self.names_ = names_of(train, ids[1] if ids else None)
        self.histories_ = Histories(train)
        self.dropped_ = self._noise(train)
        key = train.users.astype(np.int64) * train.n_items + train.items
        gone = self.dropped_[:, 0] * train.n_items + self.dropped_[:, 1]
        self.clean_ = train.take(~np.isin(key, gone))
        self.noted_.add("fit", "dropped", DROPPED, len(self.dropped_), unit="likings")
        self._fit_base(self.clean_)
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        liked = self.clean_.liked
        return rank_in_blocks(
            lambda some: self._scored(liked[some], [int(user) for user in some]),
            users, self.train_, k,
        )  # fmt: skip

    def score_histories(self, histories: csr_array, user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`, without what was dropped of this user's."""
        require_fitted(self)
        if user is not None:
            kept = np.ones(histories.shape[1], dtype=histories.dtype)
            kept[self.dropped_[self.dropped_[:, 0] == user, 1]] = 0
            histories = csr_array(histories.multiply(kept))
            histories.eliminate_zeros()
        return self._scored(histories, [user] * histories.shape[0])

    def _noise(self, train: Interactions) -> Ints:
        """Pairs of user and liked item to be dropped: int64 (n, 2)."""
        suspects = suspected(train, self._strangeness(train), self.share, self.least, self._widen)
        if self.judged_by != "language" or not len(suspects):
            return suspects[:, :2].astype(np.int64)
        return self._asked_out(suspects)

    @property
    def _widen(self) -> int:
        return 2 if self.judged_by == "language" else 1

    def _strangeness(self, train: Interactions) -> Floats:
        """How strange is each liking beside the user's others?  float64 (nnz,), as in liked."""
        if self.judged_by == "likings":
            return strange_by_likings(train)
        from core.embedding import embed

        return strange_by_text(train, embed(item_texts(train), self.embedding))

    def _asked_out(self, suspects: Floats) -> Ints:
        """What the language model does not think fits in; the strangest are asked about."""
        order = np.argsort(-suspects[:, 2], kind="stable")
        judged = order[: self.asked]
        self.noted_.add("fit", "noted", UNASKED, len(order) - len(judged), unit="likings")
        fits = np.full(len(suspects), np.nan)
        for done, row in enumerate(judged.tolist()):
            self._say(f"{self.language_model} judges", done, len(judged))
            user, item = int(suspects[row, 0]), int(suspects[row, 1])
            past = [one.item for one in self.histories_.of(user) if one.item != item]
            lines = [f"- {self.names_[other]}" for other in past[-self.history :]]
            gaps = {"candidate": self.names_[item], "noun": self.noun}
            fits[row] = self._likely(self.words_, gaps, lines)
        return self._least_likely(suspects, fits)

    @staticmethod
    def _least_likely(suspects: Floats, fits: Floats) -> Ints:
        """Half of each user's suspects: those that fit least, and if as little, the strangest.

        What nobody answered for counts as fitting like the mean of what was answered.
        """
        answered = fits[~np.isnan(fits)]
        unsure = np.where(np.isnan(fits), answered.mean() if len(answered) else 0.0, fits)
        users, counts = np.unique(suspects[:, 0], return_counts=True)
        quota = dict(zip(users.tolist(), (counts // 2).tolist(), strict=True))
        gone = []
        for row in np.lexsort((-suspects[:, 2], unsure)).tolist():
            user = suspects[row, 0]
            if quota[user]:
                quota[user] -= 1
                gone.append(row)
        return suspects[np.sort(np.array(gone, dtype=np.int64)), :2].astype(np.int64)


def suspected(
    train: Interactions, strangeness: Floats, share: float, least: int, widen: int = 1
) -> Floats:
    """The strangest likings of each user: float64 (n, 3) user, item, strangeness.

    strangeness  float (nnz,) of each entry of train.liked; share: of a user's likings, rounded
                 down; widen: so many times as many
    """
    liked = train.liked
    found = []
    for user in np.flatnonzero(np.diff(liked.indptr) >= least).tolist():
        start, end = liked.indptr[user], liked.indptr[user + 1]
        n = min(widen * int(share * (end - start)), end - start - 1)
        own = np.argsort(-strangeness[start:end], kind="stable")[:n] + start
        found.append(
            np.column_stack([np.full(len(own), user), liked.indices[own], strangeness[own]])
        )
    return np.concatenate(found) if found else np.zeros((0, 3))


def strange_by_text(train: Interactions, vectors: Floats) -> Floats:
    """Less the cosine between an item and the mean of the user's other likings: float64 (nnz,).

    vectors  float32 (n_items, n_dimensions), each of length 1
    """
    liked = train.liked
    users = np.repeat(np.arange(train.n_users), np.diff(liked.indptr))
    own = vectors[liked.indices].astype(np.float64)
    others = product(liked, vectors).astype(np.float64)[users] - own
    lengths = np.linalg.norm(others, axis=1)
    nearness = (own * others).sum(axis=1) / np.where(lengths > 0, lengths, 1.0)
    return np.asarray(-nearness)


def strange_by_likings(train: Interactions) -> Floats:
    """Less the mean cosine, by who liked them, between an item and the user's others: (nnz,)."""
    liked = train.liked
    counts = np.maximum(np.bincount(liked.indices, minlength=train.n_items), 1).astype(np.float64)
    together = (liked.T @ liked).tocsr().astype(np.float64)
    strangeness = np.zeros(liked.nnz)
    for user in np.flatnonzero(np.diff(liked.indptr)).tolist():
        start, end = liked.indptr[user], liked.indptr[user + 1]
        items = liked.indices[start:end]
        # the user's own liking is left out of each pair
        overlap = together[items][:, items].toarray() - 1.0
        size = np.sqrt(np.outer(counts[items], counts[items]))
        cosines = overlap / size
        np.fill_diagonal(cosines, 0.0)
        strangeness[start:end] = -cosines.sum(axis=1) / max(len(items) - 1, 1)
    return strangeness
