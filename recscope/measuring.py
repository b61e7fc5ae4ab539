"""What does a fitted model cost to ask? Timed on a bounded sample, right after the lists."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import PluginError
from core.keeping import anew
from core.tables import PAD, Ints
from recommenders.base import AnswersInText, CountsTokens
from recommenders.guard import guarded
from recscope.deep_size import attribute_bytes
from recscope.files import write_table, write_text
from recscope.stages import Material

REACH, ANSWERS = "reach.parquet", "answers.jsonl"
OUTSIDE = ("lists:", "answers:", "http://", "https://")
MOST_CALLS, CALLS_SECONDS = 200, 0.15
BATCH, MOST_BATCHES, BATCHES_SECONDS = 64, 20, 0.15
FEW_CALLS, SLOW_SECONDS = 3, 10.0  # of models that take seconds: so many calls, or so long
PATIENCE = 60.0  # seconds; a batch that would take longer is not asked for
PROBED, PROBE_CELLS, SLOW = 24, 2_000_000, 0.02  # users, cells of their lists, seconds a user
READY = "its lists are ready made: asking for them says nothing of the system that made them"


def measure(  # noqa: PLR0913 - one fact of the model's turn each
    model: Any,
    use: str,
    given: Material,
    length: int,
    *,
    lists_seconds: float,
    timeout: float,
    folder: Path,
) -> dict[str, Any]:
    """Times, bytes and tokens of a fitted model; writes reach.parquet and, for text, answers.jsonl.

    use            how the run names the model; length: of the lists it is asked for
    lists_seconds  how long the lists of all judged users took

    call_seconds   each call for one user, warm and made anew, whatever answers are kept
    batch_seconds  the same for `batch_users` users at once; none where that takes a minute
    model_bytes    by attribute; history_bytes: training data that the model keeps besides
    tokens         prompt and completion, None where the model does not count them
    n_probed       users asked for the whole catalogue (reach.parquet), 0: not asked
    not_measured   why times or reach are missing; None: nothing is

    Lists are made and counted before, so a model that fails here has still been judged: the reason
    is kept in place of the numbers.
    """
    found: dict[str, Any] = {
        "call_seconds": [], "batch_seconds": [], "batch_users": 0, "n_probed": 0,
        "tokens": tokens_of(model), "not_measured": None,
    }  # fmt: skip
    _keep_answers(model, folder)
    sizes, shared, is_partial = attribute_bytes(model, given.history)
    found |= {"model_bytes": sizes, "history_bytes": shared, "is_lower_bound": is_partial}
    if use.startswith(OUTSIDE[:2]):
        return found | {"not_measured": READY}
    per_user = lists_seconds / max(len(given.users), 1)
    probes = not use.startswith(OUTSIDE) and per_user <= SLOW

    def ask() -> dict[str, Any]:
        with anew():
            timed = _timed(model, given.users, length)
        return timed | {"n_probed": _probe(model, given, folder) if probes else 0}

    try:
        return found | guarded(ask, timeout, "measuring")
    except PluginError as error:
        return found | {"not_measured": str(error)}


def tokens_of(model: Any) -> dict[str, int] | None:
    """Tokens of prompts and of answers so far, as the model counts them; None where it does not."""
    if not isinstance(model, CountsTokens) or not isinstance(model.tokens_, Mapping):
        return None
    return {name: int(model.tokens_.get(name, 0)) for name in ("prompt", "completion")}


def _keep_answers(model: Any, folder: Path) -> None:
    if isinstance(model, AnswersInText) and model.answers_:
        lines = [json.dumps(dict(record), ensure_ascii=False) for record in model.answers_]
        write_text(folder / ANSWERS, "\n".join(lines) + "\n")


def _timed(model: Any, users: Ints, length: int) -> dict[str, Any]:
    """Seconds of calls for one user and for a batch, as many as fit the time."""
    some = users[np.linspace(0, len(users) - 1, min(MOST_CALLS + 1, len(users))).astype(int)]
    single = [some[place : place + 1] for place in range(len(some))]
    calls = _calls(lambda asked: model.recommend(asked, length), single, CALLS_SECONDS)
    n_batch = min(BATCH, len(users))
    if float(np.median(calls)) * n_batch > PATIENCE:
        return {"call_seconds": calls, "batch_seconds": [], "batch_users": 0}
    n_batches = max(1, min(MOST_BATCHES + 1, len(users) // BATCH))
    # spread over all users: codes of neighbours often lie close in time, or in length of history
    batches = [users[place::n_batches][:BATCH] for place in range(n_batches)]
    taken = _calls(lambda asked: model.recommend(asked, length), batches, BATCHES_SECONDS)
    return {
        "call_seconds": calls,
        "batch_seconds": taken,
        "batch_users": n_batch,
    }


def _calls(ask: Callable[[Ints], Any], asked: list[Ints], budget: float) -> list[float]:
    """Seconds of each call; the first one warms up, and counts only where there is no other."""
    taken: list[float] = []
    start = time.perf_counter()
    for users in asked:
        before = time.perf_counter()
        ask(users)
        now = time.perf_counter()
        taken.append(round(now - before, 7))
        if now - start > (budget if len(taken) > FEW_CALLS else SLOW_SECONDS):
            break
    return taken[1:] or taken


def _probe(model: Any, given: Material, folder: Path) -> int:
    """Ask some users' lists of the whole catalogue; for how many has each item a place?"""
    n_items = given.history.n_items
    known = given.users[np.isin(given.users, given.history.users)]
    n = min(len(known), max(4, min(PROBED, PROBE_CELLS // max(n_items, 1))))
    if not n:
        return 0
    chosen = known[np.linspace(0, len(known) - 1, n).astype(int)]
    items = np.asarray(model.recommend(chosen, n_items).items)
    n_ranked = np.bincount(items[items != PAD], minlength=n_items)
    table = pd.DataFrame({"item": np.arange(n_items, dtype=np.int32), "n_ranked": n_ranked})
    write_table(folder / REACH, table.astype({"n_ranked": np.int32}))
    return n
