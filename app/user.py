"""What the One user page asks, says and draws."""

import pandas as pd
import streamlit as st

from app import charts_user, headline, queries, shell
from app.words import count, each, metric_at, number, plain
from core.errors import UnknownNameError
from evaluators.doors import metrics
from evaluators.metric import Metric

WHO, CUTOFF = "user.id", "user.k"
FACTS = {"n_train": "rows to learn from", "n_test": "rows in the test part"}
OFFERED = 1000  # ids the picker carries to the browser; any other can be typed


def choose(run_id: str) -> int | None:
    """The code of the user asked for; None where the id is unknown."""
    users = queries.users(run_id)
    tested = users[users["n_test"] > 0]
    ids = (tested if len(tested) else users)["user_id"].astype(str)
    options = ids.head(OFFERED).tolist()
    asked = st.selectbox(
        "User",
        options,
        index=_middle(run_id, ids.head(OFFERED)),
        key=WHO,
        accept_new_options=True,
        bind="query-params",
        help=f"Search by id. {count(len(users), 'user')} in this run; the list offers the first "
        f"{len(options):,} with a test part, any other id can be typed.",
    )
    known = users.index[users["user_id"].astype(str) == str(asked)]
    if not len(known):
        raise UnknownNameError("user", str(asked), users["user_id"].astype(str), shown=8)
    return int(known[0])


def _middle(run_id: str, ids: pd.Series) -> int:
    """Place of the user served neither well nor badly: an honest first example."""
    metric, k = headline_of(run_id)
    values = queries.column(run_id, metric_at(metric.name, k)).reindex(ids.index).mean(axis=1)
    users = queries.users(run_id).loc[ids.index]
    # whoever is unknown gets the same fallback as all others: a dull example
    telling = (users["n_train"] > 0) & (users["n_test"] >= 5)
    if values[telling].notna().any():
        values = values.where(telling)
    far = (values - values.median()).abs().fillna(float("inf"))
    return int(far.to_numpy().argmin()) if len(far) else 0


def headline_of(run_id: str) -> tuple[Metric, float | None]:
    """The metric and cutoff that the page speaks of."""
    everybody = queries.everybody(run_id)
    metric = metrics()[headline.headline_metric(list(everybody["metric"].unique()))]
    rows = everybody[everybody["metric"] == metric.name]
    return metric, headline.headline_cutoff([float(k) for k in rows["k"].dropna().unique()])


def draw_facts(run_id: str, user: int) -> None:
    """Attributes as cards: who is this?"""
    facts = queries.users(run_id).loc[user].drop(["user", "user_id"])
    with st.container(horizontal=True, gap="small"):
        for name, value in facts.items():
            if isinstance(value, list) or pd.isna(value):
                continue
            shown = number(value) if isinstance(value, int | float) else str(value)
            st.badge(f"{FACTS.get(str(name), plain(name))}: {plain(shown, 60)}", color="gray")
    if facts["n_train"] == 0:
        st.warning(
            "This user was never seen in training: every list below is a fallback or a guess.",
            icon=":material/ac_unit:",
        )
    if facts["n_test"] == 0:
        st.info("Nothing of this user lies in the test part: no hit is possible.")


def draw_lists(run_id: str, user: int) -> None:
    """Every model's list side by side, hits marked by a tick and bold type."""
    st.subheader("Every model's list")
    lists = queries.lists(run_id, user)
    longest = int(lists["rank"].max()) if len(lists) else 0
    lengths = [str(k) for k in (5, 10, 20, 50) if k <= longest] or [str(max(longest, 1))]
    usual = "10" if "10" in lengths else lengths[-1]
    k = int(
        st.segmented_control(
            "Length of the list, k",
            lengths,
            default=usual,
            required=True,
            key=CUTOFF,
            bind="query-params",
        )
        or usual
    )
    items = queries.items(run_id)
    with st.grid("auto", min_column_width=225, gap="small"):
        for model in queries.models(run_id):
            rows = lists[(lists["model"] == model) & (lists["rank"] <= k)].sort_values("rank")
            with st.container(border=True, height="stretch", gap="xsmall"):
                _draw_list(model, rows, items)
                _link_why(run_id, user, model, rows, items)
    st.caption(
        "✓ and bold: the user liked it in the test part, after the lists were made. Lists hold no "
        f"item the user had before. First {k} ranks, ties in the order the model gave."
    )
    query = {"run": run_id}
    label = "Which explanations can be believed?"
    shell.link("explanation_quality", label, ":material/fact_check:", query)


