"""Facts in ready-made sentences: nothing is added to what the facts say."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from core.naming import listed
from explain.brief import Brief, Written
from explain.phrases import ended, kind_of, others, ties
from explain.verify import verify

N_BECAUSE = 2  # liked items named in a sentence
SHAPES = (
    "Since you liked {because}, you may enjoy {title}{what}",
    "You may enjoy {title}{what}, since you liked {because}",
    "Because you liked {because}, we recommend {title}{what}",
    "You liked {because}, so you may also like {title}{what}",
)


@dataclass(frozen=True)
class Template:
    """Facts put into ready-made sentences, the baseline of every other writer.

    is_varied  one of four shapes of sentence, chosen by the words of the brief alone, so that the
               same facts always read the same; False: always the first
    """

    is_varied: bool = True

    def write(self, briefs: Sequence[Brief]) -> list[Written]:
        return [self.one(brief) for brief in briefs]

    def one(self, brief: Brief) -> Written:
        """The sentence of one brief."""
        text = sentence(brief, is_varied=self.is_varied)
        found = tuple(str(one) for one in verify(text, brief))
        return Written(text, violations=found, facts={"writer": "template"})


def sentence(brief: Brief, *, is_varied: bool = True) -> str:
    """What the facts say, in one sentence or two."""
    tied = ties(brief)
    what = _apposition(brief, tied[0] if tied else "")
    rest = others(brief)[:1]
    if not brief.because:
        text = f"You may enjoy {brief.title}{what}"
    else:
        shape = SHAPES[_draw(brief) % len(SHAPES) if is_varied else 0]
        text = shape.format(because=listed(brief.because[:N_BECAUSE]), title=brief.title, what=what)
    return " ".join([ended(text), *(ended(fact) for fact in rest)])


def _draw(brief: Brief) -> int:
    return crc32("\n".join((brief.title, *brief.because)).encode())


def _apposition(brief: Brief, tie: str) -> str:
    """A Drama film from 1972 with the same director as Alien; what is not known is left out."""
    kind = kind_of(brief)
    if kind and brief.year and f"({brief.year})" not in brief.title:
        kind += f" from {brief.year}"
    if tie:
        kind = f"{kind} with {tie}" if kind else f"which has {tie}"
    return f", {kind}" if kind else ""
