"""How far are predicted ratings from the ratings that users gave?

One number over all predicted test ratings, not a mean of users' means: a user counts as often as
they rated. The sums are kept per user so that an interval can draw users.
"""

import numpy as np

from core.tables import Floats, Ints
from evaluators.metric import metric, ratio


def _over_run(sums: Floats, n_predicted: Ints) -> Floats:
    return ratio(np.asarray(sums.sum(axis=-1)), np.asarray(n_predicted.sum(axis=-1)))


@metric(
    better="lower",
    bounds=(0, np.inf),
    source="Herlocker et al. 2004, doi:10.1145/963770.963772",
    family="rating",
    per="run",
    cutoff=False,
    additive=True,
)
def rmse(n_predicted: Ints, squared_error: Floats) -> Floats:
    """How far off is a predicted rating, large misses weighing more?

    n_predicted    int (n_users,)    the user's test ratings that the model predicted
    squared_error  float (n_users,)  sum over them of (predicted - given)²

    √(Σ squared_error / Σ n_predicted), in the unit of the ratings; NaN if nothing was predicted.
    LensKit's RunAnalysis reports the mean of per-user values, which is another number.
    """
    return np.sqrt(_over_run(squared_error, n_predicted))


@metric(
    better="lower",
    bounds=(0, np.inf),
    source="Herlocker et al. 2004, doi:10.1145/963770.963772",
    family="rating",
    per="run",
    cutoff=False,
    additive=True,
)
def mae(n_predicted: Ints, absolute_error: Floats) -> Floats:
    """How far off is a predicted rating on average?

    n_predicted     int (n_users,)    the user's test ratings that the model predicted
    absolute_error  float (n_users,)  sum over them of |predicted - given|

    Σ absolute_error / Σ n_predicted, in the unit of the ratings; NaN if nothing was predicted.
    LensKit's RunAnalysis reports the mean of per-user values, which is another number.
    """
    return _over_run(absolute_error, n_predicted)