def _link_why(run_id: str, user: int, model: str, rows: pd.DataFrame, items: pd.DataFrame) -> None:
    """To the explanations of this list, its first item in front."""
    if rows.empty:
        return
    query = {
        "run": run_id,
        "explanations.user": str(queries.users(run_id)["user_id"][user]),
        "explanations.model": model,
        "explanations.item": str(items["item_id"][rows["item"].iloc[0]]),
    }
    shell.link("explanations", "Why these?", ":material/lightbulb:", query)


def _draw_list(model: str, rows: pd.DataFrame, items: pd.DataFrame) -> None:
    st.markdown(f"**{plain(model)}**")
    if rows.empty:
        st.markdown(":material/block: no list: every metric counts as 0")
        return
    hits = int(rows["is_hit"].sum())
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(count(hits, "hit"), color="green" if hits else "gray", icon=":material/check:")
        if rows["is_fallback"].any():
            st.badge("fallback, not the model", color="orange", icon=":material/low_priority:")
    titles = items["title"] if "title" in items else items["item_id"]
    ids = items["item_id"].astype(str)
    lines = []
    for row in each(rows):
        title = titles.get(row.item)
        name = plain(ids.get(row.item) if pd.isna(title) else title, 48)
        lines.append(f"{row.rank}. ✓ **{name}**" if row.is_hit else f"{row.rank}. {name}")
    st.markdown("\n".join(lines))


def draw_history(run_id: str, user: int) -> None:
    """What the user did, newest first."""
    rows = queries.history(run_id, user)
    st.subheader(f"History, newest first ({len(rows):,})")
    found = queries.lists(run_id, user)
    hits = found[found["is_hit"] & (found["rank"] <= 10)].groupby("item")["model"].agg(", ".join)
    rows = rows.assign(found=rows["item"].map(hits).fillna(""))
    wanted = ("title", "rating", "timestamp", "part", "found", "genres")
    shown = [name for name in wanted if name in rows.columns]
    table = rows[shown if "title" in shown else ["item_id", *shown]].copy()
    if "timestamp" in table:
        table["timestamp"] = pd.to_datetime(table["timestamp"], unit="s", utc=True)
    st.dataframe(
        table,
        hide_index=True,
        key="user.history",
        height=420,
        alt="Interactions of this user, newest first",
        column_config={
            "title": st.column_config.TextColumn("item", width="medium"),
            "timestamp": st.column_config.DatetimeColumn("when (UTC)", format="YYYY-MM-DD"),
            "rating": st.column_config.NumberColumn(format="%g", width="small"),
            "found": st.column_config.TextColumn("found at 10 by", width="small"),
            "genres": st.column_config.ListColumn(),
        },
    )
    st.caption(
        "part: train - the models learned from it; validation - used for no number here; test - "
        "what they should have found."
    )


def draw_standing(run_id: str, user: int) -> None:
    """The user's metric against everybody's, model by model."""
    metric, k = headline_of(run_id)
    name = metric_at(metric.name, k)
    st.subheader(f"{name} against everybody")
    values = queries.column(run_id, name)
    mine = values.reindex([user]).iloc[0]
    if mine.isna().all():
        st.info(f"{name} is undefined for this user: nothing they liked lies in the test part.")
        return
    shell.draw(
        charts_user.standing(values, mine, name),
        key="user.standing",
        caption=f"{plain(metric.summary, 400)} Source: {plain(metric.source, 300)}. Bar: from the "
        "user at 10 % to the user at 90 % of all; line: the middle user; diamond: this user. "
        f"Counted, not estimated: no interval. n = {len(values.dropna(how='all')):,} users.",
        alt=f"{name} of this user within the range of all users, for each model",
    )
