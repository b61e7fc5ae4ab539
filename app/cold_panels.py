"""The panels of new users and new items: query, chart, one caption."""

import streamlit as st

from app import charts_accuracy, charts_cold, cold, shell
from app.cold import Choice
from app.words import plain
from evaluators import METRICS
from recscope.audits.report import Report
from recscope.estimate import split_label

WORSE = "short histories are served worse"


def draw_users(choice: Choice, report: Report) -> None:
    """Warm-up curves, slices, and the gap of short histories."""
    known = cold.qualities(report)
    if not known:
        st.info("No quality by history is kept in this audit.", icon=":material/info:")
        return
    left, right = st.columns(2)
    with left:
        quality = st.selectbox("Quality", known, key=cold.QUALITY, bind="query-params")
    with right:
        asked = st.selectbox(
            "Look closely at", [cold.BEST, *choice.models], key=cold.FOCUS, bind="query-params"
        )
    quality = str(quality or known[0])
    is_known = asked in choice.models
    focus = str(asked) if is_known else cold.best(report, choice.models, quality)
    _warm_up(choice, report, quality, focus)
    left, right = st.columns(2, gap="large")
    with left:
        _slices(choice, report, quality, focus)
    with right:
        _gap(choice, report)


def _warm_up(choice: Choice, report: Report, quality: str, focus: str) -> None:
    st.subheader("How does quality grow with what is known of a user?")
    rows = cold.curve(report, "warm-up", choice.models)
    rows = rows[rows["series"] == quality]
    metric = METRICS.get(split_label(quality)[0])
    about = plain(metric.summary, 300) if metric else plain(quality)
    n = int(rows.groupby("model")["n"].sum().max())
    slopes = cold.numbers(report, [focus], metric="warm_up_slope", group=quality)
    told = ""
    if len(slopes):
        row = slopes.iloc[0]
        told = (
            f" For every doubling of the history {plain(focus)} gains {row['mean']:.4f} "
            f"({row['low']:.4f} to {row['high']:.4f}, its own lists alone)."
        )
    shell.draw(
        charts_cold.warm_up(rows, quality, choice.known, focus),
        key=f"{cold.PAGE}.warm-up",
        caption=f"{about} Mean over users by rows of history, n = {n:,} users in all, those of "
        f"each step below the axis. Band: 95 % interval of {plain(focus)} by bootstrap over the "
        "users of a step (Efron 1987, doi:10.1080/01621459.1987.10478410). History 0: popular "
        f"items stand in where a model has no list.{told}",
        alt=f"{quality} of each model by length of the history",
        numbers=rows.drop(columns=["curve"]),
    )


def _slices(choice: Choice, report: Report, quality: str, focus: str) -> None:
    st.subheader("Own lists and stand-ins apart")
    metric, k = split_label(quality)
    rows = cold.numbers(report, [focus], metric=metric, k=k, group_by="cold start")
    rows = rows.dropna(subset="mean")
    if rows.empty:
        st.info("No slice has enough users to show.", icon=":material/info:")
        return
    share = cold.numbers(report, [focus], metric="fallback_share")
    got = float(share["mean"].iloc[0]) if len(share) else 0.0
    told = f" {got:.1%} of the users got stand-ins." if got else ""
    shell.draw(
        charts_cold.roomy(charts_accuracy.slices(rows, metric, k, choice.known), 1),
        key=f"{cold.PAGE}.slices",
        caption=f"{plain(focus)} by what is known of the user and whose list it is: the model's "
        "own, or popular items that stand in where it gives none. 95 % interval by bootstrap over "
        f"users, n beside each group.{told}",
        alt=f"{quality} of {focus} by slice of users",
        numbers=rows,
    )


def _gap(choice: Choice, report: Report) -> None:
    st.subheader("Are short histories served worse?")
    rows = cold.effects(report, WORSE, choice.models)
    if rows.empty:
        st.info(
            "Short and longer histories cannot be compared here; see what cannot be judged below.",
            icon=":material/info:",
        )
        return
    short = report.settings.get("short_history", 5)
    group = str(rows["group"].iloc[0])
    shell.draw(
        charts_cold.gaps(rows, f"gap in {group}: short served worse →"),
        key=f"{cold.PAGE}.gap",
        caption=f"{plain(METRICS['cold_user_gap'].summary)} Mean of {plain(group)} over users "
        f"with more than {short} rows minus the mean over the others, "
        f"n = {int(rows['n'].max()):,} users; 95 % interval by bootstrap over users. Filled: "
        "permutation test (Pitman 1937, doi:10.2307/2984124), p corrected by Holm over the models "
        "below 0.05.",
        alt="Gap between longer and short histories for each model",
        numbers=rows.drop(columns=["statistic"]),
    )


def draw_items(choice: Choice, report: Report) -> None:
    """What lists show of new and rare items, and how far they reach."""
    rows = report.estimates[report.estimates["metric"] == "slice_exposure_share"]
    if len(rows):
        _shares(choice, report)
    left, right = st.columns(2, gap="large")
    with left:
        _recall(choice, report)
    with right:
        _reach(choice, report)


