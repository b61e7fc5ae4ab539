"""The form that starts a run, built from what the recommenders declare."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import shell
from app.words import plain
from core.cards import cards
from core.split import RULES
from recommenders import doors
from recommenders.parameters import Parameter
from recscope import jobs
from recscope.config import DEFAULT_MODELS, RunConfig

AS_CARD = "as the data suggest"
TEST_SHARE = 0.2


def draw(page: str, data: Mapping[str, Any] | None = None, label: str | None = None) -> None:
    """Models are chosen outside the form, because their parameters shape it.

    data: a [data] section made elsewhere (an upload); None offers the cards.
    """
    names = doors.names()
    chosen = st.multiselect(
        "Models",
        names,
        default=[name for name in DEFAULT_MODELS if name in names],
        key=f"{page}.new-models",
        persist_state="session",
        help="Those of installed packages are listed too. Others can be plugged in from a "
        "configuration file: package.module:Class, lists:FILE or an http address.",
    )
    with st.form(f"{page}.new", border=True):
        section = dict(data) if data is not None else {"name": _data(page)}
        split, cutoffs = _settings(page)
        models = {name: {"use": name, "params": _parameters(page, name)} for name in chosen}
        wanted = st.form_submit_button(
            "Start the run", type="primary", icon=":material/play_arrow:", key=f"{page}.go"
        )
    if wanted:
        with shell.mendable():
            config = RunConfig.from_mapping(
                {"data": section, "split": split, "evaluate": {"k": cutoffs}, "models": models},
                "the form",
            )
            jobs.submit(config, label or f"{config.data.label}, {len(models)} models")
            st.switch_page("pages/runs.py")


def _data(page: str) -> str:
    known = cards()
    return str(
        st.selectbox(
            "Data",
            list(known),
            index=list(known).index("movielens-100k") if "movielens-100k" in known else 0,
            key=f"{page}.new-data",
        )
    )


def _settings(page: str) -> tuple[dict[str, Any], list[int]]:
    left, middle, right = st.columns(3)
    rule = left.selectbox(
        "Split rule",
        [AS_CARD, *RULES],
        key=f"{page}.new-rule",
        help="  \n".join(f"**{name}**: {plain(rule.summary)}" for name, rule in RULES.items()),
    )
    test = middle.slider(
        "Share held out for the test", 0.05, 0.5, TEST_SHARE, 0.05, key=f"{page}.new-test"
    )
    cutoffs = right.multiselect(
        "Cutoffs, k",
        [1, 3, 5, 10, 20, 50, 100],
        default=[5, 10, 20],
        key=f"{page}.new-k",
    )
    split = {} if rule == AS_CARD else {"rule": rule}
    # left out where it is the default, so that a rule without shares is not told of one
    return split | ({} if test == TEST_SHARE else {"test": test}), [int(k) for k in cutoffs]


def _parameters(page: str, name: str) -> dict[str, Any]:
    """One field per parameter; what equals the default is left out of the configuration."""
    known = None
    with shell.mendable():  # a package may bring a recommender that cannot be loaded
        known = doors.describe(name)
    if known is None or not known.parameters:
        return {}
    given: dict[str, Any] = {}
    with st.expander(plain(name)):
        st.caption(plain(known.summary, 300))
        for parameter in known.parameters:
            value = _field(parameter, f"{page}.{name}.{parameter.name}")
            if value != parameter.default:
                given[parameter.name] = value
    return given


def _field(parameter: Parameter, key: str) -> Any:
    """The widget that fits a parameter's type, bounds and choices."""
    about: dict[str, Any] = {"key": key, "help": plain(parameter.doc, 400) or None}
    if parameter.choices:
        options = list(parameter.choices)
        return st.selectbox(parameter.name, options, options.index(parameter.default), **about)
    if parameter.type is bool:
        return st.toggle(parameter.name, bool(parameter.default), **about)
    if parameter.type in (int, float):
        kind: Any = parameter.type  # all numbers of a widget must be of one type
        low, high, value = (
            None if number is None else kind(number)
            for number in (parameter.low, parameter.high, parameter.default)
        )
        step, form = (1, None) if kind is int else (None, "%g")
        return st.number_input(parameter.name, low, high, value, step, form, **about)
    return st.text_input(parameter.name, parameter.default or "", **about) or parameter.default
