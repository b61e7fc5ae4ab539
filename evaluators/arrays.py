"""The arrays that metrics ask for by name, and the one way to hand them over."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import PluginError
from core.tables import Floats
from evaluators.metric import Metric

ARRAYS = {
    "hits": "bool (n_users, k): is the item at this rank relevant? Empty places, repeats and items "
    "the user already had are not",
    "n_relevant": "int (n_users,): relevant items the user has in the test set",
    "n_listed": "int (n_users,): places among these k up to the last item; a hole before it is one",
    "gains": "float (n_users, k): test rating of the item at this rank, 0 where there is none",
    "ideal_gains": "float (n_users, k): the user's test ratings, highest first, 0 past the last",
    "top_rating": "float (): the best rating that anybody gave",
    "judged_bad": "bool (n_users, k): was the item at this rank rated in the test set, below the "
    "relevance threshold?",
    "n_judged_bad": "int (n_users,): test items the user rated below the relevance threshold",
    "n_candidates": "int (n_users,): items that could have been listed: the catalogue without what "
    "the user had in train and validation",
    "items": "int (n_users, k): code of the item at this rank, -1 past the end of the list",
    "scores": "float (n_users, k): the model's own score of it, -inf past the end of the list",
    "n_predicted": "int (n_users,): the user's test ratings that the model predicted",
    "squared_error": "float (n_users,): sum over them of (predicted - given)²",
    "absolute_error": "float (n_users,): sum over them of |predicted - given|",
    "is_had": "bool (n_users, k): did the user have the item at this rank in train or validation?",
    "is_again": "bool (n_users, k): does the item at this rank stand further up in the list too?",
    "n_history_users": "int (): users who have a history that models learn from",
    "n_available": "int (): items that could be recommended to somebody new: the catalogue",
    "listed_popularity": "int (n_users, k): users who have the item at this rank in their "
    "history; -1 at an empty place",
    "listed_age": "float (n_users, k): days from the first row of the item at this rank to the "
    "last row of the history; NaN at an empty place and where nobody had the item",
    "profile_groups": "float (n_users, n_groups): share of the user's liked history that lies "
    "in each item group, an item's one vote split evenly over its groups; rows sum to 1, NaN for "
    "a user who liked nothing that has a group",
    "profile_direction": "float (n_users, n_groups): mean over the user's liked history of the "
    "item's row of item_groups scaled to length 1; NaN for a user who liked nothing with a group",
    "ideal_novel_gains": "float (n_users, k): what each place of the best order of the user's "
    "relevant items adds: the sum over the item's groups of 0.5^(items above it in the group)",
    "item_popularity": "int (n_items,): users who have the item in their history",
    "item_groups": "float (n_items, n_groups): 1 where the item is in the group (a genre, a "
    "brand), else 0; a row of zeros where nothing is known",
    "item_vectors": "float (n_items, d): the item's embedding; a row of zeros where it has none",
    "is_available": "bool (n_items,): could the item be recommended?",
    "item_counts": "float (..., n_items): places that the item takes in the first k of all lists, "
    "whole numbers; items that could not be recommended are left out, and those in no list may be. "
    "Leading axes are other draws of users",
    "item_weights": "float (..., n_items): sum over the lists that hold the item of 1 / "
    "√(different items listed); items in no list may be left out",
    "n_lists": "float (...,): lists that hold anything",
    "listed_tail": "bool (n_users, k): is the item at this rank in the long tail? The most popular "
    "items that together took 80 % of the history are the head",
    "profile_popularity": "float (n_users,): mean popularity of the items in the user's history; "
    "NaN without one",
    "tail_listed": "float (..., 2): places of the first k of all lists that go to head and to tail",
    "tail_open": "float (..., 2): pairs of a user and an item of head or tail that the user never "
    "had",
    "tail_hits": "float (..., 2): relevant items of head and of tail within the first k",
    "tail_relevant": "float (..., 2): relevant items of head and of tail in the test set",
    "gap_sums": "float (..., 2): over users with a list and a history, the sum of the mean "
    "popularity of the list, and that of the history",
}

# arrays whose first axis is no user: handed over whole, whoever is judged
OF_CATALOGUE = frozenset({"item_popularity", "item_groups", "item_vectors", "is_available"})

# sums over users: a metric of the run takes them with any leading axes, one value for each, so that
# an interval needs no call per draw
SUMS = frozenset(
    {
        "item_counts",
        "item_weights",
        "n_lists",
        "tail_listed",
        "tail_open",
        "tail_hits",
        "tail_relevant",
        "gap_sums",
    }
)


def missing(metric: Metric, arrays: Mapping[str, npt.NDArray[Any]]) -> list[str]:
    """Which arrays does the metric ask for that are not there?"""
    return [name for name in metric.needs if name not in arrays]


def compute(metric: Metric, arrays: Mapping[str, npt.NDArray[Any]]) -> Floats:
    """What does the metric say of these arrays? float64 (n_users,), or () for one value a run.

    A setting of the metric (a parameter with a default) that is in `arrays` is handed over too:
    `top_rating`, for one, by whoever knows the scale.
    Raises PluginError where an array is missing, where the metric fails, and where its answer has
    the wrong shape or kind. How many users there are, the first array of users tells.
    """
    lacking = missing(metric, arrays)
    if lacking:
        raise PluginError(
            f"the metric {metric.name!r} asks for {', '.join(lacking)}, which this run does not "
            f"have; it has {', '.join(sorted(arrays))}"
        )
    taken = {name: arrays[name] for name in (*metric.needs, *metric.settings) if name in arrays}
    try:
        values = np.asarray(metric(**taken), dtype=np.float64)
    except Exception as error:
        raise PluginError(
            f"the metric {metric.name!r} failed: {type(error).__name__}: {error}; leave it out or "
            f"mend {metric.compute.__module__}"
        ) from error
    expected = () if metric.per == "run" else (_n_users(metric, taken),)
    if values.shape != expected:
        raise PluginError(
            f"the metric {metric.name!r} answered with shape {values.shape}, not {expected}: one "
            f"value per {metric.per} is wanted; mend {metric.compute.__module__}"
        )
    return values


def _n_users(metric: Metric, arrays: Mapping[str, npt.NDArray[Any]]) -> int:
    of_users = (name for name in metric.needs if name not in OF_CATALOGUE and arrays[name].ndim)
    name = next(of_users, None)
    if name is None:
        raise PluginError(
            f"the metric {metric.name!r} asks for no array of users, so it cannot have one value a "
            'user; declare it per="run"'
        )
    return len(arrays[name])
