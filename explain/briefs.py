"""From reasons to what a writer is told: facts in plain sentences, names instead of codes."""

import numpy as np

from core.naming import article, listed
from explain.brief import Brief
from explain.evidence.paths import between
from explain.lexicon import known_groups, lexicon_of
from explain.reasons import Reasons
from explain.world import World

N_BECAUSE = 3  # titles of the history that a sentence may lean on
N_FACTS = 6
N_TIES = 3  # facts on what it has in common with the liked items that the reasons rest on
INNER = ("attribution",)  # evidence that speaks of a model's sums, which `because` already tells


def brief_of(world: World, user: int, item: int, reasons: Reasons) -> Brief:
    """What may be said of this item to this user?

    Facts are what the item is (groups, year), what ties it to the strongest liked items (where the
    data has a graph), and each evidence in its own words; never an id, never a name of the graph
    that the data does not spell out.
    """
    title = world.titles[item]
    groups = known_groups(world.groups_of(item))
    year = _year(world, item)
    sources = _sources(reasons, item)
    facts = [_what_it_is(title, groups, year, world.noun)]
    told = [one for one in reasons.evidence if one.kind not in INNER]
    if len(told) < len(reasons.evidence):
        facts += [one.text for one in between(world, np.array(sources), item)[:N_TIES]]
    facts += [one.text for one in told]
    return Brief(
        user=user,
        item=item,
        title=title,
        because=tuple(dict.fromkeys(world.titles[code] for code in sources))[:N_BECAUSE],
        facts=tuple(dict.fromkeys(fact for fact in facts if fact))[:N_FACTS],
        groups=groups,
        year=year,
        liked=tuple(world.titles[code] for code in world.liked(user)),
        evidence=reasons.evidence,
        noun=world.noun,
        lexicon=lexicon_of(world),
    )


def _sources(reasons: Reasons, item: int) -> list[int]:
    """History items that the reasons rest on, the strongest evidence first; each once."""
    found = [code for one in reasons.evidence for code in one.sources if code != item]
    if not found:
        ranked = sorted(reasons.attribution.items(), key=lambda pair: (-pair[1], pair[0]))
        found = [code for code, value in ranked if value > 0 and code != item]
    return list(dict.fromkeys(int(code) for code in found))


def _what_it_is(title: str, groups: tuple[str, ...], year: int | None, noun: str) -> str:
    """One sentence of groups and year; empty where neither is known."""
    told = f"{title} ({year})" if year and f"({year})" not in title else title
    kind = f"{listed(groups)} {noun}" if groups else noun
    if not groups and not year:
        return ""
    return f"{told} is {article(kind)} {kind}."


def _year(world: World, item: int) -> int | None:
    if world.years is None or not np.isfinite(world.years[item]):
        return None
    return int(world.years[item])
