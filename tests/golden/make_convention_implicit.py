"""Write convention_implicit.json: what implicit's evaluation says of the cases.

implicit/bin/python tests/golden/make_convention_implicit.py   (requirements-peers.txt)
"""

from importlib.metadata import version

import numpy as np
from convention_io import Case, attempt, cases, write
from implicit.evaluation import ranking_metrics_at_k
from scipy.sparse import csr_matrix

METRICS = ("precision", "map", "ndcg", "auc")


class Ready:
    """A model that answers with the lists of the case."""

    def __init__(self, case: Case) -> None:
        self.lists = case.lists

    def recommend(self, users: np.ndarray, _: csr_matrix, N: int) -> tuple:  # noqa: N803 - theirs
        items = np.full((len(users), N), -1, dtype=np.int32)
        for row, user in enumerate(users):
            listed = [item for item, _ in self.lists.get(int(user), [])][:N]
            items[row, : len(listed)] = listed
        return items, np.zeros(items.shape, dtype=np.float32)


def main() -> None:
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        n_users = max([*case.lists, *case.truth]) + 1
        liked = np.array([(u, i) for u, items in case.relevant.items() for i in items]).T
        shape = (n_users, case.n_items)
        truth = csr_matrix((np.ones(liked.shape[1]), tuple(liked)), shape=shape)
        train = csr_matrix(shape, dtype=float)
        for k in case.ks:
            made = ranking_metrics_at_k(Ready(case), train, truth, K=k, show_progress=False)
            for name in METRICS:
                found[f"{name}@{k}"] = attempt(made.__getitem__, name)
    write("implicit", version("implicit"), values)


if __name__ == "__main__":
    main()
