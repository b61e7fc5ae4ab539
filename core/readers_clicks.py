"""Readers of click logs."""

import io

import pandas as pd

from core.cards import Card
from core.clean import Raw
from core.files import Files
from core.readers_text import read_parquet, read_table

POLICIES = {"random": "random", "bts": "Bernoulli Thompson sampling"}
CAMPAIGNS = ("men", "women")


def globo(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """Globo.com news: clicks; what a user's first click says of device and place; sessions."""
    clicks = read_parquet(files, "clicks_users10pct.parquet").rename(
        columns={"user_id": "user", "click_article_id": "item", "click_timestamp": "timestamp"}
    )
    clicks = clicks.sort_values("timestamp", kind="stable", ignore_index=True)
    about = {
        "device": "click_deviceGroup",
        "os": "click_os",
        "environment": "click_environment",
        "country": "click_country",
        "region": "click_region",
    }
    first = clicks.drop_duplicates("user", keep="first")
    users = pd.DataFrame(
        {"user": first["user"]}
        | {name: name + " " + first[column].astype("str") for name, column in about.items()}
    )
    sessions = clicks[["user", "item", "session_id", "timestamp"]].assign(
        timestamp=clicks["timestamp"] // 1000,
        referrer="referrer " + clicks["click_referrer_type"].astype("str"),
    )
    return Raw(clicks[["user", "item", "timestamp"]], users, tables={"sessions": sessions})


def open_bandit(files: Files, card: Card) -> Raw:  # noqa: ARG001 - one signature for all readers
    """Open Bandit: impressions in a fashion shop, with the logging policy's true propensities.

    There are no persons in the log: a `user` is a context, one combination of the four hashed user
    features. Rating is the click, 0 or 1.
    tables  impressions: user, item, timestamp, position, click, propensity, policy
    """
    logs, features = [], []
    for campaign in CAMPAIGNS:
        for policy, title in POLICIES.items():
            name = f"{policy}/{campaign}/{campaign}.csv"
            log = pd.read_csv(io.BytesIO(files.read(name)))
            contexts = [f"user_feature_{n}" for n in range(4)]
            short = [log[column].str.slice(0, 6) for column in contexts]
            logs.append(
                pd.DataFrame(
                    {
                        "user": short[0].str.cat(short[1:], sep="-"),
                        "item": campaign + "-" + log["item_id"].astype("str"),
                        "timestamp": pd.to_datetime(log["timestamp"], utc=True, format="mixed")
                        .dt.as_unit("s")
                        .astype("int64"),
                        "position": log["position"],
                        "click": log["click"],
                        "propensity": log["propensity_score"],
                        "policy": title,
                        "campaign": campaign,
                    }
                )
            )
        items = read_table(
            files.read(f"random/{campaign}/item_context.csv"), ",", "item_context.csv"
        )
        features.append(
            pd.DataFrame(
                {
                    "item": campaign + "-" + items["item_id"].astype("str"),
                    "title": campaign + "'s item " + items["item_id"].astype("str"),
                    "campaign": campaign,
                    "category": items["item_feature_1"].str.slice(0, 6),
                    "genres": pd.Series(
                        [[name[:6]] for name in items["item_feature_1"]], dtype=object
                    ),
                }
            )
        )
    impressions = pd.concat(logs, ignore_index=True)
    rows = impressions[["user", "item", "timestamp"]].assign(rating=impressions["click"])
    return Raw(
        rows, items=pd.concat(features, ignore_index=True), tables={"impressions": impressions}
    )
