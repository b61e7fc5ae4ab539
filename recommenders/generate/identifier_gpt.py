"""Items by identifiers that a small decoder writes, token by token."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import PAD, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.generate.beams import draw_free, search_free, search_trie
from recommenders.generate.free import Generated, enter, judged, rates
from recommenders.generate.histories import Histories
from recommenders.generate.identifiers import KINDS, Making, make_identifiers
from recommenders.generate.trie import NOWHERE, build_trie
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from recommenders.generate.decoder import Written

TRIE, BEAM, SAMPLE = DECODINGS = ("trie", "beam", "sample")
HELD_BACK = 20  # of so many examples one is held back, to see when to stop
FEWEST = 40  # examples from which on some are held back


@dataclass
class IdentifierGPT:
    """Writes the identifier of the next item, token by token, under a trie of all identifiers.

    A decoder trained from scratch on the users' histories, each item as its identifier of two or
    three tokens. Identifiers are random, sequential, collaborative (paths down a tree of items
    liked together), semantic (residual codes of text vectors), hybrid (codes of both) or textual
    (telling words). Scores are natural logs of probabilities over the catalogue. Under the trie
    every identifier is an item's; `decoding` beam or sample lifts it: what was written then is
    counted in `ledger_`, its shares are in `rates_`.
    """

    source: ClassVar[str] = (
        "Hua et al. 2023, arXiv:2305.06569; Rajput et al. 2023, arXiv:2305.05065; "
        "Wang et al. 2024, arXiv:2405.07314; Tan et al. 2024, doi:10.1145/3626772.3657821"
    )
    taxonomy: ClassVar[Place] = Place(
        UTILIZE,
        "generative, retraining",
        "item identifiers written by a decoder trained from scratch",
        ("Item ID indexing", "TIGER", "LETTER", "IDGenRec"),
    )

    identifiers: str = setting("collaborative", "How identifiers are made.", choices=tuple(KINDS))
    codebook: int = setting(64, "Tokens of one place of an identifier.", low=2, high=4096)
    levels: int = setting(2, "Codes of a text vector (semantic, hybrid), or words.", low=1, high=8)
    embedding: str = setting("all-minilm-l6-v2", "Embedding model (semantic, hybrid).")
    share: float = setting(0.5, "Weight of likings in hybrid identifiers.", low=0, high=1)
    history: int = setting(50, "Newest liked items that are read.", low=1)
    width: int = setting(64, "Length of the decoder's vectors.", low=2)
    depth: int = setting(2, "Layers of the decoder.", low=1)
    heads: int = setting(2, "Heads of attention; they divide the width.", low=1)
    dropout: float = setting(0.2, "Share of values left out while learning.", low=0, high=0.9)
    epochs: int = setting(12, "Passes over the histories at most.", low=1)
    patience: int = setting(3, "Passes without a gain until it stops; 0: never.", low=0)
    batch: int = setting(16, "Histories of one step.", low=1)
    rate: float = setting(4e-3, "Highest learning rate.", low=1e-9)
    decoding: str = setting(TRIE, "Held by the trie, or free (beam, sample).", choices=DECODINGS)
    beams: int = setting(50, "Identifiers followed at once: the longest list.", low=1)
    seed: int = setting(0, "Draws identifiers, first weights and order.", low=0)

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        """Outside names, for answers written freely; they are codes where it was not told them."""
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        return self

    def fit(self, train: Interactions) -> Self:
        from recommenders.generate.decoder import Writer
        from recommenders.training import Check, Plan, deterministic, folder_of
        from recommenders.training import train as taught

        if not train.liked.nnz:
            raise ConfigError(
                "no interaction in train counts as a liking, so there is nothing to learn; "
                "lower the relevance threshold"
            )
        if self.width % self.heads:
            raise ConfigError(
                f"identifier-gpt: width must be a multiple of heads; got width={self.width} and "
                f"heads={self.heads}"
            )
        making = Making(self.codebook, self.levels, self.embedding, self.share, self.seed)
        self.identifiers_ = make_identifiers(train, self.identifiers, making)
        self.trie_ = build_trie(self.identifiers_.sequences)
        self.histories_ = Histories.of(train)
        self.train_ = train
        codes = self.identifiers_.table()
        texts = self.histories_.pieces(self.history + 1)
        with deterministic(self.seed):
            writer = Writer(
                _tensor(codes), self.identifiers_.n_tokens, self.history, self.width, self.depth,
                self.heads, self.dropout,
            )  # fmt: skip
        is_held = np.arange(len(texts)) % HELD_BACK == HELD_BACK - 1
        is_held &= len(texts) >= FEWEST
        learned, held = (_tensor(texts[part]) for part in (~is_held, is_held))
        plan = Plan(
            n_epochs=self.epochs,
            batch=self.batch,
            rate=self.rate,
            decay=0.01,
            warm=20,
            is_cosine=True,
            clip=1.0,
            patience=self.patience,
            seed=self.seed,
        )
        check = Check(lambda: float(writer.loss(held)), "loss", lower_is_better=True)
        trained = taught(
            writer,
            len(learned),
            lambda places: writer.loss(learned[places]),
            plan,
            check=check if len(held) else None,
            folder=folder_of(replace(self, decoding=TRIE, beams=1), train, codes),
            told=self._tell,
        )
        self.writer_, self.curve_ = writer, trained.curve
        self.trained_, self.generated_ = trained.ledger, dict[int, Generated]()
        return self

    @property
    def ledger_(self) -> Ledger:
        """What was cut, and what free generation wrote that could not be listed."""
        require_fitted(self)
        ledger = Ledger()
        ledger.extend(self.trained_)
        n_cut = int((self.histories_.lengths > self.history).sum())
        ledger.add("generate", "noted", f"history cut to its newest {self.history} items", n_cut,
                   unit="users")  # fmt: skip
        enter(ledger, self.generated_, "identifiers")
        return ledger

    @property
    def rates_(self) -> Mapping[str, float]:
        """Of what was written freely: share of items, invalid, out of catalogue, … (free.KINDS)."""
        return rates(self.generated_.values())

    @property
    def answers_(self) -> Sequence[Mapping[str, Any]]:
        """What was written freely, as answers to be audited; nothing under the trie."""
        return [self._answer(user, one) for user, one in sorted(self.generated_.items())]

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        from recommenders.training import deterministic

        codes: Ints = np.asarray(users, dtype=np.int64)
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        scores = np.full((len(codes), k), -np.inf)
        with deterministic(self.seed):
            for row, user in enumerate(codes.tolist()):
                self._tell("writing", row, len(codes))
                if len(self.histories_[user]):
                    found, told = self._list(user)
                    items[row, : len(found)], scores[row, : len(told)] = found[:k], told[:k]
        return TopK(codes, items, scores)

    def _list(self, user: int) -> tuple[Ints, Floats]:
        """Unseen items and the logs of their probabilities, best first."""
        seen = self.train_.seen
        had = seen.indices[seen.indptr[user] : seen.indptr[user + 1]].astype(np.int64)
        text = self._begun(self.histories_[user])
        if self.decoding == TRIE:
            return search_trie(text, self.trie_, self.beams, hidden=had)
        longest = self.identifiers_.longest
        if self.decoding == BEAM:
            told = search_free(text, self.beams, longest, self._is_whole)
        else:
            rng = np.random.default_rng([self.seed, user])
            told = draw_free(text, self.beams, longest, self._is_whole, rng)
        generated = self._judged(told[0], set(had.tolist()))
        self.generated_[user] = generated
        score_of = dict(zip(generated.codes, told[1].tolist(), strict=True))
        items = sorted(generated.items, key=lambda code: (-score_of[code], code))
        return np.array(items, dtype=np.int64), np.array([score_of[item] for item in items])

    def _is_whole(self, tokens: Sequence[int]) -> bool:
        node = self.trie_.follow(tokens)
        return node != NOWHERE and bool(self.trie_.starts[node] == self.trie_.starts[node + 1])

    def _judged(self, written: list[tuple[int, ...]], had: set[int]) -> Generated:
        item_of = {sequence: item for item, sequence in enumerate(self.identifiers_.sequences)}
        size = self.identifiers_.size
        is_formed = [all(t // size == d for d, t in enumerate(tokens)) for tokens in written]
        texts = [self.identifiers_.written(tokens) for tokens in written]
        return judged(texts, [item_of.get(tokens) for tokens in written], is_formed, had)

    def _answer(self, user: int, one: Generated) -> Mapping[str, Any]:
        ids = getattr(self, "_ids", None)
        names = [
            text if code is None else str(ids[1].names[code] if ids else code)
            for text, code in zip(one.texts, one.codes, strict=True)
        ]
        who = str(ids[0].names[user]) if ids else str(user)
        return {"user": who, "answer": json.dumps(names), "asked": len(names),
                "template": f"{self.identifiers} {self.decoding}"}  # fmt: skip

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`, of all items: the search under the trie, exact.

        An item that the user never liked stands before the user's own, since its time is unknown;
        without a user items stand by code.
        """
        require_fitted(self)
        from recommenders.training import deterministic

        scores = np.full((histories.shape[0], self.train_.n_items), -np.inf)
        with deterministic(self.seed):
            for row, items in enumerate(self.histories_.ordered(histories, user)):
                found, told = search_trie(self._begun(items), self.trie_, self.train_.n_items)
                scores[row, found] = told
        return scores

    def _score(self, users: Codes | Ints) -> Floats:
        liked = self.train_.liked
        return np.vstack([self.score_histories(liked[[user]], int(user)) for user in users])

    def _begun(self, items: Ints) -> "Written":
        from recommenders.generate.decoder import Written

        return Written(self.writer_, items[-self.history :])

    def _tell(self, what: str, done: int, total: int) -> None:
        getattr(self, "_told", untold)(what, done, total)

    def __getstate__(self) -> dict[str, Any]:
        """All but who listens to the progress."""
        return {name: value for name, value in vars(self).items() if name != "_told"}


def _tensor(numbers: Ints) -> Any:
    import torch

    return torch.from_numpy(numbers)
