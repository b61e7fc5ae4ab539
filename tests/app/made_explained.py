"""Explanations of a small run with known contents, written as recscope.explained reads them."""

from pathlib import Path

import numpy as np

from explain.explanation import Evidence, Explanation
from recscope.explained import COLUMNS, FACTS, FOLDER, frame, row_of
from recscope.files import write_json, write_table
from recscope.store import Run

MODEL = "ease"
EXPLAINERS = {  # name: faithfulness, grounding
    "template": (0.55, 1.0),
    "language-model": (0.55, 0.9),
    "paths": (0.2, 1.0),
    "random": (0.15, 1.0),
    "reversed": (0.02, 1.0),
}
OWN = "Since you liked <b>Film 7</b>, you may enjoy a Horror film by [Spielberg](http://x)."
VIOLATIONS = ("bad group: Horror", "novel name: Spielberg")
SCORERS = {  # name: family, better
    "comprehensiveness": ("faithfulness", "higher"),
    "grounded": ("grounding", "higher"),
    "likelihood_lowest": ("grounding", "higher"),
    "yes_no": ("judge", "higher"),
    "n_words": ("text", "neither"),
}


def explain_made_run(path: Path, n_users: int = 6) -> None:
    """Write explanations/ beside a made run, for its users 10, 11 …: the first two of each list."""
    rng = np.random.default_rng(3)
    run = Run(path)
    lists = run.lists(MODEL)
    kept, scores = [], []
    for user in range(10, 10 + n_users):
        mine = lists[(lists["user"] == user) & (lists["rank"] <= 2)]
        liked = run.history(user)["item"].drop_duplicates().tolist()[:6]
        for item, rank in zip(mine["item"], mine["rank"], strict=True):
            for name, worth in EXPLAINERS.items():
                kept.append(row_of(explanation(name, user, int(item), liked), MODEL, int(rank)))
                for scorer, value in _values(worth, rng).items():
                    of = {"model": MODEL, "explainer": name, "user": user, "item": int(item)}
                    scores.append({**of, "rank": int(rank), "scorer": scorer, "value": value})
    folder = path / FOLDER
    tables = {
        "explanations": frame("explanations", kept),
        "scores": frame("scores", scores),
        "estimates": frame("estimates", estimates()),
        "judges": frame("judges", judges()),
        "fusion": frame("fusion", fusion()),
    }
    assert tables.keys() == COLUMNS.keys()
    for name, table in tables.items():
        write_table(folder / f"{name}.parquet", table)
    notes = [{"about": "best-of", "reason": "the server <b>did not</b> answer"}]
    write_json(folder / FACTS, {"notes": notes, "counts": {"asked": len(kept)}, "settings": {}})


def explanation(name: str, user: int, item: int, liked: list[int]) -> Explanation:
    """One of every sort: checked, refused, with attribution, with a path."""
    stage = "pre" if name == "paths" else "post"
    kind, facts = ("path", {"relation": "directed_by"}) if stage == "pre" else ("attribution", {})
    evidence = tuple(
        Evidence(kind, item, (code,), 1.0 / (place + 1), f"Film {code} speaks for it.", facts)
        for place, code in enumerate(liked[:3])
    )
    is_model = name == "language-model"
    told = {"seconds": 0.4, "n_prompt": 210, "n_answer": 18, "prompt": "opened 1 (00000000)"}
    return Explanation(
        user,
        item,
        stage,
        name,
        text=f"Because you liked Film {liked[0]}, you may enjoy this one, says {name}.",
        evidence=evidence,
        attribution={} if stage == "pre" else {c: 0.5 / (n + 1) for n, c in enumerate(liked)},
        is_fallback=is_model,
        violations=VIOLATIONS if is_model else (),
        facts={"own_text": OWN, "language_model": "made-up", **told}
        if is_model
        else {"method": "closed form", "spread": dict.fromkeys(liked, 0.01)},
    )


def _values(worth: tuple[float, float], rng: np.random.Generator) -> dict[str, float]:
    faithful, grounded = worth
    return {
        "comprehensiveness": faithful + 0.1 * rng.normal(),
        "grounded": float(rng.random() < grounded),
        "likelihood_lowest": -1.0 + 0.2 * rng.normal(),
        "yes_no": rng.random(),
        "n_words": float(rng.integers(10, 20)),
    }


def estimates() -> list[dict]:
    rows = []
    for name, (faithful, grounded) in EXPLAINERS.items():
        means = {
            "comprehensiveness": faithful,
            "grounded": grounded,
            "likelihood_lowest": -1.0,
            "yes_no": 0.5,
            "n_words": 14.0,
        }
        for scorer, (family, better) in SCORERS.items():
            mean, reach = means[scorer], 0.03
            rows.append(
                {
                    "model": MODEL,
                    "explainer": name,
                    "scorer": scorer,
                    "family": family,
                    "better": better,
                    "mean": mean,
                    "low": mean - reach,
                    "high": mean + reach,
                    "n": 12,
                    "n_undefined": 0,
                    "method": "percentile",
                    "reason": "",
                }
            )
        rows.append(
            {
                "model": MODEL,
                "explainer": name,
                "scorer": "bleu",
                "family": "reference",
                "better": "higher",
                "reason": "not available: needs words that people wrote (references)",
            }
        )
    return rows


def judges() -> list[dict]:
    told = {"grounded": 0.97, "likelihood_lowest": 0.92, "yes_no": 0.55}
    return [
        {
            "judge": judge,
            "corruption": corruption,
            "auc": auc - aside,
            "low": auc - aside - 0.05,
            "high": min(auc - aside + 0.05, 1.0),
            "n": 40,
            "is_flagged": auc - aside < 0.7,
        }
        for judge, auc in told.items()
        for corruption, aside in (("all", 0.0), ("wrong group", 0.02), ("wrong history", -0.02))
    ]


def fusion() -> list[dict]:
    return [
        {
            "model": MODEL,
            "evidence": evidence,
            "weight": weight,
            "metric": metric,
            "k": 10,
            "base": 0.3,
            "fused": 0.3 + difference,
            "difference": difference,
            "low": difference - 0.01,
            "high": difference + 0.01,
            "p": p,
            "p_adjusted": p,
            "n": 80,
            "covered": 0.7,
        }
        for metric, difference, p in (("ndcg", 0.002, 0.6), ("ild", 0.03, 0.001))
        for evidence, weight in (("paths", 0.1), ("rules", 0.3))
    ]
