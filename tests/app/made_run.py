"""A small run folder with known contents, written as docs/architecture.md describes it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

N_USERS, N_ITEMS, KS = 80, 50, (5, 10, 20)
MODELS = {"random": 0.03, "popularity": 0.12, "ease": 0.28, "als": 0.27}
METRICS = ("ndcg", "recall", "precision", "hit_rate")
HOSTILE_TITLE = '=HYPERLINK("x") <b>[bold](http://evil.example)</b> $a$ :red[Film]'
GROUPS = ("gender", "occupation")


def make_run(folder: Path, run_id: str = "20260102-030405-made-0001", lift: float = 0.0) -> Path:
    """Write a finished run; `lift` shifts every model's chance of a hit."""
    rng = np.random.default_rng(7)
    path = folder / run_id
    path.mkdir(parents=True)
    users = _users(rng)
    _write(path / "users.parquet", users)
    _write(path / "items.parquet", _items(rng))
    _write(path / "interactions.parquet", _interactions(rng))
    per_user = {}
    for model, chance in MODELS.items():
        lists = _lists(rng, model, chance + lift)
        _write(path / "models" / model / "topk.parquet", lists)
        per_user[model] = _per_user(lists, users, rng)
        _write(path / "models" / model / "per_user.parquet", per_user[model])
        _write(path / "models" / model / "per_item.parquet", _per_item(lists))
        cost = {
            "fit_seconds": 0.4,
            "recommend_seconds": 0.1,
            "peak_memory_bytes": 2e8,
            "users_per_second": 800.0,
        }
        (path / "models" / model / "cost.json").write_text(json.dumps(cost))
    estimates = pd.concat([_estimates(model, table, users) for model, table in per_user.items()])
    _write(path / "estimates.parquet", estimates)
    _write(path / "comparisons.parquet", _comparisons(per_user))
    (path / "config.toml").write_text('name = "made"\n')
    (path / "log.jsonl").write_text("")
    (path / "manifest.json").write_text(json.dumps(_manifest(run_id)))
    return path


def _write(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)


def _users(rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user": np.arange(N_USERS, dtype=np.int32),
            "user_id": [f"u{code}" for code in range(N_USERS)],
            "age": rng.integers(15, 70, N_USERS),
            "gender": np.where(np.arange(N_USERS) % 4 == 0, "F", "M"),
            "occupation": rng.choice(["artist", "doctor", "student"], N_USERS),
            "n_train": np.where(np.arange(N_USERS) < 4, 0, rng.integers(5, 90, N_USERS)),
            "n_test": np.where(np.arange(N_USERS) >= 76, 0, rng.integers(2, 20, N_USERS)),
            "activity": rng.choice(["light", "middle", "heavy"], N_USERS),
        }
    )


def _items(rng: np.random.Generator) -> pd.DataFrame:
    titles = [HOSTILE_TITLE, *[f"Film {code} <i>(19{code:02d})" for code in range(1, N_ITEMS)]]
    return pd.DataFrame(
        {
            "item": np.arange(N_ITEMS, dtype=np.int32),
            "item_id": [f"i{code}" for code in range(N_ITEMS)],
            "title": titles,
            "genres": [list(rng.choice(["Drama", "Comedy", "War"], 2)) for _ in range(N_ITEMS)],
            "n_train": rng.integers(0, 60, N_ITEMS),
        }
    )


def _interactions(rng: np.random.Generator) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "user": np.repeat(np.arange(N_USERS, dtype=np.int32), 12),
            "item": rng.integers(0, N_ITEMS, N_USERS * 12).astype(np.int32),
            "rating": rng.integers(1, 6, N_USERS * 12).astype(np.float32),
            "timestamp": 880_000_000 + np.tile(np.arange(12), N_USERS) * 86_400,
        }
    )
    frame["part"] = np.where(np.tile(np.arange(12), N_USERS) < 8, "train", "test")
    return frame


def _lists(rng: np.random.Generator, model: str, chance: float) -> pd.DataFrame:
    rows = []
    for user in range(N_USERS - (5 if model == "ease" else 0)):  # ease owes five users a list
        items = rng.permutation(N_ITEMS)[: max(KS)]
        rows.append(
            pd.DataFrame(
                {
                    "user": np.int32(user),
                    "rank": np.arange(1, max(KS) + 1),
                    "item": items.astype(np.int32),
                    "score": np.linspace(1, 0, max(KS)),
                    "is_hit": rng.random(max(KS)) < chance,
                    "is_fallback": model != "random" and user < 4,
                }
            )
        )
    return pd.concat(rows)


