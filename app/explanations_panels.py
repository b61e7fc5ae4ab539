"""The panels of the Explanations page: who says what, on what it stands, what it rests on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app import charts_explanations, charts_graph, explained, explanations_graph, queries, shell
from app.explanations import Choice
from app.explanations_words import draw_explanation, draw_prompt
from app.words import count, number, plain
from core.errors import RecScopeError
from explain.explainers import EXPLAINERS
from explain.explanation import Explanation, Stage

WHO, EVIDENCE, ATTRIBUTION = (
    "explanations.explainers",
    "explanations.evidence",
    "explanations.attribution",
)
EVERYTHING = "everything before ranking"
USUAL = ("template", "paths", "similar-items", "profile-match")
MOST_BARS = 12
STAGES: Mapping[Stage, tuple[str, str]] = {
    "pre": (
        "Before ranking",
        "Reasons found before any model has ranked; they may feed the score.",
    ),
    "post": ("After ranking", "Reasons read out of the model that made the list."),
}


def draw_subject(choice: Choice) -> None:
    """What is explained: the item, where it stands, and how much is known of the user."""
    items, users = queries.items(choice.run_id), queries.users(choice.run_id)
    facts = items.loc[choice.item]
    st.subheader(plain(explained.names(choice.run_id)[choice.item], 120))
    lists = queries.lists(choice.run_id, choice.user)
    here = lists[(lists["model"] == choice.model) & (lists["item"] == choice.item)]
    with st.container(horizontal=True, gap="small"):
        if choice.rank:
            st.badge(f"rank {choice.rank} of {plain(choice.model)}", color="blue")
        else:
            st.badge(f"not in the list of {plain(choice.model)}", color="orange")
        if len(here) and bool(here["is_hit"].iloc[0]):
            st.badge("a hit: liked in the test part", color="green", icon=":material/check:")
        if len(here) and bool(here["is_fallback"].iloc[0]):
            st.badge("fallback, not the model", color="orange", icon=":material/low_priority:")
        for group in _groups(list(facts)):
            st.badge(plain(group, 30), color="gray")
        n_user, n_item = users["n_train"][choice.user], items["n_train"][choice.item]
        st.badge(f"{count(n_user, 'interaction')} of this user to learn from", color="gray")
        st.badge(f"{count(n_item, 'interaction')} of this item", color="gray")


def _groups(facts: list[Any]) -> list[Any]:
    """What the item is of: the first column that holds several names a row."""
    lists = (list(value) for value in facts if isinstance(value, list | np.ndarray))
    return next((groups[:5] for groups in lists if groups), [])


def gather(choice: Choice) -> dict[str, Explanation]:
    """Every explanation asked for: those that the run holds, and others made now."""
    kept = explained.stored(choice.run_id, choice.model, choice.user, choice.item)
    usual = [*kept, *(name for name in USUAL if name in EXPLAINERS and name not in kept)]
    asked = st.multiselect(
        "Explainers",
        list(EXPLAINERS),
        key=WHO,
        placeholder="those of the run, and the usual ones",
        bind="query-params",
        help="Those that the run does not hold are made now, of its data and its model.",
    )
    wanted = asked or [name for name in usual if name in EXPLAINERS]
    found = {name: kept[name] for name in wanted if name in kept}
    missing = [name for name in wanted if name not in kept]
    if missing and _may_compute(choice, missing):
        found |= _made(choice, missing)
    return {name: found[name] for name in EXPLAINERS if name in found} | {
        name: made for name, made in kept.items() if name in wanted and name not in EXPLAINERS
    }


def _may_compute(choice: Choice, missing: list[str]) -> bool:
    """At once where it is a matter of seconds; else the reader decides."""
    if st.session_state.get(f"{choice.run_id}.laid-out"):
        return True
    cost = explained.costly(choice.run_id)
    if cost <= explained.PATIENCE:
        return True
    if st.button(
        f"Compute {count(len(missing), 'explanation')} now (about {cost:.0f} s)",
        icon=":material/play_arrow:",
        key="explanations.compute",
    ):
        st.session_state[f"{choice.run_id}.laid-out"] = True
        return True
    return False


def _made(choice: Choice, names: list[str]) -> dict[str, Explanation]:
    """Made now; what cannot be made says why in its place."""
    at, found = queries.stamp(choice.run_id), {}
    for name in names:
        if explained.writes_by_model(name):
            reason = "written by a language model only when asked: see “Write it now” below"
            found[name] = _nothing(choice, name, reason)
            continue
        try:
            found[name] = explained.computed(at, choice.model, choice.user, choice.item, name)
        except RecScopeError as error:
            found[name] = _nothing(choice, name, f"not available: {error}")
    return found


def _nothing(choice: Choice, name: str, reason: str) -> Explanation:
    stage = EXPLAINERS[name].stage
    return Explanation(choice.user, choice.item, stage, name, facts={"reason": reason})


def draw_words(found: Mapping[str, Explanation]) -> None:
    """Every sentence, those made before ranking beside those made after."""
    st.subheader("In words")
    columns = st.columns(2, gap="medium")
    for column, (stage, (title, about)) in zip(columns, STAGES.items(), strict=True):
        with column:
            st.markdown(f"**{title}**", help=about)
            shown = [made for made in found.values() if made.stage == stage]
            for made in shown:
                if not _is_baseline(made):
                    draw_explanation(made)
            floor = [made for made in shown if _is_baseline(made)]
            if floor:
                with st.expander(
                    f"{count(len(floor), 'baseline')}, to see what words are worth",
                    icon=":material/casino:",
                    expanded=len(floor) == len(shown),
                ):
                    for made in floor:
                        draw_explanation(made)
            if not shown:
                st.markdown("nobody was asked")
    st.caption(
        "Before ranking: the rationale is made without a model, and may enter the score. After: it "
        "is read out of the model that made the list. Marked: words that no fact bears out, by a "
        "check of rules against the facts; “checked” says that it found none, not that all is "
        "true. A refused sentence gives way to the template."
    )


def _is_baseline(made: Explanation) -> bool:
    row = EXPLAINERS.get(made.explainer)
    return row is not None and row.is_baseline


def draw_evidence(choice: Choice, found: Mapping[str, Explanation]) -> None:
    """The evidence as a graph, and every piece of it in words."""
    st.subheader("What leads from what was liked to this?")
    having = [name for name, made in found.items() if made.evidence]
    if not having:
        st.info("Nobody found evidence that could be drawn.", icon=":material/info:")
        return
    before = [name for name in having if found[name].stage == "pre"]
    options = [*([EVERYTHING] if len(before) > 1 else []), *before]
    options += [name for name in having if name not in options]
    usual = "paths" if "paths" in having else options[0]
    asked = st.selectbox(
        "Evidence of", options, index=options.index(usual), key=EVIDENCE, bind="query-params"
    )
    names = dict(enumerate(explained.names(choice.run_id)))
    shown = before if asked == EVERYTHING else [str(asked or usual)]
    made = [found[name] for name in shown]
    drawn = explanations_graph.graph_of(made, names)
    if drawn is None:
        st.info("This evidence has no parts that could be drawn.", icon=":material/info:")
        return
    left_out = f" {count(drawn.n_left_out, 'weaker piece')} left out." if drawn.n_left_out else ""
    sources = "; ".join(
        dict.fromkeys(plain(EXPLAINERS[name].source, 160) for name in shown if name in EXPLAINERS)
    )
    shell.draw(
        charts_graph.graph(drawn.nodes, drawn.edges),
        key="explanations.graph",
        caption="Circles: liked items; diamonds: what ties them to the item; star: the item. The "
        "wider a line, the more it weighs, as a share of the strongest of its kind (kinds have "
        f"scales of their own). Hover for the sentence. n = {len(drawn.edges):,} lines, counted "
        f"and not estimated: no interval.{left_out} Source: {sources}.",
        alt="Graph from liked items over what they share to the recommended item",
        numbers=explanations_graph.table_of(made, names),
    )


def draw_attribution(choice: Choice, found: Mapping[str, Explanation]) -> None:
    """What each liked item adds to the score, by one method."""
    st.subheader("What does each liked item add?")
    having = [name for name, made in found.items() if made.attribution]
    if not having:
        st.info(
            "No attribution is there: it needs a model that scores histories and a user who liked "
            "something.",
            icon=":material/info:",
        )
        return
    asked = st.selectbox("Attribution by", having, key=ATTRIBUTION, bind="query-params")
    made = found[str(asked or having[0])]
    table = attribution_table(made, explained.names(choice.run_id))
    spread = table["error"].gt(0).any()
    shown = table.head(MOST_BARS)
    rest = table.iloc[MOST_BARS:]
    more = (
        f" The other {count(len(rest), 'item')} together: {number(rest['value'].sum())}."
        if len(rest)
        else ""
    )
    row = EXPLAINERS.get(made.explainer)
    baseline = " A baseline: it does not look at the model." if _is_baseline(made) else ""
    shell.draw(
        charts_explanations.attribution(shown, "added to the score"),
        key="explanations.bars",
        caption=f"{plain(row.doc, 300) if row else ''} Method: "
        f"{plain(made.facts.get('method', 'not told'), 100)}; "
        + ("whiskers: one standard error over permutations" if spread else "exact: no whiskers")
        + f". The {len(shown)} strongest of {count(len(table), 'liked item')}.{more}{baseline}"
        + (f" Source: {plain(row.source, 200)}." if row else ""),
        alt="What each liked item adds to the score of the recommended one",
        numbers=table,
    )


def attribution_table(made: Explanation, names: tuple[str, ...]) -> pd.DataFrame:
    """title, value, error of every liked item; the strongest first, whatever its sign."""
    spread = made.facts.get("spread") or {}
    rows = [
        {"title": names[code], "value": value, "error": float(spread.get(code, 0.0))}
        for code, value in made.attribution.items()
    ]
    table = pd.DataFrame(rows, columns=["title", "value", "error"])
    order = table["value"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def draw_how(choice: Choice, found: Mapping[str, Explanation]) -> None:
    """Prompts and settings behind the words."""
    told = [made for made in found.values() if made.facts]
    with st.expander("How were the words made? Prompts and settings", icon=":material/terminal:"):
        names = [made.explainer for made in told]
        if not names:
            st.markdown("nothing was noted")
            return
        models = [name for name in names if explained.writes_by_model(name)]
        first = names.index(models[0]) if models else 0
        chosen = st.selectbox("Of", names, index=first, key="explanations.how")
        made = next(one for one in told if one.explainer == str(chosen or names[first]))
        draw_prompt(made, explained.told_to_model(queries.stamp(choice.run_id), made))
