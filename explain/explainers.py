"""Every explainer by name: whose reasons, put into words by which writer.

To add one, write a function that finds reasons (explain.reasons.FindsReasons) or a writer
(explain.brief.Writer), and list them here; an outside package names an Explainer of its own as an
entry point of the group recscope.explainers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.registry import Registry
from explain.explanation import Stage


@dataclass(frozen=True)
class Explainer:
    """One way to explain.

    reasons  "module:function" that finds them; writer: "module:Class" that words them
    needs    what must be there, in words for "not available: needs …"
    is_baseline  something no user should believe, shown to see what scores are worth
    """

    stage: Stage
    reasons: str
    writer: str
    doc: str
    source: str
    needs: tuple[str, ...] = ()
    is_baseline: bool = False


TEMPLATE = "explain.writers.template:Template"
REASONS = "explain.attribution_reasons"
SHAPLEY = "Lundberg & Lee 2017, arXiv:1705.07874"
OF_HISTORY = ("a model that scores histories", "a user who liked something")

# after the recommendation: reasons by attribution over the history, in the template's words
ATTRIBUTION_EXPLAINERS: Mapping[str, Explainer] = {
    "template": Explainer(
        "post",
        f"{REASONS}:usual_reasons",
        TEMPLATE,
        "What each liked item adds to the score, in a fixed sentence: exact where scores are "
        "sums, Shapley values with errors otherwise.",
        SHAPLEY,
        OF_HISTORY,
    ),
    "leave-one-out": Explainer(
        "post",
        f"{REASONS}:leave_one_out_reasons",
        TEMPLATE,
        "The liked items without which the score falls most, taken away one at a time.",
        "Robnik-Šikonja & Kononenko 2008, doi:10.1109/TKDE.2007.190734",
        OF_HISTORY,
    ),
    "counterfactual": Explainer(
        "post",
        "explain.counterfactual_reasons:counterfactual_reasons",
        TEMPLATE,
        "The smallest part of the history without which the item leaves the list.",
        "PRINCE: Ghazimatin et al. 2020, doi:10.1145/3336191.3371824",
        OF_HISTORY,
    ),
    "alignment": Explainer(
        "post",
        "explain.alignment:alignment_reasons",
        TEMPLATE,
        "The fewest liked items for which alone the model would list the item too, tried on the "
        "model as a black box.",
        "data-level alignment as DRE: Gao et al. 2024, arXiv:2404.06311",
        OF_HISTORY,
    ),
    "surrogate": Explainer(
        "post",
        "explain.surrogate:surrogate_reasons",
        TEMPLATE,
        "What of the item's groups, year and popularity speaks for it in a ridge regression of the "
        "model's scores; how true that is stands beside it.",
        "LIME's idea: Ribeiro, Singh & Guestrin 2016, arXiv:1602.04938",
        ("items with groups or years", "20 scored items"),
    ),
    "surrogate-forest": Explainer(
        "post",
        "explain.surrogate:forest_reasons",
        TEMPLATE,
        "The same by a random forest and its Shapley values: truer to the model, and slower.",
        "TreeSHAP: Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9",
        ("items with groups or years", "20 scored items"),
    ),
    "similarity": Explainer(
        "post",
        f"{REASONS}:similarity_reasons",
        TEMPLATE,
        "The liked items whose users are most like the item's, whatever the model does.",
        "Sarwar et al. 2001, doi:10.1145/371920.372071",
        OF_HISTORY,
        is_baseline=True,
    ),
    "popularity": Explainer(
        "post",
        f"{REASONS}:popularity_reasons",
        TEMPLATE,
        "The most popular of the liked items, the same for every recommendation.",
        "a baseline",
        OF_HISTORY,
        is_baseline=True,
    ),
    "random": Explainer(
        "post",
        f"{REASONS}:random_reasons",
        TEMPLATE,
        "Liked items drawn by lot.",
        "a baseline",
        OF_HISTORY,
        is_baseline=True,
    ),
    "reversed": Explainer(
        "post",
        f"{REASONS}:reversed_reasons",
        TEMPLATE,
        "The liked items that add least: the usual attribution upside down.",
        "a baseline",
        OF_HISTORY,
        is_baseline=True,
    ),
}

# after the recommendation: the same reasons, worded or picked by a language model
WRITTEN_EXPLAINERS: Mapping[str, Explainer] = {
    name: Explainer(
        "post",
        f"{REASONS}:usual_reasons",
        f"explain.writers.{writer}",
        doc,
        source,
        (*OF_HISTORY, "a language model"),
    )
    for name, writer, doc, source in (
        (
            "language-model",
            "model:LanguageWriter",
            (
                "A language model words the reasons from facts and examples; what says more than "
                "the facts is replaced by the template, and shown."
            ),
            "facts and history in the prompt as in XRec: Ma et al. 2024, arXiv:2406.02377",
        ),
        (
            "slots",
            "slots:Slots",
            (
                "A language model only chooses among liked items and facts, by a schema; a "
                "template words its choice."
            ),
            "constrained decoding: Geng et al. 2023, arXiv:2305.13971",
        ),
        (
            "aspects",
            "aspects:Aspects",
            (
                "A language model picks the facts that matter, drafts, is told what is wrong, and "
                "revises."
            ),
            (
                "Logic-Scaffolding: Rahdari et al. 2024, doi:10.1145/3616855.3635689; "
                "LLM4Vis: Wang et al. 2023, arXiv:2310.07652"
            ),
        ),
        (
            "best-of",
            "sampling:BestOf",
            (
                "The best of several sentences that a language model draws: verified, grounded, "
                "specific."
            ),
            (
                "ranked by explanation quality as LLM2ER-EQR: Yang et al. 2024, "
                "doi:10.1609/aaai.v38i8.28777"
            ),
        ),
    )
}

# before the recommendation: evidence that can also enter the ranking (explain.fusion)
EVIDENCE_EXPLAINERS: Mapping[str, Explainer] = {
    "paths": Explainer(
        "pre",
        "explain.evidence.paths:reasons",
        TEMPLATE,
        "What the item has in common with liked ones in the knowledge graph: a director, actors, "
        "being a sequel. Entities stay unnamed.",
        "Xian et al. 2019, arXiv:1906.05237",
        ("a knowledge graph tied to the right items",),
    ),
    "similar-items": Explainer(
        "pre",
        "explain.evidence.similar:reasons",
        TEMPLATE,
        "The liked items whose users also liked the item, by cosine.",
        "Sarwar et al. 2001, doi:10.1145/371920.372071",
        ("a user who liked something",),
    ),
    "rules": Explainer(
        "pre",
        "explain.evidence.rules:reasons",
        TEMPLATE,
        "Association rules from one or two liked items, with support, confidence and lift.",
        "Agrawal, Imielinski & Swami 1993, doi:10.1145/170035.170072",
        ("a user who liked something",),
    ),
    "profile-match": Explainer(
        "pre",
        "explain.evidence.profile:reasons",
        TEMPLATE,
        "Groups (genres …) that the item shares with what the user liked.",
        "Pazzani & Billsus 2007, doi:10.1007/978-3-540-72079-9_10",
        ("items with groups",),
    ),
    "review-aspects": Explainer(
        "pre",
        "explain.evidence.aspects:reasons",
        TEMPLATE,
        "What the user writes about in reviews and other reviewers praise in the item, by word "
        "lists; English only.",
        "Zhang et al. 2014, doi:10.1145/2600428.2609579",
        ("reviews",),
    ),
    "reasoning-graph": Explainer(
        "pre",
        "explain.reasoning_graph:reasons",
        TEMPLATE,
        "Tastes inferred from what liked items have in common, kept where they foretell the user's "
        "own items when these are masked, and what meets them.",
        "LLMRG (Wang et al. 2023, arXiv:2308.10835), LLMHG (Chu et al. 2024, arXiv:2401.08217)",
        ("items with groups, years or a knowledge graph",),
    ),
    "model-profile": Explainer(
        "pre",
        "explain.evidence.model_profile:reasons",
        TEMPLATE,
        "A language model describes what the user liked in a sentence, checked against titles and "
        "groups; the items nearest to it by their embedding.",
        "Radlinski et al. 2022, doi:10.1145/3477495.3531873",
        ("items with titles", "a language model", "an embedding model"),
    ),
}

# tuned apart from any ranker: it words what reviews speak of, whoever made the list
TUNED_EXPLAINERS: Mapping[str, Explainer] = {
    "tuned": Explainer(
        "post",
        "explain.evidence.aspects:reasons",
        "explain.writers.tuned:Tuned",
        "A language model that learned from review sentences (LoRA) goes on from what reviews of "
        "the item speak of.",
        "decoupled from the ranker as LLMXRec: Luo et al. 2023, arXiv:2312.15661",
        ("reviews", "a tuned checkpoint: python -m recscope tune-explainer"),
    ),
}

EXPLAINERS: Registry[Explainer] = Registry(
    {
        **ATTRIBUTION_EXPLAINERS,
        **WRITTEN_EXPLAINERS,
        **TUNED_EXPLAINERS,
        **EVIDENCE_EXPLAINERS,
    },
    Explainer,
    "recscope.explainers",
)
