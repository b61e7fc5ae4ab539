"""Does a language model answer with lists that can be used, and always with the same ones?

Rates are of sums over users, so that an interval comes of drawing users again and adding up again;
they work on sums of any shape (...,), one answer each.
"""

import numpy as np

from core.tables import PAD, Codes, Floats, Ints
from evaluators.metric import metric, ratio

WHO = "Hou et al. 2024 (LLMRank), doi:10.1007/978-3-031-56060-6_24"
SAFE = "Jiang et al. 2025, doi:10.1145/3690655"
SURVEY = "Wu et al. 2024, doi:10.1007/s11280-024-01291-2"
OVERLAP = "Fagin et al. 2003, doi:10.1137/S0895480102412856"


@metric(better="lower", bounds=(0, 1), source=SURVEY, family="language", per="audit")
def out_of_catalogue_rate(n_unknown: Ints | Floats, n_entries: Ints | Floats) -> Floats:
    """Which share of the listed entries names no item that there is?

    n_unknown  int (...,)  entries that match no id and no title of the catalogue
    n_entries  int (...,)  entries read from the answers; 0 gives NaN

    n_unknown / n_entries: invented items, and titles too garbled to be recognised.
    """
    return ratio(n_unknown, n_entries)


@metric(better="lower", bounds=(0, 1), source=WHO, family="language", per="audit")
def off_candidate_rate(n_outside: Ints | Floats, n_entries: Ints | Floats) -> Floats:
    """Which share of the listed entries is an item that was not among the candidates given?

    n_outside  int (...,)  entries that are items of the catalogue, but no candidate of the prompt
    n_entries  int (...,)  entries of answers to prompts with candidates; 0 gives NaN

    n_outside / n_entries.
    """
    return ratio(n_outside, n_entries)


@metric(better="lower", bounds=(0, 1), source=SURVEY, family="language", per="audit")
def duplicate_rate(n_repeats: Ints | Floats, n_entries: Ints | Floats) -> Floats:
    """Which share of the listed entries stands higher in the same list already?

    n_repeats  int (...,)  entries of an item, or an unknown name, that the list named before
    n_entries  int (...,)  entries read from the answers; 0 gives NaN

    n_repeats / n_entries.
    """
    return ratio(n_repeats, n_entries)


@metric(better="lower", bounds=(0, 1), source=SURVEY, family="language", per="audit")
def history_repeat_rate(n_had: Ints | Floats, n_entries: Ints | Floats) -> Floats:
    """Which share of the listed entries is something the user had already?

    n_had      int (...,)  entries that are items of the user's own history
    n_entries  int (...,)  entries read from the answers of users whose history is known; 0: NaN

    n_had / n_entries.
    """
    return ratio(n_had, n_entries)


@metric(better="lower", bounds=(0, 1), source=SURVEY, family="language", per="audit")
def refusal_rate(n_refusals: Ints | Floats, n_answers: Ints | Floats) -> Floats:
    """Which share of the answers declines instead of listing anything?

    n_refusals  int (...,)  answers without a list that say they cannot or will not
    n_answers   int (...,)  answers; 0 gives NaN

    n_refusals / n_answers. An answer that excuses itself and lists all the same is none.
    """
    return ratio(n_refusals, n_answers)


@metric(better="lower", bounds=(0, 1), source=WHO, family="language", per="audit")
def format_error_rate(n_unreadable: Ints | Floats, n_answers: Ints | Floats) -> Floats:
    """Which share of the answers holds no list that can be read, though it is no refusal?

    n_unreadable  int (...,)  answers in which neither JSON nor numbered, dashed or plain lines
                              make a list; empty ones too
    n_answers     int (...,)  answers; 0 gives NaN

    n_unreadable / n_answers.
    """
    return ratio(n_unreadable, n_answers)


@metric(better="lower", bounds=(0, 1), source=SURVEY, family="language", per="audit")
def short_list_rate(n_short: Ints | Floats, n_answers: Ints | Floats) -> Floats:
    """Which share of the lists has fewer usable items than were asked for?

    n_short    int (...,)  lists with fewer different items of the catalogue than asked for
    n_answers  int (...,)  answers that hold a list, and say how many were asked for; 0: NaN

    n_short / n_answers.
    """
    return ratio(n_short, n_answers)


