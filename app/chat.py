"""What the Chat page works on: a run's data, a ranker fitted on it, and one conversation."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from app import explained, queries
from app.queries import Stamp
from app.words import count
from core.errors import UnknownNameError
from recommenders.converse.recommender import Conversational, Turn
from recommenders.converse.wishes import State

PAGE = "chat"
USER, RANKER, READER, MODEL = (f"{PAGE}.{n}" for n in ("user", "ranker", "reader", "model"))
NOBODY = "somebody new"
OFFERED = 1000  # ids that the picker carries to the browser
K = 10
READERS = {"rules": "rules", "model": "language model"}
USUAL_MODEL = "smollm2-135m"
MOST_TURNS = 60  # kept of one conversation


@dataclass(frozen=True)
class Choice:
    """Whom we talk to and who ranks.  user: a code; None for somebody who is not in the data."""

    run_id: str
    user: int | None
    ranker: str
    reader: str
    language_model: str

    @property
    def key(self) -> str:
        """What a conversation belongs to: another user or ranker begins another one."""
        return f"{PAGE}.turns/{self.run_id}/{self.user}/{self.ranker}"


def choose(run_id: str) -> Choice:
    """User, ranker and reader; all but the last stand in the address."""
    left, middle, right = st.columns([2, 2, 3])
    with left:
        user = _user(run_id)
    with middle:
        ranker = _ranker(run_id)
    with right, st.container(horizontal=True, vertical_alignment="bottom"):
        reader = st.segmented_control(
            "Who reads your words",
            list(READERS),
            default="rules",
            required=True,
            key=READER,
            format_func=lambda name: READERS[str(name)],
        )
        named = USUAL_MODEL
        if reader == "model":
            named = st.text_input(
                "Language model",
                value=USUAL_MODEL,
                key=MODEL,
                max_chars=200,
                help="smollm2-135m runs on this machine; openai:MODEL@URL asks a server that "
                "speaks OpenAI's protocol, whose key is in the environment.",
            )
    return Choice(run_id, user, ranker, str(reader or "rules"), named.strip() or USUAL_MODEL)


def _user(run_id: str) -> int | None:
    users = queries.users(run_id)
    ids = users[users["n_train"] > 0]["user_id"].astype(str)
    asked = st.selectbox(
        "User",
        [NOBODY, *ids.head(OFFERED).tolist()],
        index=1 if len(ids) else 0,
        key=USER,
        accept_new_options=True,
        bind="query-params",
        help=f"Search by id; any of {count(len(users), 'user')} can be typed. “{NOBODY}” has no "
        "history: what you name stands in for it.",
    )
    if asked is None or asked == NOBODY:
        return None
    known = users.index[users["user_id"].astype(str) == str(asked)]
    if not len(known):
        raise UnknownNameError("user", str(asked), users["user_id"].astype(str), shown=8)
    return int(known[0])


def _ranker(run_id: str) -> str:
    names = queries.models(run_id)
    usual = next((name for name in ("ease", "item-knn") if name in names), names[0])
    asked = st.selectbox(
        "Ranker",
        names,
        index=names.index(usual),
        key=RANKER,
        bind="query-params",
        help="A model of the run, fitted again on the run's data.",
    )
    return str(asked or usual)


@st.cache_resource(max_entries=4, show_spinner=False)
def talker(at: Stamp, ranker: str) -> Conversational:
    """The run's model with conversations around it, shared by everybody; nobody changes it."""
    laid = explained.bench(at)
    made = Conversational(ranker=ranker)
    made.bind(laid.given.dataset.user_ids, laid.given.dataset.item_ids)
    made.around(explained.fitted(at, ranker), laid.given.history)
    return made


def talker_of(choice: Choice) -> Conversational:
    """Everybody's model with this reader's words: a shallow copy, so that nobody else's changes."""
    from copy import copy

    made = copy(talker(queries.stamp(choice.run_id), choice.ranker))
    made.understanding = choice.reader
    made.language_model = choice.language_model
    made.tokens_ = {"prompt": 0, "completion": 0}
    return made


def turns(choice: Choice) -> list[Turn]:
    """The conversation so far."""
    kept: Any = st.session_state.setdefault(choice.key, [])
    found: list[Turn] = kept
    return found


def say(choice: Choice, said: str) -> None:
    """One turn more.  Raises what the ranker or the language model raises."""
    before = turns(choice)
    state = before[-1].state if before else State()
    listed = before[-1].items if before else ()
    turn = talker_of(choice).turn(choice.user, said, state, listed, K)
    st.session_state[choice.key] = [*before, turn][-MOST_TURNS:]
