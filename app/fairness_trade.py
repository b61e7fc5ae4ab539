"""What does a fairer model cost?  Accuracy against the gap between users and between items."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app import charts_fairness, fairness, fairness_data, queries, shell
from app.fairness import Choice
from app.words import chart_text, plain
from evaluators import METRICS

USER_NUMBERS = ("user_gap", "user_ratio", "worst_group", "group_deviation")
ITEM, BY_ITEM, USER = (f"{fairness.PAGE}.{name}" for name in ("item", "by-item", "user"))
USUAL_ITEM = ("disparate_treatment", "exposure_gini")


def draw_trade_off(choice: Choice) -> None:
    """Both sides in one chart."""
    st.subheader("What does a fairer model cost?")
    items = item_numbers(choice.run_id)
    left, middle, right = st.columns(3)
    with left:
        user = st.selectbox("Users", list(USER_NUMBERS), key=USER, bind="query-params")
    item, by_item = None, None
    if len(items):
        names = list(dict.fromkeys(items["metric"]))
        usual = next((names.index(name) for name in USUAL_ITEM if name in names), 0)
        with middle:
            item = st.selectbox(
                "Items and providers", names, index=usual, key=ITEM, bind="query-params"
            )
        with right:
            cuts = list(dict.fromkeys(items.loc[items["metric"] == item, "group_by"]))
            if st.session_state.get(BY_ITEM) not in cuts:
                st.session_state.pop(BY_ITEM, None)
            by_item = st.selectbox("Items by", cuts, key=BY_ITEM)
    else:
        st.info(
            "The item side is missing: this run was not audited for fairness to items. Do it with "
            f"`python -m recscope audit {choice.run_id} --family item_fairness`.",
            icon=":material/info:",
        )
    table = together(choice, str(user), items, (item, by_item))
    if table.empty:
        st.info(
            f"{plain(choice.cut)} cannot be judged for {choice.name}; choose another attribute.",
            icon=":material/block:",
        )
        return
    titles = {"accuracy": choice.name, "user": _axis(str(user), choice.cut)}
    better = {"accuracy": choice.metric.better, "user": METRICS[str(user)].better}
    if "item" in table:
        titles["item"], better["item"] = _axis(str(item), str(by_item)), METRICS[str(item)].better
    best = is_best(table, better)
    said = f"{plain(METRICS[str(user)].summary, 200)} "
    if item:
        said += f"{plain(METRICS[str(item)].summary, 200)} "
    shell.draw(
        charts_fairness.trade_off(table.assign(is_best=best), titles, better, choice.known),
        key="fairness.trade",
        caption=f"{said}Filled: no other model is at least as good in everything shown and better "
        "in one thing. 95 % intervals: accuracy by bootstrap over users; users as above, item side "
        f"as its audit tells. n = {table['n'].max():,.0f} users. Models whose intervals overlap "
        "may change places.",
        alt=f"{choice.name} against {user} and {item or 'no item number'}, a mark a model",
        numbers=table.assign(is_best=best),
    )


def _axis(name: str, by: str) -> str:
    return f"{chart_text(name)}<br>by {chart_text(by, 28)}"


def item_numbers(run_id: str) -> pd.DataFrame:
    """Numbers of the item side that have a better end, over all groups of a grouping."""
    report = queries.audit(run_id, "item_fairness")
    if report is None:
        return pd.DataFrame()
    table = queries.numbered(report.estimates)
    is_judged = [name in METRICS and METRICS[name].better != "neither" for name in table["metric"]]
    return table[pd.Series(is_judged, index=table.index) & table["group"].isna()].dropna(
        subset=["mean"]
    )


def together(
    choice: Choice, user: str, items: pd.DataFrame, item: tuple[str | None, str | None]
) -> pd.DataFrame:
    """A row a model: accuracy, user and item, each with NAME_low and NAME_high; n."""
    found = fairness_data.gaps(
        choice.run_id, choice.name, choice.metric, choice.by, tuple(choice.known)
    )
    if found.between.empty:
        return pd.DataFrame()
    everybody = queries.at_cutoff(
        queries.everybody(choice.run_id), choice.metric.name, choice.k
    ).set_index("model")
    own = found.between[found.between["number"] == user].set_index("model")
    parts = {"accuracy": _ends(everybody, "mean"), "user": _ends(own, "value")}
    name, by = item
    if name is not None:
        rows = items[(items["metric"] == name) & (items["group_by"] == by)]
        parts["item"] = _ends(rows.drop_duplicates("model").set_index("model"), "mean")
    table = pd.concat(
        [part.add_prefix(f"{side}_") for side, part in parts.items()], axis=1, join="inner"
    )
    table = table.rename(columns={f"{side}_value": side for side in parts})
    table["n"] = everybody["n"].reindex(table.index)
    return table.dropna(subset=list(parts)).rename_axis("model").reset_index()


def _ends(table: pd.DataFrame, value: str) -> pd.DataFrame:
    return table[[value, "low", "high"]].rename(columns={value: "value"})


def is_best(table: pd.DataFrame, better: Mapping[str, str]) -> list[bool]:
    """Which models no other one beats in everything at once."""
    signs = [1 if better[name] == "higher" else -1 for name in better]
    values = table[list(better)].to_numpy(dtype=float) * signs
    return [
        not bool(((values >= own).all(axis=1) & (values > own).any(axis=1)).any()) for own in values
    ]
