"""How much do two models' lists for the same user agree?"""

from core.tables import Codes, Floats
from evaluators.metric import metric
from evaluators.overlap import rank_biased


@metric(
    better="neither",
    bounds=(0, 1),
    source="Webber et al. 2010, doi:10.1145/1852102.1852106",
    family="diversity",
    per="audit",
)
def rbo(one: Codes, other: Codes, p: float = 0.9) -> Floats:
    """How alike are two models' lists for the same user, the top counting most?

    one    int (n_users, k)  a model's list: code of the item at each rank, -1 at an empty place
    other  int (n_users, k)  another model's list for the same users
    p      how likely a reader goes on to the next place: the first ten places weigh 86 % at 0.9

    Rank-biased overlap, extrapolated: (1 - p) Σ_d p^(d - 1) · X_d / d + p^k · X_k / k, X_d being
    the items that the first d places of both lists hold (equation 23). The rbo package's rbo_ext
    agrees for lists of one length; LensKit cuts at k and divides by the weights up to there. NaN
    where both lists are empty.
    """
    return rank_biased(one, other, p)
