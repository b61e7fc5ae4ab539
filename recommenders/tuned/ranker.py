"""A recommender whose language model has learned from the likings: what all of them share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from core.errors import ConfigError
from core.language_cpu import is_out_of_memory
from core.ledger import Ledger
from core.tables import PAD, Codes, Floats, Ids, Interactions, Ints, TopK
from recommenders.base import Told, require_fitted, untold
from recommenders.language.candidates import arranged, inner, let_tell
from recommenders.parameters import setting
from recommenders.tuned.packed import (
    Branch,
    Example,
    Pack,
    chunks,
    likelihoods,
    losses,
    odds,
    packed,
)
from recommenders.tuned.tasks import YES, Moment, asked, moments, next_title, now, told
from recommenders.tuned.timelines import Timelines, timelines

AT_A_TIME = 16  # candidates in one pass
CHECKED_EVERY = 5  # steps between two points of the curve
WARM = 10  # steps until the full rate
CUT = "prompts longer than the context: oldest of the history left out"
HALVED = "candidates of one pass halved for want of memory"
EVERYBODY = ""  # the group of whoever has no other
Tensors = Mapping[str, Any]


@dataclass
class Tuned(ABC):
    """Fields and steps of every tuned model; what may change of the weights is each one's own."""

    language_model: str = setting("smollm2-135m", "Learns; its weights are on this machine.")
    retriever: str = setting("ease", "Finds the candidates: any recommender by name.")
    candidates: int = setting(20, "How many the language model puts in order.", low=1)
    n_history: int = setting(10, "Liked items in a prompt, the latest.", low=1)
    with_groups: bool = setting(default=True, doc="Items are told with their genres or categories.")
    n_examples: int = setting(
        480, "Prompts to learn from, of up to 12 answers each; 0 leaves the model as it is.", low=0
    )
    keep: float = setting(
        1.0, "Share of the drawn prompts that is learned, the most telling ones.", low=0.01, high=1
    )
    batch: int = setting(4, "Prompts of one step.", low=1)
    rate: float = setting(1e-3, "Highest learning rate.", low=1e-9)
    context: int = setting(1024, "Tokens of a prompt; older history is left out.", low=128)
    n_threads: int = setting(1, "Threads while it learns; another number, other bits.", low=1)
    seed: int = setting(0, "Draws the prompts and the first updates.", low=0)

    @abstractmethod
    def _taught(self) -> tuple[str, ...]:
        """Names of the tasks that the prompts are drawn from, in turn."""

    @abstractmethod
    def _language(self) -> Any:
        """The language model with what of it learns, nothing learned yet."""

    def _asks(self) -> str:
        """What is asked of candidates: "like" or "next"."""
        return "like"

    def bind(self, user_ids: Ids, item_ids: Ids) -> Self:
        self._ids = user_ids, item_ids
        return self

    def bind_progress(self, told: Told) -> Self:
        self._told = told
        let_tell(getattr(self, "retriever_", None), told)
        return self

    def fit(self, train: Interactions) -> Self:
        self.lines_: Timelines = timelines(train)
        self.trained_ = Ledger()
        self.n_cut_ = self.n_halved_ = 0
        self.at_a_time_ = AT_A_TIME
        self.tokens_: Mapping[str, int] = {"prompt": 0, "completion": 0}
        self.curve_: Sequence[Mapping[str, Any]] = []
        self._held: tuple[str | None, Any] = (None, None)
        self.learned_: dict[str, Tensors] = {}
        self.taught_: dict[str, Ints] = {}  # whose prompts each group's weights learned
        for group, users in self._groups(train).items():
            self._learn(train, group, users)
        self.retriever_ = None
        if self.retriever:
            ids = getattr(self, "_ids", None)
            model = inner(self.retriever, "", "retriever", train, ids)
            let_tell(model, getattr(self, "_told", untold))
            self.retriever_ = model.fit(train) or model
        self.train_ = train
        return self

    @property
    def ledger_(self) -> Ledger:
        """What training noted, and how many prompts were too long, learned or asked."""
        noted = Ledger([*self.trained_])
        noted.add("prompt", "noted", CUT, self.n_cut_, unit="prompts")
        noted.add("ask", "noted", HALVED, self.n_halved_, unit="times")
        return noted

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        """The candidates in the order of the language model; none beyond them."""
        require_fitted(self)
        if self.retriever_ is None:
            raise ConfigError(
                f"{type(self).__name__} has no retriever of its own, so it only scores candidates; "
                "name one in `retriever`, such as 'ease'"
            )
        codes: Ints = np.asarray(users, dtype=np.int64)
        found = self.retriever_.recommend(codes, self.candidates)
        return arranged(found, self.score_candidates(codes, found.items), k)

    def score_candidates(self, users: Codes | Ints, candidates: Codes) -> Floats:
        """As `recommenders.base.ScoresCandidates`."""
        from recommenders.training_state import deterministic

        require_fitted(self)
        scores = np.full(candidates.shape, -np.inf)
        with deterministic(self.seed, self.n_threads):
            by_group = np.argsort([self._group_of(int(user)) for user in users], kind="stable")
            for done, place in enumerate(by_group):
                getattr(self, "_told", untold)("asking", done, len(users))
                items = candidates[place][candidates[place] != PAD]
                user = int(users[place])
                if len(items) and len(self.lines_.liked(user)):
                    scores[place, : len(items)] = self._scored(user, items)
        return scores

    # --- learning ---

    def _groups(self, train: Interactions) -> dict[str, Ints]:
        """Users by the group whose weights they share."""
        return {EVERYBODY: np.arange(train.n_users)}

    def _group_of(self, user: int) -> str:  # noqa: ARG002 - one group unless a model tells users apart
        return EVERYBODY

    def _moments(self, train: Interactions, users: Ints) -> list[Moment]:
        """What is learned of these users: so many drawn, the most telling kept."""
        rng = np.random.default_rng([self.seed, 30])
        n = round(self.n_examples / self.keep)
        drawn = moments(self.lines_, users, n, self.n_history, rng)
        if self.keep < 1:
            from recommenders.tuned.prune import most_telling

            drawn = most_telling(train, drawn, self.keep, self.seed)
        return drawn

    def _examples(self, drawn: Sequence[Moment]) -> list[Example]:
        """The tasks in turn; examples without an answer left out."""
        from recommenders.tuned.tasks import TASKS

        names = self._taught()
        made = [
            TASKS[names[place % len(names)]](self.lines_, moment, self.with_groups)
            for place, moment in enumerate(drawn)
        ]
        return [example for example in made if example.branches]

    def _learn(self, train: Interactions, group: str, users: Ints) -> None:
        from recommenders import training
        from recommenders.training_state import copied, folder_of

        language = self._language_of(None)
        packs: list[Pack] = []
        if self.n_examples:
            context = min(self.context, language.context)
            drawn = self._moments(train, users)
            self.taught_[group] = np.unique([moment.user for moment in drawn])
            packs = [
                packed(example, language.tokenizer, context) for example in self._examples(drawn)
            ]
        self.n_cut_ += sum(pack.is_cut for pack in packs)
        if not packs:
            self.learned_[group] = copied(language)
            return
        plan = training.Plan(
            n_epochs=1, batch=self.batch, rate=self.rate, warm=WARM, is_cosine=True, clip=1.0,
            check_every=CHECKED_EVERY, n_threads=self.n_threads, seed=self.seed,
        )  # fmt: skip
        # who finds the candidates changes nothing of what is learned
        alike = replace(self, retriever="", candidates=1)
        about = [group, language.name, [(pack.ids, pack.lengths) for pack in packs]]
        trained = training.train(
            language,
            len(packs),
            lambda places: mean_loss(language, [packs[place] for place in places]),
            plan,
            folder=folder_of(alike, train, *about),
            told=getattr(self, "_told", untold),
        )
        self.trained_.extend(trained.ledger)
        named = {"group": group} if group else {}
        self.curve_ = [*self.curve_, *({**row, **named} for row in trained.curve)]
        self.learned_[group] = copied(language)

    def _language_of(self, group: str | None) -> Any:
        """The language model with what a group learned, loaded once; None: with nothing learned."""
        from recommenders.training_state import deterministic, put_back

        if group is not None and getattr(self, "_held", (None, None))[0] == group:
            return self._held[1]
        with deterministic(self.seed, self.n_threads):
            language = self._language()
        language.train(mode=False)
        if group is not None:
            if group in self.learned_:
                put_back(language, self.learned_[group])
            self._held = group, language
        return language

    def __getstate__(self) -> dict[str, Any]:
        # a model of torch is loaded again where it is needed, out of what was learned
        return {name: value for name, value in vars(self).items() if name not in {"_held", "_told"}}

    # --- asking ---

    def _scored(self, user: int, items: Codes) -> Floats:
        language = self._language_of(self._group_of(user))
        moment = now(self.lines_, user, self.n_history)
        context = min(self.context, language.context)
        weighed = likelihoods if self._asks() == "next" else odds
        if weighed is likelihoods:
            branches = tuple(Branch("", f"{self.lines_.names[item]}\n") for item in items)
            whole = next_title(self.lines_, moment, branches, self.with_groups)
        else:
            names = [told(self.lines_, int(item), self.with_groups) for item in items]
            branches = tuple(Branch(f"{name}:", YES) for name in names)
            whole = asked(self.lines_, moment, branches, self.with_groups)
        while True:
            packs = [
                packed(part, language.tokenizer, context) for part in chunks(whole, self.at_a_time_)
            ]
            try:
                found = [weighed(language, pack) for pack in packs]
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error) or self.at_a_time_ == 1:
                    raise
                self.at_a_time_, self.n_halved_ = self.at_a_time_ // 2, self.n_halved_ + 1
                continue
            break
        self.n_cut_ += any(pack.is_cut for pack in packs)
        n_read = sum(len(pack.ids) for pack in packs)
        self.tokens_ = {**self.tokens_, "prompt": self.tokens_["prompt"] + n_read}
        return np.concatenate(found)


def mean_loss(language: Any, packs: Sequence[Pack]) -> Any:
    """Mean over prompts of the mean over their answers."""
    parts = [losses(language, pack).mean() for pack in packs]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total / len(parts)
