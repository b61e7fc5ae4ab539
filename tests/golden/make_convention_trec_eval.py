"""Write convention_trec_eval.json: what trec_eval says of the cases, through pytrec_eval.

    trec/bin/python tests/golden/make_convention_trec_eval.py   (requirements-peers.txt)

The mean is taken over the topics that trec_eval answers for, as it does without -c.
"""

from importlib.metadata import version

import pytrec_eval
from convention_io import Case, attempt, cases, write

MEASURES = {
    "precision": "P_{k}",
    "recall": "recall_{k}",
    "hit_rate": "success_{k}",
    "map": "map_cut_{k}",
    "mrr": "recip_rank",
    "ndcg": "ndcg_cut_{k}",
}


def answers(case: Case, k: int) -> dict[str, dict[str, float]]:
    qrels = {
        str(user): {str(item): int(rating >= case.threshold) for item, rating in rows.items()}
        for user, rows in case.truth.items()
    }
    run = {
        str(user): {str(item): float(score) for item, score in rows}
        for user, rows in case.once.items()
    }
    wanted = {f"P.{k}", f"recall.{k}", f"success.{k}", f"map_cut.{k}", f"ndcg_cut.{k}"}
    return pytrec_eval.RelevanceEvaluator(qrels, wanted | {"recip_rank"}).evaluate(run)


def mean(by_user: dict[str, dict[str, float]], measure: str) -> float:
    return sum(one[measure] for one in by_user.values()) / len(by_user)


def main() -> None:
    values: dict[str, dict[str, object]] = {}
    for case in cases():
        found = values.setdefault(case.name, {})
        for k in case.ks:
            by_user = answers(case, k)
            for name, measure in MEASURES.items():
                key = measure.format(k=k)
                found[f"{name}@{k}"] = attempt(mean, by_user, key)
    write("trec_eval", version("pytrec-eval-terrier"), values)


if __name__ == "__main__":
    main()
