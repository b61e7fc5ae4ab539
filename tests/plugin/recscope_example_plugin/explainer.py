"""An explainer: what the user liked first, put into words by the template."""

import numpy as np

from explain.explainers import TEMPLATE, Explainer
from explain.explanation import Evidence
from explain.reasons import Question, Reasons


def first_liked(question: Question) -> list[Reasons]:
    """One answer per asked item: the liked item with the lowest code holds for all of them."""
    liked = question.world.train.liked[[question.user]].indices
    if not len(liked):
        return [Reasons(facts={"reason": "not available: needs a history"}) for _ in question.items]
    first = int(np.min(liked))
    text = f"The user liked {question.world.titles[first]}."
    return [
        Reasons((Evidence("example", int(item), (first,), 1.0, text),), {first: 1.0})
        for item in question.items
    ]


FIRST_LIKED = Explainer(
    "post",
    "recscope_example_plugin.explainer:first_liked",
    TEMPLATE,
    "The first liked item, whatever was recommended.",
    "An example",
)
