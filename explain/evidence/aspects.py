"""Review aspects: what the user writes about is what reviewers praise in the item.

Explicit factor models (Zhang et al. 2014, doi:10.1145/2600428.2609579) with both matrices counted,
not factored: what a user mentions, and how often reviews of an item speak well of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.naming import listed
from core.tables import Codes, Floats, Ints
from explain.evidence.cells import values_at
from explain.evidence.kept import kept
from explain.evidence.linked import Claim, nothing, strongest
from explain.evidence.opinions import opinions, things
from explain.explanation import Evidence
from explain.reasons import Question, Reasons
from explain.world import World

if TYPE_CHECKING:
    from scipy.sparse import csr_array

KIND = "aspect"
LEAST_REVIEWS = 10  # that speak of an aspect, or 0.3 % of all where that is more
LEAST_SHARE, MOST_SHARE = 0.003, 0.25
LEAST_PRAISED = 2  # reviews of an item that praise an aspect of it
N_SOURCES = 2


@dataclass(frozen=True, eq=False)
class Aspects:
    """What reviews of the training part speak of.

    names    of the aspects
    mentions user, item, aspect (codes) and leaning (1, 0, -1): one row a review and aspect
    cares    float64 CSR (n_users, n_aspects) how much users write of each, rows of length 1
    praise   float64 CSR (n_items, n_aspects) (praising - blaming) / (praising + blaming + 2), at
             least 2 praising, only where above 0
    praising, judging  int64 (n_items, n_aspects) CSR: reviews that praise, and that praise or blame
    """

    names: tuple[str, ...]
    mentions: pd.DataFrame
    cares: "csr_array[Any]"
    praise: "csr_array[Any]"
    praising: "csr_array[Any]"
    judging: "csr_array[Any]"


def reviews_of(world: World) -> pd.DataFrame:
    """user, item, text of the reviews of training rows; what people wrote of later rows is hidden.

    A review belongs to a row of the interactions, and that of a test row would tell the answer.
    """
    if world.reviews is None:
        return pd.DataFrame({"user": [], "item": [], "text": []})
    reviews = world.reviews[["user", "item", "text"]].dropna()
    pair = reviews["user"].to_numpy(np.int64) * world.n_items + reviews["item"].to_numpy(np.int64)
    known = world.train.users.astype(np.int64) * world.n_items + world.train.items
    return reviews[np.isin(pair, known)].reset_index(drop=True)


@kept
def aspects_of(world: World) -> Aspects:
    """Aspects of the reviews of a world, who writes of them, and what is praised for them."""
    from scipy.sparse import csr_array

    reviews = reviews_of(world)
    least = max(LEAST_REVIEWS, int(LEAST_SHARE * len(reviews)))
    forms = things(reviews["text"], least)
    names = tuple(sorted(set(forms.values())))
    code = {name: place for place, name in enumerate(names)}
    rows = [
        (user, item, code[aspect], leaning)
        for user, item, text in reviews.itertuples(index=False)
        for aspect, leaning in opinions(text, forms).items()
    ]
    mentions = pd.DataFrame(rows, columns=["user", "item", "aspect", "leaning"]).astype(np.int64)
    n_said = np.bincount(mentions["aspect"], minlength=len(names))
    common = np.flatnonzero(n_said > MOST_SHARE * len(reviews))
    mentions = mentions[~mentions["aspect"].isin(common)]

    def counts(kind: str, rows: pd.DataFrame, n: int) -> "csr_array[Any]":
        ones = np.ones(len(rows), dtype=np.int64)
        return csr_array((ones, (rows[kind], rows["aspect"])), shape=(n, len(names)))

    praising = counts("item", mentions[mentions["leaning"] > 0], world.n_items)
    judging = counts("item", mentions[mentions["leaning"] != 0], world.n_items)
    rare = np.log(max(len(reviews), 1) / np.maximum(n_said, 1))
    cares = _of_length_one(counts("user", mentions, world.train.n_users), rare)
    return Aspects(names, mentions, cares, _praise(praising, judging), praising, judging)


def _of_length_one(table: "csr_array[Any]", rare: Floats) -> "csr_array[Any]":
    """log(1 + count) times rarity, rows of length 1."""
    weighed: csr_array[Any] = table.astype(np.float64)
    weighed.data = np.log1p(weighed.data) * rare[weighed.indices]
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    weighed.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(weighed.indptr))
    return weighed


def _praise(praising: "csr_array[Any]", judging: "csr_array[Any]") -> "csr_array[Any]":
    found: csr_array[Any] = praising.astype(np.float64).tocsr()
    n_judging = values_at(judging, *found.nonzero())
    value = (2 * found.data - n_judging) / (n_judging + 2)
    found.data = np.where((found.data >= LEAST_PRAISED) & (value > 0), value, 0)
    found.eliminate_zeros()
    return found


def why_not(world: World) -> str:
    """Why nothing may be said; "" where it may."""
    if world.reviews is None:
        return "needs reviews, and the data has none"
    if not aspects_of(world).praise.nnz:
        return "needs reviews that speak well of something more than once; there are too few"
    return ""


def evidence_scores(world: World, users: Codes | Ints) -> "csr_array[Any]":
    """Σ over aspects of how much the user writes of it, times how well it is spoken of: CSR."""
    found = aspects_of(world)
    scores: csr_array[Any] = (found.cares[np.asarray(users)] @ found.praise.T).tocsr()
    scores.sort_indices()
    return scores


def reasons(question: Question) -> list[Reasons]:
    """What reviewers praise in each item and the user writes about, what matters most first."""
    if reason := why_not(question.world):
        return nothing(question, reason)
    return strongest(question, _found(question), method="aspects of reviews, by word lists")


def _found(question: Question) -> Iterator[list[Claim]]:
    world, found = question.world, aspects_of(question.world)
    cares = found.cares[[question.user]].toarray().ravel()
    own = found.mentions[found.mentions["user"] == question.user]
    own = own.assign(is_liked=own["item"].isin(world.liked(question.user)))
    for item in question.items.tolist():
        praised = found.praise[[item]]
        yield [
            (weight, partial(_told, world, found, own, item, int(aspect), weight))
            for aspect, value in zip(praised.indices, praised.data, strict=True)
            if (weight := float(value * cares[aspect])) > 0
        ]


def _told(
    world: World, found: Aspects, own: pd.DataFrame, item: int, aspect: int, weight: float
) -> Evidence:
    wrote_of = own.loc[own["aspect"] == aspect]
    sources = sorted(set(wrote_of.loc[wrote_of["is_liked"], "item"]))[:N_SOURCES]
    name = found.names[aspect]
    n, of_all = int(found.praising[item, aspect]), int(found.judging[item, aspect])
    of_which = listed([world.titles[source] for source in sources])
    wrote = (
        f"the user wrote of the {name} of {of_which}"
        if sources
        else (f"the user writes of the {name} in reviews")
    )
    return Evidence(
        kind=KIND,
        item=item,
        sources=tuple(int(source) for source in sources),
        weight=weight,
        text=f"{n} of the {of_all} reviews of {world.titles[item]} that judge its {name} praise "
        f"{'them' if name.endswith('s') else 'it'}, and {wrote}.",
        facts={"aspect": name, "n_praising": n, "n_judging": of_all, "n_written": len(wrote_of)},
    )
