"""The router: name the pages, draw what they share, run the chosen one."""

from pathlib import Path

import streamlit as st

from app import router

# files, not icon names: Streamlit would fetch the favicon of a name from a public server
IMAGES = Path(__file__).parent / "app" / "images"

st.set_page_config(page_title="RecScope", page_icon=str(IMAGES / "icon.svg"), layout="wide")
st.logo(str(IMAGES / "logo.svg"), icon_image=str(IMAGES / "icon.svg"), size="large")
page = st.navigation(
    {
        "": [
            st.Page(
                "pages/overview.py", title="Overview", icon=":material/monitor_heart:", default=True
            ),
            st.Page("pages/data.py", title="Data", icon=":material/database:"),
        ],
        "Judge": [
            st.Page("pages/accuracy.py", title="Accuracy", icon=":material/target:"),
            st.Page("pages/calibration.py", title="Calibration", icon=":material/balance:"),
            st.Page("pages/fairness.py", title="Fairness", icon=":material/diversity_3:"),
            st.Page("pages/diversity.py", title="Diversity", icon=":material/category:"),
            st.Page("pages/drift.py", title="Drift", icon=":material/timeline:"),
            st.Page(
                "pages/cold_start.py",
                title="Cold start and cost",
                icon=":material/ac_unit:",
            ),
            st.Page("pages/user.py", title="One user", icon=":material/person:"),
            st.Page("pages/chat.py", title="Chat", icon=":material/forum:"),
            st.Page(
                "pages/conventions.py",
                title="Why is my number different?",
                icon=":material/calculate:",
            ),
        ],
        "Explain": [
            st.Page("pages/explanations.py", title="Explanations", icon=":material/lightbulb:"),
            st.Page(
                "pages/explanation_quality.py",
                title="Explanation quality",
                icon=":material/fact_check:",
            ),
        ],
        "Work": [
            st.Page("pages/runs.py", title="Runs", icon=":material/play_circle:"),
            st.Page("pages/map.py", title="The map", icon=":material/map:"),
        ],
    },
    expanded=True,  # all of them: a page behind "view more" is found by nobody
)
router.enter_router()
st.title(page.title)

# after the title: a server's first visitor sees the menu at once, while the libraries load
from app import shell, start  # noqa: E402

with shell.mendable():
    start.first_audit()
shell.choose_run()
page.run()
