"""What the page Why is my number different? asks, and the tables it shows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import headline, queries
from app.queries import Stamp
from app.words import metric_at
from core.errors import UnknownNameError
from evaluators.doors import metrics as known_metrics
from evaluators.metric import Metric
from recscope.conventions import scene as scenes
from recscope.conventions import steps as stepping
from recscope.conventions.scene import Scene
from recscope.conventions.side_by_side import SideBySide, closest, metrics_of, side_by_side
from recscope.estimate import Sureness
from recscope.imports.reported import read_reported

PAGE = "conventions"
RUN, EXAMPLE = "This run", "Worked example"
SOURCE, MODEL, METRIC, CUTOFF, DEPTH, MINE, USER = (
    f"{PAGE}.{name}" for name in ("source", "model", "metric", "k", "depth", "mine", "user")
)
EXAMPLE_KS = (1, 3, 5)
FIRST, WHOLE = "first k places", "whole lists"
OFFERED = 500
MOST_DECIMALS = 9


@dataclass(frozen=True)
class Choice:
    """What the filters say.

    run_id, model  None: the worked example
    depth          places of each list that a tool is handed
    mine           the number that another tool gave, as it was typed; or empty
    """

    run_id: str | None
    model: str | None
    metric: Metric
    k: int
    depth: int
    mine: str

    @property
    def cutoff(self) -> int | None:
        return self.k if self.metric.cutoff else None

    @property
    def lists(self) -> tuple[Stamp | None, str | None, int]:
        """What the lists are cached by."""
        stamp = None if self.run_id is None else queries.stamp(self.run_id)
        return stamp, self.model, self.depth


def choose(run_id: str | None) -> Choice:
    """Draw the filters; every one of them stands in the address."""
    first, second, third = st.columns([3, 3, 3])
    with first:
        sources = [RUN, EXAMPLE] if run_id is not None else [EXAMPLE]
        source = st.segmented_control(
            "Lists", sources, default=sources[0], required=True, key=SOURCE, bind="query-params"
        )
    if source == EXAMPLE or run_id is None:
        return _rest(None, None, EXAMPLE_KS, max(EXAMPLE_KS), third)
    with second:
        models = queries.models(run_id)
        model = st.selectbox(
            "Model", models, index=_best(run_id, models), key=MODEL, bind="query-params"
        )
    table = queries.everybody(run_id)
    ks = tuple(int(k) for k in sorted(table["k"].dropna().unique())) or (10,)
    return _rest(run_id, model, ks, 10 if 10 in ks else ks[0], third)


def _best(run_id: str, models: list[str]) -> int:
    """Place of the model that ranks best by the headline metric."""
    table = queries.everybody(run_id)
    metric = headline.headline_metric(list(table["metric"].unique()))
    k = headline.headline_cutoff(sorted(table.loc[table["metric"] == metric, "k"].dropna()))
    rows = queries.at_cutoff(table, metric, k).sort_values("mean", ascending=False)
    best = str(rows["model"].iloc[0]) if len(rows) else models[0]
    return models.index(best) if best in models else 0


def _rest(
    run_id: str | None, model: str | None, ks: tuple[int, ...], usual: int, place: DeltaGenerator
) -> Choice:
    stamp = None if run_id is None else queries.stamp(run_id)
    names = metric_names(stamp, model)
    with place:
        metric = st.selectbox(
            "Metric",
            names,
            index=names.index("ndcg") if "ndcg" in names else 0,
            key=METRIC,
            bind="query-params",
        )
    left, middle, right = st.columns([3, 3, 3])
    with left:
        asked = st.segmented_control(
            "Length of the list, k",
            [str(k) for k in ks],
            default=str(usual),
            required=True,
            key=CUTOFF,
            bind="query-params",
        )
    k = int(asked or usual)
    with middle:
        depth = _depth(stamp, model, k)
    with right:
        mine = st.text_input(
            "Your number (optional)",
            key=MINE,
            placeholder="such as 0.352",
            help="What another tool said of these lists: the page says which convention gives it.",
            bind="query-params",
        )
    return Choice(run_id, model, known_metrics()[metric], k, depth, mine.strip())


def _depth(stamp: Stamp | None, model: str | None, k: int) -> int:
    whole = scene_at(stamp, model).lists.k
    asked = st.segmented_control(
        "Handed over",
        [FIRST, WHOLE],
        default=FIRST,
        required=True,
        key=DEPTH,
        help=f"Some tools look beyond k: whether an item that stands lower exists for them depends "
        f"on whether they are handed it. The whole lists here have up to {whole} places.",
        bind="query-params",
    )
    return max(k, whole) if asked == WHOLE else k


@st.cache_resource(max_entries=6, show_spinner=False)
def scene_at(stamp: Stamp | None, model: str | None, depth: int | None = None) -> Scene:
    """The lists; read-only, so one for all sessions."""
    if stamp is None or model is None:
        return scenes.example()
    if depth is None:
        return scenes.of_run(queries.run_at(stamp), model)
    return scene_at(stamp, model).cut(depth)


@st.cache_data(max_entries=32, show_spinner=False)
def metric_names(stamp: Stamp | None, model: str | None) -> list[str]:
    return metrics_of(scene_at(stamp, model))


@st.cache_data(max_entries=64, show_spinner="Counting as eleven tools do …")
def compared(at: tuple[Stamp | None, str | None, int], metric: str, k: int) -> SideBySide:
    """Every tool's number, with intervals as in runs."""
    return side_by_side(scene_at(*at), metric, k, Sureness())