@metric(better="neither", bounds=(-1, 1), source=WHO, family="language", per="audit")
def candidate_position_bias(correlation: Floats, n_users: Ints | Floats) -> Floats:
    """Does the answer follow the order in which the candidates were shown?

    correlation  float (...,)  sum over users of the correlation between an item's place in the
                               prompt and its place in the answer
    n_users      int (...,)    users who could be judged; 0 gives NaN

    Σ correlation / n_users; 0: the order shown does not matter, 1: it is repeated, below 0: what
    stands last comes first. Where a user was asked under several orders, both places are taken as
    distances from the item's own mean, so that relevance is held constant (`position_correlation`).
    """
    return ratio(correlation, n_users)


@metric(better="lower", bounds=(0, 1), source=OVERLAP, family="language", per="audit")
def prompt_sensitivity(distance: Floats, n_users: Ints | Floats) -> Floats:
    """How different do lists become when the same thing is asked in other words?

    distance  float (...,)  sum over users of 1 - average overlap, itself a mean over pairs of
                            answers that differ in the template and in nothing else
    n_users   int (...,)    users with such a pair; 0 gives NaN

    Σ distance / n_users. The model's own wavering is in it: hold it against `run_to_run_distance`.
    """
    return ratio(distance, n_users)


@metric(better="lower", bounds=(0, 1), source=OVERLAP, family="language", per="audit")
def order_sensitivity(distance: Floats, n_users: Ints | Floats) -> Floats:
    """How different do lists become when the candidates are shown in another order?

    distance  float (...,)  sum over users of 1 - average overlap, itself a mean over pairs of
                            answers that differ in the order of the candidates and in nothing else
    n_users   int (...,)    users with such a pair; 0 gives NaN

    Σ distance / n_users. The model's own wavering is in it: hold it against `run_to_run_distance`.
    """
    return ratio(distance, n_users)


@metric(better="lower", bounds=(0, 1), source=OVERLAP, family="language", per="audit")
def run_to_run_distance(distance: Floats, n_users: Ints | Floats) -> Floats:
    """How different are lists when the very same thing is asked again?

    distance  float (...,)  sum over users of 1 - average overlap, itself a mean over pairs of
                            answers that differ in the seed and in nothing else
    n_users   int (...,)    users with such a pair; 0 gives NaN

    Σ distance / n_users; 0: every run says the same.
    """
    return ratio(distance, n_users)


@metric(better="lower", bounds=(0, np.inf), source=SAFE, family="language", per="audit")
def run_to_run_deviation(deviation: Floats, n_users: Ints | Floats) -> Floats:
    """How much does the quality of a user's list vary when the same thing is asked again?

    deviation  float (...,)  sum over users of the standard deviation over seeds of nDCG, its mean
                             over templates and orders
    n_users    int (...,)    users with two seeds or more and something to find; 0 gives NaN

    Σ deviation / n_users.
    """
    return ratio(deviation, n_users)


def average_overlap(first: Codes, second: Codes) -> Floats:
    """How much do two lists agree, the top counting most? float (n,), 0 to 1; NaN: both empty.

    first, second  int (n, k), PAD past the end; entries of a list differ
    Mean over depth d = 1 … K of |common items of the first d| / d, K the longer of the two lengths
    (Fagin et al. 2003, eq. 1; rank-biased overlap is the same with weights that fall off).
    """
    n, k = first.shape
    lengths = np.maximum(*((part != PAD).sum(axis=1) for part in (first, second)))
    common, total = np.zeros(n), np.zeros(n)
    for depth in range(k):
        one, other = first[:, depth, None], second[:, depth, None]
        met = ((one == second[:, :depth]) & (one != PAD)).sum(axis=1)
        met = met + ((other == first[:, :depth]) & (other != PAD)).sum(axis=1)
        met = met + ((one == other) & (one != PAD))[:, 0]
        common += met
        total += np.where(depth < lengths, common / (depth + 1), 0.0)
    return ratio(total, lengths)


def position_correlation(shown: Floats, answered: Floats) -> Floats:
    """Do places in the answer follow places in the prompt?  float (n,) Pearson correlation.

    shown     float (n, m)  place of each candidate in the prompt, NaN past the last
    answered  float (n, m)  its place in the answer; candidates left out share the mean of the
                            places that are left
    Of ranks it is Spearman's; NaN where either does not vary.
    """
    is_there = ~np.isnan(shown)
    n = np.maximum(is_there.sum(axis=1), 1)
    parts = []
    for places in (shown, answered):
        filled = np.where(is_there, places, 0.0)
        parts.append(np.where(is_there, filled - (filled.sum(axis=1) / n)[:, None], 0.0))
    spread = np.sqrt((parts[0] ** 2).sum(axis=1) * (parts[1] ** 2).sum(axis=1))
    return ratio((parts[0] * parts[1]).sum(axis=1), np.where(spread > 1e-12, spread, 0.0))
