"""What `score` answers with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.ledger import Ledger
from core.tables import Bools
from recscope.judge import NO_LIST, REPEATED, SEEN, UNKNOWN_USER
from recscope.judged import Judged
from recscope.outputs import as_json, plain, records, write
from recscope.scoring_lists import DOUBLED, GAPS, LONGER, SHORTER, TIES

IN_JSON = (
    "metric",
    "k",
    "group_by",
    "group",
    "mean",
    "low",
    "high",
    "n",
    "n_undefined",
    "n_imputed",
)
COUNTED = {
    "users_imputed": NO_LIST,
    "lists_of_unknown_users": UNKNOWN_USER,
    "repeated_items": REPEATED,
    "seen_items": SEEN,
    "score_ties": TIES,
    "doubled_ranks": DOUBLED,
    "lists_with_rank_gaps": GAPS,
    "lists_longer_than_k": LONGER,
    "lists_shorter_than_k": SHORTER,
}


@dataclass(frozen=True, eq=False)
class Scores:
    """How good the lists are, and whom the numbers speak of.

    estimates   metric, k, group_by, group, mean, low, high, n, n_undefined, n_imputed, method
    per_user    one row a user of the truth, index `user` (the outside id), one float64 column per
                metric and cutoff: `ndcg@10`; NaN is undefined
    population  users and rows that count, and what was dropped, imputed or odd; `ledger` says why
    manifest    what is needed to have the same numbers again
    """

    estimates: pd.DataFrame
    per_user: pd.DataFrame
    population: Mapping[str, Any]
    manifest: Mapping[str, Any]

    def to_json(self) -> str:
        """{"estimates": […], "population": {…}, "manifest": {…}}; undefined and "all" are null."""
        return as_json(
            {
                "estimates": records(self.estimates[list(IN_JSON)]),
                "population": self.population,
                "manifest": self.manifest,
            }
        )

    def write(self, path: str | Path) -> Path:
        """Write .json (all of it), .parquet or .csv (the estimates), whole or not at all."""
        return write(Path(path), self.estimates, self.to_json())


def population(
    judged: Judged, ledger: Ledger, in_catalogue: Bools, rows: Mapping[str, int]
) -> dict[str, Any]:
    """Whom and what the numbers speak of.

    ledger        of the whole way, `judged.ledger` included
    in_catalogue  bool (n_items,) what could be recommended
    rows          name of each table → its number of rows
    """
    n_users = len(judged)
    n_undefined = int((judged.truth.n_relevant == 0).sum())
    answer: dict[str, Any] = {
        "users_in_truth": n_users,
        "users_scored": n_users - n_undefined,
        "users_undefined": n_undefined,
        "users_with_list": n_users - int(judged.is_imputed.sum()),
    }
    answer |= {name: ledger.count(reason) for name, reason in COUNTED.items()}
    answer["rows_dropped"] = sum(
        entry.count for entry in ledger if entry.action == "dropped" and entry.unit == "rows"
    )
    is_listed = np.zeros(len(in_catalogue) + 1, dtype=bool)  # the last one serves PAD
    is_listed[judged.items] = True
    is_listed = is_listed[:-1]
    is_tested = np.zeros(len(in_catalogue), dtype=bool)
    is_tested[judged.truth.items] = True
    answer["catalogue_items"] = judged.n_catalogue
    answer["listed_items"] = int(is_listed.sum())
    answer["listed_items_not_in_truth"] = int((is_listed & ~is_tested).sum())
    answer["listed_items_not_in_catalogue"] = int((is_listed & ~in_catalogue).sum())
    answer["rows"] = dict(rows)
    answer["ledger"] = plain(ledger.frame())
    return answer
