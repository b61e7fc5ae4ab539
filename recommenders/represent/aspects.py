"""What reviews speak of: words that reviewers say something about, by item."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from core.tables import Ints

WORD = re.compile(r"[a-z]{3,}")
N_ASPECTS = 4  # named of an item, and of a user
# what reviewers say something of: "the sound is", "a great price."
SAID_OF = re.compile(
    r"\b(?:the|its|their|these|a|great|good|nice)\s+([a-z]{3,})\s*"
    r"(?:is|are|was|were|sounds?|feels?|works?|looks?|[.,;!])(?=\W|$)"
)
# words in such places that are no part or quality of a thing
_NO_ASPECT = """
    again and bad best better big bill bit buy charm cheap choice clean company couple day days end
    ends enough expectations experience favorite favorites few first friend future good great guy
    idea investment item items job last left life lineup little long looking lot market middle money
    month months morning nice night none old one ones only opinion original other others own past
    people picture place point present problem problems product products purchase purpose question
    rating really reason rest result results review reviewer reviews right road same second shop
    shot small son stars steal store stuff thing things time times too toy trick try two under unit
    use way week weeks while will winner word words work world year years house company wrong whole
    amazon needs less more most seller shipping package packaging plus breeze tank boss fender snark
    looking
"""
NO_ASPECT = frozenset(_NO_ASPECT.split())


def aspects_of(texts: Sequence[str], users: Ints | Sequence[int], min_users: int = 12) -> set[str]:
    """Words that reviews say something of, by so many users or more: sound, price, strap."""
    said: dict[str, set[int]] = defaultdict(set)
    for text, user in zip(texts, users, strict=True):
        for word in SAID_OF.findall(text.lower()):
            said[word].add(int(user))
    return {word for word, who in said.items() if len(who) >= min_users} - NO_ASPECT


def strongest(counts: Mapping[str, int], often: Mapping[str, int]) -> list[str]:
    """Words named more often here than everywhere: n / √N, ties by name."""
    order = sorted(
        (word for word, n in counts.items() if n > 0),
        key=lambda word: (-counts[word] / max(often[word], 1) ** 0.5, word),
    )
    return order[:N_ASPECTS]
