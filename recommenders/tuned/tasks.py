"""The data builder: what a language model is taught and asked, as prompts with their answers.

Every task is a function of a user's shown history and of what follows it. Names of items are data:
one clean line each (`recommenders.texts.names_of`), never part of the wording around them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.tables import Ints
from recommenders.tuned.packed import Branch, Example
from recommenders.tuned.timelines import Timelines
from recommenders.tuned.weights import ANSWERS

HEAD = "Titles that one person liked, latest last:\n"
YES, NO = ANSWERS
N_DISLIKED = 3  # shown in a prompt
N_POSITIVE = 4  # liked items asked about in an example
N_REFUSED = 2  # items the user touched and did not like, asked about in an example
N_ASKED = 12  # items asked about in an example
N_SHOWN = 8  # candidates in a prompt that has them ranked
VERSION = 1  # of the wording below


@dataclass(frozen=True, eq=False)
class Moment:
    """What is known of a user when something is asked.

    history   items shown, liked, oldest first; disliked: items shown as disliked
    positive  liked items that are not shown; refused: touched and not liked; other: not touched
    """

    user: int
    history: Ints
    disliked: Ints
    positive: Ints
    refused: Ints
    other: Ints


Task = Callable[[Timelines, Moment, bool], Example]


def liking(lines: Timelines, moment: Moment, with_groups: bool) -> Example:  # noqa: FBT001 - one signature for all tasks
    """Would the user like it, yes or no?

    As TALLRec: Bao et al. 2023, arXiv:2305.00447.
    """
    answers = {int(item): YES for item in moment.positive}
    answers |= {int(item): NO for item in (*moment.refused, *moment.other)}
    branches = [
        Branch(f"{told(lines, item, with_groups)}:", said) for item, said in answers.items()
    ]
    return asked(lines, moment, tuple(branches), with_groups)


def following(lines: Timelines, moment: Moment, with_groups: bool) -> Example:  # noqa: FBT001
    """Which title comes next?"""
    branches = tuple(Branch("", f"{lines.names[item]}\n") for item in moment.positive[:1])
    return next_title(lines, moment, branches, with_groups)


def rating(lines: Timelines, moment: Moment, with_groups: bool) -> Example:  # noqa: FBT001
    """How would the user rate it?  Only what the user did rate is asked about."""
    rated = [
        (item, lines.rating(moment.user, item)) for item in (*moment.positive, *moment.refused)
    ]
    branches = tuple(
        Branch(f"{told(lines, item, with_groups)}:", f" {value:g}")
        for item, value in rated
        if not np.isnan(value)
    )
    return _example(lines, moment, "How is each rated?\n", branches, with_groups)


def ranking(lines: Timelines, moment: Moment, with_groups: bool) -> Example:  # noqa: FBT001
    """Which of these comes first?  The candidates stand in an order that says nothing."""
    best = int(moment.positive[0])
    shown = sorted(
        [best, *map(int, moment.other[: N_SHOWN - 1])], key=lambda item: lines.names[item]
    )
    listed = "".join(f"{told(lines, item, with_groups)}\n" for item in shown)
    question = f"Candidates:\n{listed}Best first:\n"
    branches = (Branch("", f"{lines.names[best]}\n"),)
    return _example(lines, moment, question, branches, with_groups)


def explaining(lines: Timelines, moment: Moment, with_groups: bool) -> Example:  # noqa: FBT001
    """Why that one?  Answered by the group that it shares with a liked item, where there is one."""
    branches = []
    for item in moment.positive:
        of_item = set(filter(None, lines.groups[item].split(", ")))
        shared = [
            (other, of_item & set(lines.groups[other].split(", "))) for other in moment.history
        ]
        found = next(((other, groups) for other, groups in reversed(shared) if groups), None)
        if found is not None:
            why = f" {min(found[1])}, as {lines.names[found[0]]}\n"
            branches.append(Branch(f"{lines.names[item]}:", why))
    question = "Why would each be liked?\n"
    return _example(lines, moment, question, tuple(branches), with_groups)


TASKS: dict[str, Task] = {
    "like": liking,
    "next": following,
    "rate": rating,
    "rank": ranking,
    "explain": explaining,
}


def asked(
    lines: Timelines,
    moment: Moment,
    branches: tuple[Branch, ...],
    with_groups: bool,  # noqa: FBT001
) -> Example:
    """The question of `liking` about these branches."""
    question = "Does the same person like these, Yes or No?\n"
    return _example(lines, moment, question, branches, with_groups)


def next_title(
    lines: Timelines,
    moment: Moment,
    branches: tuple[Branch, ...],
    with_groups: bool,  # noqa: FBT001
) -> Example:
    """The question of `following` about these branches."""
    return _example(lines, moment, "The same person liked next:\n", branches, with_groups)


def told(lines: Timelines, item: int, with_groups: bool) -> str:  # noqa: FBT001
    """An item in a prompt: "The Godfather (Crime, Drama)"."""
    groups = lines.groups[item]
    return f"{lines.names[item]} ({groups})" if with_groups and groups else lines.names[item]


def _example(
    lines: Timelines,
    moment: Moment,
    question: str,
    branches: tuple[Branch, ...],
    with_groups: bool,  # noqa: FBT001
) -> Example:
    history = tuple(f"{told(lines, item, with_groups)}\n" for item in moment.history)
    refused = "".join(f"{told(lines, item, with_groups)}\n" for item in moment.disliked)
    between = f"The same person disliked:\n{refused}" if refused else ""
    return Example(HEAD, history, between + question, branches)


def moments(
    lines: Timelines,
    users: Sequence[int] | Ints,
    n: int,
    n_history: int,
    rng: np.random.Generator,
) -> list[Moment]:
    """Draw so many moments of users who liked two items or more; none where nobody did.

    A user is drawn evenly, then a place in the user's likings: what came before it is shown, at
    most n_history items, and what came after it is asked about.
    """
    able = [int(user) for user in users if len(lines.liked(int(user))) > 1]
    chances = np.cumsum(lines.weights) / lines.weights.sum()
    return [_drawn(lines, able[rng.integers(len(able))], n_history, chances, rng)
            for _ in range(n if able else 0)]  # fmt: skip


def _drawn(
    lines: Timelines, user: int, n_history: int, chances: Ints, rng: np.random.Generator
) -> Moment:
    liked, refused = lines.liked(user), rng.permutation(lines.disliked(user))
    place = int(rng.integers(1, len(liked)))
    history, later = liked[max(0, place - n_history) : place], liked[place:]
    positive = later[:1] if len(later) == 1 else np.concatenate(
        [later[:1], rng.permutation(later[1:])[: N_POSITIVE - 1]]
    )  # fmt: skip
    half = min(N_REFUSED, len(refused) // 2)
    n_other = N_ASKED - len(positive) - half
    seen = lines.items[lines.starts[user] : lines.starts[user + 1]]
    drawn = np.searchsorted(chances, rng.random(4 * n_other))
    other = list(dict.fromkeys(drawn[~np.isin(drawn, seen)].tolist()))[:n_other]
    shown = refused[half : half + N_DISLIKED]
    return Moment(user, history, shown, positive, refused[:half], np.array(other, dtype=np.int64))


def now(lines: Timelines, user: int, n_history: int) -> Moment:
    """What is known of a user at the end of train."""
    none = np.zeros(0, dtype=np.int64)
    liked, refused = lines.liked(user)[-n_history:], lines.disliked(user)[-N_DISLIKED:]
    return Moment(user, liked, refused, none, none, none)
