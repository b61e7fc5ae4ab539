"""What scorers say of explanations: their material is gathered, one number an explanation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.tables import Floats, Ints
from explain import faithfulness
from explain.brief import Brief
from explain.briefs import brief_of
from explain.explanation import Explanation
from explain.grounding_scores import evidence_text
from explain.lexicon import known_groups, lexicon_of, straight
from explain.masking import masked_history
from explain.mentions import covered, own_names
from explain.reasons import Reasons
from explain.scorers import SCORERS, score_all
from explain.verify import verify
from explain.world import World
from recscope.explaining_pairs import Pairs

FAITHFUL = tuple(one.name for one in faithfulness.SCORERS)
BESIDE = ("faithfulness", "stability", "paths")  # families that are no scores of words
N_STRONGEST = 5


@dataclass
class Scores:
    """What scorers said of the explanations of one explainer.

    each     scorer → float64 (n,), NaN where it has no number
    whole    scorer → one number of all together; material: what they were computed from
    reasons  scorer → why there is none
    """

    each: dict[str, Floats] = field(default_factory=dict)
    whole: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    material: dict[str, Any] = field(default_factory=dict)


def values_of(explanation: Explanation, history: Ints) -> Floats | None:
    """How strongly an explanation holds each liked item responsible: float64 (n,).

    Its attribution; without one, the weight of the strongest evidence that rests on the item. What
    is not named comes after all that is. None where it names nothing of the history.
    """
    named = dict(explanation.attribution)
    if not named:
        for one in explanation.evidence:
            for source in one.sources:
                named[source] = max(named.get(source, -np.inf), one.weight)
    values = np.array([named.get(int(code), np.nan) for code in history], dtype=np.float64)
    if np.isnan(values).all():
        return None
    return np.where(np.isnan(values), np.nanmin(values) - 1, values)


def faithful(world: World, pairs: Pairs, explanations: Sequence[Explanation], k: int) -> Scores:
    """How faithful to the model are these explanations?  Not available where it scores nothing."""
    found = Scores()
    if not pairs.able:
        found.reasons = dict.fromkeys(
            FAITHFUL, "not available: needs a model that scores histories"
        )
        return found
    values = {name: np.full(len(explanations), np.nan) for name in FAITHFUL}
    by_user: dict[int, list[int]] = {}
    for place, one in enumerate(explanations):
        by_user.setdefault(one.user, []).append(place)
    n_said = 0
    for user, places in by_user.items():
        history = masked_history(pairs.fitted, world.train, user)
        told = {place: values_of(explanations[place], history.history) for place in places}
        said = {place: each for place, each in told.items() if each is not None}
        if not said:
            continue
        n_said += len(said)
        items = np.array([explanations[place].item for place in said], dtype=np.int64)
        of_user = faithfulness.faithfulness(history, items, np.column_stack([*said.values()]), k)
        for name, numbers in of_user.items():
            values[name][list(said)] = numbers
    if n_said:
        found.each = values
    else:
        reason = "not available: needs explanations that name items of the user's history"
        found.reasons = dict.fromkeys(FAITHFUL, reason)
    return found


def strongest_of(pairs: Pairs, usual: Sequence[Explanation]) -> dict[tuple[int, int], set[int]]:
    """The liked items that add most to each score, by user and item; {} where nobody can say."""
    if not pairs.able:
        return {}
    found = {}
    for one in usual:
        ranked = sorted(one.attribution.items(), key=lambda pair: (-pair[1], pair[0]))
        found[one.user, one.item] = {code for code, value in ranked[:N_STRONGEST] if value > 0}
    return found


def material_of(
    world: World,
    explanations: Sequence[Explanation],
    strongest: Mapping[tuple[int, int], set[int]],
    beside: Mapping[str, Any],
    references: Mapping[tuple[int, int], str],
    *,
    own_words: bool = False,
) -> dict[str, Any]:
    """Named material of the scorers of words; rows are the explanations that have any.

    own_words   what a writer itself said, where the template stood in for it
    beside      embedding, language_model, judge: what is there for all
    references  what people wrote, by user and item
    """
    told = [one for one in explanations if one.text]
    texts = [str(one.facts.get("own_text") or one.text) if own_words else one.text for one in told]
    briefs = [brief_for(world, one) for one in told]
    keys = [(one.user, one.item) for one in told]
    written = [references.get(key, "") for key in keys]
    return {
        **beside,
        "references": written if any(written) else None,
        "texts": texts,
        "users": np.array([one.user for one in told], dtype=np.int64),
        "items": np.array([one.item for one in told], dtype=np.int64),
        "evidence_texts": [evidence_text(brief.because, brief.facts) for brief in briefs],
        "violations": [
            [str(one) for one in verify(text, brief)]
            for text, brief in zip(texts, briefs, strict=True)
        ],
        **_features(world, texts, briefs),
        "cited": [{code for e in one.evidence for code in e.sources} for one in told],
        "strongest": [strongest.get(key, set()) for key in keys] if strongest else None,
    }


def brief_for(world: World, one: Explanation) -> Brief:
    """What a writer was told of an explanation, made again from what is kept of it."""
    return brief_of(world, one.user, one.item, Reasons(one.evidence, one.attribution))


def _features(world: World, texts: Sequence[str], briefs: Sequence[Brief]) -> dict[str, Any]:
    """Groups that each text names, and that each item is of; None where items have none."""
    names = known_groups(world.group_names)
    if not names:
        return {"named": None, "features": None, "universe": None}
    lexicon = lexicon_of(world)
    pattern = lexicon.group_pattern
    named = []
    for text, brief in zip(texts, briefs, strict=True):
        # titles are covered first: "Drama" in a title says nothing of the item
        bare = straight(covered(text, own_names(brief), lexicon).text)
        found = pattern.findall(bare) if pattern else ()
        named.append({lexicon.group_words[word.lower()] for word in found})
    return {"named": named, "features": [set(b.groups) for b in briefs], "universe": set(names)}


def worded_scores(
    material: dict[str, Any], explanations: Sequence[Explanation], n_embedded: int
) -> Scores:
    """What scorers say of the words; those that embed texts read the first `n_embedded`."""
    names = [one.name for one in SCORERS.values() if one.family not in BESIDE]
    if not any(one.text for one in explanations):
        return Scores(reasons=dict.fromkeys(names, "not available: needs a text"))
    found = of_words(material, explanations, names, n_embedded)
    if not n_embedded:
        slow = [name for name in names if embeds(name)]
        found.reasons |= dict.fromkeys(slow, "not available: [explain] embedded is 0")
    return found


def of_words(
    material: dict[str, Any],
    explanations: Sequence[Explanation],
    names: Sequence[str],
    n_embedded: int,
) -> Scores:
    """What these scorers say of explanations that have a text: all of them, or the first few.

    material    rows are the explanations with a text
    n_embedded  so many are read by scorers that embed texts; with 0 these are not asked
    """
    rows = np.array([place for place, one in enumerate(explanations) if one.text], dtype=np.int64)
    found = Scores(material=material)
    slow = [name for name in names if embeds(name)]
    quick = [name for name in names if name not in slow]
    for asked, n in ((quick, len(rows)), (slow, min(n_embedded, len(rows)))):
        if not n:
            continue
        places = np.arange(n)
        answer = score_all(taken(material, places), asked)
        for name, values in answer.each.items():
            found.each[name] = np.full(len(explanations), np.nan)
            found.each[name][rows[places]] = values
        found.whole |= answer.whole
        found.reasons |= answer.reasons
    return found


def embeds(name: str) -> bool:
    """Does this scorer read texts with an embedding model, which takes its time?"""
    return "embedding" in SCORERS[name].uses


def taken(material: Mapping[str, Any], places: Ints) -> dict[str, Any]:
    """The material of some of the texts; what does not go by texts stays."""
    n = len(material["texts"])
    by_text = {
        key
        for key, value in material.items()
        if isinstance(value, list | np.ndarray) and len(value) == n
    }
    return {
        key: (
            value[places]
            if isinstance(value, np.ndarray)
            else [value[place] for place in places.tolist()]
        )
        if key in by_text
        else value
        for key, value in material.items()
    }
