"""One model's turn: fit it, ask it for every judged user's list, keep what it said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from core.errors import PluginError
from core.keeping import uses
from core.ledger import Entry, Ledger
from core.tables import Dataset, Floats, Interactions, TopK
from recommenders.base import (
    KeepsCurve,
    NeedsIds,
    PredictsRatings,
    ReadsUsers,
    TellsProgress,
    untold,
)
from recommenders.contract import check_model, check_topk
from recommenders.doors import resolve
from recommenders.guard import guarded
from recommenders.rank import warm_up
from recscope.config import RunConfig
from recscope.files import is_whole, read_json, write_json, write_table
from recscope.judge import judge
from recscope.lists import fill, shaped, stacked, to_table
from recscope.machine import Meter
from recscope.measuring import measure
from recscope.stages import Material

COST = "cost.json"
T = TypeVar("T")
Tell = Callable[[str, int, int, str], None]  # stage, pieces done, in all, what they are
USERS = ""  # what pieces are where nothing else is said
CURVE = "curve.parquet"
CURVE_COLUMNS = ("step", "loss", "validation", "metric", "rate", "seconds")


@dataclass(frozen=True)
class Turn:
    """What one model's turn needs.  folder: where its files go."""

    name: str
    config: RunConfig
    given: Material
    folder: Path
    tell: Tell


def is_recommended(folder: Path) -> bool:
    """Has this model given its lists, in an earlier sitting maybe?"""
    return is_whole(folder / COST) and is_whole(folder / "topk.parquet")


def recommend(turn: Turn) -> None:
    """Write topk.parquet, predictions.parquet where ratings are predicted, and last cost.json.

    Raises PluginError where the model raises, hangs or breaks the contract.
    """
    asked, given = turn.config.models[turn.name], turn.given
    ledger = Ledger()
    n_users = len(given.users)
    model = made_model(turn.name, turn.config, given.dataset)
    turn.tell("fit", 0, n_users, USERS)
    warm_up()
    before = uses()
    with Meter() as fitting:
        _let_tell(turn, model, "fit")
        model = fitted(model, turn.name, turn.config, given.history)
    kept_at_fit, before = uses().since(before), uses()
    with Meter() as listing:
        _let_tell(turn, model, "recommend")
        lists = _lists(turn, model, ledger)
    kept_at_lists = uses().since(before)
    # what was kept from before counts with what it took then: reading it says nothing of the model
    fit_seconds = fitting.seconds + kept_at_fit.seconds
    list_seconds = listing.seconds + kept_at_lists.seconds
    if isinstance(model, TellsProgress):
        model.bind_progress(untold)
    measured = measure(
        model,
        asked.use,
        given,
        turn.config.evaluate.length,
        lists_seconds=list_seconds,
        timeout=turn.config.run.model_timeout,
        folder=turn.folder,
    )
    predicted = _predictions(turn, model)
    unknown = getattr(model, "ledger_", None)
    if isinstance(unknown, Ledger):
        ledger.extend(unknown)
    if predicted is not None:
        write_table(turn.folder / "predictions.parquet", predicted)
    if isinstance(model, KeepsCurve) and len(model.curve_):
        write_table(turn.folder / CURVE, curve_frame(model.curve_))
    cost = {
        "fit_seconds": fit_seconds,
        "fit_peak_memory_bytes": fitting.peak_bytes,
        "recommend_seconds": list_seconds,
        "wall_seconds": {"fit": fitting.seconds, "recommend": listing.seconds},
        "peak_memory_bytes": max(fitting.peak_bytes, listing.peak_bytes),
        "users_per_second": n_users / max(list_seconds, 1e-9),
        "n_kept": kept_at_fit.n + kept_at_lists.n,
        "n_users": n_users,
        "parameters": parameters_of(model, asked.params),
        "has_predictions": predicted is not None,
        "measured": measured,
    }
    _keep(turn, lists, ledger)
    cost["population"] = [asdict(entry) for entry in ledger]
    write_json(turn.folder / COST, cost)


def _let_tell(turn: Turn, model: Any, stage: str) -> None:
    """A model that says how far it is, is heard in the progress of its run."""
    if isinstance(model, TellsProgress):
        model.bind_progress(lambda what, done, n: turn.tell(stage, done, n, what))


