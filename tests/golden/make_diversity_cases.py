"""Write diversity_cases.json: lists over items with groups, histories and what users liked later.

python tests/golden/make_diversity_cases.py
"""

import json
import random
from pathlib import Path

SEED = 20240301
ITEMS = [f"i{number:02d}" for number in range(90)]
GROUPS = ["action", "comedy", "drama", "horror", "musical", "western"]
N_USERS, LENGTH = 30, 10


def main() -> None:
    rng = random.Random(SEED)
    groups = {item: sorted(rng.sample(GROUPS, rng.choice([1, 1, 2, 3]))) for item in ITEMS}
    worth = {item: 1 / (1 + place) for place, item in enumerate(rng.sample(ITEMS, len(ITEMS)))}

    def drawn(n: int, among: list[str]) -> list[str]:
        keys = {item: rng.random() ** (1 / (worth[item] + 0.001)) for item in among}
        return sorted(among, key=keys.__getitem__, reverse=True)[:n]

    users = {}
    for number in range(N_USERS):
        had = drawn(rng.randint(2, 12), ITEMS)
        rest = [item for item in ITEMS if item not in had]
        users[f"u{number:02d}"] = {
            "had": had,
            "liked": drawn(rng.randint(1, 12), rest),
            "items": drawn(LENGTH, rest),
            "other": drawn(LENGTH, rest),
        }
    made = {"seed": SEED, "items": ITEMS, "groups": groups, "users": users}
    target = Path(__file__).parent / "diversity_cases.json"
    target.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
