"""Explanations: why was this shown?"""

import streamlit as st

from app import (
    explanations,
    explanations_panels,
    explanations_rate,
    explanations_reasoning,
    explanations_whatif,
    explanations_write,
    shell,
)

shell.require_router(__file__)
shell.heading("Why was this shown, and would it be shown without what speaks for it?")
run_id = shell.require_run()

with shell.mendable():
    choice = explanations.choose(run_id)
    if choice is None:
        st.stop()
    explanations_panels.draw_subject(choice)
    found = explanations_panels.gather(choice)
    explanations_panels.draw_words(found)
    left, right = st.columns(2, gap="large")
    with left:
        explanations_panels.draw_evidence(choice, found)
    with right:
        explanations_panels.draw_attribution(choice, found)
    if explanations_whatif.is_laid_out(choice):
        explanations_reasoning.draw(choice)
        explanations_whatif.draw(choice)
    written = explanations_write.draw(choice)
    if written is not None:
        found = {f"{written.explainer}, written now": written, **found}
    explanations_rate.draw(choice, found)
    explanations_panels.draw_how(choice, found)
