"""Does the test part leak into what a model learns from?"""

import numpy as np
import pandas as pd

from core.tables import Bools, Interactions, Ints, Split

NEVER = np.iinfo(np.int64).min
COLUMNS = ["check", "count", "of", "is_leak", "meaning"]


def leakage(split: Split) -> pd.DataFrame:
    """One row a check: check, count (test rows it concerns), of (test rows), is_leak, meaning.

    A pair that was trained on is always a leak. Test rows older than something trained on leak only
    where the rule promises time order; other rules have them by design, and the table says so.
    """
    train, test = split.train, split.test
    rows = [
        ("repeated pair", _repeated(train, test), True,
         "the same user and item stand in train and in test"),
        ("pair in validation", _repeated(split.validation, test), True,
         "the same user and item stand in validation and in test"),
    ]  # fmt: skip
    if train.timestamps is not None and test.timestamps is not None:
        in_order = split.rule in {"global-time", "rolling"}
        own_order = (
            in_order or split.rule == "leave-last" or split.parameters.get("order") == "time"
        )
        latest = int(train.timestamps.max()) if len(train) else NEVER
        own_latest = _latest(train)[test.users]
        rows += [
            ("older than the user's own past", test.timestamps < own_latest, own_order,
             "the user's training rows hold something later than the test row"),
            ("older than the training data", test.timestamps < latest, in_order,
             "some training row, of anybody, is later than the test row"),
        ]  # fmt: skip
    table = [
        (check, int(mask.sum()), len(test), bool(promised and mask.any()), meaning)
        for check, mask, promised, meaning in rows
    ]
    return pd.DataFrame(table, columns=COLUMNS)


def _repeated(part: Interactions, test: Interactions) -> Bools:
    asked, known = pd.Series(_pairs(test)), pd.Series(_pairs(part))
    found: Bools = asked.isin(known[known.isin(asked)]).to_numpy()  # the hash is of the small part
    return found


def _pairs(part: Interactions) -> Ints:
    return part.users.astype(np.int64) * part.n_items + part.items


def _latest(part: Interactions) -> Ints:
    """int64 (n_users,) time of each user's last row; NEVER without one."""
    latest = np.full(part.n_users, NEVER, dtype=np.int64)
    if part.timestamps is not None:
        np.maximum.at(latest, part.users, part.timestamps)
    return latest
