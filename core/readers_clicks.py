"""Readers of click logs."""

import pandas as pd

from core.cards import Card
from core.files import Files
from core.raw import Raw
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
    logs = [_impressions(files, campaign, policy) for campaign in CAMPAIGNS for policy in POLICIES]
    impressions = pd.concat(logs, ignore_index=True)
    rows = impressions[["user", "item", "timestamp"]].assign(rating=impressions["click"])
    items = pd.concat([_products(files, campaign) for campaign in CAMPAIGNS], ignore_index=True)
    return Raw(rows, items=items, tables={"impressions": impressions})


def _impressions(files: Files, campaign: str, policy: str) -> pd.DataFrame:
    name = f"{policy}/{campaign}/{campaign}.csv"
    log = read_table(files.read(name), ",", name)
    first, *others = (_short(log[f"user_feature_{n}"]) for n in range(4))
    user = first
    for other in others:
        user = user + "-" + other
    times = pd.to_datetime(log["timestamp"], utc=True, format="mixed").dt.as_unit("s")
    return pd.DataFrame(
        {
            "user": user,
            "item": campaign + "-" + log["item_id"].astype("str"),
            "timestamp": times.astype("int64"),
            "position": log["position"],
            "click": log["click"],
            "propensity": log["propensity_score"],
            "policy": POLICIES[policy],
            "campaign": campaign,
        }
    )


def _products(files: Files, campaign: str) -> pd.DataFrame:
    name = f"random/{campaign}/item_context.csv"
    table = read_table(files.read(name), ",", name)
    number = table["item_id"].astype("str")
    category = _short(table["item_feature_1"])
    return pd.DataFrame(
        {
            "item": campaign + "-" + number,
            "title": campaign + "'s item " + number,
            "campaign": campaign,
            "category": category,
            "genres": pd.Series([[name] for name in category], dtype=object),
        }
    )


def _short(hashed: pd.Series) -> pd.Series:
    """Six signs of a hash tell its few values apart and can be read."""
    return hashed.astype("str").str.slice(0, 6)