def curve_frame(curve: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """How a model learned: step int64, loss, validation, rate, seconds float64, metric text."""
    rows = [{name: row.get(name) for name in CURVE_COLUMNS} for row in curve]
    frame = pd.DataFrame(rows, columns=list(CURVE_COLUMNS))
    numbers = dict.fromkeys(("loss", "validation", "rate", "seconds"), np.float64)
    return frame.astype({"step": np.int64, "metric": "string", **numbers})


def made_model(name: str, config: RunConfig, dataset: Dataset) -> Any:
    """The model of this name as configured, not fitted yet, told the ids and users it needs."""
    asked, timeout = config.models[name], config.run.model_timeout
    model: Any = guarded(lambda: resolve(asked.use, asked.params), timeout, f"set-up of {name}")
    check_model(model, name)
    if isinstance(model, NeedsIds):
        bind = partial(model.bind, dataset.user_ids, dataset.item_ids)
        model = guarded(bind, timeout, f"bind of {name}") or model
    if isinstance(model, ReadsUsers):
        told = partial(model.bind_users, dataset.side.users)
        model = guarded(told, timeout, f"bind_users of {name}") or model
    return model


def fitted(model: Any, name: str, config: RunConfig, history: Interactions) -> Any:
    """The model after fit, which may answer with another object or with none."""
    answer = guarded(partial(model.fit, history), config.run.model_timeout, f"fit of {name}")
    return model if answer is None else answer


def fitted_model(name: str, config: RunConfig, dataset: Dataset, history: Interactions) -> Any:
    """The model of this name, made and fitted.  PluginError where it raises or takes too long."""
    model = made_model(name, config, dataset)
    warm_up()
    return fitted(model, name, config, history)


def _asked(turn: Turn, doing: str, call: Callable[[], T]) -> T:
    """What the model answers within its time; PluginError where it raises or does not."""
    return guarded(call, turn.config.run.model_timeout, f"{doing} of {turn.name}")


def _keep(turn: Turn, lists: TopK, ledger: Ledger) -> None:
    given = turn.given
    is_fallback = np.zeros(len(lists.users), dtype=bool)
    if turn.config.run.fallback:
        lists, is_fallback = fill(lists, given.history)
        names = given.dataset.user_ids.names[lists.users[is_fallback]]
        reason = "empty list filled with popular items"
        ledger.add(
            "recommend", "imputed", reason, int(is_fallback.sum()), unit="users", examples=names
        )
    seen = (given.split.train, given.split.validation)
    judged = judge(lists, given.split.test, seen=seen)
    table = to_table(lists, judged.hits, is_fallback)
    write_table(turn.folder / "topk.parquet", table)


def _lists(turn: Turn, model: Any, ledger: Ledger) -> TopK:
    users, length = turn.given.users, turn.config.evaluate.length
    blocks = []
    for start in range(0, len(users), turn.config.run.block):
        turn.tell("recommend", start, len(users), USERS)
        some = users[start : start + turn.config.run.block]
        answer = _asked(turn, "recommend", partial(model.recommend, some, length))
        checked = check_topk(answer, some, length, turn.given.history, turn.name, ledger=ledger)
        blocks.append(shaped(checked, length))
    turn.tell("recommend", len(users), len(users), USERS)
    return stacked(blocks)


def _predictions(turn: Turn, model: Any) -> pd.DataFrame | None:
    """user, item, predicted: a row per test row, in its order; None where there are no ratings."""
    test = turn.given.split.test
    if test.ratings is None or not isinstance(model, PredictsRatings):
        return None
    answer = _asked(turn, "predict", partial(model.predict, test.users, test.items))
    predicted: Floats = np.asarray(answer)
    if predicted.shape != test.users.shape or np.isinf(predicted).any():
        raise PluginError(
            f"model {turn.name!r} must predict one finite rating (or NaN) for each of "
            f"{len(test)} pairs; it answered with shape {predicted.shape}"
        )
    return pd.DataFrame(
        {"user": test.users, "item": test.items, "predicted": predicted.astype(np.float64)}
    )


def parameters_of(model: Any, given: Any) -> dict[str, Any]:
    """Every setting the model worked with: its fields where it is a dataclass, else what came."""
    if not is_dataclass(model):
        return dict(given)
    return {entry.name: getattr(model, entry.name) for entry in fields(model) if entry.init}


def population(folder: Path) -> list[Entry]:
    """The ledger that `recommend` kept beside the lists."""
    rows = read_json(folder / COST)["population"]
    return [Entry(**{**row, "examples": tuple(row["examples"])}) for row in rows]
