"""Write convention_ranx.json: what ranx says of the cases, run and qrels made comparable.

    ranx/bin/python tests/golden/make_convention_ranx.py   (requirements-peers.txt)

Scores fall along each list: ranx orders equal ones by no rule.
"""

from functools import partial
from importlib.metadata import version

from convention_io import attempt, cases, write
from ranx import Qrels, Run, evaluate

METRICS = ("precision", "recall", "f1", "hit_rate", "map", "mrr", "ndcg")


def main() -> None:
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        qrels = Qrels(
            {
                str(user): {str(i): int(rating >= case.threshold) for i, rating in rows.items()}
                for user, rows in case.truth.items()
            }
        )
        lists = {
            str(user): {str(item): -float(place) for place, (item, _) in enumerate(rows)}
            for user, rows in case.once.items()
        }
        for k in case.ks:
            for name in METRICS:
                found[f"{name}@{k}"] = attempt(
                    partial(evaluate, qrels, Run(lists), f"{name}@{k}", make_comparable=True)
                )
    write("ranx", version("ranx"), values)


if __name__ == "__main__":
    main()
