"""A file of one's own: upload, look at the guessed columns, mend them, see what was refused."""

import hashlib
import re
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app import data, data_panels, start_form
from app.words import count, plain
from core.atomic import new_file
from core.own import Guess, guess_columns
from core.paths import cache_dir

LARGEST_MB = 200
KINDS = [
    "csv",
    "tsv",
    "txt",
    "dat",
    "json",
    "jsonl",
    "parquet",
    "inter",
    "user",
    "item",
    "qrels",
    "run",
]
ROLES = ("user", "item", "rating", "timestamp")
NONE = "(none)"
SHOWN_REJECTS = 500


def draw() -> None:
    """Everything between choosing a file and starting its audit."""
    st.markdown(
        "CSV, TSV, `::`, JSON lines, Parquet, RecBole `.inter` or TREC qrels, up to "
        f"{LARGEST_MB} MB, one row per (user, item). The file is parsed on this machine and "
        "never executed."
    )
    path = keep(_uploader("Interactions", "data.file"))
    with st.expander("Attributes of users and items (optional)", icon=":material/badge:"):
        left, right = st.columns(2)
        with left:
            users = keep(_uploader("Users", "data.users-file"))
        with right:
            items = keep(_uploader("Items", "data.items-file"))
    if path is None:
        return
    columns = map_columns(guess_columns(path))
    if not columns.get("user") or not columns.get("item"):
        st.warning("Name the columns that hold the user and the item.", icon=":material/warning:")
        return
    section: dict[str, Any] = {"interactions": str(path), "columns": columns}
    section |= {
        side: str(file) for side, file in (("users", users), ("items", items)) if file is not None
    }
    found = data.imported(**section)
    draw_rejects(found)
    st.subheader("Audit this data")
    start_form.draw("data", section, label=f"Audit of {path.name}")
    data_panels.draw(found)


def _uploader(label: str, key: str) -> UploadedFile | None:
    return st.file_uploader(label, KINDS, key=key, max_upload_size=LARGEST_MB)


def keep(uploaded: UploadedFile | None) -> Path | None:
    """Write an upload where a job can read it, under a name of ours; the same bytes once."""
    if uploaded is None:
        return None
    content = uploaded.getvalue()
    suffix = Path(uploaded.name).suffix.lower()
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(uploaded.name).stem).strip("-")[:60] or "upload"
    folder = cache_dir() / "uploads" / hashlib.sha256(content).hexdigest()[:16]
    path = folder / f"{stem}{suffix if suffix.lstrip('.') in KINDS else '.txt'}"
    if not path.exists():
        with new_file(path) as temporary:
            temporary.write_bytes(content)
    return path


def map_columns(guess: Guess) -> dict[str, str]:
    """What was guessed, a selectbox per role to mend it, and the first rows."""
    st.subheader("Which column is what?")
    names = [str(name) for name in guess.preview.columns]
    chosen: dict[str, str] = {}
    for column, role in zip(st.columns(len(ROLES)), ROLES, strict=True):
        options = [NONE, *names]
        guessed = guess.columns.get(role, NONE)
        asked = column.selectbox(
            role,
            options,
            index=options.index(guessed) if guessed in options else 0,
            key=f"data.role-{role}",
            help=plain(guess.reasons.get(role, ""), 300) or None,
        )
        chosen[role] = "" if asked == NONE else asked
    st.dataframe(guess.preview, hide_index=True, key="data.preview", alt="First rows of the file")
    delimiter = f", columns parted by {plain(repr(guess.delimiter))}" if guess.delimiter else ""
    header = "with a header line" if guess.has_header else "without a header line"
    st.caption(f"Read as {plain(guess.format)}{delimiter}, {plain(guess.encoding)}, {header}.")
    return chosen


def draw_rejects(found: data.Described) -> None:
    """Every line that is not in the data, and why."""
    rejects, kept = found.rejects, found.profile.counts["interactions"]
    st.subheader("What was refused, line by line")
    if rejects is None or rejects.empty:
        st.success(f"Nothing: {count(kept, 'row')} read.", icon=":material/check_circle:")
        return
    st.warning(
        f"{count(len(rejects), 'line')} refused, {count(kept, 'row')} kept.",
        icon=":material/warning:",
    )
    reasons = rejects["reason"].value_counts()
    st.markdown("\n".join(f"- {n:,} × {plain(reason, 300)}" for reason, n in reasons.items()))
    st.dataframe(
        rejects.head(SHOWN_REJECTS),
        hide_index=True,
        key="data.rejects",
        alt="Refused lines: line number, column, reason, text",
        column_config={
            "line": st.column_config.NumberColumn(format="%d", width="small"),
            "reason": st.column_config.TextColumn(width="large"),
        },
    )
    if len(rejects) > SHOWN_REJECTS:
        st.caption(f"The first {SHOWN_REJECTS} of {len(rejects):,}.")
