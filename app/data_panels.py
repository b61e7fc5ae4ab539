"""The panels of the Data page: counts, shape, attributes, ledger, licence."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app import charts_data, shell
from app.data import OF_RUN, Described
from app.words import each, number, plain, share
from recscope.profile import Profile

MET = "Counted on the cleaned data, not estimated: no interval."


def draw(found: Described) -> None:
    """Everything about one data set."""
    made = found.profile
    draw_counts(made)
    left, right = st.columns(2, gap="large")
    with left:
        _draw_activity(made)
    with right:
        _draw_long_tail(made)
    left, right = st.columns(2, gap="large")
    with left:
        _draw_ratings(made, found.facts)
    with right:
        _draw_sizes(made)
    draw_attributes(made)
    draw_ledger(made)


def draw_counts(made: Profile) -> None:
    """The size of it, in cards that stand two by two on a phone."""
    counts = made.counts
    cards = [
        ("Interactions", number(counts["interactions"])),
        ("Users", number(counts["users"])),
        ("Items", number(counts["items"])),
        ("Density", share(counts["density"], 1)),
        ("Rows per user, median", number(counts["per_user_median"])),
        ("Rows per item, median", number(counts["per_item_median"])),
        ("Liked", share(counts["liked"], counts["interactions"])),
        ("Gini of items", number(counts["gini_items"], 2)),
    ]
    with st.grid(4, min_column_width=135, gap="small"):
        for label, value in cards:
            st.metric(label, value, border=True)
    if "first" in counts:
        first, last = (
            pd.to_datetime(counts[end], unit="s").strftime("%Y-%m-%d") for end in ("first", "last")
        )
        st.caption(f"From {first} to {last}. Density: interactions over users × items with any.")


def _draw_activity(made: Profile) -> None:
    st.subheader("Activity over time")
    if made.activity.empty:
        st.info("These data carry no timestamps: splits by time and drift are out of reach.")
        return
    shell.draw(
        charts_data.activity(made.activity),
        key="data.activity",
        caption=f"Interactions in equal stretches of whole days. {MET} "
        f"n = {made.counts['interactions']:,.0f} interactions.",
        alt="Number of interactions over time",
        numbers=made.activity,
    )


def _draw_long_tail(made: Profile) -> None:
    st.subheader("Long tail")
    shell.draw(
        charts_data.long_tail(made.long_tail),
        key="data.tail",
        caption=f"**{charts_data.held_by(made.long_tail, 0.2)}** Share of all "
        "interactions held by the most popular share of items (Lorenz 1905, "
        "doi:10.2307/2276207, from the other end); dotted: every item equally popular. "
        f"{MET} n = {made.counts['items']:,.0f} items.",
        alt="Share of interactions held by the most popular items",
        numbers=made.long_tail,
    )


def _draw_ratings(made: Profile, facts: Mapping[str, Any]) -> None:
    st.subheader("Ratings")
    if made.ratings.empty:
        st.info("These data carry no ratings: every interaction counts as a liking.")
        return
    threshold = facts.get("threshold")
    said = (
        "Every interaction counts as a liking."
        if threshold is None
        else f"A rating of {threshold:g} or more counts as a liking."
    )
    shell.draw(
        charts_data.ratings(made.ratings, threshold),
        key="data.ratings",
        caption=f"{said} {MET} n = {made.ratings['count'].sum():,} ratings.",
        alt="How often each rating was given",
        numbers=made.ratings,
    )


def _draw_sizes(made: Profile) -> None:
    st.subheader("How much is known of each")
    shell.draw(
        charts_data.sizes(made.per_user, made.per_item),
        key="data.sizes",
        caption="Share of users and of items by their number of interactions; each bin reaches to "
        f"the next. {MET}",
        alt="Users and items by number of interactions",
        numbers=pd.concat([made.per_user.assign(side="users"), made.per_item.assign(side="items")]),
    )


def draw_attributes(made: Profile) -> None:
    """What is known besides: how much of it is missing, and which values are common."""
    st.subheader("Attributes, and who is missing")
    if made.attributes.empty:
        st.info("Nothing is known of users and items besides their ids.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        shell.draw(
            charts_data.missing(made.attributes),
            key="data.missing",
            caption=f"Share of users or items without a value, an empty text is none. {MET}",
            alt="Missing share of each attribute",
            numbers=made.attributes,
        )
    with right:
        names = [f"{row.side}: {row.attribute}" for row in each(made.attributes)]
        is_telling = [
            row.kind != "number" and 1 < row.n_distinct <= 50 for row in each(made.attributes)
        ]
        first = is_telling.index(True) if True in is_telling else 0
        asked = st.selectbox(
            "Commonest values of", names, index=first, key="data.attribute", bind="query-params"
        )
        side, _, attribute = asked.partition(": ")
        top = made.top_values
        top = top[(top["side"] == side) & (top["attribute"] == attribute)]
        shell.draw(
            charts_data.values(top, attribute),
            key="data.values",
            caption=f"The ten commonest values of {plain(attribute)}. {MET}",
            alt=f"Commonest values of {attribute}",
        )


def draw_ledger(made: Profile) -> None:
    """Every row that was dropped or repaired, and why."""
    st.subheader("Dropped, repaired, noted")
    if made.ledger.empty:
        st.success("Nothing was dropped or repaired.", icon=":material/check_circle:")
        return
    st.dataframe(
        made.ledger,
        hide_index=True,
        key="data.ledger",
        alt="Ledger of dropped and repaired rows",
        column_config={"examples": st.column_config.ListColumn(width="medium")},
    )


def draw_card(chosen: str, found: Described) -> None:
    """Licence and citation: what may be done with it, whom to thank."""
    if chosen == OF_RUN:
        return
    facts = found.facts
    st.subheader("Licence and citation")
    st.markdown(
        f"**{plain(facts.get('title', chosen))}**  \n{plain(facts.get('description', ''), 800)}"
    )
    st.markdown(f"**Licence.** {plain(facts.get('licence', 'not stated'), 800)}")
    st.markdown(f"**Cite.** {plain(facts.get('citation', 'not stated'), 800)}")
    for note in facts.get("notes", []):
        st.markdown(f"- {plain(note, 600)}")
    if str(facts.get("homepage", "")).startswith("https://"):
        st.link_button("Home page", str(facts["homepage"]), icon=":material/open_in_new:")
