"""What all kinds of evidence have in common: the strongest of it is told, the rest is counted."""

from collections.abc import Callable, Iterable, Sequence

from explain.explanation import Evidence
from explain.reasons import Question, Reasons

N_NAMED = 5  # pieces of evidence that are told of each item; params["n_named"] says otherwise
Claim = tuple[float, Callable[[], Evidence]]  # its weight, and how it is put into words


def strongest(
    question: Question, found: Iterable[Sequence[Claim]], **facts: object
) -> list[Reasons]:
    """The strongest evidence for each item in words, and how much there is of it in all.

    found  the claims for each item of the question, in its order
    """
    n_named = int(question.params.get("n_named", N_NAMED))
    made = []
    for claims in found:
        ranked = sorted(claims, key=lambda claim: -claim[0])
        evidence = tuple(tell() for _, tell in ranked[:n_named])
        total = float(sum(weight for weight, _ in ranked))
        made.append(
            Reasons(evidence, facts={"n_evidence": len(ranked), "evidence_score": total, **facts})
        )
    return made


def nothing(question: Question, reason: str) -> list[Reasons]:
    """No reasons for any item, and why there are none."""
    told = Reasons(facts={"reason": f"not available: {reason}"})
    return [told] * len(question.items)
