"""Reasons by what would have to be otherwise: without which liked items is the item not listed?"""

import numpy as np

from core.naming import listed
from explain.attribution_reasons import attributed, history_of
from explain.counterfactual import smallest_history
from explain.explanation import Evidence
from explain.reasons import Question, Reasons

KIND = "counterfactual"
K = 10
N_TOLD = 8  # names that one sentence holds


def counterfactual_reasons(question: Question) -> list[Reasons]:
    """The smallest part of the history without which the item leaves the list, found greedily.

    params["k"]  length of the list

    Only the removed items are held responsible, so only they have an attribution: what each adds to
    the score. Where an item stays listed even with no history at all, or is not listed to begin
    with, there is no such part, and facts["reason"] says so.
    """
    history = history_of(question)
    k = int(question.params.get("k", K))
    names = ("n_permutations", "seed")
    settings = {key: question.params[key] for key in names if key in question.params}
    found = attributed(question, history, "usual", **settings)
    whole = history.scores(np.ones((1, len(history)), dtype=bool))
    made = []
    for place, item in enumerate(int(code) for code in question.items):
        rank = float(history.ranks(whole, np.array([item]))[0])
        facts = {"method": "greedy counterfactual", "k": k, "rank": rank}
        if rank > k:
            reason = f"it is not among the first {k}, so nothing takes it from there"
            made.append(Reasons(facts={**facts, "reason": reason}))
            continue
        values = found.values[:, place]
        less = smallest_history(history, item, values, k)
        if not less.is_found:
            reason = f"it stays among the first {k} whatever is taken from the history"
            made.append(Reasons(facts={**facts, "reason": reason}))
            continue
        removed = tuple(int(code) for code in less.removed)
        at = {int(code): row for row, code in enumerate(history.history)}
        attribution = {code: float(values[at[code]]) for code in removed}
        titles = [question.world.titles[code] for code in removed]
        more = len(titles) - N_TOLD
        told = listed([*titles[:N_TOLD], *([f"{more} others"] if more > 0 else [])])
        text = (
            f"Had the user not liked {told}, {question.world.titles[item]} would not be among the "
            f"first {k}."
        )
        evidence = Evidence(
            kind=KIND,
            item=item,
            sources=removed,
            weight=len(removed) / len(history),
            text=text,
            facts={"rank_without": less.rank, "n_removed": len(removed)},
        )
        more_facts = {"n_removed": len(removed), "rank_without": less.rank}
        made.append(Reasons((evidence,), attribution, facts={**facts, **more_facts}))
    return made