def _per_user(lists: pd.DataFrame, users: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    hits = lists.pivot_table(index="user", columns="rank", values="is_hit", aggfunc="max")
    hits = hits.reindex(range(N_USERS)).fillna(0).to_numpy(dtype=float)
    table: dict[str, Any] = {"user": users["user"]}
    for k in KS:
        part = hits[:, :k].mean(axis=1)
        for metric in METRICS:
            values = (hits[:, :k].sum(axis=1) > 0) * 1.0 if metric == "hit_rate" else part
            noisy = np.clip(values * (1 + 0.1 * rng.random(N_USERS)), 0, 1)
            table[f"{metric}@{k}"] = np.where(users["n_test"] > 0, noisy, np.nan).astype("float32")
    return pd.DataFrame(table)


def _per_item(lists: pd.DataFrame) -> pd.DataFrame:
    counts = lists.groupby("item")["is_hit"].agg(["size", "sum"]).reindex(range(N_ITEMS)).fillna(0)
    return pd.DataFrame(
        {
            "item": counts.index.astype("int32"),
            "n_recommended": counts["size"].astype(int).to_numpy(),
            "n_hits": counts["sum"].astype(int).to_numpy(),
            "exposure": counts["size"].to_numpy() / 10,
        }
    )


def _estimates(model: str, table: pd.DataFrame, users: pd.DataFrame) -> pd.DataFrame:
    rows = []
    slices = [(None, None, np.full(N_USERS, fill_value=True))]
    for attribute in GROUPS:
        slices += [
            (attribute, str(value), (users[attribute] == value).to_numpy())
            for value in sorted(users[attribute].unique())
        ]
    for column in table.columns.drop("user"):
        metric, _, k = column.partition("@")
        for group_by, group, mask in slices:
            values = table.loc[mask, column]
            half = 1.96 * values.std() / np.sqrt(values.notna().sum())
            rows.append(
                {
                    "model": model,
                    "metric": metric,
                    "k": float(k),
                    "group_by": group_by,
                    "group": group,
                    "mean": values.mean(),
                    "low": values.mean() - half,
                    "high": values.mean() + half,
                    "n": int(values.notna().sum()),
                    "n_undefined": int(values.isna().sum()),
                    "n_imputed": 5 if model == "ease" and group_by is None else 0,
                    "method": "bootstrap percentile, 1000 resamples",
                }
            )
    return pd.DataFrame(rows)


def _comparisons(per_user: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for model, table in per_user.items():
        if model == "popularity":
            continue
        for column in table.columns.drop("user"):
            metric, _, k = column.partition("@")
            change = (table[column] - per_user["popularity"][column]).dropna()
            half = 1.96 * change.std() / np.sqrt(len(change))
            rows.append(
                {
                    "model": model,
                    "baseline": "popularity",
                    "metric": metric,
                    "k": float(k),
                    "difference": change.mean(),
                    "low": change.mean() - half,
                    "high": change.mean() + half,
                    "p": 0.01,
                    "p_holm": 0.03,
                    "p_bh": 0.02,
                    "effect_size": 0.4,
                    "mde": 0.05,
                    "n": len(change),
                    "method": "sign-flip randomisation",
                }
            )
    return pd.DataFrame(rows)


def _manifest(run_id: str) -> dict[str, Any]:
    models: dict[str, Any] = {
        name: {"spec": name, "parameters": {}, "status": "done", "cost": {"fit_seconds": 0.4}}
        for name in MODELS
    }
    models["bpr"] = {
        "spec": "bpr",
        "parameters": {"factors": 64},
        "status": "failed",
        "error": "PluginError: scores were NaN for 3 users",
    }
    return {
        "id": run_id,
        "name": "made",
        "status": "done",
        "created": "2026-01-02T03:04:05+00:00",
        "config": {
            "data": {"name": "made-data"},
            "split": {"rule": "global-time", "test": 0.2},
            "evaluate": {"k": list(KS), "metrics": list(METRICS), "confidence": 0.95},
        },
        "seeds": {"split": 0},
        "versions": {"recscope": "0.1.0"},
        "data": {
            "name": "made-data",
            "sha256": "ab" * 32,
            "counts": {"users": N_USERS, "items": N_ITEMS, "judged_users": 76},
            "split": {"rule": "global-time", "seed": 0, "parameters": {"test": 0.2}},
        },
        "machine": {"cpus": 2},
        "stages": {"load": {"seconds": 0.2, "peak_memory_bytes": 1e8}},
        "models": models,
        "population": [
            {
                "stage": "load",
                "action": "dropped",
                "reason": "rating is not a number",
                "count": 7,
                "unit": "rows",
                "examples": ["line 3"],
            },
        ],
    }
