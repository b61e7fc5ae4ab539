"""The panels of the Chat page: the conversation, the list, and what was understood."""

import pandas as pd
import streamlit as st

from app import chat, explained, queries, shell
from app.chat import Choice
from app.words import count, plain
from core.errors import RecScopeError
from recommenders.converse.recommender import Turn
from recommenders.converse.wishes import Wish

BEGIN = "hello"
TRIES = (
    "something funny from the 90s",
    "these are too well known",
    "not number 3",
    "why number 1?",
    "start over",
)
NAMED = {"rules": "read by rules", "model": "read by the language model", "given": "given"}


def draw_conversation(choice: Choice) -> None:
    """Every turn, the newest last; begun with the ranker's own list."""
    if not chat.turns(choice):
        _begin(choice)
    told = chat.turns(choice)
    open_at = max(place for place, turn in enumerate(told) if _lists(turn))
    with st.container(key="chat.turns", border=True, height=540, autoscroll=True):
        for place, turn in enumerate(told):
            _draw_turn(choice, turn, is_first=place == 0, is_open=place == open_at)
    with st.container(horizontal=True, gap="xsmall", key="chat.tries"):
        pending = told[-1].state.pending
        for text in (*(("yes", "no") if pending else ()), *TRIES):
            if st.button(text, key=f"chat.try.{text}", type="secondary"):
                _answer(choice, text)
    said = st.chat_input("Say what you want, or what is wrong with the list", key="chat.said")
    if said:
        _answer(choice, said)


def _begin(choice: Choice) -> None:
    """The first list; where the run's data or model cannot be had again, say so and stop."""
    try:
        with st.spinner("Fitting the ranker as in the run …"):
            chat.say(choice, BEGIN)
    except RecScopeError as error:
        st.info(
            f"This ranker cannot be talked to: it has to be fitted again, and {plain(error, 600)}",
            icon=":material/info:",
        )
        st.stop()


def _lists(turn: Turn) -> bool:
    """Did the turn bring a list?  An answer about an item leaves the one before."""
    wish = turn.understood.wish
    return wish.act != "question" or not wish.is_empty


def _answer(choice: Choice, said: str) -> None:
    with shell.mendable():
        with st.spinner("Reading, ranking …"):
            chat.say(choice, said)
        st.rerun()


def _draw_turn(choice: Choice, turn: Turn, *, is_first: bool, is_open: bool) -> None:
    if not is_first:
        with st.chat_message("user", avatar=":material/person:"):
            st.markdown(plain(turn.said, 500))
    with st.chat_message("assistant", avatar=":material/recommend:"):
        if is_first:
            st.markdown("What the ranker lists by itself. Say what you would rather have.")
        if not is_first or turn.state.pending:
            st.markdown(plain(turn.reply, 600))
        if _lists(turn):
            _draw_list(choice, turn, is_open=is_open)
        if not is_first:
            _draw_reading(turn)


def _draw_list(choice: Choice, turn: Turn, *, is_open: bool) -> None:
    """The items, numbered as a critique may name them; older lists in one line."""
    names = explained.names(choice.run_id)
    if not is_open:
        st.caption(plain(" · ".join(names[item] for item in turn.items[:4]), 200) + " …")
        return
    items = queries.items(choice.run_id)
    lines = []
    for number, item in enumerate(turn.items, 1):
        about = [f"{items['year'][item]:.0f}"] if _has_year(items, item) else []
        groups = items["genres"][item] if "genres" in items else None
        about += [", ".join(map(str, groups))] if groups is not None and len(groups) else []
        shown = f" :gray[{plain(' · '.join(about), 60)}]" if about else ""
        lines.append(f"{number}. {plain(names[item], 60)}{shown}")
    st.markdown("\n".join(lines))


def _has_year(items: pd.DataFrame, item: int) -> bool:
    return "year" in items and bool(pd.notna(items["year"][item]))


def _draw_reading(turn: Turn) -> None:
    """Who read the words, and what of a language model's answer was not taken."""
    found = turn.understood
    notes = [NAMED[found.by], meaning(found.wish)]
    if found.refused:
        notes.append(f"the model's form was not taken: {found.refused}")
    if found.tokens != (0, 0):
        notes.append(f"{sum(found.tokens):,} tokens")
    if found.is_cut:
        notes.append("only the beginning was read")
    st.caption(plain(" · ".join(filter(None, notes)), 400))


def meaning(wish: Wish) -> str:
    """A wish in a few words: "wish: with Comedy, without Horror, 1990 to 1999"."""
    parts = [f"with {', '.join(wish.wanted)}" if wish.wanted else ""]
    parts.append(f"without {', '.join(wish.unwanted)}" if wish.unwanted else "")
    if wish.first_year is not None or wish.last_year is not None:
        parts.append(f"years {wish.first_year or 'any'} to {wish.last_year or 'any'}")
    parts.append({1: "better known", -1: "less known"}.get(wish.popularity, ""))
    parts.append(f"{count(len(wish.likes), 'item')} liked" if wish.likes else "")
    parts.append(f"{count(len(wish.dislikes), 'item')} refused" if wish.dislikes else "")
    told = ", ".join(filter(None, parts))
    return f"{wish.act}: {told}" if told else wish.act


def draw_state(choice: Choice) -> None:
    """What holds by now, the history behind it, and a way to begin anew."""
    told = chat.turns(choice)
    state = told[-1].state
    talker = chat.talker_of(choice)
    names = talker.catalogue_.names
    st.subheader("What holds by now")
    rows = {
        "with": ", ".join(state.wanted),
        "without": ", ".join(state.unwanted),
        "years": f"{state.first_year or 'any'} to {state.last_year or 'any'}"
        if state.first_year or state.last_year
        else "",
        "known": {1: "better known", -1: "less known"}.get(state.popularity, ""),
        "like": ", ".join(names[item] for item in state.likes),
        "unlike": ", ".join(names[item] for item in state.dislikes),
    }
    said = [f"- {name}: **{plain(value, 200)}**" for name, value in rows.items() if value]
    st.markdown("\n".join(said) or "Nothing was asked for yet.")
    st.caption(
        f"{count(len(state.shown), 'item')} listed so far; none comes twice, and none that the "
        "user had before. Wanted groups move items up, they hide nothing; unwanted groups and "
        "other years are left out."
    )
    if st.button("Begin anew", icon=":material/restart_alt:", key="chat.anew"):
        st.session_state.pop(choice.key, None)
        st.rerun()
    st.subheader("What they liked last")
    liked = _liked_last(choice, names)
    st.markdown("\n".join(f"- {plain(name, 60)}" for name in liked) or "No history: somebody new.")
    query = {shell.RUN: choice.run_id}
    if choice.user is not None:
        query["user.id"] = str(queries.users(choice.run_id)["user_id"][choice.user])
    shell.link("user", "This user's lists", ":material/person:", query)
    shell.link("map", "Where this stands on the map", ":material/map:")


def _liked_last(choice: Choice, names: tuple[str, ...]) -> list[str]:
    if choice.user is None:
        return []
    talker = chat.talker_of(choice)
    train = talker.train_
    rows = (train.users == choice.user) & train.is_liked
    items = train.items[rows]
    if train.timestamps is not None:
        items = items[train.timestamps[rows].argsort(kind="stable")]
    return [names[item] for item in items[::-1][:8]]
