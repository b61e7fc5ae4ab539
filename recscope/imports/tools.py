"""How to know a tool's table of recommendations by its columns, and what to call them here."""

from collections.abc import Mapping
from dataclasses import dataclass

USER, ITEM, RANK, SCORE = "user_id", "item_id", "rank", "score"


@dataclass(frozen=True)
class Shape:
    """Columns that a tool writes.

    tool     name of the convention that counts as it does
    columns  their column → ours; all of them must be there
    order    "rank", "score", or "rows": what decides the order
    also     their column → ours where it is there
    never    columns that other tools' tables have and this one's has not
    """

    tool: str
    columns: Mapping[str, str]
    order: str
    also: Mapping[str, str]
    never: tuple[str, ...] = ()


NONE: Mapping[str, str] = {}
SHAPES: tuple[Shape, ...] = (
    Shape("replay", {"query_id": USER, "item_id": ITEM, "rating": SCORE}, "score", NONE),
    Shape("recommenders", {"userID": USER, "itemID": ITEM, "prediction": SCORE}, "score", NONE),
    Shape("recommenders", {"userID": USER, "itemID": ITEM}, "rows", {"prediction": SCORE}),
    Shape("ranx", {"q_id": USER, "doc_id": ITEM, "score": SCORE}, "score", NONE),
    Shape("recpack", {"uid": USER, "iid": ITEM, "score": SCORE}, "score", NONE),
    Shape(
        "lenskit", {"user_id": USER, "item_id": ITEM, "rank": RANK, "score": SCORE}, "rank", NONE
    ),
    Shape("lenskit", {"user": USER, "item": ITEM, "rank": RANK}, "rank", {"score": SCORE}),
    Shape("rectools", {"user_id": USER, "item_id": ITEM, "rank": RANK}, "rank", {"score": SCORE}),
    Shape(
        "evidently",
        {"user_id": USER, "item_id": ITEM, "prediction": SCORE},
        "score",
        NONE,
        never=("rank",),
    ),
    Shape("evidently", {"user": USER, "item": ITEM, "prediction": SCORE}, "score", NONE),
    Shape("implicit", {"user_id": USER, "item_id": ITEM, "score": SCORE}, "score", NONE),
)


def shape_of(columns: list[str]) -> Shape | None:
    """The first shape whose columns are all there."""
    there = set(columns)
    for shape in SHAPES:
        if set(shape.columns) <= there and not there & set(shape.never):
            return shape
    return None
