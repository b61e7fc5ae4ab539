"""Filters that several pages have alike."""

from collections.abc import Sequence

import streamlit as st

from app import headline


def cutoff(cutoffs: Sequence[float], key: str) -> float:
    """One of the run's cutoffs; it stands in the address.

    cutoffs  one or more, in the order shown; key: of the widget
    """
    usual = f"{headline.headline_cutoff(list(cutoffs)):.0f}"
    asked = st.segmented_control(
        "Length of the list, k",
        [f"{k:.0f}" for k in cutoffs],
        default=usual,
        required=True,
        key=key,
        bind="query-params",
    )
    return float(asked or usual)
