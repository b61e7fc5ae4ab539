"""What goes with what: a graph of complementary kinds that a language model judges."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd

from core.errors import ConfigError
from core.item_groups import ItemGroups, grouping_columns, groups_of
from core.naming import one_line, shortened
from core.tables import Codes, Floats, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.industry.over_base import OverBase, prompt
from recommenders.industry.sharded import levelled
from recommenders.parameters import setting
from recommenders.rank import product, rank_in_blocks
from recommenders.taxonomy import DEPLOY, Place

if TYPE_CHECKING:
    from scipy.sparse import csr_array

JUDGES = ("language", "likings")
NO_ANSWER = "pair of kinds the language model gave no answer to: no edge"
UNASKED = "pair of kinds beyond `pairs`: no edge"


@dataclass
class Complements(OverBase):
    """A base whose scores are raised for kinds of items that go with what the user has.

    Kinds are the groups that items fall into (categories, genres). Of the ordered pairs of kinds
    that most users liked both of, the language model is asked whether the second goes with the
    first and not in its place; or, by likings, the lift of the pair decides. How far the answer is
    above that of all pairs is the weight of an edge. An item's score is the base's, at mean 0 and
    deviation 1 over the list, and `weight` times that of its edges from the user's history.
    """

    source: ClassVar[str] = (
        "Zhao et al. 2024 (LLM-KERec), arXiv:2402.13750; Yu et al. 2024 (COSMO), "
        "doi:10.1145/3626246.3653398"
    )
    taxonomy: ClassVar[Place] = Place(
        DEPLOY, "knowledge graph", "complementary relations by a language model",
        ("LLM-KERec", "COSMO"),
    )  # fmt: skip

    judged_by: str = setting(
        "language", "Who says what goes together: the language model, or lift.", choices=JUDGES
    )
    kinds: str = setting("", "Item column of the kinds; empty: the first that groups items.")
    n_kinds: int = setting(30, "Kinds in the graph, the most liked ones.", low=2)
    pairs: int = setting(
        100, "Ordered pairs of kinds that are judged, the most liked first.", low=1
    )
    weight: float = setting(0.2, "Of the graph, the base having 1.", low=0)
    template: str = setting("goes-with", "Wording of the question: a name or a .toml file.")

    def fit(self, train: Interactions) -> Self:
        self._start(train)
        self.words_ = prompt(self.template)
        groups = self._groups(train)
        self.shares_ = groups.shares
        self.graph_ = self._judged(train, groups)
        reach = np.zeros((len(groups), len(groups)))
        place = {name: number for number, name in enumerate(groups.names)}
        heads, tails = (self.graph_[end].map(place).to_numpy(int) for end in ("head", "tail"))
        reach[heads, tails] = self.graph_["weight"]
        self.reach_ = self.shares_ @ reach
        self._fit_base(train)
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        liked = self.train_.liked
        return rank_in_blocks(
            lambda some: self._both(liked[some], [int(user) for user in some]),
            users, self.train_, k,
        )  # fmt: skip

    def score_histories(self, histories: "csr_array[Any]", user: int | None = None) -> Floats:
        """As `recommenders.base.ScoresHistories`."""
        require_fitted(self)
        return self._both(histories, [user] * histories.shape[0])

    def _both(self, histories: "csr_array[Any]", users: list[int | None] | list[int]) -> Floats:
        scores = self._scored(histories, users)
        going = product(product(histories, self.reach_), self.shares_.T)
        both = levelled(scores) + self.weight * levelled(going)
        return np.where(np.isfinite(scores), both, -np.inf)

    def _groups(self, train: Interactions) -> ItemGroups:
        items = train.side.items.reindex(np.arange(train.n_items))
        column = self.kinds or next(iter(grouping_columns(items)), "")
        if column not in items.columns:
            known = ", ".join(grouping_columns(items)) or "(none)"
            lacking = f"no column {column!r}" if column else "no column that groups them"
            raise ConfigError(
                f"complements needs kinds of items, and the items have {lacking}; columns that "
                f"group items: {known}; give items a column of categories, or leave this model out"
            )
        return groups_of(items[column], column, train.n_items)

    def _judged(self, train: Interactions, groups: ItemGroups) -> pd.DataFrame:
        """The graph: columns head, relation, tail (names of kinds), weight above 0."""
        chose = (train.liked @ groups.sparse).toarray() > 0
        n_users = max(int((np.diff(train.liked.indptr) > 0).sum()), 1)
        often = chose.sum(axis=0)
        top = np.argsort(-often, kind="stable")[: self.n_kinds]
        top = np.sort(top[often[top] > 0])
        heads, tails = (axis.ravel() for axis in np.meshgrid(top, top, indexing="ij"))
        both = (chose.astype(np.float64).T @ chose.astype(np.float64))[heads, tails]
        is_pair = (heads != tails) & (both > 0)
        heads, tails, both = heads[is_pair], tails[is_pair], both[is_pair]
        asked = np.argsort(-both, kind="stable")[: self.pairs]
        if self.judged_by == "language":
            self.noted_.add("fit", "noted", UNASKED, len(both) - len(asked), unit="pairs")
        heads, tails, both = heads[asked], tails[asked], both[asked]
        if self.judged_by == "likings":
            sure = np.log(both * n_users / (often[heads] * often[tails]))
        else:
            sure = self._asked_about(groups.names, heads, tails)
        self.sureness_ = sure
        known = sure[~np.isnan(sure)]
        weight = np.nan_to_num(sure - (known.mean() if len(known) else 0.0))
        graph = pd.DataFrame(
            {
                "head": [groups.names[head] for head in heads],
                "relation": "complements",
                "tail": [groups.names[tail] for tail in tails],
                "weight": weight,
            }
        )
        return graph[graph["weight"] > 0].reset_index(drop=True)

    def _asked_about(self, names: tuple[str, ...], heads: Ints, tails: Ints) -> Floats:
        """p(Yes) for each pair: float64 (n,), NaN without an answer."""
        said = [shortened(one_line(name, 200)) for name in names]
        sure = np.full(len(heads), np.nan)
        for row, (head, tail) in enumerate(zip(heads.tolist(), tails.tolist(), strict=True)):
            self._say(f"{self.language_model} judges pairs", row, len(heads))
            gaps = {
                "first": f'a "{said[head]}" {self.noun}',
                "second": f'a "{said[tail]}" {self.noun}',
            }
            sure[row] = self._likely(self.words_, gaps, ())
        self.noted_.add("fit", "noted", NO_ANSWER, int(np.isnan(sure).sum()), unit="pairs")
        return sure
