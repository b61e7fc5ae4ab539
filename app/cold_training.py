"""How models learned, step by step: a panel of the page on cold start and cost."""

import pandas as pd
import streamlit as st

from app import charts_training, queries, shell
from app.queries import Stamp
from app.words import count
from recscope.files import read_table

CURVE = "curve.parquet"
MODEL = "cold_start.curve"


def curves(run_id: str) -> pd.DataFrame:
    """model, step, loss, validation, metric, rate, seconds of all trained models of the run."""
    return _curves(queries.stamp(run_id))


@st.cache_data(max_entries=8, show_spinner=False)
def _curves(at: Stamp) -> pd.DataFrame:
    run = queries.run_at(at)
    found = [
        read_table(path).assign(model=model)
        for model in run.models()
        if (path := run.path / "models" / model / CURVE).is_file()
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def draw(run_id: str, models: list[str]) -> None:
    """Loss and validation by step; nothing where no model of the run keeps a curve."""
    table = curves(run_id)
    table = table[table["model"].isin(models)] if len(table) else table
    if table.empty:
        return
    st.subheader("How did training go?")
    has_validation = table["validation"].notna().any()
    columns = st.columns(2, gap="large") if has_validation else [st.container()]
    with columns[0]:
        shell.draw(
            charts_training.by_step(table, "loss", models),
            key="cold_start.loss",
            caption="Loss on what is learned from, as each model defines its own: compare a line "
            "with itself, not with others. One training each: no interval. "
            f"n = {count(table['model'].nunique(), 'model')}.",
            alt="Loss by step of training, a line a model",
            numbers=table,
        )
    if not has_validation:
        return
    with columns[1]:
        known = table.dropna(subset=["validation"])
        names = sorted(set(known["metric"].dropna().astype(str)))
        shell.draw(
            charts_training.by_step(known, "validation", models),
            key="cold_start.validation",
            caption="Quality on held-back data while it learned "
            f"({', '.join(names) or 'unnamed'}); the diamond is where it was best. One training "
            f"each: no interval. n = {count(known['model'].nunique(), 'model')}.",
            alt="Validation quality by step of training, a line a model",
        )
