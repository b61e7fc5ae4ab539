"""What one turn of a conversation asks for, and what all turns together ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

Act = Literal["wish", "critique", "question", "restart", "other"]
ACTS: tuple[Act, ...] = ("wish", "critique", "question", "restart", "other")
Source = Literal["rules", "model", "given"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Wish:
    """One turn, understood.

    act         wish: what the next list should be; critique: what is wrong with this one;
                question: about an item; restart: forget what was said; other: nothing of these
    wanted, unwanted  groups (genres, categories) by name
    first_year, last_year  inclusive; None: open
    popularity  1 better known, -1 less known, 0 not said
    likes, dislikes  codes of items
    about       code of the item that is asked about
    """

    act: Act = "other"
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    popularity: int = 0
    likes: tuple[int, ...] = ()
    dislikes: tuple[int, ...] = ()
    about: int | None = None

    @property
    def is_empty(self) -> bool:
        """Does it ask for nothing that could change a list?"""
        bare = replace(self, act="other", about=None)
        return bare == Wish()


@dataclass(frozen=True)
class State:
    """All that a conversation has asked for so far.

    shown    codes of items listed before: nothing is listed twice
    pending  a group that the recommender asked about, until the next turn; asked: all of them
    """

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    popularity: int = 0
    likes: tuple[int, ...] = ()
    dislikes: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    pending: str = ""
    asked: tuple[str, ...] = ()

    def after(self, wish: Wish) -> "State":
        """With one wish more.  What is said later wins over what was said before."""
        if wish.act == "restart":
            return replace(State(shown=self.shown), **_told(wish))
        first, last = wish.first_year, wish.last_year
        if first is None and last is None:
            first, last = self.first_year, self.last_year
        else:  # a new bound keeps the other one, unless the two leave no year
            first = self.first_year if first is None else first
            last = self.last_year if last is None else last
            if first is not None and last is not None and first > last:
                first, last = wish.first_year, wish.last_year
        return replace(
            self,
            wanted=_joined(self.wanted, wish.wanted, wish.unwanted),
            unwanted=_joined(self.unwanted, wish.unwanted, wish.wanted),
            first_year=first,
            last_year=last,
            popularity=wish.popularity or self.popularity,
            likes=_joined(self.likes, wish.likes, wish.dislikes),
            dislikes=_joined(self.dislikes, wish.dislikes, wish.likes),
            pending="",
        )

    def showing(self, items: Sequence[int], pending: str = "") -> "State":
        """After these items were listed, and this group was asked about."""
        asked = (*self.asked, pending) if pending else self.asked
        shown = (*self.shown, *(int(item) for item in items))
        return replace(self, shown=shown, pending=pending, asked=asked)

    @property
    def is_open(self) -> bool:
        """Has nothing been asked for yet?"""
        return replace(self, shown=(), pending="", asked=()) == State()


def _told(wish: Wish) -> dict[str, Any]:
    names = ("wanted", "unwanted", "first_year", "last_year", "popularity", "likes", "dislikes")
    return {name: getattr(wish, name) for name in names}


def _joined(
    old: tuple[Value, ...], new: tuple[Value, ...], taken_back: tuple[Value, ...]
) -> tuple[Value, ...]:
    kept = [value for value in old if value not in taken_back]
    return tuple(dict.fromkeys([*kept, *new]))


@dataclass(frozen=True)
class Understood:
    """A wish, and how it was come by.

    by       model: a language model's answer, borne out by the words; rules; given: by the caller
    refused  what the model said beyond the words, or why it could not be asked; "" for neither
    is_cut   the turn was longer than what is read of it
    tokens   of the prompt and of the answer
    """

    wish: Wish
    by: Source = "rules"
    refused: str = ""
    is_cut: bool = False
    tokens: tuple[int, int] = (0, 0)
