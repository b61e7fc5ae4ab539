"""A ranker by a language model whose wording is searched for."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from core.errors import ConfigError
from core.language import DEFAULT
from core.ledger import Ledger
from core.prompt_files import Words
from core.tables import Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.language.candidates import inner, let_tell
from recommenders.language.listwise import LLMListwise
from recommenders.language.pairwise import LLMPairwise
from recommenders.language.pointwise import LLMPointwise
from recommenders.language.prompts import prompt
from recommenders.language.ranker import LanguageRanker
from recommenders.language.search import (
    TASKS,
    Arm,
    reworded,
    search,
    templates_of,
    trials,
    winner,
)
from recommenders.parameters import setting
from recommenders.taxonomy import UTILIZE, Place

RANKERS: dict[str, type[LanguageRanker]] = {
    "pointwise": LLMPointwise,
    "pairwise": LLMPairwise,
    "listwise": LLMListwise,
}
REWORD = (
    "This text asks a language model to recommend. Write it anew so that the answers get better. "
    "Keep every word in braces exactly as it is, such as {history}. Answer with the new text alone."
)


@dataclass
class LLMPromptSearch:
    """A zero-shot ranker with the wording that does best on likings held out of training.

    The last likings of some users are held out, each to be found among candidates. Wordings, with
    and without times, are tried on a few users at a time, always the one with the highest upper
    confidence bound; with `rewrites` the language model also words the best one anew, and what
    loses no gap is tried likewise. `trials_` holds what each earned, on how many users.
    """

    source: ClassVar[str] = "PO4ISR: Sun et al. 2023, arXiv:2312.07552"
    taxonomy: ClassVar[Place] = Place(
        UTILIZE, "non-generative, without retraining", "prompt optimisation", ("PO4ISR",)
    )

    language_model: str = setting(DEFAULT, "Who is asked, by name: weights or a server.")
    task: str = setting("pointwise", "How it is asked.", choices=tuple(TASKS))
    templates: str = setting("", "Wordings to try, with commas; empty: all of the task.")
    with_time: bool = setting(default=True, doc="Whether each wording is also tried with times.")
    rewrites: int = setting(0, "How often the model may word the best one anew.", low=0)
    users: int = setting(24, "Users whose last liking is held out for the search.", low=2)
    budget: int = setting(72, "Users asked in the search, all wordings together.", low=1)
    width: float = setting(0.3, "Width of the bounds: higher explores more.", low=0)
    retriever: str = setting("ease", "Finds the candidates: any recommender by name.")
    retriever_params: str = setting("", 'Its parameters in one line, such as "l2 = 500".')
    candidates: int = setting(10, "How many are put in order for each user.", low=2)
    history: int = setting(10, "How many of the last liked items a prompt tells.", low=1)
    noun: str = setting("item", 'What an item is, in one word: "film".')
    context: int = setting(
        2048, "Longest prompt in tokens; the oldest history is left out to fit.", low=64
    )
    seed: int = setting(0, "Of the users drawn, and of shuffled orders.", low=0)

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        let_tell(getattr(self, "ranker_", None), told)
        return self

    def fit(self, train: Interactions) -> Self:
        told = getattr(self, "_told", untold)
        self.ledger_ = Ledger()
        names = [name.strip() for name in self.templates.split(",") if name.strip()]
        times = (False, True) if self.with_time and train.timestamps is not None else (False,)
        arms = [Arm(name, timed) for name in names or templates_of(self.task) for timed in times]
        ids = getattr(self, "_ids", None)

        def retrieve(left: Interactions) -> Any:
            spec = self.retriever or "popularity"
            text = self.retriever_params if self.retriever else ""
            found = inner(spec, text, "retriever", left, ids)
            return found.fit(left) or found

        on = trials(train, retrieve, n_users=self.users, n_candidates=self.candidates,
                    seed=self.seed)  # fmt: skip
        if not len(on.users):
            raise ConfigError(
                "a search for wordings needs users with three likings or more; there is none. Use "
                f"llm-{self.task} with the wording of your choice"
            )

        rankers: dict[tuple[str, bool], LanguageRanker] = {}

        def attempt(arm: Arm, places: Sequence[int]) -> list[float]:
            key = arm.template, arm.is_time_aware
            if key not in rankers:
                rankers[key] = self._ranker(*key, retriever="").fit(on.train)
            some = list(places)
            scores = rankers[key].score_candidates(on.users[some], on.candidates[some])
            return on.values(scores, some)

        def goes_on(budget: int) -> list[Mapping[str, Any]]:
            return search(arms, attempt, n_users=len(on.users), budget=budget,
                          batch=max(2, self.users // 6), width=self.width,
                          told=lambda n: told("wordings tried", n, budget))  # fmt: skip

        rows = goes_on(self.budget)
        for number in range(self.rewrites):
            best = winner(arms)
            if (text := self._reworded(prompt(best.template), number, rankers)) is None:
                reason = "rewording that lost a gap, not tried"
                self.ledger_.add("search for a wording", "dropped", reason, 1, unit="wordings")
                continue
            arms.append(Arm(text, best.is_time_aware))
            rows += goes_on(self.budget // (self.rewrites + 1))
        self.curve_ = [{**row, "step": step} for step, row in enumerate(rows, 1)]
        best = winner(arms)
        self.trials_ = [
            {"template": prompt(arm.template).id, "is_time_aware": arm.is_time_aware,
             "mean": arm.mean, "n": len(arm.values), "is_chosen": arm is best}
            for arm in arms
        ]  # fmt: skip
        self.searched_ = {
            kind: sum(one.tokens_[kind] for one in rankers.values())
            for kind in ("prompt", "completion")
        }
        self._note(best, sum(len(arm.values) for arm in arms))
        self.ranker_ = self._ranker(best.template, best.is_time_aware, self.retriever)
        let_tell(self.ranker_, told)
        self.ranker_.fit(train)
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        return self.ranker_.recommend(users, k)

    def score_candidates(self, users: Codes | Ints, candidates: Codes) -> Floats:
        """As `recommenders.base.ScoresCandidates`."""
        require_fitted(self)
        return self.ranker_.score_candidates(users, candidates)

    def _ranker(self, template: str, is_time_aware: bool, retriever: str) -> LanguageRanker:  # noqa: FBT001 - one arm
        made = RANKERS[self.task](
            language_model=self.language_model,
            retriever=retriever,
            retriever_params=self.retriever_params,
            candidates=self.candidates,
            history=self.history,
            template=template,
            is_time_aware=is_time_aware,
            noun=self.noun,
            context=self.context,
            seed=self.seed,
        )
        if ids := getattr(self, "_ids", None):
            made.bind(*ids)
        return made

    def _reworded(
        self, words: Words, number: int, rankers: Mapping[tuple[str, bool], LanguageRanker]
    ) -> str | None:
        """Path of a prompt with the question in the model's own words; None where it is no use."""
        asking = next(iter(rankers.values()))._asking  # noqa: SLF001 - one model for all of them
        said = asking.model.complete(
            [{"role": "user", "content": f"{REWORD}\n\n{words.texts['user']}"}],
            max_tokens=300,
            temperature=0.8,
            seed=self.seed + number,
        )
        text = reworded(words, said.text)
        return None if text is None else str(_kept(words, text))

    def _note(self, best: Arm, n_asked: int) -> None:
        times = " with times" if best.is_time_aware else ""
        reason = f"wording chosen of {len(self.trials_)}: {prompt(best.template).id}{times}"
        self.ledger_.add("search for a wording", "noted", reason, n_asked, unit="users asked")

    @property
    def tokens_(self) -> Mapping[str, int]:
        return {kind: n + self.ranker_.tokens_[kind] for kind, n in self.searched_.items()}

    @property
    def answers_(self) -> Sequence[Mapping[str, Any]]:
        return self.ranker_.answers_

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_told"}


def _kept(words: Words, text: str) -> Path:
    """A prompt of these words in the cache, as a file of its own."""
    from core.atomic import new_file
    from core.paths import cache_dir

    said = {"version": 1, "doc": f"{words.name} in a model's own words.", "user": text}
    said |= {key: value for key, value in words.texts.items() if key != "user"}
    said |= {"options": list(words.options), "max_tokens": words.max_tokens,
             "stop": list(words.stop)}  # fmt: skip
    # every value is text, a number or a list of texts: JSON writes these as TOML does
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    target = cache_dir() / "prompts" / f"{words.name}-{digest}.toml"
    with new_file(target) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target
