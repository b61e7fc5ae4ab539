"""How an explanation is shown: its words with what is wrong in them marked, and how it came."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.words import count, plain, seconds
from explain.explainers import EXPLAINERS
from explain.explanation import Explanation

LONGEST = 2000
Span = tuple[int, int]
SHOWN = {
    "language_model": "language model",
    "prompt": "prompt",
    "seed": "seed",
    "n_calls": "questions asked",
    "fidelity": "fidelity of the surrogate",
    "method": "method",
    "writer": "writer",
}


def kinds() -> Mapping[str, str]:
    """What each kind of violation means."""
    from explain.verify import KINDS

    return KINDS


def spans_of(text: str, violations: Sequence[str]) -> list[Span]:
    """Where the words lie that violations name ("bad group: Horror"); in order, none overlapping.

    The same words twice are marked twice if two violations name them, else where they first stand.
    """
    found: list[Span] = []
    for one in violations:
        _, _, words = one.partition(": ")
        start = text.find(words) if words else -1
        while start >= 0 and any(a < start + len(words) and start < b for a, b in found):
            start = text.find(words, start + 1)
        if start >= 0:
            found.append((start, start + len(words)))
    return sorted(found)


def marked(text: str, spans: Sequence[Span]) -> str:
    """Markdown of the text, marks on the spans; nothing in it starts a link, a colour or a tag."""
    parts, end = [], 0
    for a, b in spans:
        parts += [_part(text[end:a]), f":red-background[**{_part(text[a:b]).strip()}**]"]
        end = b
    return "".join([*parts, _part(text[end:])]).strip()


def _part(text: str) -> str:
    """Escaped, with the blanks at its ends kept."""
    shown = plain(text, LONGEST)
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and shown else ""
    return f"{before}{shown}{after}"


def draw_explanation(made: Explanation, *, is_live: bool = False) -> None:
    """One explanation as a card."""
    row = EXPLAINERS.get(made.explainer)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(f"**{plain(made.explainer)}**", help=plain(row.doc, 400) if row else None)
            if row is not None and row.is_baseline:
                st.badge("baseline, not to be believed", color="gray", icon=":material/casino:")
            if made.is_fallback:
                st.badge("fallback: template", color="orange", icon=":material/low_priority:")
            elif made.violations:
                n = count(len(made.violations), "violation")
                st.badge(n, color="red", icon=":material/report:")
            elif made.text:
                st.badge("checked", color="green", icon=":material/check:")
            if is_live:
                st.badge("written now", color="blue", icon=":material/bolt:")
        _draw_text(made)
        _draw_cost(made.facts)


def _draw_text(made: Explanation) -> None:
    own = str(made.facts.get("own_text") or "")
    if not made.text:
        reason = made.facts.get("reason") or made.facts.get("error") or "no reason was found"
        st.markdown(f":material/block: {plain(reason, 400)}")
        return
    is_own = not (made.is_fallback and own)
    spans = spans_of(made.text, made.violations) if is_own else []
    st.markdown(f"“{marked(made.text, spans)}”")
    if made.is_fallback and made.facts.get("error"):
        st.markdown(f":material/error: {plain(made.facts['error'], 400)}")
    if not is_own:
        told = marked(own, spans_of(own, made.violations))
        st.markdown(f"Refused, in the writer’s own words: “{told}”")
    meaning = kinds()
    for one in made.violations:
        kind, _, words = one.partition(": ")
        about = f" ({plain(words, 80)})" if words else ""
        st.markdown(f"- **{plain(kind)}**{about}: {plain(meaning.get(kind, 'not true'), 200)}")


def _draw_cost(facts: Mapping[str, Any]) -> None:
    told = []
    if isinstance(facts.get("seconds"), int | float):
        told.append(seconds(float(facts["seconds"])))
    for name, word in (("n_prompt", "told"), ("n_answer", "said")):
        if isinstance(facts.get(name), int | float):
            told.append(f"{count(float(facts[name]), 'token')} {word}")
    if facts.get("is_cached"):
        told.append("answered before")
    if facts.get("language_model"):
        told.append(plain(facts["language_model"], 80))
    if told:
        st.caption(" · ".join(told))


def draw_prompt(made: Explanation, told: str = "") -> None:
    """Everything known of how the words came, and what the language model was told."""
    facts = {
        label: made.facts[name] for name, label in SHOWN.items() if made.facts.get(name) is not None
    }
    for label, value in facts.items():
        st.markdown(f"- {label}: {plain(value, 200)}")
    if told:
        st.code(told, language=None, wrap_lines=True, height=320)
