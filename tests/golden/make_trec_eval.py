"""Write trec_eval.json: what trec_eval says, by way of pytrec_eval-terrier.

peers/bin/python tests/golden/make_trec_eval.py     (benchmarks/requirements-peers.txt)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import pytrec_eval

HERE = Path(__file__).parent
CUTOFFS = (1, 5, 10)
AT = ",".join(str(k) for k in CUTOFFS)
BINARY = (f"P.{AT}", f"recall.{AT}", f"success.{AT}", f"map_cut.{AT}", f"ndcg_cut.{AT}")
WHOLE = ("recip_rank", "Rprec", "bpref")

Values = dict[str, dict[str, float]]


def judge(
    qrels: dict[str, dict[str, int]], run: dict[str, dict[str, float]], *names: str
) -> Values:
    evaluator = pytrec_eval.RelevanceEvaluator(qrels, set(names))
    by_user = evaluator.evaluate(run)
    measures = sorted({name for values in by_user.values() for name in values})
    return {name: {user: by_user[user][name] for user in sorted(by_user)} for name in measures}


def main() -> None:
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    threshold = cases["threshold"]
    answers = {}
    for part in ("users", "tied"):
        people = cases[part]
        run = {
            user: dict(zip(one["items"], one["scores"], strict=True))
            for user, one in people.items()
            if one["items"]
        }
        ratings = {user: one["truth"] for user, one in people.items() if one["truth"]}
        liked = {
            user: {item: int(rating >= threshold) for item, rating in truth.items()}
            for user, truth in ratings.items()
        }
        exponential = {
            user: {item: 2**rating - 1 for item, rating in truth.items()}
            for user, truth in ratings.items()
        }
        answers[part] = {
            "liked": judge(liked, run, *BINARY, *WHOLE),
            "ratings": judge(ratings, run, f"ndcg_cut.{AT}"),
            "exponential": judge(exponential, run, f"ndcg_cut.{AT}"),
        }
    made = {
        "tool": "trec_eval through pytrec-eval-terrier",
        "version": version("pytrec-eval-terrier"),
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "judged": {
            "liked": "qrels 1 where the rating reaches the threshold, 0 where it does not",
            "ratings": "qrels are the ratings",
            "exponential": "qrels are 2^rating - 1",
        },
        "values": answers,
    }
    text = json.dumps(made, indent=1)
    (HERE / "trec_eval.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
