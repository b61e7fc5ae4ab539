"""A LensKit pipeline as a recommender."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from core.tables import PAD, Codes, Interactions, Ints, TopK
from recommenders.base import require_fitted
from recommenders.outside_names import Name, SpeaksByName, frame_of


@dataclass
class LensKitPipeline(SpeaksByName):
    """Lists made by a LensKit pipeline, such as topn_pipeline(…) returns (LensKit 2025).

    Each user's candidates are the items without those seen in train; order and scores are the
    pipeline's. A pipeline that comes fitted must not have been trained on the test part: nobody
    can check that here, so refit=True is the safe choice. to_id makes the pipeline's ids out of
    the data set's, which are text: to_id=int where it was fitted on numbers.
    """

    source: ClassVar[str] = "Ekstrand 2020 (LensKit), doi:10.1145/3340531.3412778"

    pipeline: Any

    def fit(self, train: Interactions) -> Self:
        self.names_ = self.known_names(train)
        if self.refit:
            from lenskit.data import from_interactions_df

            frame = frame_of(train, self.names_, everything=self.everything)
            self.pipeline_ = self.pipeline.clone()
            self.pipeline_.train(from_interactions_df(frame))
        else:
            self.pipeline_ = self.pipeline
        self.train_ = train
        return self

    def recommend(self, users: Codes | Ints, k: int) -> TopK:
        require_fitted(self)
        codes: Ints = np.asarray(users, dtype=np.int64)
        items = np.full((len(codes), k), PAD, dtype=np.int32)
        scores = np.full((len(codes), k), -np.inf)
        for row, (code, name) in enumerate(zip(codes, self.names_.of_users(codes), strict=True)):
            listed, given = self._list(int(code), name, k)
            items[row, : len(listed)], scores[row, : len(listed)] = listed, given
        return TopK(codes, items, scores)

    def _list(self, code: int, name: Name, k: int) -> tuple[Codes, Any]:
        from lenskit import recommend
        from lenskit.data import ItemList

        seen = self.train_.seen.indices[slice(*self.train_.seen.indptr[code : code + 2])]
        unseen = np.setdiff1d(np.arange(self.train_.n_items), seen)
        candidates = ItemList(item_ids=self.names_.array(unseen))
        answer = recommend(self.pipeline_, name, k, items=candidates)
        listed = self.names_.item_codes(answer.ids().tolist())
        given = answer.scores()
        return listed, -1.0 - np.arange(len(listed)) if given is None else given
