"""Every explainer by name: whose reasons, put into words by which writer.

To add one, write a function that finds reasons (explain.reasons.FindsReasons) or a writer
(explain.brief.Writer), and list them here; outside packages name theirs "package.module:name".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from explain.explanation import Stage


@dataclass(frozen=True)
class Explainer:
    """One way to explain.

    reasons  "module:function" that finds them; writer: "module:Class" that words them
    needs    what must be there, in words for "not available: needs …"
    is_baseline  something no user should believe, shown to see what scores are worth
    """

    stage: Stage
    reasons: str
    writer: str
    doc: str
    source: str
    needs: tuple[str, ...] = ()
    is_baseline: bool = False


EXPLAINERS: Mapping[str, Explainer] = {}
