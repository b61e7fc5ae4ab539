"""What the Explanation quality page asks: which model, which scores, whose word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from app import explained, queries
from app.words import plain
from core.errors import RecScopeError
from explain.explainers import EXPLAINERS
from explain.scorer import Scorer
from explain.scorers import SCORERS
from recscope.explained import Explained
from recscope.ratings import Ratings

MODEL, SCORER, FAITHFUL, PLAUSIBLE, METRIC, ASKED = (
    f"explanation_quality.{name}"
    for name in ("model", "score", "faithful", "plausible", "metric", "question")
)
FAMILIES: Mapping[str, str] = {
    "faithfulness": "faithful to the model",
    "grounding": "borne out by the evidence",
    "judge": "a model's verdict",
    "paths": "paths",
    "stability": "stable",
    "text": "text",
    "reference": "like people's words",
}
PLAUSIBLE_FAMILIES = ("grounding", "judge", "reference", "text")
USUAL_FAITHFUL = ("comprehensiveness", "necessity", "pos")
USUAL_PLAUSIBLE = ("evidence_similarity", "likelihood_lowest", "fmr", "grounded")
USUAL_SCORER = ("comprehensiveness", "necessity", "grounded")
ALL = "all"  # a judge's row over all corruptions
SHUFFLED = "shuffled"
Kind = Literal["pre", "post", "baseline"]


@dataclass(frozen=True)
class Choice:
    """The explanations of one model of a run.  table: its estimates that have a number."""

    run_id: str
    found: Explained
    model: str
    table: pd.DataFrame

    def of(self, scorer: str) -> pd.DataFrame:
        """explainer, kind, mean, low, high, n of one score."""
        rows = self.table[self.table["scorer"] == scorer].copy()
        rows["kind"] = [kind_of(name) for name in rows["explainer"]]
        return rows


def require_explained(run_id: str) -> Explained:
    """The run's explanations; without them, say how to get them and stop the page."""
    found = explained.explained(run_id)
    if found is None:
        st.info(
            f"Nothing of this run was explained. Do it in a terminal with "
            f"`python -m recscope explain --run {run_id}`, or start a new run.",
            icon=":material/info:",
        )
        st.stop()
    return found


def choose(run_id: str) -> Choice:
    """The model, in the address."""
    found = require_explained(run_id)
    names = [str(name) for name in dict.fromkeys(found.estimates["model"])] or [""]
    asked = st.selectbox("Model", names, key=MODEL, bind="query-params") or names[0]
    rows = found.estimates[found.estimates["model"] == asked]
    shown = rows[rows["mean"].notna() & ~rows["scorer"].isin(unbelieved(found))]
    return Choice(run_id, found, str(asked), shown)


def unbelieved(found: Explained) -> set[str]:
    """Scorers whose verdicts are not shown: flagged judges, and models nobody calibrated."""
    judges = found.judges[found.judges["corruption"] == ALL]
    flagged = set(judges.loc[judges["is_flagged"], "judge"])
    tested = set(judges["judge"])
    verdicts = found.estimates.loc[found.estimates["family"] == "judge", "scorer"]
    return flagged | (set(verdicts) - tested)


def withheld(choice: Choice) -> list[str]:
    """Scorers with a number that is not shown, because nobody may believe it."""
    rows = choice.found.estimates
    rows = rows[(rows["model"] == choice.model) & rows["mean"].notna()]
    return sorted(set(rows["scorer"]) & unbelieved(choice.found))


