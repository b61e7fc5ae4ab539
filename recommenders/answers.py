"""Lists read from what a language model has answered, kept in a file."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from core.answers import Answer, parse, read_answers
from core.answers_match import UNKNOWN, Names
from core.errors import ConfigError
from core.ledger import Ledger
from core.tables import PAD, Codes, Ids, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.parameters import setting


@dataclass
class StoredAnswers:
    """A file of answers of a language model (core.answers): each user's first answer as a list.

    Items are recognised by id and by title. An entry that names no item keeps its rank, as a place
    without an item; an answer without a list gives none. Both are counted in `ledger_`. All
    answers, further templates, orders and seeds among them, stay in `answers_` to be audited.
    """

    source: ClassVar[str] = "The language model that wrote the answers"

    path: str = setting("", "File of answers, JSON lines with user and answer.")

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def fit(self, train: Interactions) -> Self:
        """Read the file; nothing is learned from train but the titles of its items."""
        if not hasattr(self, "_ids"):
            raise ConfigError(
                f"the answers in {self.path} need names; call bind(user_ids, item_ids)"
            )
        answers = read_answers(Path(self.path))
        about = train.side.items
        names = Names(self._ids[1], about["title"].fillna("") if "title" in about else None)
        self.ledger_ = Ledger()
        self.lists_: dict[int, list[int]] = {}
        n_strangers = n_unknown = 0
        kinds: list[str] = []
        for answer in answers:
            user = self._ids[0].codes.get(answer.user)
            if user is None:
                n_strangers += 1
                continue
            if user in self.lists_:
                continue
            found, kind = listed(answer, names)
            kinds.append(kind)
            self.lists_[user] = found
            n_unknown += found.count(UNKNOWN)
        self.answers_ = [asdict(answer) for answer in answers]
        self.tokens_ = {
            kind: sum(getattr(answer, f"{kind}_tokens") or 0 for answer in answers)
            for kind in ("prompt", "completion")
        }
        stage = "answers"
        self.ledger_.add(stage, "dropped", "answer for a user the data set does not hold",
                         n_strangers, unit="answers")  # fmt: skip
        self.ledger_.add(stage, "noted", "entry that names no item, kept as a miss", n_unknown,
                         unit="list entries")  # fmt: skip
        for kind in ("refusal", "unreadable"):
            self.ledger_.add(stage, "noted", f"answer without a list: {kind}", kinds.count(kind),
                             unit="answers")  # fmt: skip
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        for row, user in enumerate(codes.tolist()):
            found = self.lists_.get(user, [])[:k]
            items[row, : len(found)] = [PAD if code == UNKNOWN else code for code in found]
        scores = np.where(items == PAD, -np.inf, -1.0 - np.arange(k))
        return TopK(codes, items, scores)


def listed(answer: Answer, names: Names) -> tuple[list[int], Any]:
    """Codes of what an answer lists, UNKNOWN where an entry is no item; and its kind."""
    parsed = parse(answer.answer)
    candidates = [names.ids.codes.get(one, UNKNOWN) for one in answer.candidates or ()]
    return [names.code(entry, candidates) for entry in parsed.entries], parsed.kind
