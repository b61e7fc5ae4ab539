"""The panels of the Explanation quality page: table, chart, one caption."""

import pandas as pd
import streamlit as st

from app import charts_explanation_quality as charts
from app import explanation_quality as quality
from app import shell
from app.charts import better_axis
from app.explanation_quality import Choice
from app.words import count, each, interval, number, p_value, plain, share, signed
from explain.judges import FLAGGED_BELOW
from recscope.explained_compare import paired


def draw_verdict(choice: Choice) -> None:
    """One sentence: who is most faithful, and is that more than a baseline gives?"""
    names = quality.scorers(choice, ("faithfulness",))
    if not names:
        return
    scorer = next((name for name in quality.USUAL_FAITHFUL if name in names), names[0])
    table, better = choice.of(scorer), quality.better_of(choice, scorer)
    ranked = table.sort_values("mean", ascending=better == "lower", kind="stable")
    real, floor = ranked[ranked["kind"] != "baseline"], ranked[ranked["kind"] == "baseline"]
    if real.empty or floor.empty:
        return
    best, base = next(each(real)), next(each(floor))
    scores = choice.found.scores[choice.found.scores["model"] == choice.model]
    gap = paired(scores, scorer, best.explainer, base.explainer)
    apart = gap.low > 0 if better == "higher" else gap.high < 0
    told = (
        f"**{plain(best.explainer)}** is the most faithful to **{plain(choice.model)}**: "
        f"{plain(scorer)} {number(best.mean)} ({interval(best.low, best.high)}), against "
        f"{number(base.mean)} ({interval(base.low, base.high)}) of the best baseline, "
        f"{plain(base.explainer)}. Difference on the same recommendations: "
        f"{signed(gap.difference)} ({interval(gap.low, gap.high)}, {count(gap.n, 'user')})."
    )
    if apart:
        st.success(told, icon=":material/verified:")
    else:
        st.warning(f"{told} That may be chance.", icon=":material/warning:")


def draw_scores(choice: Choice) -> None:
    st.subheader("Which explainer scores best?")
    names = quality.scorers(choice)
    if not names:
        st.info("No score has a number for this model.", icon=":material/info:")
        return
    scorer = quality.pick("Score", names, quality.USUAL_SCORER, quality.SCORER)
    table, better = choice.of(scorer), quality.better_of(choice, scorer)
    shell.draw(
        charts.scores(table, scorer, better),
        key="explanation_quality.scores",
        caption=quality.about(choice, scorer),
        alt=f"{scorer} of each explainer with its interval, baselines hollow",
        numbers=table[["explainer", "kind", "mean", "low", "high", "n", "n_undefined", "method"]],
    )


def draw_trade(choice: Choice) -> None:
    st.subheader("Does what sounds true also tell what the model did?")
    faithful = quality.scorers(choice, ("faithfulness",))
    plausible = quality.scorers(choice, quality.PLAUSIBLE_FAMILIES)
    if not (faithful and plausible):
        st.info(
            "It takes a score of faithfulness and one of plausibility; this run has not both.",
            icon=":material/info:",
        )
        return
    left, right = st.columns(2)
    with left:
        x = quality.pick("Faithful by", faithful, quality.USUAL_FAITHFUL, quality.FAITHFUL)
    with right:
        usual = quality.telling(choice, quality.USUAL_PLAUSIBLE)
        y = quality.pick("Plausible by", plausible, usual, quality.PLAUSIBLE)
    table = quality.trade(choice, x, y)
    if table.empty:
        st.info("No explainer has both scores.", icon=":material/info:")
        return
    shell.draw(
        charts.trade(
            table,
            better_axis(x, quality.better_of(choice, x)),
            better_axis(y, quality.better_of(choice, y)).replace("→", "↑").replace("←", "↓"),
        ),
        key="explanation_quality.trade",
        caption=f"Across: {quality.about(choice, x)} Upwards: {quality.about(choice, y)} "
        "An explainer that stands high and far from the faithful side tells "
        "nice stories.",
        alt=f"{x} of each explainer against {y}, with intervals",
        numbers=table,
    )


def draw_stability(choice: Choice) -> None:
    names = quality.scorers(choice, ("stability",))
    if not names:
        return
    st.subheader("Does it say the same tomorrow?")
    scorer = quality.pick("Stable under", names, (), "explanation_quality.stable")
    table = choice.of(scorer)
    shell.draw(
        charts.scores(table, scorer, quality.better_of(choice, scorer)),
        key="explanation_quality.stability",
        caption=quality.about(choice, scorer),
        alt=f"{scorer} of each explainer with its interval",
        numbers=table[["explainer", "kind", "mean", "low", "high", "n", "method"]],
    )


