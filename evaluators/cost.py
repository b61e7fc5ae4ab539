"""What does a list cost: in time, in memory, in tokens, in money?"""

import numpy as np
import numpy.typing as npt

from core.tables import Bools, Floats, Ints
from evaluators.metric import metric, ratio

GREEN = "Schwartz et al. 2020, doi:10.1145/3381831"
TAIL = "Dean & Barroso 2013, doi:10.1145/2408776.2408794"
MILLI, MEGA = 1e3, 1e6
SECONDS_PER_HOUR = 3600.0


@metric(better="lower", bounds=(0, np.inf), source=GREEN, family="cost", per="audit")
def fit_seconds(seconds: Floats) -> Floats:
    """How long does the model take to learn, in seconds?

    seconds  float (n,)  wall clock of each fit [s]

    Σ seconds / n, on the machine that the manifest names.
    """
    return _mean(seconds)


@metric(better="lower", bounds=(0, np.inf), source=TAIL, family="cost", per="audit")
def latency_p50(call_seconds: Floats) -> Floats:
    """How long does one user usually wait for a list, in milliseconds?

    call_seconds  float (n,)  wall clock of each call for one user, the first one left out [s]

    The median, 1000 · quantile(call_seconds, 0.5); linear between neighbours.
    """
    return _quantile(call_seconds, 0.5)


@metric(better="lower", bounds=(0, np.inf), source=TAIL, family="cost", per="audit")
def latency_p95(call_seconds: Floats) -> Floats:
    """How long does one user in twenty wait for a list, at least, in milliseconds?

    call_seconds  float (n,)  wall clock of each call for one user, the first one left out [s]

    1000 · quantile(call_seconds, 0.95); linear between neighbours.
    """
    return _quantile(call_seconds, 0.95)


@metric(better="lower", bounds=(0, np.inf), source=TAIL, family="cost", per="audit")
def latency_p99(call_seconds: Floats) -> Floats:
    """How long does one user in a hundred wait for a list, at least, in milliseconds?

    call_seconds  float (n,)  wall clock of each call for one user, the first one left out [s]

    1000 · quantile(call_seconds, 0.99); linear between neighbours.
    """
    return _quantile(call_seconds, 0.99)


@metric(better="lower", bounds=(0, np.inf), source=TAIL, family="cost", per="audit")
def batch_latency_p50(batch_seconds: Floats) -> Floats:
    """How long does a batch of users usually take, in milliseconds?

    batch_seconds  float (n,)  wall clock of each call for a batch of users [s]

    1000 · quantile(batch_seconds, 0.5). The size of a batch stands in cost.json.
    """
    return _quantile(batch_seconds, 0.5)


@metric(better="lower", bounds=(0, np.inf), source=TAIL, family="cost", per="audit")
def batch_latency_p95(batch_seconds: Floats) -> Floats:
    """How long does one batch of users in twenty take, at least, in milliseconds?

    batch_seconds  float (n,)  wall clock of each call for a batch of users [s]

    1000 · quantile(batch_seconds, 0.95). The size of a batch stands in cost.json.
    """
    return _quantile(batch_seconds, 0.95)


@metric(better="lower", bounds=(0, np.inf), source=TAIL, family="cost", per="audit")
def batch_latency_p99(batch_seconds: Floats) -> Floats:
    """How long does one batch of users in a hundred take, at least, in milliseconds?

    batch_seconds  float (n,)  wall clock of each call for a batch of users [s]

    1000 · quantile(batch_seconds, 0.99). The size of a batch stands in cost.json.
    """
    return _quantile(batch_seconds, 0.99)


@metric(better="higher", bounds=(0, np.inf), source=GREEN, family="cost", per="audit")
def throughput(n_lists: Ints, seconds: Floats) -> Floats:
    """How many lists does the model make in a second?

    n_lists  int (n,)    lists made in each stretch of work
    seconds  float (n,)  wall clock of it [s]; 0 gives NaN

    Σ n_lists / Σ seconds, in the large blocks that a run asks for.
    """
    return ratio(np.asarray(np.sum(n_lists)), np.asarray(np.sum(seconds)))


