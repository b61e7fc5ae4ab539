"""Overview: what should worry me?"""

import streamlit as st

from app import board, charts_accuracy, overview, queries, shell
from app.words import metric_at

shell.require_router(__file__)
shell.heading("What should worry me?")
run_id = shell.chosen_run()
if run_id is None:
    overview.draw_start()
    st.stop()

board.watch("overview", only_live=True)
with shell.mendable():
    seen = overview.look(run_id)
    overview.draw_headline(seen)
    left, right = st.columns([3, 2], gap="large")
    with left:
        overview.draw_findings(seen.findings)
    with right:
        st.subheader("Models side by side")
        chart = charts_accuracy.forest(
            seen.estimates, seen.metric.name, seen.k, seen.metric.better, seen.baseline
        )
        shell.draw(
            chart,
            key="overview.forest",
            caption=overview.forest_caption(seen),
            alt=f"Mean {metric_at(seen.metric.name, seen.k)} with interval for each model",
        )
    st.subheader("The numbers, and who stands behind them")
    overview.draw_models(run_id, seen)
    overview.draw_population(seen, queries.users(run_id))
