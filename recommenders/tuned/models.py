"""Four ways to teach a language model what users like: one trainer, one data builder."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from core.errors import ConfigError, UnknownNameError
from core.tables import Interactions, Ints
from recommenders.base import require_fitted
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place
from recommenders.tuned.ranker import EVERYBODY, Tuned

PARADIGM = "non-generative, with retraining"
MOST_GROUPS = 20  # each has weights and a training of its own


def _base(name: str) -> tuple[str, Any, Any]:
    """What tells the weights apart, the tokenizer and the model."""
    from recommenders.tuned.weights import folder_of_weights, load_base

    folder = folder_of_weights(name)
    sizes = sorted((file.name, file.stat().st_size) for file in folder.glob("*.safetensors"))
    return f"{folder.name} {sizes}", *load_base(folder)


@dataclass
class LLMLoRA(Tuned):
    """A language model that learned to answer whether a user likes an item, by low-rank updates.

    Candidates of any retriever are put in order by log p(Yes) - log p(No). With `per`, each value
    of an attribute of the users has an adapter of its own, learned from its users alone: taken
    away (`drop_adapter`), nothing of these users is left in it.
    """

    source: ClassVar[str] = "Bao et al. 2023 (TALLRec), doi:10.1145/3604915.3608857"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, PARADIGM, "low-rank adaptation", ("TALLRec", "RecLoRA", "E2URec", "DEALRec")
    )

    rank: int = setting(8, "Rank of the updates.", low=1)
    share: float = setting(0.5, "Share of the layers, from above, that is updated.", low=0, high=1)
    per: str = setting("", "Attribute of the users whose values have an adapter each.")

    def _taught(self) -> tuple[str, ...]:
        return ("like",)

    def _language(self) -> Any:
        from recommenders.tuned.weights import make_language, with_lora

        name, tokenizer, base = _base(self.language_model)
        return make_language(name, tokenizer, with_lora(base, self.rank, share=self.share))

    def _groups(self, train: Interactions) -> dict[str, Ints]:
        self.group_of_ = np.full(train.n_users, EVERYBODY, dtype=object)
        if self.per:
            users = train.side.users
            if self.per not in users.columns:
                known = [str(column) for column in users.columns]
                raise UnknownNameError("attribute of users with adapters", self.per, known)
            told = users[self.per].reindex(np.arange(train.n_users)).dropna()
            self.group_of_[told.index.to_numpy()] = told.map(str).to_numpy()
        names = sorted(set(self.group_of_.tolist()))
        if len(names) > MOST_GROUPS:
            raise ConfigError(
                f"llm-lora cannot keep an adapter for each of the {len(names):,} values of "
                f"{self.per!r}, at most {MOST_GROUPS}; put its values into bands first"
            )
        return {name: np.flatnonzero(self.group_of_ == name) for name in names}

    def _group_of(self, user: int) -> str:
        return str(self.group_of_[user])

    def drop_adapter(self, group: str) -> None:
        """Take away the adapter of a group: its users are served by the model as it came.

        Raises UnknownNameError for a group that has none.
        """
        require_fitted(self)
        if group not in self.learned_:
            raise UnknownNameError(f"adapter for {self.per or 'everybody'}", group, self.learned_)
        del self.learned_[group]
        self._held = None, None


@dataclass
class LLMFinetuned(Tuned):
    """A language model that learned to go on from liked titles with the next one, in full weights.

    Naive fine-tuning: the upper layers themselves change. Candidates of any retriever are put in
    order by the mean log-likelihood of their titles after the user's history.
    """

    source: ClassVar[str] = "Li et al. 2023 (GPT4Rec's language model), arXiv:2304.03879"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, PARADIGM, "naive fine-tuning", ("Lite-LLM4Rec", "LLM2BERT4Rec", "DEALRec")
    )

    rate: float = setting(1e-4, "Highest learning rate.", low=1e-9)
    n_layers: int = setting(8, "Layers that change, from above.", low=1)

    def _taught(self) -> tuple[str, ...]:
        return ("next",)

    def _asks(self) -> str:
        return "next"

    def _language(self) -> Any:
        from recommenders.tuned.weights import make_language, with_upper_layers

        name, tokenizer, base = _base(self.language_model)
        return make_language(name, tokenizer, with_upper_layers(base, self.n_layers))


@dataclass
class LLMInstructed(Tuned):
    """A language model that learned several tasks at once, each in its own wording.

    Instruction tuning on whether a title is liked, which comes next, how it is rated, which of a
    few comes first, and why; by low-rank updates. Candidates are put in order by yes against no.
    """

    source: ClassVar[str] = "Zhang et al. 2023 (InstructRec), arXiv:2305.07001"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, PARADIGM, "instruction tuning", ("RecRanker", "GLRec", "LlamaRec", "EXP3RT")
    )

    tasks: str = setting(
        "like, next, rate, rank, explain", "What is taught in turn, in one line with commas."
    )
    rank: int = setting(8, "Rank of the updates.", low=1)
    share: float = setting(0.5, "Share of the layers, from above, that is updated.", low=0, high=1)

    def _taught(self) -> tuple[str, ...]:
        from recommenders.tuned.tasks import TASKS

        names = tuple(filter(None, (name.strip() for name in self.tasks.split(","))))
        for name in names or ("",):
            if name not in TASKS:
                raise UnknownNameError("task to teach", name, TASKS)
        return names

    def _language(self) -> Any:
        from recommenders.tuned.weights import make_language, with_lora

        name, tokenizer, base = _base(self.language_model)
        return make_language(name, tokenizer, with_lora(base, self.rank, share=self.share))


@dataclass
class LLMSoftPrompt(Tuned):
    """A language model as it came, behind a few learned vectors that stand for an instruction.

    Prompt tuning: the weights stay, the vectors in front of every prompt learn to bring out whether
    a title is liked. Candidates are put in order by yes against no.
    """

    source: ClassVar[str] = "Lester, Al-Rfou & Constant 2021, arXiv:2104.08691"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, PARADIGM.replace("with", "without"), "soft prompt tuning", ("LFM",)
    )

    rate: float = setting(2e-2, "Highest learning rate.", low=1e-9)
    n_tokens: int = setting(16, "Vectors that are learned.", low=1)

    def _taught(self) -> tuple[str, ...]:
        return ("like",)

    def _language(self) -> Any:
        from recommenders.tuned.weights import make_language, soft_prompt

        name, tokenizer, base = _base(self.language_model)
        soft = soft_prompt(base, tokenizer, "Tell which titles a person likes.", self.n_tokens)
        return make_language(name, tokenizer, base, soft)