def draw_judges(choice: Choice) -> None:
    st.subheader("Which judge can be believed?")
    table = choice.found.judges
    known = table[table["auc"].notna()]
    if known.empty:
        st.info(
            "No judge was calibrated: it needs explanations known to be good, and the same ones "
            "with one thing made wrong.",
            icon=":material/info:",
        )
        return
    whole = known[known["corruption"] == quality.ALL]
    flagged = list(whole.loc[whole["is_flagged"], "judge"])
    if flagged:
        named = ", ".join(
            f"{plain(row.judge)} ({number(row.auc, 2)})" for row in each(whole[whole["is_flagged"]])
        )
        st.warning(
            f"Flagged, AUC below {FLAGGED_BELOW}: {named}. Their verdicts are not shown as such.",
            icon=":material/gavel:",
        )
    n = known.groupby("judge")["n"].max()
    shell.draw(
        charts.judges(known, FLAGGED_BELOW),
        key="explanation_quality.judges",
        caption="How often a judge puts a good explanation above one in which one thing was made "
        "wrong: area under the ROC curve; 0.5 (dashed) is a coin, below "
        f"{FLAGGED_BELOW} (dotted) a judge is not believed. Large: all corruptions together, with "
        "the 95 % interval; small: each kind (intervals on hovering). Bootstrap over users with "
        f"all their texts. n = {quality.span(n)} spoilt explanations a judge. Source: "
        "Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747.",
        alt="Area under the curve of each judge with its interval; flagged judges are crosses",
        numbers=table,
    )


def draw_fusion(choice: Choice) -> None:
    st.subheader("Does evidence make the ranking better?")
    table = choice.found.fusion
    table = table[table["model"] == choice.model]
    if table.empty:
        told = next(
            (note["reason"] for note in choice.found.notes if "fusion" in note.get("about", "")),
            "evidence was not fed into the ranking in this run",
        )
        st.info(plain(told, 600), icon=":material/info:")
        return
    metrics = list(dict.fromkeys(table["metric"]))
    metric = quality.pick("Metric", metrics, ("ndcg",), quality.METRIC)
    rows = table[table["metric"] == metric].copy()
    rows["label"] = [f"{row.evidence}  (weight {row.weight:g})" for row in each(rows)]
    rows["said"] = [f"corrected {p_value(row.p_adjusted)}" for row in each(rows)]
    k = rows["k"].dropna()
    name = f"{metric}@{k.iloc[0]:.0f}" if len(k) else metric
    st.markdown(_told_fusion(rows, name))
    covered = ", ".join(f"{plain(row.evidence)} {share(row.covered, 1)}" for row in each(rows))
    shell.draw(
        charts.differences(rows, f"change of {name}"),
        key="explanation_quality.fusion",
        caption="The model's own score plus weight × evidence, both standardised for each user; "
        "the weight was chosen on validation (0: nothing was gained there), the change is on the "
        "test part. 95 % interval: paired bootstrap over users; filled: p below 0.05, corrected "
        f"over the table (Holm 1979). n = {rows['n'].max():,.0f} users. Places of the lists for "
        f"which there is evidence: {covered}. Definition 5 of a pre-recommendation explanation: "
        "the rationale enters the score.",
        alt=f"Change of {name} by each kind of evidence, with intervals",
        numbers=rows.drop(columns=["label", "said"]),
    )


def _told_fusion(rows: pd.DataFrame, name: str) -> str:
    sure = rows[rows["p_adjusted"].lt(charts.SURE)]
    if sure.empty:
        untried = int(rows["weight"].eq(0).sum())
        extra = (
            f" For {count(untried, 'kind')} validation found nothing to gain." if untried else ""
        )
        return (
            f"**No kind of evidence changes {plain(name)} beyond what chance makes.**{extra} "
            "Evidence that explains need not improve the ranking."
        )
    return "Beyond chance: " + "; ".join(
        f"**{plain(row.evidence)}** changes {plain(name)} by {signed(row.difference)} "
        f"({interval(row.low, row.high)})"
        for row in each(sure)
    )


def draw_table(choice: Choice) -> None:
    st.subheader("All scores, and what could not be scored")
    table = quality.wide(choice)
    if len(table.columns) > 2:
        st.dataframe(
            table,
            hide_index=True,
            key="explanation_quality.all",
            alt="Mean of every score for every explainer",
            column_config={
                name: st.column_config.NumberColumn(format="%.3f") for name in table.columns[2:]
            },
        )
        st.caption(
            "Means over users; intervals are in the charts and in the download of each. Verdicts "
            "of flagged judges, and of models that nobody calibrated, are left out."
        )
    withheld = quality.withheld(choice)
    if withheld:
        named = ", ".join(plain(name) for name in withheld)
        st.markdown(f"Not shown, because it is flagged or was not calibrated: {named}.")
    lacking = quality.lacking(choice)
    if len(lacking):
        with st.expander(f"Not available ({len(lacking)})", icon=":material/block:"):
            for row in each(lacking):
                st.markdown(
                    f"- **{plain(row.scorer)}**: {plain(row.reason, 400)} "
                    f"({plain(row.explainer, 200)})"
                )
    notes = choice.found.notes
    if notes:
        with st.expander(f"Could not be done ({len(notes)})", icon=":material/report:"):
            for note in notes:
                st.markdown(f"- **{plain(note['about'], 120)}**: {plain(note['reason'], 500)}")
