"""Write item_cases.json: lists, histories and groups of items, drawn by chance.

python tests/golden/make_item_cases.py
"""

import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
N_USERS, N_ITEMS, K = 40, 60, 10


def main() -> None:
    rng = np.random.default_rng(20261123)
    weight = 1 / np.arange(1, N_ITEMS + 1)
    users = {}
    for user in range(N_USERS):
        order = rng.choice(N_ITEMS, size=30, replace=False, p=weight / weight.sum())
        n_train, n_test = rng.integers(3, 9), rng.integers(1, 6)
        length = K if user % 5 else int(rng.integers(1, K))
        train, rest = order[:n_train], order[n_train:]
        users[f"u{user}"] = {
            "train": [f"i{item}" for item in train],
            "test": [f"i{item}" for item in rng.permutation(rest[:15])[:n_test]],
            "items": [f"i{item}" for item in rng.permutation(rest[:18])[:length]],
        }
    groups = {f"i{item}": f"g{item % 4 if item < 50 else 4}" for item in range(N_ITEMS)}
    made = {"k": K, "users": users, "groups": groups}
    (HERE / "item_cases.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
