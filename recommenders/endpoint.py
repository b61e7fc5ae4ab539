"""A recommender behind HTTP: asked for lists by user ids, answers with item ids.

    POST {"users": ["7", "9"], "k": 10}
    200  {"lists": [{"user": "7", "items": ["3", "1"], "scores": [0.9, 0.2]}, {"user": "9", …}]}

scores may be left out. A user without an answer gets no list. The endpoint learns nothing from the
run: it must not have been trained on the test part, and it hides what users have seen by itself.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from core.errors import ConfigError, PluginError
from core.ledger import Ledger
from core.tables import PAD, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.contract import TOO_LONG
from recommenders.parameters import setting

TOO_BUSY = frozenset({429, 502, 503, 504})  # statuses that another try may mend
FIRST_PAUSE = 0.2  # seconds before the second try; doubles with each


@dataclass
class Endpoint:
    """Lists from a web service of any make, asked for some users at a time.

    An item that the data set does not hold keeps its rank, as a place without an item, and is
    counted in `ledger_`; so are users who were not asked for.
    """

    source: ClassVar[str] = "The service that answers"

    url: str = setting("", "Address that lists are asked from, http:// or https://.")
    batch: int = setting(100, "Users in one request.", low=1)
    timeout: float = setting(30.0, "Seconds that one request may take.", low=0.01)
    retries: int = setting(2, "Further tries when the service is busy or unreachable.", low=0)
    max_megabytes: float = setting(16.0, "Largest answer to one request that is read.", low=0.001)
    token_variable: str = setting("", "Environment variable that holds a bearer token, if any.")

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def fit(self, train: Interactions) -> Self:  # noqa: ARG002 - every recommender has it
        """Nothing is learned here, and nothing is sent yet."""
        if not hasattr(self, "_ids"):
            raise ConfigError(f"{self.url} needs names; call bind(user_ids, item_ids) first")
        self.ledger_ = Ledger()
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        scores = np.full((len(codes), k), -np.inf)
        with closing(self._client()) as client:
            for start in range(0, len(codes), self.batch):
                some = slice(start, start + self.batch)
                names = [str(name) for name in self._ids[0].names[codes[some]]]
                answer = self._ask(client, {"users": names, "k": k})
                self._enter(answer, names, items[some], scores[some])
        return TopK(codes, items, scores)

    def _client(self) -> Any:
        import httpx

        token = os.environ.get(self.token_variable, "") if self.token_variable else ""
        if self.token_variable and not token:
            raise ConfigError(
                f"the environment variable {self.token_variable} is empty; put the token for "
                f"{self.url} there, or leave token_variable out"
            )
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(timeout=self.timeout, headers=headers, follow_redirects=False)

    def _ask(self, client: Any, question: dict[str, Any]) -> Any:
        """The answer to one request, parsed; PluginError once all tries have failed."""
        import httpx

        failure = ""
        for attempt in range(self.retries + 1):
            if attempt:
                time.sleep(FIRST_PAUSE * 2 ** (attempt - 1))
            try:
                with client.stream("POST", self.url, json=question) as response:
                    if response.status_code == httpx.codes.OK:
                        return self._parsed(b"".join(self._bounded(response)))
                    failure = f"status {response.status_code}"
                    if response.status_code not in TOO_BUSY:
                        break
            except httpx.TransportError as error:
                failure = f"{type(error).__name__}: {error}"
            except httpx.InvalidURL as error:
                raise ConfigError(f"{self.url!r} is no address: {error}") from error
        raise PluginError(
            f"{self.url} gave no lists for {len(question['users'])} users ({failure}, after "
            f"{attempt + 1} of {self.retries + 1} tries); is the service running, and does it take "
            'POST {"users": […], "k": …}?'
        )

    def _bounded(self, response: Any) -> Iterator[bytes]:
        """The body, piece by piece, neither too large nor dripping past the time limit."""
        end = time.monotonic() + self.timeout
        left = self.max_megabytes * 2**20
        for piece in response.iter_bytes():
            left -= len(piece)
            if left < 0:
                raise PluginError(
                    f"{self.url} answered with more than {self.max_megabytes:g} MB; ask for fewer "
                    "users at once (batch), or raise max_megabytes"
                )
            if time.monotonic() > end:
                raise PluginError(
                    f"{self.url} was still answering after {self.timeout:g} seconds; ask for fewer "
                    "users at once (batch), or raise timeout"
                )
            yield piece

    def _parsed(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except ValueError as error:
            raise PluginError(
                f"{self.url} answered with something that is no JSON: {body[:80]!r}"
            ) from error

    def _enter(self, answer: Any, names: Sequence[str], items: Codes, scores: Floats) -> None:
        """Write the lists of one answer into the rows of `names`."""
        lists = answer.get("lists") if isinstance(answer, dict) else None
        if not isinstance(lists, list):
            raise PluginError(
                f'{self.url} must answer with {{"lists": [{{"user": …, "items": […]}}]}}; got '
                f"{str(answer)[:80]}"
            )
        row_of = {name: row for row, name in enumerate(names)}
        n_strangers = n_too_long = 0
        for entry in lists:
            user, listed, given = self._entry(entry)
            row = row_of.get(user)
            if row is None:
                n_strangers += 1
                continue
            width = min(items.shape[1], len(listed))
            n_too_long += len(listed) > width
            codes = [self._ids[1].codes.get(item, PAD) for item in listed[:width]]
            items[row], scores[row] = PAD, -np.inf
            items[row, :width] = codes
            scores[row, :width] = np.where(items[row, :width] == PAD, -np.inf, given[:width])
            self.ledger_.add(
                "endpoint", "noted", "item the data set does not hold, kept as a miss",
                codes.count(PAD), unit="list entries",
            )  # fmt: skip
        self.ledger_.add("endpoint", "repaired", TOO_LONG, n_too_long, unit="lists")
        self.ledger_.add(
            "endpoint", "dropped", "list of a user who was not asked for", n_strangers, unit="lists"
        )

    def _entry(self, entry: Any) -> tuple[str, list[str], list[float]]:
        """One list: its user, items, and scores (falling from -1 where none came)."""
        try:
            listed = [_name(item) for item in entry["items"]]
            given = entry.get("scores")
            scores = [-1.0 - rank for rank in range(len(listed))] if given is None else given
            numbers = [float(score) for score in scores]
            user = _name(entry["user"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PluginError(
                f"{self.url} sent a list that cannot be read ({type(error).__name__}: {error}): "
                f"{str(entry)[:80]}; it needs user, items and, if any, as many scores"
            ) from error
        if len(numbers) != len(listed):
            raise PluginError(
                f"{self.url} sent {len(listed)} items and {len(numbers)} scores for user {user!r}; "
                "send one score per item, or none"
            )
        return user, listed, numbers


def _name(value: Any) -> str:
    """An outside id, which JSON may hold as a number."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise TypeError(f"an id must be text or a whole number, not {value!r}")
    return str(value)
