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
}


def missing(metric: Metric, arrays: Mapping[str, npt.NDArray[Any]]) -> list[str]:
    """Which arrays does the metric ask for that are not there?"""
    return [name for name in metric.needs if name not in arrays]


def compute(metric: Metric, arrays: Mapping[str, npt.NDArray[Any]]) -> Floats:
    """What does the metric say of these arrays? float64 (n_users,), or () for one value a run.

    A setting of the metric (a parameter with a default) that is in `arrays` is handed over too:
    `top_rating`, for one, by whoever knows the scale.
    Raises PluginError where an array is missing, where the metric fails, and where its answer has
    the wrong shape or kind.
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
    expected = () if metric.per == "run" else (len(taken[metric.needs[0]]),)
    if values.shape != expected:
        raise PluginError(
            f"the metric {metric.name!r} answered with shape {values.shape}, not {expected}: one "
            f"value per {metric.per} is wanted; mend {metric.compute.__module__}"
        )
    return values
