"""People's word on explanations: means, agreement, correlation with scores."""

import pandas as pd
import streamlit as st

from app import charts_explanation_quality as charts
from app import explained, shell
from app import explanation_quality as quality
from app.explanation_quality import Choice
from app.words import count, each, interval, number, plain, signed
from recscope import rated
from recscope.ratings import HIGHEST, LOWEST, QUESTIONS

ENOUGH = 3  # explanations rated by two or more, below which nothing is said of agreement


def draw(choice: Choice) -> None:
    """Means, agreement and correlation; says how to get them where nobody rated anything."""
    st.subheader("What do people say?")
    ratings = quality.ratings(choice.run_id)
    if isinstance(ratings, str):
        st.info(plain(ratings, 600), icon=":material/info:")
        return
    ratings = ratings[ratings["model"] == choice.model]
    if ratings.empty:
        st.info(
            "Nobody has rated an explanation of this model yet. The form is at the foot of the "
            "page Explanations.",
            icon=":material/info:",
        )
        shell.link("explanations", "Rate one", ":material/thumbs_up_down:")
        return
    question = str(
        st.segmented_control(
            "Question",
            list(QUESTIONS),
            default=next(iter(QUESTIONS)),
            format_func=lambda name: QUESTIONS[name],
            required=True,
            key=quality.ASKED,
        )
        or next(iter(QUESTIONS))
    )
    left, right = st.columns(2, gap="large")
    with left:
        _draw_means(ratings, question)
        _draw_agreement(ratings)
    with right:
        _draw_correlations(choice, ratings, question)
    shell.offer(ratings.drop(columns=["rater"]).assign(rater=_anonymous(ratings)), "ratings")


def _anonymous(ratings: pd.DataFrame) -> list[str]:
    """Raters numbered: the token itself is nobody's business."""
    numbers = {name: place for place, name in enumerate(dict.fromkeys(ratings["rater"]), start=1)}
    return [f"rater {numbers[name]}" for name in ratings["rater"]]


def _draw_means(ratings: pd.DataFrame, question: str) -> None:
    table = rated.means(ratings)
    rows = table[table["question"] == question].copy()
    rows["kind"] = [quality.kind_of(name) for name in rows["explainer"]]
    rows = rows.assign(n=rows["n_explanations"])
    shell.draw(
        charts.scores(
            rows, f"“{QUESTIONS[question]}”, {LOWEST} to {HIGHEST}", "higher", "explanation"
        ),
        key="explanation_quality.people",
        caption="Mean over explanations of their raters' mean. 95 % interval: bootstrap over "
        "explanations (Efron 1979, doi:10.1214/aos/1176344552), for these raters; none for one "
        f"explanation alone. n = {count(len(ratings), 'rating')} by "
        f"{count(ratings['rater'].nunique(), 'rater')}.",
        alt=f"Mean rating of each explainer for {QUESTIONS[question]}",
        numbers=table,
    )


def _draw_agreement(ratings: pd.DataFrame) -> None:
    table = rated.alphas(ratings)
    if table["n_explanations"].max() < ENOUGH:
        n = int(table["n_explanations"].max())
        st.markdown(
            f"**Agreement** is not available: needs {ENOUGH} explanations that two people rated; "
            f"there {'is' if n == 1 else 'are'} {n}."
        )
        return
    st.markdown("**Do raters agree?**")
    for row in each(table):
        st.markdown(
            f"- {QUESTIONS[row.question]}: α = {number(row.alpha, 2)} "
            f"({interval(row.low, row.high, 2)}), "
            f"{count(row.n_explanations, 'explanation')} rated twice or more by "
            f"{count(row.n_raters, 'person')}".replace("persons", "people")
        )
    st.caption(
        "Krippendorff's α of ranks: 1 is agreement, 0 what chance gives; below 0.667 conclude "
        "nothing (Krippendorff 2004, doi:10.1111/j.1468-2958.2004.tb00738.x). 95 % interval: "
        "bootstrap over explanations."
    )


def _draw_correlations(choice: Choice, ratings: pd.DataFrame, question: str) -> None:
    at = explained.stamp(choice.run_id)
    if at is None:
        return
    latest = (len(ratings), float(ratings["at"].max()))
    table = quality.correlations(at, question, ratings, latest)
    known = table[table["spearman"].notna()] if len(table) else table
    if known.empty:
        st.markdown(
            "**Do scores say what people say?** Not available: needs three rated explanations of "
            "the run's own that differ in rating and in score."
        )
        return
    rows = known.sort_values("spearman", ascending=False, kind="stable").head(15)
    rows = rows.assign(
        label=rows["scorer"],
        difference=rows["spearman"],
        # filled where the interval leaves out 0
        p_adjusted=(~((rows["low"] > 0) | (rows["high"] < 0))).astype(float),
        said=[f"n = {count(n, 'explanation')}" for n in rows["n"]],
    )
    best = rows.iloc[0]
    shell.draw(
        charts.differences(rows, f"Spearman's ρ with “{QUESTIONS[question]}”"),
        key="explanation_quality.correlations",
        caption="Each score, turned so that higher is better, against the mean rating of the very "
        "same words. Spearman's ρ (Spearman 1904, doi:10.2307/1412159); 95 % interval: bootstrap "
        "over users; filled where it leaves out 0, uncorrected for the number of scores. Closest: "
        f"{plain(best['scorer'])}, {signed(float(best['spearman']), 2)}. n = "
        f"{int(rows['n'].min())} to {int(rows['n'].max())} explanations.",
        alt="Correlation of each score with people's ratings, with intervals",
        numbers=known,
    )