@metric(better="lower", bounds=(0, np.inf), source=GREEN, family="cost", per="audit")
def peak_memory(peak_bytes: Floats) -> Floats:
    """How much memory did the process hold at most while the model worked, in megabytes?

    peak_bytes  float (n,)  largest resident size, data and libraries included [bytes]

    max(peak_bytes) / 10⁶. Models of one run share a process, so it holds what they share too.
    """
    return np.asarray(np.max(peak_bytes) / MEGA if len(peak_bytes) else np.nan)


@metric(better="lower", bounds=(0, np.inf), source=GREEN, family="cost", per="audit")
def model_size(learned_bytes: Floats) -> Floats:
    """How large is what the model has learned, in megabytes?

    learned_bytes  float (n,)  bytes of each array and object that the fitted model holds, each
                               counted once, the training data it was handed left out

    Σ learned_bytes / 10⁶.
    """
    return np.asarray(np.sum(learned_bytes) / MEGA if len(learned_bytes) else np.nan)


@metric(better="lower", bounds=(0, np.inf), source=GREEN, family="cost", per="audit")
def tokens_per_list(tokens: Floats, n_lists: Ints) -> Floats:
    """How many tokens of a language model does one list take?

    tokens   float (n,)  tokens of prompts and of answers, as the model reports them
    n_lists  int (n,)    lists made with them; 0 gives NaN

    Σ tokens / Σ n_lists.
    """
    return ratio(np.asarray(np.sum(tokens)), np.asarray(np.sum(n_lists)))


@metric(better="lower", bounds=(0, np.inf), source=GREEN, family="cost", per="audit")
def cost_per_1000_lists(
    seconds: Floats, hour_price: Floats, tokens: Floats, token_price: Floats, n_lists: Ints
) -> Floats:
    """What do a thousand lists cost, in the currency of the prices given?

    seconds      float (n,)  wall clock of making the lists [s]
    hour_price   float (n,)  price of the machine [per hour]
    tokens       float (n,)  tokens of one kind, of prompts or of answers
    token_price  float (n,)  price of that kind [per million tokens]
    n_lists      int (n_1,)  lists made; 0 gives NaN

    1000 / n_lists · (Σ seconds · hour_price / 3600 + Σ tokens · token_price / 10⁶). Learning is not
    in it: how many lists it serves is known to nobody here.
    """
    price = np.sum(seconds * hour_price) / SECONDS_PER_HOUR
    price = price + np.sum(tokens * token_price) / MEGA
    return ratio(np.asarray(1000 * price), np.asarray(np.sum(n_lists)))


def non_dominated(cost: Floats, quality: Floats) -> Bools:
    """Which models does no other beat in one and match in both?  bool (n,).

    cost     float (n,) lower is better; quality: float (n,) higher is better; NaN is never on it
    A model is dominated where another costs no more and is at least as good, one of the two
    strictly. Pareto efficiency as in Ribeiro et al. 2014, doi:10.1145/2629350.
    """
    known = ~(np.isnan(cost) | np.isnan(quality))
    no_dearer = cost[:, None] <= cost[None, :]
    no_worse = quality[:, None] >= quality[None, :]
    better = (cost[:, None] < cost[None, :]) | (quality[:, None] > quality[None, :])
    beaten = (no_dearer & no_worse & better & known[:, None]).any(axis=0)
    return np.asarray(known & ~beaten)


def quantile_bounds(n: int, share: float, confidence: float) -> tuple[int | None, int | None]:
    """Between which of n ordered values does a quantile lie? Places from 0, None: beyond them.

    Free of any distribution: the number of values below the quantile is binomial (Conover 1999,
    Practical Nonparametric Statistics, 3.2). None where n is too small to say.
    """
    from scipy.special import bdtr

    tail = (1 - confidence) / 2
    below = bdtr(np.arange(n), n, share)  # chance that at most so many values lie below it
    low = int(np.searchsorted(below, tail, side="right")) - 1
    high = int(np.searchsorted(below, 1 - tail, side="left"))
    return (low if low >= 0 else None), (high if high < n else None)


def _mean(values: npt.NDArray[np.floating]) -> Floats:
    return np.asarray(np.mean(values) if len(values) else np.nan)


def _quantile(seconds: Floats, share: float) -> Floats:
    return np.asarray(MILLI * np.quantile(seconds, share) if len(seconds) else np.nan)
