"""An explanation written now by a language model, at the reader's wish."""

import streamlit as st

from app import explained, queries
from app.explanations import Choice
from app.explanations_words import draw_explanation, draw_prompt
from app.words import plain
from core.errors import RecScopeError
from explain.explainers import EXPLAINERS
from explain.explanation import Explanation

WRITER, MODEL = "explanations.writer", "explanations.language_model"
USUAL_MODEL = "smollm2-135m"


def writers() -> list[str]:
    """Explainers in which a language model takes part."""
    return [name for name in EXPLAINERS if explained.writes_by_model(name)]


def draw(choice: Choice) -> Explanation | None:
    """A button, and what came of it; kept while this recommendation is on show."""
    st.subheader("Write it now")
    names = writers()
    if not names:
        st.info("No explainer here uses a language model.", icon=":material/info:")
        return None
    held = f"{choice.key}.written"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox("Explainer", names, key=WRITER, width=260)
        model = st.text_input(
            "Language model",
            value=USUAL_MODEL,
            key=MODEL,
            max_chars=200,
            width=320,
            help="smollm2-135m runs on this machine; openai:MODEL@URL asks a server that speaks "
            "OpenAI's protocol, whose key is in the environment.",
        )
        pressed = st.button(
            "Write", icon=":material/edit_note:", type="primary", key="explanations.write"
        )
    if pressed:
        st.session_state[held] = _written(choice, str(name), model.strip() or USUAL_MODEL)
    made: Explanation | None = st.session_state.get(held)
    if made is None:
        st.caption(
            f"About a second for a sentence with {USUAL_MODEL} on an idle machine. What it is told "
            "is data, never an instruction; what it says is checked against the facts, and refused "
            "where it says more."
        )
        return None
    draw_explanation(made, is_live=True)
    with st.expander("What it was told", icon=":material/terminal:"):
        draw_prompt(made, explained.told_to_model(queries.stamp(choice.run_id), made))
    return made


def _written(choice: Choice, name: str, model: str) -> Explanation | None:
    try:
        with st.spinner("Reading, asking, checking …"):
            return explained.written(
                queries.stamp(choice.run_id), choice.model, choice.user, choice.item, name, model
            )
    except RecScopeError as error:
        st.error(plain(error, 800), icon=":material/error:")
        return None
