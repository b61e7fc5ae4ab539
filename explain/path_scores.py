"""Are explanation paths recent, known, and different from one another?

A path leads from a liked item (the linking interaction) over a shared entity to the recommended
one. Definitions by Balloccu, Boratto, Fenu & Marras 2022 (doi:10.1145/3477495.3532041) and 2023
(doi:10.1016/j.knosys.2022.110098); material by explain.path_material.
"""

from collections.abc import Callable, Sequence

import numpy as np

from core.tables import Floats, Ints
from explain.scorer import scorer

SIGIR = "Balloccu et al. 2022, doi:10.1145/3477495.3532041"
KBS = "Balloccu et al. 2023, doi:10.1016/j.knosys.2022.110098"


@scorer(better="higher", bounds=(0, 1), source=SIGIR, family="paths", per="explanation")
def lir(linking_recency: Floats) -> Floats:
    """Linking interaction recency: how lately did the user like what the path starts from?

    linking_recency  float (n,)  NaN without a path, for a user with one liking, and where all the
                                 user's likings have one time

    Times t_1 … t_n of the user's likings, in order, are smoothed by an exponentially weighted mean
    of span n (weights (1 - 2 / (n + 1))^i, summing to 1, as pandas' ewm(span=n)) and brought to
    0 … 1. The paper leaves its decay open; span n is its authors' code. Equal times share their
    mean here; that code gives 0 where this is undefined.
    """
    return np.asarray(linking_recency, dtype=np.float64)


@scorer(better="higher", bounds=(0, 1), source=SIGIR, family="paths", per="explanation")
def sep(entity_popularity: Floats) -> Floats:
    """Shared entity popularity: how well known is what both items have in common?

    entity_popularity  float (n,)  NaN without a path, and for one without an entity (a sequel)

    Numbers of items that have each entity of the relation, in order, smoothed and scaled as in
    `lir`. A popular entity is likelier to be known to the user. Here among entities that at least
    two items have; others are on no path.
    """
    return np.asarray(entity_popularity, dtype=np.float64)


@scorer(better="higher", bounds=(0, 1), source=KBS, family="paths", per="explanation")
def path_fidelity(path_types: Sequence[str]) -> Floats:
    """For what share of the recommendations is there a path at all?  1 or 0 each.

    path_types  relation of each explanation's path, "" where there is none

    It says nothing of whether the recommender used the path.
    """
    return np.array([float(bool(one)) for one in path_types])


@scorer(better="higher", bounds=(0, 1), source=SIGIR, family="paths", per="set")
def etd(path_types: Sequence[str], users: Ints, n_path_types: int) -> float:
    """Explanation type diversity: of how many kinds are the paths of one user's list?

    path_types    relation of each explanation's path, "" where there is none
    users         int (n,) whose explanation it is
    n_path_types  kinds of paths that there are

    Distinct kinds / min(length of the list, n_path_types), the mean over users. The authors' code
    divides by n_path_types, whatever the length.
    """
    return _mean_over_users(
        path_types, users, lambda found, k: len(set(found)) / min(k, max(n_path_types, 1))
    )


@scorer(better="higher", bounds=(0, 1), source=KBS, family="paths", per="set")
def lid(linked_items: Ints, users: Ints) -> float:
    """Linking interaction diversity: how many different liked items do one user's paths start from?

    linked_items  int (n,) code of the liked item, -1 without a path

    Distinct items / length of the list, the mean over users.
    """
    names = ["" if item < 0 else str(item) for item in np.asarray(linked_items).tolist()]
    return _mean_over_users(names, users, lambda found, k: len(set(found)) / k)


@scorer(better="higher", bounds=(0, 1), source=KBS, family="paths", per="set")
def sed(shared_entities: Sequence[str], users: Ints) -> float:
    """Shared entity diversity: how many different entities do one user's paths lead over?

    shared_entities  id of each path's entity, "" without one

    Distinct entities / length of the list, the mean over users.
    """
    return _mean_over_users(shared_entities, users, lambda found, k: len(set(found)) / k)


@scorer(better="higher", bounds=(0, 1), source=KBS, family="paths", per="set")
def ptc(path_types: Sequence[str], users: Ints) -> float:
    """Path type concentration: how evenly are one user's paths spread over kinds?

    1 - Σ n_t (n_t - 1) / (n (n - 1)): that two paths of the list, drawn at random, are of different
    kinds (Simpson 1949, doi:10.1038/163688a0). 1 where all differ, 0 where all are alike; the mean
    over users with two paths or more.
    """

    def simpson(found: Sequence[str], _: int) -> float:
        n = len(found)
        if n < 2:
            return np.nan
        counts = np.unique(np.asarray(found, dtype=object).astype(str), return_counts=True)[1]
        return float(1 - (counts * (counts - 1)).sum() / (n * (n - 1)))

    return _mean_over_users(path_types, users, simpson)


def _mean_over_users(
    values: Sequence[str], users: Ints, of_list: Callable[[Sequence[str], int], float]
) -> float:
    """Mean of a number of each user's list; "" are places without a value.  NaN for nobody."""
    lists: dict[int, list[str]] = {}
    for user, value in zip(np.asarray(users).tolist(), values, strict=True):
        lists.setdefault(user, []).append(value)
    found = [of_list([value for value in own if value], len(own)) for own in lists.values()]
    defined = [value for value in found if not np.isnan(value)]
    return float(np.mean(defined)) if defined else np.nan


SCORERS = (lir, sep, path_fidelity, etd, lid, sed, ptc)
