"""What if the user had not liked some of it?  A list to edit, and the model asked again."""

from functools import partial

import numpy as np
import streamlit as st

from app import explained, queries
from app.explanations import Choice
from app.words import count, number, plain, signed
from core.errors import RecScopeError
from core.tables import Bools, Floats
from explain.counterfactual import smallest_history
from explain.masking import MaskedHistory, masked_history
from explain.whatif import Listing, listing

K = 10  # length of the list that an item can fall out of
STRONGEST = 15  # liked items offered at first
PERMUTATIONS = 2  # of an attribution that only orders the list to edit
ALL = "explanations.all_liked"


def history_at(choice: Choice) -> MaskedHistory:
    """The user's history before the fitted model.

    Raises ConfigError where the model scores no histories, or the user liked nothing.
    """
    at = queries.stamp(choice.run_id)
    model = explained.fitted(at, choice.model)
    return masked_history(model, explained.bench(at).world.train, choice.user)


def draw(choice: Choice) -> None:
    """The section; says why where nothing can be asked."""
    st.subheader("What if the user had not liked some of it?")
    try:
        history = history_at(choice)
        at = queries.stamp(choice.run_id)
        values = _values(at, choice.model, choice.user, choice.item)
    except RecScopeError as error:
        st.info(plain(error, 600), icon=":material/info:")
        return
    edit(choice, history, values)


def is_laid_out(choice: Choice) -> bool:
    """Are the data and the model at hand, or had in seconds?  Otherwise the reader decides."""
    name = f"{choice.run_id}.laid-out"
    cost = explained.costly(choice.run_id)
    if cost <= explained.PATIENCE or st.session_state.get(name):
        return True
    st.markdown(
        f"The data must be read and the model fitted again first, which takes about {cost:.0f} s."
    )
    if st.button("Do it now", icon=":material/play_arrow:", key="explanations.lay_out"):
        st.session_state[name] = True
        return True
    return False


@st.cache_data(max_entries=256, show_spinner="Asking the model about every liked item …")
def _values(at: queries.Stamp, model: str, user: int, item: int) -> Floats:
    """What each liked item adds: float64 (n,), the order in which the list is shown."""
    from explain.attribution import usual

    world = explained.bench(at).world
    history = masked_history(explained.fitted(at, model), world.train, user)
    items = np.array([item], dtype=np.int64)
    if history.weights(items) is not None:
        return usual(history, items).values[:, 0]
    return usual(history, items, n_permutations=PERMUTATIONS).values[:, 0]


@st.fragment
def edit(choice: Choice, history: MaskedHistory, values: Floats) -> None:
    """Checkboxes of liked items beside what the model would list; only this part runs again."""
    order = np.argsort(-values, kind="stable")
    kept = np.array([st.session_state.get(_key(choice, code), True) for code in history.history])
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.markdown("**Liked, what adds most first.** Take away what the user should not have had.")
        _buttons(choice, history, values)
        everything = len(order) > STRONGEST and st.toggle(
            f"Show all {count(len(order), 'liked item')}", key=ALL
        )
        shown = order if everything else order[:STRONGEST]
        kept = _boxes(choice, history, values, shown, kept)
    with right:
        _effect(choice, history, kept)
    st.caption(
        "The model is not fitted again: it is asked what it would say of the shorter history. What "
        "others liked stays as it was. The smallest set is found greedily, then every item that "
        "turns out not to be needed is put back (as PRINCE asks: Ghazimatin et al. 2020, "
        "doi:10.1145/3336191.3371824). Computed for this user alone: no interval."
    )


def _boxes(
    choice: Choice, history: MaskedHistory, values: Floats, shown: "np.ndarray", kept: Bools
) -> Bools:
    names = explained.names(choice.run_id)
    after = kept.copy()
    with st.container(height=430, border=True, gap="xsmall", key="explanations-liked"):
        for place in shown:
            code = int(history.history[place])
            key = _key(choice, code)
            st.session_state.setdefault(key, True)
            after[place] = st.checkbox(
                f"{plain(names[code], 70)}  ({signed(float(values[place]))})", key=key
            )
    return after


def _buttons(choice: Choice, history: MaskedHistory, values: Floats) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            f"Smallest set that drops it from the first {K}",
            icon=":material/content_cut:",
            key="explanations.smallest",
            on_click=partial(_drop, choice, history, values),
        )
        st.button(
            "Put everything back",
            icon=":material/undo:",
            key="explanations.back",
            on_click=partial(_keep_all, choice, history),
        )


def _drop(choice: Choice, history: MaskedHistory, values: Floats) -> None:
    found = smallest_history(history, choice.item, values, K)
    removed = set(found.removed.tolist())
    for code in history.history.tolist():
        st.session_state[_key(choice, code)] = code not in removed
    st.session_state[f"{choice.key}.none"] = not found.is_found


def _keep_all(choice: Choice, history: MaskedHistory) -> None:
    for code in history.history.tolist():
        st.session_state[_key(choice, code)] = True
    st.session_state[f"{choice.key}.none"] = False


def _key(choice: Choice, code: int) -> str:
    return f"explanations.liked.{choice.key}.{code}"


def _effect(choice: Choice, history: MaskedHistory, kept: Bools) -> None:
    whole = listing(history, np.ones(len(history), dtype=bool), choice.item, K)
    now = listing(history, kept, choice.item, K)
    n_gone = int((~kept).sum())
    if st.session_state.get(f"{choice.key}.none"):
        st.warning("It stays in the list whatever is taken away.", icon=":material/anchor:")
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "Rank",
            number(now.rank, 1),
            delta=_moved(whole.rank, now.rank),
            delta_color="off",
            help="Among what the user has not had; ties share the middle of their ranks.",
        )
        st.metric(
            "Score", number(now.score), delta=_changed(now.score - whole.score), delta_color="off"
        )
        st.metric("Taken away", f"{n_gone:,} of {len(history):,}")
    if now.rank > K >= whole.rank:
        st.markdown(f":material/logout: **It leaves the first {K}.**")
    elif whole.rank > K >= now.rank:
        st.markdown(f":material/login: **It enters the first {K}.**")
    _lists(choice, whole, now)


def _moved(before: float, after: float) -> str | None:
    if before == after:
        return None
    places = number(abs(after - before), 1)
    return f"-{places} places" if after > before else f"+{places} places"


def _changed(difference: float) -> str | None:
    # the arrow is chosen by a plain minus sign
    return signed(difference).replace("−", "-") if abs(difference) >= 0.0005 else None


def _lists(choice: Choice, whole: Listing, now: Listing) -> None:
    names = explained.names(choice.run_id)
    before = set(whole.items.tolist())
    lines = []
    for rank, code in enumerate(now.items.tolist(), start=1):
        title = plain(names[code], 60)
        title = f"**{title}** ← this one" if code == choice.item else title
        lines.append(f"{rank}. {title}" + ("" if code in before else "  :green-badge[new]"))
    gone = [plain(names[code], 60) for code in whole.items.tolist() if code not in set(now.items)]
    st.markdown(f"**The first {K} now**\n\n" + "\n".join(lines or ["nothing is listed"]))
    if gone:
        st.markdown("No longer among them: " + ", ".join(gone))
