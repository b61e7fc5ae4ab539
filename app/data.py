"""Which data the Data page speaks of, and what is cached of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app import queries
from app.words import plain
from core.cards import cards
from core.load import available
from recscope.profile import Profile, profile

NAME = "data.name"
UPLOAD, OF_RUN = "a file of mine", "the data of this run"


@dataclass(frozen=True)
class Described:
    """What is shown of one data set.  rejects: lines of an uploaded file that were refused."""

    profile: Profile
    facts: Mapping[str, Any]
    rejects: pd.DataFrame | None = None


def choose(run_id: str | None) -> str:
    """A card, the data of the run where it has no card, or a file of one's own."""
    known = [*cards(), *([OF_RUN] if _own_section(run_id) else []), UPLOAD]
    usual = OF_RUN if _own_section(run_id) else _card_of(run_id) or "movielens-100k"
    index = known.index(usual) if usual in known else 0
    return str(st.selectbox("Data", known, index=index, key=NAME, bind="query-params"))


def profile_of(chosen: str, run_id: str | None) -> Described | None:
    """Its tables; None where it must be fetched first, which only happens when asked for."""
    if chosen == OF_RUN:
        return imported(**(_own_section(run_id) or {}))
    why = available(chosen)
    if why is not None:
        st.info(plain(why, 600), icon=":material/cloud_download:")
        if not st.button("Get it now", key="data.fetch", icon=":material/download:"):
            return None
    with st.spinner(f"Reading {plain(chosen)}"):
        return _card_profile(chosen)


@st.cache_data(max_entries=8, max_size="200mb", show_spinner=False)
def _card_profile(name: str) -> Described:
    from core.load import load

    dataset = load(name)
    facts = {**dataset.facts, "threshold": dataset.interactions.threshold}
    return Described(profile(dataset), facts)


def imported(
    interactions: str,
    users: str | None = None,
    items: str | None = None,
    columns: Mapping[str, str] | None = None,
    **_: Any,
) -> Described:
    """A file of one's own, read with this mapping of columns."""
    pairs = tuple(sorted((columns or {}).items()))
    with st.spinner("Reading the file line by line"):
        return _imported(
            (interactions, Path(interactions).stat().st_mtime_ns), _file(users), _file(items), pairs
        )


File = tuple[str, int]  # path and the moment it was written


def _file(path: str | None) -> File | None:
    return None if path is None else (path, Path(path).stat().st_mtime_ns)


@st.cache_data(max_entries=8, max_size="200mb", show_spinner=False)
def _imported(
    interactions: File,
    users: File | None,
    items: File | None,
    columns: tuple[tuple[str, str], ...],
) -> Described:
    from core.own import read_own

    found = read_own(
        Path(interactions[0]),
        Path(users[0]) if users else None,
        Path(items[0]) if items else None,
        dict(columns) or None,
    )
    facts = {**found.dataset.facts, "threshold": found.dataset.interactions.threshold}
    return Described(profile(found.dataset), facts, found.rejects)


def _section(run_id: str | None) -> Mapping[str, Any]:
    if run_id is None:
        return {}
    section: Mapping[str, Any] = queries.manifest(run_id).get("config", {}).get("data", {})
    return section


def _own_section(run_id: str | None) -> dict[str, Any] | None:
    section = _section(run_id)
    named = section.get("interactions")
    return dict(section) if named and Path(str(named)).exists() else None


def _card_of(run_id: str | None) -> str | None:
    name = _section(run_id).get("name")
    return str(name) if name in cards() else None
