"""No library that RecScope loads may report home, fetch unasked or draw bars between ours."""

import os

SWITCHES = {
    "RAGAS_DO_NOT_TRACK": "true",  # only this word works: ragas ignores "1"
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",  # those of transformers, too, but for some of tqdm itself
    "TQDM_DISABLE": "1",
    "DO_NOT_TRACK": "1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}


def switch_off_telemetry() -> None:
    """Set the switches for this process and its children; a value the user set is left alone."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)
