"""Overview: what should worry me?"""

import streamlit as st

from app import board, headline, light, overview, shell

shell.require_router(__file__)
shell.heading("What should worry me?")
run_id = shell.chosen_run()
if run_id is None:
    overview.draw_start()
    st.stop()

board.watch("overview", only_live=True)
with shell.mendable():
    seen = overview.look(run_id)
    st.markdown(f"### {headline.sentence(seen.estimates.iloc[0], seen.name)}")
    leads = st.container()
    left, right = st.columns([3, 2], gap="large")
    with right:
        st.subheader("Models side by side")
        chart = light.forest(
            seen.estimates,
            seen.metric.name,
            seen.k,
            seen.metric.better,
            seen.baseline,
            alt=f"Mean {seen.name} with interval for each model; the table below has the numbers",
        )
        shell.draw_light(chart, key="overview.forest", caption=overview.forest_caption(seen))
    st.subheader("The numbers, and who stands behind them")
    overview.draw_models(seen)
    overview.draw_population(seen)
    # what takes longer to compute comes last, in the place that was kept for it
    with leads:
        overview.draw_leads(seen)
    found = overview.found(seen)
    with left:
        overview.draw_findings(found)
    with right:
        overview.draw_notes(found)
