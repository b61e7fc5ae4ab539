"""What the Explanations page is about: a user, a model, an item, and who explains."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import explained, queries, user
from app.words import count
from core.errors import UnknownNameError

USER, MODEL, ITEM = "explanations.user", "explanations.model", "explanations.item"
OFFERED = 1000  # ids that a picker carries to the browser


@dataclass(frozen=True)
class Choice:
    """One recommendation.  user, item: codes; rank: in the model's list, 0 where it is absent."""

    run_id: str
    user: int
    model: str
    item: int
    rank: int

    @property
    def key(self) -> str:
        """What the page's own state belongs to."""
        return f"{self.run_id}/{self.user}/{self.model}/{self.item}"


def choose(run_id: str) -> Choice | None:
    """User, model and item, all in the address; None where the user has no list to explain."""
    left, middle, right = st.columns([2, 2, 3])
    with left:
        who = _user(run_id)
    with middle:
        model = _model(run_id)
    with right:
        return _item(run_id, who, model)


def _user(run_id: str) -> int:
    users = queries.users(run_id)
    tested = users[users["n_test"] > 0]
    ids = (tested if len(tested) else users)["user_id"].astype(str)
    first = _explained_users(run_id)
    ids = pd.concat([ids.reindex(first).dropna(), ids.drop(first, errors="ignore")])
    asked = st.selectbox(
        "User",
        ids.head(OFFERED).tolist(),
        key=USER,
        accept_new_options=True,
        bind="query-params",
        help=f"Search by id; any of {count(len(users), 'user')} can be typed. Users whose "
        "explanations the run holds stand first.",
    )
    known = users.index[users["user_id"].astype(str) == str(asked)]
    if not len(known):
        raise UnknownNameError("user", str(asked), users["user_id"].astype(str), shown=8)
    return int(known[0])


def _explained_users(run_id: str) -> list[int]:
    found = explained.explained(run_id)
    if found is None or found.explanations.empty:
        return []
    # those of whom most was said first, then those of whom most is known: there is most to see
    told = found.explanations[found.explanations["text"] != ""]
    ranked = told.groupby("user")["explainer"].nunique().to_frame("n")
    ranked["n_train"] = queries.users(run_id)["n_train"].reindex(ranked.index)
    ranked = ranked.sort_values(["n", "n_train"], ascending=False, kind="stable")
    return [int(str(code)) for code in ranked.index]


def _model(run_id: str) -> str:
    names = queries.models(run_id)
    found = explained.explained(run_id)
    told = [] if found is None else list(dict.fromkeys(found.explanations["model"]))
    usual = next((name for name in told if name in names), _best(run_id, names))
    asked = st.selectbox("Model", names, index=names.index(usual), key=MODEL, bind="query-params")
    return str(asked or usual)


def _best(run_id: str, names: list[str]) -> str:
    metric, k = user.headline_of(run_id)
    rows = queries.at_cutoff(queries.everybody(run_id), metric.name, k)
    best = rows.sort_values("mean", ascending=metric.better == "lower", kind="stable")["model"]
    ranked = [str(name) for name in best if name in names] or names
    telling = set(explained.by_history(run_id))
    return next((name for name in ranked if name in telling), ranked[0])


def _item(run_id: str, who: int, model: str) -> Choice | None:
    """One of the model's list, or any other: it stands in the address by its outside id.

    Not bound as the others are, because a bound picker puts what it shows into the address, and
    titles are no ids.
    """
    ids = queries.items(run_id)["item_id"].astype(str)
    lists = queries.lists(run_id, who)
    mine = lists[lists["model"] == model].sort_values("rank") if len(lists) else lists
    ranks = {ids[item]: int(rank) for item, rank in zip(mine["item"], mine["rank"], strict=True)}
    names = explained.names(run_id)
    called = {item_id: names[int(str(code))] for code, item_id in ids.items()}
    asked = _asked_item(f"{run_id}/{who}", list(ranks), set(ids))
    others = [one for one in ids.head(OFFERED) if one not in ranks]
    options = list(dict.fromkeys([*ranks, *others, *([asked] if asked else [])]))
    often = Counter(called[one] for one in options)

    def label(one: str) -> str:
        title = called[one] if often[called[one]] == 1 else f"{called[one]} ({one})"
        return f"{ranks[one]}. {title}" if one in ranks else title

    if not options:
        st.info("There is no item to explain.", icon=":material/info:")
        return None
    st.session_state.setdefault(ITEM, asked or options[0])
    chosen = st.selectbox(
        "Item",
        options,
        key=ITEM,
        format_func=label,
        persist_state="session",
        help="The model's list first, by rank; below it other items, which it would not show. "
        "Type to search.",
    )
    st.session_state[f"{ITEM}.told"] = chosen
    if st.query_params.get(ITEM) != chosen:
        st.query_params[ITEM] = chosen
    return Choice(run_id, who, model, int(str(ids.index[ids == chosen][0])), ranks.get(chosen, 0))


def _asked_item(whose: str, listed: list[str], known: set[str]) -> str | None:
    """The item on show; of an address that somebody opened, else the best for another user."""
    before = st.session_state.get(f"{ITEM}.of")
    st.session_state[f"{ITEM}.of"] = whose
    asked, held = st.query_params.get(ITEM), st.session_state.get(ITEM)
    if asked is not None and asked != st.session_state.get(f"{ITEM}.told"):
        if asked not in known:
            raise UnknownNameError("item", asked, known, shown=8)
        st.session_state[ITEM] = asked
        return asked
    if before not in (None, whose) or held not in known:
        st.session_state.pop(ITEM, None)
        return listed[0] if listed else None
    return str(held)