def telling(choice: Choice, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of these scores that tell explainers apart."""
    return tuple(name for name in names if len(set(choice.of(name)["mean"])) > 1)


def kind_of(explainer: str) -> Kind:
    """Before ranking, after it, or a baseline that nobody should believe."""
    row = EXPLAINERS.get(explainer)
    if SHUFFLED in explainer or (row is not None and row.is_baseline):
        return "baseline"
    return "pre" if row is not None and row.stage == "pre" else "post"


def scorers(choice: Choice, families: tuple[str, ...] = tuple(FAMILIES)) -> list[str]:
    """Scores that have a number, family by family."""
    rows = choice.table[["scorer", "family"]].drop_duplicates()
    order = {family: place for place, family in enumerate(FAMILIES)}
    rows = rows[rows["family"].isin(families)]
    ranked = sorted(zip(rows["family"], rows["scorer"], strict=True), key=lambda p: order[p[0]])
    return [str(scorer) for _, scorer in ranked]


def pick(label: str, names: list[str], usual: tuple[str, ...], key: str) -> str:
    """A score by name, in the address."""
    first = next((names.index(name) for name in usual if name in names), 0)
    families = {name: SCORERS[name].family for name in names if name in SCORERS}
    about = "; ".join(f"{plain(name)}: {family}" for name, family in list(families.items())[:3])
    asked = st.selectbox(
        label,
        names,
        index=first,
        key=key,
        bind="query-params",
        help=f"Such as {about}" if about else None,
    )
    return str(asked or names[first])


def better_of(choice: Choice, scorer: str) -> str:
    rows = choice.table.loc[choice.table["scorer"] == scorer, "better"]
    return str(rows.iloc[0]) if len(rows) else "neither"


def declared(scorer: str) -> Scorer | None:
    return SCORERS.get(scorer)


def about(choice: Choice, scorer: str) -> str:
    """What a score means, whose definition it is, how its interval was made."""
    from app import shell

    rows = choice.of(scorer)
    one = declared(scorer)
    told = f"{plain(one.doc.partition(chr(10))[0], 300)} " if one else ""
    source = f"Source: {plain(one.source, 240)}. " if one else ""
    how = shell.interval_method(rows["method"].dropna().unique())
    undefined = int(rows["n_undefined"].fillna(0).max())
    left_out = f"; up to {undefined:,} undefined are left out" if undefined else ""
    return f"{told}{source}95 % interval: {how}. n = {span(rows['n'])} users{left_out}."


def span(counts: "pd.Series[int]") -> str:
    """Such as 12, or 8 to 12."""
    low, high = int(counts.min()), int(counts.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def trade(choice: Choice, faithful: str, plausible: str) -> pd.DataFrame:
    """explainer, kind, x, x_low, x_high (faithful), y, y_low, y_high (plausible)."""
    parts = [
        choice.of(scorer)
        .set_index("explainer")[["mean", "low", "high"]]
        .set_axis([axis, f"{axis}_low", f"{axis}_high"], axis=1)
        for axis, scorer in (("x", faithful), ("y", plausible))
    ]
    table = parts[0].join(parts[1], how="inner").reset_index()
    table["kind"] = [kind_of(name) for name in table["explainer"]]
    return table


def wide(choice: Choice) -> pd.DataFrame:
    """A row an explainer, a column a score."""
    table = choice.table.pivot_table(
        index="explainer", columns="scorer", values="mean", aggfunc="last", sort=False
    )
    shown = table[[name for name in scorers(choice) if name in table]].reset_index()
    shown.insert(1, "kind", [kind_of(name) for name in shown["explainer"]])
    return shown.sort_values("kind", key=lambda kinds: kinds == "baseline", kind="stable")


def lacking(choice: Choice) -> pd.DataFrame:
    """scorer, explainers, reason of every number that is not there."""
    rows = choice.found.estimates
    rows = rows[(rows["model"] == choice.model) & rows["reason"].fillna("").ne("")]
    told = rows.groupby(["scorer", "reason"], sort=False)["explainer"]
    return told.agg(lambda names: ", ".join(dict.fromkeys(names))).reset_index()


def ratings(run_id: str) -> pd.DataFrame | str:
    """People's ratings of this run; the reason where they cannot be read."""
    try:
        with Ratings.at() as kept:
            return kept.table(run_id)
    except RecScopeError as error:
        return str(error)


@st.cache_data(max_entries=16, show_spinner="Holding scores against people …")
def correlations(
    at: queries.Stamp,
    question: str,
    _ratings: pd.DataFrame,
    latest: tuple[int, float],  # noqa: ARG001 - number and last moment of the ratings: the key
) -> pd.DataFrame:
    """Scores of a run's explanations against people's word."""
    from recscope.rated import correlations as computed

    found = explained.read(at)
    better = dict(zip(found.estimates["scorer"], found.estimates["better"], strict=True))
    better = {name: str(way) for name, way in better.items()}
    return computed(_ratings, found.explanations, found.scores, better, [question])
