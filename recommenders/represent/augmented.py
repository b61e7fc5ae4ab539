"""Items and users described by a language model, and a recommender that reads the descriptions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from core.embedding import DEFAULT, embed
from core.ledger import Ledger
from core.naming import listed
from core.tables import Bools, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.language.candidates import inner, let_tell, own_scores
from recommenders.parameters import setting
from recommenders.rank import product, rank
from recommenders.represent.aspects import WORD, aspects_of, strongest
from recommenders.represent.text_embedding import sharpened
from recommenders.represent.vectors import centred, parts_of
from recommenders.represent.wordings import NAMES, PROFILE, wording
from recommenders.represent.writing import Writer
from recommenders.taxonomy import REPRESENT, Place
from recommenders.texts import item_texts, names_of, reviews_of

N_NAMED = 8  # liked items that a profile is written from, the latest
N_BESIDE = 2  # items liked by the same users, named for the strategy `engage`
SHARPNESS = 5.0  # as text-embedding


@dataclass
class TextAugmented:
    """A hybrid of likings and of texts that a language model enlarged.

    The model writes of the most liked items (strategies of LLM-Rec, KAR and ONCE; `aspects` tells
    it what the reviews of train speak of, as SAGCN and FineRec), and a profile of every user asked
    for. Texts become vectors. score = z(base) + weight · z(text), each normalised over the items
    that the user may get; text is Σ_j max(0, cos(i, j))^5 over liked items, plus `profile` times
    its size times the cosine with the profile. All answers are kept: a second run asks nothing.
    """

    source: ClassVar[str] = "Lyu et al. 2023 (LLM-Rec), arXiv:2307.15780; KAR, arXiv:2306.10933"
    taxonomy: ClassVar[Place] = Place(
        REPRESENT,
        "uni-modality",
        "items and users described by a language model",
        ("LLM-Rec", "KAR", "ONCE", "SAGCN", "FineRec", "RLMRec"),
    )

    language_model: str = setting("smollm2-135m", "Writes: any language model by name.")
    embedding: str = setting(DEFAULT, "Makes vectors of texts: any embedding model by name.")
    strategy: str = setting("describe", "What the model is asked of an item.", choices=NAMES)
    parts: str = setting(
        "title, groups, text", "What is told of an item: title, groups, text, reviews."
    )
    n_described: int = setting(100, "Items that are described, the most liked ones.", low=0)
    profile: float = setting(
        0.0, "Weight of the profile that is written of each user; 0: none is written.", low=0
    )
    base: str = setting("ease", "Recommender that texts are added to, by name.")
    weight: float = setting(0.3, "Of the texts beside the base.", low=0)

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        let_tell(getattr(self, "base_", None), told)
        return self

    def fit(self, train: Interactions) -> Self:
        self.ledger_ = Ledger()
        self.writer_ = Writer(self.language_model, self.ledger_)
        texts = item_texts(train, parts_of(self.parts))
        self.facts_ = self._facts(train)
        self.texts_ = self._described(train, texts)
        has_text = np.array([bool(text) for text in self.texts_])
        raw = embed(list(self.texts_), self.embedding)
        self.mean_ = raw[has_text].mean(axis=0, dtype=np.float64)
        self.vectors_, self.has_text_ = centred(raw, has_text), has_text
        self.similar_ = sharpened(self.vectors_, SHARPNESS)
        self.names_ = names_of(train)
        model = inner(self.base, "", "base", train, getattr(self, "_ids", None))
        let_tell(model, getattr(self, "_told", untold))
        self.base_ = model.fit(train) or model
        self.profiles_: dict[int, str] = {}
        self.train_ = train
        return self

    @property
    def tokens_(self) -> Mapping[str, int]:
        """Tokens of all that was written, what came from the cache too."""
        return self.writer_.tokens

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        n_items = self.train_.n_items
        scores = np.full((len(codes), n_items), -np.inf)
        everything = np.broadcast_to(np.arange(n_items, dtype=np.int32), (1, n_items))
        for place, user in enumerate(codes):
            if not self.train_.liked[[user]].nnz:
                continue
            base = own_scores(self.base_, codes[[place]], everything, n_items)[0]
            is_open = np.ones(n_items, dtype=bool)
            is_open[self.train_.seen[[user]].indices] = False
            scores[place] = self._together(base, self._text_scores(int(user)), is_open)
        return rank(codes, scores, self.train_.seen, k)

    def _together(self, base: Floats, text: Floats, is_open: Bools) -> Floats:
        """What the base does not list stands where its worst item does."""
        listed_by_base = np.isfinite(base) & is_open
        lowest = base[listed_by_base].min() if listed_by_base.any() else 0.0
        base = np.where(np.isfinite(base), base, lowest)
        made = _z(base, is_open) + self.weight * _z(text, is_open & self.has_text_)
        made[~(listed_by_base | self.has_text_)] = -np.inf
        return made

    def _text_scores(self, user: int) -> Floats:
        scores: Floats = product(self.train_.liked[[user]], self.similar_)[0].astype(np.float64)
        if self.profile:
            near = product(self._profile(user)[None], np.ascontiguousarray(self.vectors_.T))[0]
            scores += self.profile * scores.std() * near / max(float(near.std()), 1e-9)
        return scores

    def _profile(self, user: int) -> Floats:
        """Vector of what the model wrote of a user, seen from the items' mean: float32 (width,)."""
        if user not in self.profiles_:
            liked = self._latest(user)
            text = "\n".join(self.names_[item] for item in liked)
            aspects = listed(strongest(self._aspects_of(liked), self.often_))
            facts = f"Reviews of these speak of {aspects}." if aspects else ""
            (said,) = self.writer_.written(PROFILE, [text], [facts], untold)
            self.profiles_[user] = said or text
        raw = embed([self.profiles_[user]], self.embedding)[0].astype(np.float64) - self.mean_
        return np.asarray(raw / max(float(np.linalg.norm(raw)), 1e-9), dtype=np.float32)

    def _latest(self, user: int) -> Ints:
        rows = np.flatnonzero((self.train_.users == user) & self.train_.is_liked)
        if self.train_.timestamps is not None:
            rows = rows[np.argsort(self.train_.timestamps[rows], kind="stable")]
        return self.train_.items[rows][-N_NAMED:].astype(np.int64)

    # --- describing ---

    def _described(self, train: Interactions, texts: tuple[str, ...]) -> tuple[str, ...]:
        popularity = np.bincount(train.liked.indices, minlength=train.n_items)
        order = np.argsort(-popularity, kind="stable")
        chosen = [int(item) for item in order if texts[item]][: self.n_described]
        said = self.writer_.written(
            wording(self.strategy),
            [texts[item] for item in chosen],
            [self.facts_[item] for item in chosen],
            getattr(self, "_told", untold),
        )
        made = list(texts)
        if self.strategy == "aspects":
            made = [". ".join(filter(None, pair)) for pair in zip(texts, self.facts_, strict=True)]
        for item, text in zip(chosen, said, strict=True):
            made[item] = ". ".join(filter(None, (made[item], text)))
        left_out = sum(map(bool, texts)) - len(chosen)
        self.ledger_.add(
            "describe", "noted", "items with their own text alone", left_out, unit="items"
        )
        return tuple(made)

    def _facts(self, train: Interactions) -> tuple[str, ...]:
        """What the model is told of each item beside its text."""
        self.often_: Mapping[str, int] = {}
        self.spoken_: list[Counter[str]] = [Counter() for _ in range(train.n_items)]
        if self.strategy == "aspects":
            self._read_reviews(train)
            told = [listed(strongest(said, self.often_)) for said in self.spoken_]
            return tuple(f"Reviewers speak of {words}." if words else "" for words in told)
        if self.strategy == "engage":
            names, beside = names_of(train), _beside(train)
            return tuple("\n".join(names[item] for item in items) for items in beside)
        return ("",) * train.n_items

    def _read_reviews(self, train: Interactions) -> None:
        own = reviews_of(train)
        pairs = [(text, item) for item, texts in enumerate(own) for text in texts]
        words = aspects_of([text for text, _ in pairs], [item for _, item in pairs], min_users=3)
        for text, item in pairs:
            self.spoken_[item].update(set(WORD.findall(text.lower())) & words)
        self.often_ = Counter(word for said in self.spoken_ for word in said.elements())

    def _aspects_of(self, items: Ints) -> Counter[str]:
        return Counter(word for item in items for word in self.spoken_[item].elements())

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_told"}


def _z(values: Floats, where: Bools) -> Floats:
    """Less the mean, over the deviation, both of the places told of; 0 elsewhere."""
    made = np.zeros(len(values))
    if where.any():
        chosen = values[where].astype(np.float64)
        made[where] = (chosen - chosen.mean()) / max(float(chosen.std()), 1e-9)
    return made


def _beside(train: Interactions) -> list[Ints]:
    """Of each item, those that most of its users liked too."""
    both = (train.liked.T @ train.liked).tocsr()
    both.setdiag(0)
    found = []
    for item in range(train.n_items):
        row = both[[item]]
        order = np.argsort(-row.data, kind="stable")[:N_BESIDE]
        found.append(row.indices[order][row.data[order] > 0].astype(np.int64))
    return found
