"""What all recommenders share that let a language model write: prompts, histories, counts."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from core.answers import parse
from core.answers_match import UNKNOWN, Names
from core.errors import LanguageError
from core.language import DEFAULT
from core.ledger import Ledger
from core.prompt_files import Words, words_named
from core.tables import PAD, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.generate.free import Generated, enter, judged, rates
from recommenders.language.asking import PATIENCE, Asked, Asking
from recommenders.language.histories import Histories, Past, lines
from recommenders.parameters import setting
from recommenders.texts import item_texts, names_of

FOLDER = Path(__file__).parent / "prompts"
GAPS = ("history", "noun", "n")
LONGEST_LINE = 32  # tokens of one title or query
SILENT = "answer that did not come: no list"


@dataclass
class LanguageWriter(ABC):
    """Lists of what a language model writes about a user's history.

    A writer says in `_list` which items it makes of one user's history.
    """

    language_model: str = setting(DEFAULT, "Who writes, by name: weights or a server.")
    template: str = setting("", "Wording of the prompt: a name or a .toml file.")
    history: int = setting(10, "How many of the last liked items a prompt tells.", low=1)
    noun: str = setting("item", 'What an item is, in one word: "film".')
    context: int = setting(
        2048, "Longest prompt in tokens; the oldest history is left out to fit.", low=64
    )

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        return self

    def fit(self, train: Interactions) -> Self:
        """Read names and histories; the language model learns nothing."""
        self.texts_ = item_texts(train)  # without a text there is nothing to read
        ids = getattr(self, "_ids", None)
        self.words_ = words_named(self.template, FOLDER, GAPS, ("user", "system", "opening"))
        self.names_ = names_of(train, ids[1] if ids else None)
        self.histories_ = Histories(train)
        self.train_ = train
        self.asked_ = Asked()
        self.said_: dict[int, Mapping[str, Any]] = {}
        self.generated_: dict[int, Generated] = {}
        vars(self).pop("_asking", None)
        _ = self._asking  # weights that are missing are told of now
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        scores = np.full((len(codes), k), -np.inf)
        told: Told = getattr(self, "_told", untold)
        for row, user in enumerate(codes.tolist()):
            told(f"{self.language_model} writes", row, len(codes))
            if past := self.histories_.of(user)[-self.history :]:
                found, values = self._list(user, past)
                is_new = ~np.isin(found, self._had(user))
                found, values = found[is_new][:k], values[is_new][:k]
                items[row, : len(found)], scores[row, : len(found)] = found, values
        told(f"{self.language_model} writes", len(codes), len(codes))
        return TopK(codes, items, scores)

    @abstractmethod
    def _list(self, user: int, past: tuple[Past, ...]) -> tuple[Ints, Floats]:
        """Different items and their scores, best first."""

    def _had(self, user: int) -> Ints:
        seen = self.train_.seen
        return seen.indices[seen.indptr[user] : seen.indptr[user + 1]].astype(np.int64)

    def _conversation(
        self, past: Sequence[Past], words: Words, n: int, room: int
    ) -> tuple[list[Any], str]:
        """The messages with as much of the history as fits, and how the answer begins."""

        def gaps(n_history: int) -> dict[str, str]:
            told = lines(past[len(past) - n_history :], self.names_)
            return {"history": told, "noun": self.noun, "n": str(n)}

        def make(n_history: int) -> list[list[Any]]:
            # the opening is read too, so it has to fit
            opened = {"role": "assistant", "content": words.text("opening", gaps(n_history))}
            return [[*words.messages(gaps(n_history)), opened]]

        (told,) = self._asking.fitted(make, len(past), room)
        return list(told[:-1]), str(told[-1]["content"])

    def _write(self, user: int, past: Sequence[Past], n: int) -> str:
        """What the model writes, kept as an answer; "" where it does not answer.

        LanguageError is let through after several failures in a row.
        """
        room = min(self.words_.max_tokens, LONGEST_LINE * n)
        words = replace(self.words_, max_tokens=room)
        messages, opening = self._conversation(past, words, n, room)
        try:
            text = self._asking.write(words, messages, opening, ())
        except LanguageError:
            self.asked_.n_failed_in_a_row += 1
            if self.asked_.n_failed_in_a_row >= PATIENCE:
                raise
            self.asked_.counts[SILENT] += 1
            return ""
        self.asked_.n_failed_in_a_row = 0
        self._keep(user, text, n, messages[-1]["content"])
        return text

    def _keep(self, user: int, text: str, asked: int, prompt: str) -> None:
        ids = getattr(self, "_ids", None)
        self.said_[user] = {
            "user": str(ids[0].names[user]) if ids else str(user),
            "answer": text,
            "asked": asked,
            "template": self.words_.id,
            "prompt": prompt,
        }

    def _judge(self, user: int, text: str) -> Generated:
        """Titles of an answer, each an item of the catalogue or not; counted."""
        parsed = parse(text)
        codes = [self._catalogue.code(entry) for entry in parsed.entries]
        found = [None if code == UNKNOWN else code for code in codes]
        texts = parsed.entries or ((text,) if text else ())
        generated = judged(
            texts,
            found if parsed.entries else [None] * len(texts),
            [bool(parsed.entries)] * len(texts),
            set(self._had(user).tolist()),
        )
        self.generated_[user] = generated
        return generated

    @cached_property
    def _catalogue(self) -> Names:
        ids = getattr(self, "_ids", None)
        known = ids[1] if ids else Ids("item", np.array([""] * len(self.names_), dtype=object))
        return Names(known, self.names_)

    @cached_property
    def _asking(self) -> Asking:
        from core import language

        return Asking(language.language_model(self.language_model), self.context, self.asked_)

    @property
    def answers_(self) -> Sequence[Mapping[str, Any]]:
        """What was written, one answer a user, as an audit of answers reads it (core.answers)."""
        return [answer for _, answer in sorted(self.said_.items())]

    @property
    def tokens_(self) -> Mapping[str, int]:
        return {kind: self.asked_.tokens[kind] for kind in ("prompt", "completion")}

    @property
    def rates_(self) -> Mapping[str, float]:
        """Of titles written freely: share of items, invalid, out of catalogue, … (free.KINDS)."""
        return rates(self.generated_.values())

    @property
    def ledger_(self) -> Ledger:
        ledger = self.asked_.ledger(f"write by {self.language_model}")
        enter(ledger, self.generated_, "titles")
        return ledger

    def __getstate__(self) -> dict[str, Any]:
        """All but the open model and who listens to the progress."""
        left = {"_told", "_asking", "_catalogue"}
        return {name: value for name, value in vars(self).items() if name not in left}


def as_json(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)
