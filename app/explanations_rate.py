"""People's word: the form in which a viewer rates an explanation."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.explanations import Choice
from app.words import count, plain
from core.errors import RecScopeError
from explain.explanation import Explanation
from recscope.ratings import (
    HIGHEST,
    LONGEST_COMMENT,
    LOWEST,
    QUESTIONS,
    Rating,
    Ratings,
    new_rater,
    words_of,
)

WHICH, RATER = "explanations.rated", "explanations.rater"
POINTS = [str(point) for point in range(LOWEST, HIGHEST + 1)]


def rater() -> str:
    """A token of this visit; it stands for nobody, and a new visit is another."""
    token: str = st.session_state.setdefault(RATER, new_rater())
    return token


def draw(choice: Choice, found: Mapping[str, Explanation]) -> None:
    """Choose an explanation, say how good it is."""
    st.subheader("What do you think of it?")
    told = {name: made for name, made in found.items() if made.text}
    if not told:
        st.info("There are no words to rate.", icon=":material/info:")
        return
    name = st.selectbox("Explanation by", list(told), key=WHICH)
    made = told[str(name or next(iter(told)))]
    st.markdown(f"“{plain(made.text, 2000)}”")
    what = _what(choice, made)
    try:
        with Ratings.at() as kept:
            before = kept.mine(what, rater())
            _form(kept, what, before)
    except RecScopeError as error:
        st.error(plain(error, 800), icon=":material/error:")


def _what(choice: Choice, made: Explanation) -> dict[str, Any]:
    return {
        "run": choice.run_id,
        "model": choice.model,
        "explainer": made.explainer,
        "user": choice.user,
        "item": choice.item,
        "text": made.text,
    }


def _form(kept: Ratings, what: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    # another explanation begins with an empty form
    of = words_of("\n".join(str(what[name]) for name in sorted(what)))
    with st.form("explanations-rating", border=True):
        with st.container(horizontal=True, gap="large"):
            for name, sentence in QUESTIONS.items():
                st.segmented_control(
                    sentence,
                    POINTS,
                    key=f"explanations.rate.{name}.{of}",
                    help=f"{LOWEST}: not at all; {HIGHEST}: very much",
                )
        comment = st.text_area(
            "In your own words (optional)",
            key=f"explanations.rate.comment.{of}",
            max_chars=LONGEST_COMMENT,
            height=80,
        )
        sent = st.form_submit_button(
            "Rate", icon=":material/thumbs_up_down:", key="explanations.rate"
        )
    said = {name: st.session_state.get(f"explanations.rate.{name}.{of}") for name in QUESTIONS}
    if sent and None in said.values():
        left = [QUESTIONS[name] for name, value in said.items() if value is None]
        st.warning(f"Not kept yet: {count(len(left), 'answer')} missing ({', '.join(left)}).")
    elif sent:
        points: dict[str, Any] = {name: int(str(value)) for name, value in said.items()}
        kept.rate(Rating(**what, rater=rater(), comment=comment, **points))
        st.success("Kept. Thank you.", icon=":material/check:")
    elif before:
        given = ", ".join(f"{name} {before[name]}" for name in QUESTIONS)
        st.caption(f"You said before: {given}. Another word replaces it.")
    st.caption(
        "Kept are the words, your answers, the time and a token of this visit drawn by lot: no "
        "name, no address. Whether raters agree, and whether scores agree with them, is on the "
        "page Explanation quality."
    )
