"""How much does conversing help?  Simulated users over recorded goals, with intervals.

Protocol of conversational recommenders (EAR, Lei et al. 2020, arXiv:2002.09102; iEvaLM, Wang et al.
2023, arXiv:2305.13112): every turn k items are listed; a user whose goal is among them is served,
any other says one true thing about the goal. Success at turn t is the share of users served by
then; turns to success count T + 1 for who is never served.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.errors import ConfigError, EmptyError
from core.tables import Floats, Ints, Split
from recommenders.base import untold
from recommenders.converse.recommender import Conversational, Turn
from recommenders.converse.simulated import SILENT, Goal, Saying, others, recorded_goals, says
from recommenders.converse.wishes import State, Wish
from recscope.audits.numbers import from_sums
from recscope.estimate import Sureness

TURNS, K = 5, 10
SPEAKERS: Mapping[str, str] = {
    "silent": "says nothing and looks at the next k items: what the ranker alone would do",
    "misled": "speaks, and is understood perfectly, of what another user is after",
    "rules": "speaks; rules read the words",
    "model": "speaks; a language model reads the words, rules stand behind it",
    "perfect": "speaks, and is understood perfectly: the most that these words could do",
}
COLUMNS = ("speaker", "metric", "turn", "mean", "low", "high", "n")
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Conversed:
    """What came of it.

    estimates    speaker, metric (success, turns, difference to silent), turn, mean, low, high, n
    served       speaker → int64 (n_users,), the turn that served each user; turns + 1 for never
    misread      speaker → share of sayings understood otherwise than meant
    tokens       of the language model; transcripts: speaker → turns of the first users
    """

    estimates: pd.DataFrame
    served: Mapping[str, Ints]
    misread: Mapping[str, float]
    tokens: Mapping[str, int]
    transcripts: Mapping[str, Sequence[Sequence[Turn]]] = field(default_factory=dict)


def converse(  # noqa: PLR0913 - the rules of the conversations, by name
    model: Conversational,
    split: Split,
    *,
    n_users: int = 200,
    turns: int = TURNS,
    k: int = K,
    speakers: Sequence[str] = ("silent", "misled", "rules", "perfect"),
    sure: Sureness | None = None,
    kept: int = 3,
    tell: Tell = untold,
) -> Conversed:
    """Let simulated users talk to a fitted conversational recommender.

    model  fitted to `split.train`; its field `understanding` is set by the speaker
    kept   users whose transcripts are returned

    Percentile intervals by drawing users again; differences are paired. Raises ConfigError for an
    unknown speaker, EmptyError where no user has a goal.
    """
    if unknown := [name for name in speakers if name not in SPEAKERS]:
        raise ConfigError(
            f"nobody speaks like {', '.join(unknown)}; there are {', '.join(SPEAKERS)}"
        )
    if turns < 1 or k < 1:
        raise ConfigError(f"turns and k must be 1 or more; got turns={turns}, k={k}")
    sure = sure or Sureness()
    goals = recorded_goals(split, n_users, sure.seed)
    if not goals:
        raise EmptyError(
            "no user has a goal: somebody must like, in the test part, an item that train holds"
        )
    served: dict[str, Ints] = {}
    misread: dict[str, float] = {}
    transcripts: dict[str, list[list[Turn]]] = {}
    tokens = {"prompt": 0, "completion": 0}
    for speaker in speakers:
        talker = _listening(model, speaker)
        told_of = others(goals) if speaker == "misled" else goals
        talks = []
        for place, (goal, spoken) in enumerate(zip(goals, told_of, strict=True)):
            tell(speaker, place, len(goals))
            talks.append(_talk(talker, goal, spoken, speaker, turns, k, sure.seed))
        served[speaker] = np.array([talk.served for talk in talks], dtype=np.int64)
        read = np.concatenate([talk.misread for talk in talks]) if talks else np.zeros(0)
        misread[speaker] = float(read.mean()) if len(read) else float("nan")
        transcripts[speaker] = [talk.turns for talk in talks[:kept]]
        if speaker == "model":
            tokens = dict(talker.tokens_)
    return Conversed(_estimates(served, turns, sure), served, misread, tokens, transcripts)


def _listening(model: Conversational, speaker: str) -> Conversational:
    """The same fitted model, reading words as this speaker's listener does."""
    from copy import copy

    talker = copy(model)
    talker.understanding = "model" if speaker == "model" else "rules"
    talker.tokens_ = {"prompt": 0, "completion": 0}
    if speaker == "silent":
        talker.asks = False
    return talker


@dataclass(frozen=True)
class _Talk:
    served: int
    misread: Floats
    turns: list[Turn]


def _talk(  # noqa: PLR0913, PLR0917 - one conversation and its rules
    model: Conversational, goal: Goal, spoken: Goal, speaker: str, turns: int, k: int, seed: int
) -> _Talk:
    """One conversation, until the goal is listed or the turns are over."""
    rng = np.random.default_rng([seed, goal.user])  # the same for every speaker: paired
    state = State()
    listed: tuple[int, ...] = ()
    said: list[Turn] = []
    misread: list[bool] = []
    for number in range(1, turns + 1):
        saying = Saying(SILENT, Wish())
        if speaker != "silent":
            saying = says(spoken, model.catalogue_, state, listed, rng)
        is_read = speaker in {"rules", "model"}
        turn = model.turn(
            goal.user, saying.text, state, listed, k, wish=None if is_read else saying.wish
        )
        if is_read:
            misread.append(not same(turn.understood.wish, saying.wish))
        said.append(turn)
        if goal.item in turn.items:
            return _Talk(number, np.array(misread, dtype=np.float64), said)
        state, listed = turn.state, turn.items
    return _Talk(turns + 1, np.array(misread, dtype=np.float64), said)


def same(one: Wish, other: Wish) -> bool:
    """Do two wishes ask for the same, whatever they are called?"""
    return _meaning(one) == _meaning(other)


def _meaning(wish: Wish) -> tuple[Any, ...]:
    sets = (wish.wanted, wish.unwanted, wish.likes, wish.dislikes)
    return (*map(frozenset, sets), wish.first_year, wish.last_year, wish.popularity)


def _estimates(served: Mapping[str, Ints], turns: int, sure: Sureness) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    alone = served.get("silent")
    for speaker, at in served.items():
        parts = _parts(at, turns)
        rows += _rows(speaker, ("success", "turns"), parts, turns, sure)
        if alone is not None and speaker != "silent":
            names = ("success above silent", "turns above silent")
            rows += _rows(speaker, names, parts - _parts(alone, turns), turns, sure)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"turn": "Int64", "n": "int64"})


def _parts(at: Ints, turns: int) -> Floats:
    """float64 (n_users, turns + 1): served by turn 1, 2, … and the turns it took."""
    by_turn = at[:, None] <= np.arange(1, turns + 1)[None, :]
    return np.hstack([by_turn.astype(np.float64), at[:, None].astype(np.float64)])


def _rows(
    speaker: str, names: tuple[str, str], parts: Floats, turns: int, sure: Sureness
) -> list[dict[str, Any]]:
    n = len(parts)
    value, low, high = from_sums(parts, lambda sums: sums / n, sure)
    rows = []
    for place in range(turns + 1):
        is_success = place < turns
        rows.append(
            {
                "speaker": speaker,
                "metric": names[0] if is_success else names[1],
                "turn": place + 1 if is_success else None,
                "mean": value[place],
                "low": low[place],
                "high": high[place],
                "n": n,
            }
        )
    return rows