def _pick(report: Report) -> tuple[str, str, float]:
    """Which slice of the items, and how deep."""
    rows = report.estimates[report.estimates["metric"] == "slice_exposure_share"]
    first, second, third = st.columns([2, 3, 2])
    cuts = list(rows["group_by"].unique())
    with first:
        cut = st.selectbox("Cut items by", cuts, key=cold.CUT, bind="query-params") or cuts[0]
    groups = list(rows.loc[rows["group_by"] == cut, "group"].unique())
    if st.session_state.get(cold.GROUP, groups[0]) not in groups:
        st.session_state[cold.GROUP] = groups[0]  # it held a value of the cut shown before
    with second:
        group = st.selectbox("Items", groups, key=cold.GROUP, bind="query-params") or groups[0]
    ks = [f"{k:.0f}" for k in sorted(rows["k"].dropna().unique())]
    with third:
        k = st.segmented_control(
            "Length of the list, k", ks, default=ks[len(ks) // 2], required=True,
            key=cold.CUTOFF, bind="query-params",
        )  # fmt: skip
    return str(cut), str(group), float(k or ks[len(ks) // 2])


def _shares(choice: Choice, report: Report) -> None:
    st.subheader("Do lists show new and rare items as much as users choose them?")
    cut, group, k = _pick(report)
    table = cold.shares(report, choice.models, cut, group, k)
    if table.empty:
        st.info("No model's own lists can be judged for these items.", icon=":material/info:")
        return
    shell.draw(
        charts_cold.shares(table),
        key=f"{cold.PAGE}.shares",
        caption=f"Items: {plain(cut)} = {plain(group)}. Diamond: share of the users' later choices "
        f"that falls on them. Dot: {plain(METRICS['slice_exposure_share'].summary)} 1 / log2(rank "
        f"+ 1) over the first {k:.0f} places (Singh & Joachims 2018, doi:10.1145/3219819.3220088). "
        f"95 % interval by bootstrap over users, n = {int(table['n'].max()):,}; the models' own "
        "lists alone.",
        alt=f"Share of choices and of attention of items with {cut} {group}, for each model",
        numbers=table,
    )


def _recall(choice: Choice, report: Report) -> None:
    st.subheader("Are they found when users want them?")
    cut = st.session_state.get(cold.CUT) or "item history"
    ks = report.estimates.loc[report.estimates["metric"] == "slice_recall", "k"].dropna()
    if ks.empty:
        st.info("No choice among the slices can be judged.", icon=":material/info:")
        return
    asked = st.session_state.get(cold.CUTOFF)
    k = float(asked) if asked else float(sorted(ks.unique())[ks.nunique() // 2])
    rows = cold.numbers(report, choice.models, metric="slice_recall", group_by=cut, k=k)
    rows = rows.dropna(subset="mean")
    if rows.empty:
        st.info("Nobody's test choices hold such an item.", icon=":material/info:")
        return
    shown = choice.models[: cold.FEW]
    shell.draw(
        charts_cold.roomy(
            charts_accuracy.slices(
                rows[rows["model"].isin(shown)], "share of these choices found", k, choice.known
            ),
            len(shown),
        ),
        key=f"{cold.PAGE}.recall",
        caption=f"{plain(METRICS['slice_recall'].summary)} Each choice counts once. "
        f"{plain(METRICS['slice_recall'].source)}. 95 % interval by bootstrap over users; n: users "
        "with a choice to find. "
        + (f"The first {len(shown)} models." if len(shown) < len(choice.models) else ""),
        alt="Recall of test choices by slice of items, for each model",
        numbers=rows,
    )


def _reach(choice: Choice, report: Report) -> None:
    st.subheader("What can never be recommended?")
    rows = cold.curve(report, "reach", choice.models)
    if rows.empty:
        st.info("No model's own lists can be judged here.", icon=":material/info:")
        return
    unreached = cold.numbers(report, choice.models, metric="unreached")
    deepest = unreached[unreached["k"] == unreached["k"].max()]
    told = "; ".join(
        f"{plain(row.model)} {row.mean:.1%} ({row.low:.1%} to {row.high:.1%})"
        for row in deepest.itertuples()
    )
    shell.draw(
        charts_cold.reach(rows),
        key=f"{cold.PAGE}.reach",
        caption=f"{plain(METRICS['never_recommendable'].summary)} Of all items of the catalogue, "
        f"n = {int(rows.groupby('model')['n'].sum().max()):,} items and "
        f"{int(unreached['n'].max()):,} lists. A count of these very lists, so without interval; "
        f"lists of {deepest['k'].max():.0f} for users without number would leave out: {told} "
        "(Chao 1987, doi:10.2307/2531532).",
        alt="Share of the catalogue in lists, out of them and out of reach, for each model",
        numbers=rows.drop(columns=["curve", "low", "high", "label"]),
    )
