"""Answers kept by content, so that a run repeats bit for bit; transcripts that need no model."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

from core.errors import LanguageError, StorageError
from core.keeping import is_anew, note_use
from core.language_turns import Answer, Completes, Request
from core.paths import cache_dir


def content_key(name: str, request: Request) -> str:
    """sha256 of who is asked and of all that is asked."""
    text = json.dumps([name, request.facts()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Kept:
    """A model whose answers are kept; what was asked before is answered from disk.

    backend  asked where nothing is kept; path: an SQLite file, by default in the cache folder
    """

    def __init__(self, backend: Completes, path: Path | None = None) -> None:
        self.backend = backend
        self.name = backend.name
        self.path = path or cache_dir() / "answers.sqlite"

    def answer(self, request: Request) -> Answer:
        if is_anew():
            return self.backend.answer(request)
        key = content_key(self.name, request)
        with closing(self._open()) as kept:
            row = kept.execute("SELECT answer FROM answer WHERE key = ?", (key,)).fetchone()
        if row is not None:
            kept_answer = Answer(**json.loads(row[0]))
            note_use(kept_answer.seconds)
            return replace(kept_answer, is_cached=True)
        answer = self.backend.answer(request)
        with closing(self._open()) as kept, kept:
            kept.execute(
                "INSERT OR REPLACE INTO answer(key, model, request, answer) VALUES (?, ?, ?, ?)",
                (
                    key,
                    self.name,
                    json.dumps(request.facts(), ensure_ascii=False),
                    json.dumps(asdict(answer), ensure_ascii=False),
                ),
            )
        return answer

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            opened = sqlite3.connect(self.path, timeout=30)
            opened.execute("PRAGMA journal_mode=WAL")
            opened.execute(
                "CREATE TABLE IF NOT EXISTS answer"
                "(key TEXT PRIMARY KEY, model TEXT, request TEXT, answer TEXT)"
            )
        except (OSError, sqlite3.Error) as error:
            raise StorageError(
                f"answers cannot be kept in {self.path}: {error}; set RECSCOPE_HOME to a folder "
                "that can be written"
            ) from error
        return opened


class Recorded:
    """A model whose questions and answers are also written to a transcript, one JSON line each."""

    def __init__(self, backend: Completes, path: Path) -> None:
        self.backend = backend
        self.name = backend.name
        self.path = path

    def answer(self, request: Request) -> Answer:
        answer = self.backend.answer(request)
        line = {"model": self.name, "request": request.facts(), "answer": asdict(answer)}
        with self.path.open("a", encoding="utf-8") as transcript:
            transcript.write(json.dumps(line, ensure_ascii=False) + "\n")
        return answer


class Replayed:
    """Answers out of a transcript, without any model.  name: of the model that answered then."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._answers: dict[str, Answer] = {}
        names = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                told = json.loads(line)
                asked = told["request"]
                request = Request(
                    **{
                        **asked,
                        "messages": tuple(asked["messages"]),
                        "stop": tuple(asked["stop"]),
                    }
                )
                self._answers[content_key("", request)] = Answer(**told["answer"])
                names.append(str(told["model"]))
            except (ValueError, KeyError, TypeError) as error:
                raise LanguageError(
                    f"line {number} of {path} is no turn of a transcript ({error}); each line is "
                    'JSON with "model", "request" and "answer"'
                ) from error
        self.name = names[0] if names else path.stem

    def answer(self, request: Request) -> Answer:
        found = self._answers.get(content_key("", request))
        if found is None:
            asked = request.messages[-1]["content"][:80]
            raise LanguageError(
                f"the transcript {self.path} holds no answer to {asked!r}; it holds "
                f"{len(self._answers)} answers. Record it again with the model itself"
            )
        return replace(found, is_cached=True)