def matches(choice: Choice, table: pd.DataFrame) -> tuple[float, list[str]] | None:
    """The number that was typed, and the tools that give it; None for what is no number."""
    try:
        number = float(choice.mine.replace(",", "."))
    except ValueError:
        return None
    _, _, decimals = choice.mine.replace(",", ".").partition(".")
    return number, list(closest(table, number, min(len(decimals), MOST_DECIMALS)))


def held_against(choice: Choice, text: str) -> pd.DataFrame:
    """What a tool reported beside what every convention says of the same metric and cutoff.

    Columns metric, reported, RecScope, "who says so"; numbers are compared to the digits given.
    Raises DatasetError for text that reports nothing.
    """
    rows = []
    names = metric_names(*choice.lists[:2])
    for one in read_reported(text):
        if one.metric not in names:
            continue
        table = compared(choice.lists, one.metric, one.k or choice.k).table
        _, _, decimals = repr(one.value).partition(".")
        tools = closest(table, one.value, min(len(decimals), MOST_DECIMALS))
        called = [
            name for name, tool in zip(table["name"], table["tool"], strict=True) if tool in tools
        ]
        rows.append(
            {
                "metric": metric_at(one.metric, one.k or choice.k),
                "reported": one.value,
                "RecScope": table["value"].iloc[0],
                "who says so": ", ".join(called) or "nobody",
            }
        )
    return pd.DataFrame(rows, columns=["metric", "reported", "RecScope", "who says so"])


def pick_user(choice: Choice, per_user: pd.DataFrame) -> int:
    """Row of the user who is looked at; at first the one about whom tools disagree most."""
    scene = scene_at(*choice.lists)
    given, users = scene.handed.given, scene.handed.users
    rows = np.flatnonzero(given.has_list | given.has_test)
    telling = stepping.telling_user(per_user.to_numpy(dtype=np.float64), given.has_list)
    ids = [str(scene.user_ids[users[row]]) for row in rows]
    offered = list(dict.fromkeys([str(scene.user_ids[users[telling]]), *ids[:OFFERED]]))
    if st.session_state.get(f"{USER}.of", choice.lists[:2]) != choice.lists[:2]:
        st.session_state.pop(USER, None)  # it held a user of the lists shown before
    st.session_state[f"{USER}.of"] = choice.lists[:2]
    asked = st.selectbox(
        "User",
        offered,
        key=USER,
        accept_new_options=True,
        bind="query-params",
        help="First stands the user about whom the tools disagree most; any other id can be typed.",
    )
    if asked not in ids:
        raise UnknownNameError("user with a list or test rows", str(asked), ids, shown=8)
    return int(rows[ids.index(str(asked))])


def steps_of(choice: Choice, row: int) -> list[stepping.Step]:
    given = scene_at(*choice.lists).handed.given
    return stepping.steps(given, row, choice.metric.name, choice.k)
