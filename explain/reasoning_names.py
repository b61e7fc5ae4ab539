"""A language model names the interests of a reasoning graph, if it keeps to what they rest on."""

import re
from dataclasses import replace

from core.errors import RecScopeError
from core.language import LanguageModel, language_model
from explain.brief import Brief
from explain.evidence.model_profile import NOT_ASKED, first_sentence
from explain.evidence.paths import NAMES, names_of
from explain.lexicon import lexicon_of
from explain.prompts import prompt
from explain.reasoning_graph import Graph, Node
from explain.reasoning_tastes import DECADE, GROUP
from explain.verify import verify
from explain.world import World

PROMPT = "interest"
MOST_WORDS = 24


def named_by(graph: Graph, world: World, model: str | LanguageModel) -> Graph:
    """The same graph, its verified interests called what a language model calls them.

    A name that says more than the attributes it stands for, or is long, is refused and the counted
    one stays. facts["names"] tells of each interest what the model said, what was wrong with it,
    and whether it was taken; facts["error"] why the model could not be asked.
    """
    told: dict[str, dict[str, object]] = {}
    nodes = list(graph.nodes)
    try:
        asked = language_model(model) if isinstance(model, str) else model
        for place, node in enumerate(nodes):
            if node.kind == "interest" and node.is_verified:
                brief = _brief(graph, world, node)
                own = _said(asked, brief)
                wrong = [str(one) for one in verify(own, brief) if one.kind not in NOT_ASKED]
                wrong += _wrong_kind(own, brief, node.key.removeprefix("interest "))
                is_taken = not wrong and len(own.split()) <= MOST_WORDS
                told[node.key] = {"own": own, "violations": wrong, "is_taken": is_taken}
                if is_taken:
                    nodes[place] = replace(node, label=own.rstrip("."))
    except RecScopeError as error:
        return replace(graph, facts={**graph.facts, "names": told, "error": str(error)})
    return replace(graph, nodes=tuple(nodes), facts={**graph.facts, "names": told})


def _brief(graph: Graph, world: World, interest: Node) -> Brief:
    """What supports an interest, as facts."""
    labels = {node.key: node.label for node in graph.nodes}
    on = [
        labels[e.source] for e in graph.edges if e.target == interest.key and e.kind == "supports"
    ]
    is_group = interest.key == f"interest {GROUP}"
    nouns = f"{world.noun}s"
    facts = [
        f"You like {one} {nouns}." if is_group else f"You like {nouns} of {one}." for one in on
    ]
    return Brief(
        user=graph.user,
        item=-1,
        title="",
        facts=tuple(facts),
        groups=tuple(on) if is_group else (),
        liked=tuple(world.titles[code] for code in world.liked(graph.user)),
        noun=world.noun,
        lexicon=lexicon_of(world),
    )


def _wrong_kind(text: str, brief: Brief, angle: str) -> list[str]:
    """A director is no actor: what kind of thing the taste is for must be said, and no other."""
    if angle in {GROUP, DECADE}:
        return []
    told = "\n".join(brief.facts).lower()
    said = set(re.findall(r"[a-z]+", text.lower()))
    others = {word for names in NAMES.values() for word in names} - set(names_of(angle))
    wrong = [f"wrong relation: {word}" for word in sorted(said & others) if word not in told]
    lacks = angle in NAMES and not said & set(names_of(angle))
    return wrong + ([f"no relation: {names_of(angle)[0]}"] if lacks else [])


def _said(model: LanguageModel, brief: Brief) -> str:
    words = prompt(PROMPT)
    answer = model.complete(
        words.messages(brief), prefill=words.opening, max_tokens=words.max_tokens, stop=words.stop
    )
    return first_sentence(f"{words.opening if answer.is_begun else ''}{answer.text}")
