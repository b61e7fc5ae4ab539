"""Write cases.json: the lists and truths that every other tool is asked about.

    python tests/golden/make_cases.py

Ordinary users, and the ones tools disagree on: no list, nothing relevant, no truth at all, more
relevant items than k, lists shorter than k, perfect lists, tied scores.
"""

import json
import random
from pathlib import Path

SEED = 20240229
THRESHOLD = 4
CATALOGUE = [f"i{number:02d}" for number in range(60)]
N_ORDINARY = 30

Truth = dict[str, int]


def user(rng: random.Random, n_truth: int, n_list: int) -> dict[str, object]:
    """One user: train items, rated test items and a list that favours the test items."""
    items = rng.sample(CATALOGUE, len(CATALOGUE))
    n_train = rng.randint(3, 12)
    train, rest = items[:n_train], items[n_train:]
    truth = {item: rng.randint(1, 5) for item in rest[:n_truth]}
    weights = {item: rng.random() + 0.5 * (item in truth) for item in rest}
    listed = sorted(rest, key=weights.__getitem__, reverse=True)[:n_list]
    scores = [round(weights[item], 9) for item in listed]
    return {"train": sorted(train), "truth": truth, "items": listed, "scores": scores}


def special(rng: random.Random) -> dict[str, dict[str, object]]:
    perfect = user(rng, 6, 10)
    perfect["truth"] = dict.fromkeys(perfect["items"][:4], 5)
    hopeless = user(rng, 0, 12)
    unlisted = [item for item in CATALOGUE if item not in {*hopeless["items"], *hopeless["train"]}]
    hopeless["truth"] = dict.fromkeys(unlisted[:3], 4) | {unlisted[4]: 2}
    only_bad = user(rng, 0, 8)
    only_bad["truth"] = dict.fromkeys(only_bad["items"][:3], 2)
    no_list = user(rng, 5, 0)
    no_list["truth"] = dict.fromkeys(no_list["truth"], 5)
    many = user(rng, 0, 20)
    rest = [item for item in CATALOGUE if item not in many["train"]]
    many["truth"] = {item: rng.choice([3, 4, 5]) for item in rng.sample(rest, 30)}
    return {
        "perfect": perfect,
        "hopeless": hopeless,
        "only-bad": only_bad,
        "no-truth": user(rng, 0, 6),
        "no-list": no_list,
        "many": many,
        "one-item": user(rng, 7, 1),
    }


def tied(rng: random.Random) -> dict[str, object]:
    """A user whose scores repeat; the list as delivered is not in the order of the ids."""
    one = user(rng, 12, 20)
    one["scores"] = [5 - place // 4 for place in range(len(one["items"]))]
    return one


def main() -> None:
    rng = random.Random(SEED)
    users = {
        f"u{number:02d}": user(rng, rng.randint(2, 14), rng.randint(2, 20))
        for number in range(N_ORDINARY)
    }
    cases = {
        "seed": SEED,
        "threshold": THRESHOLD,
        "catalogue": CATALOGUE,
        "users": users | special(rng),
        "tied": {f"t{number}": tied(rng) for number in range(6)},
    }
    text = json.dumps(cases, indent=1)
    Path(__file__).with_name("cases.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
