"""The same-named metric as other tools compute it. To add a tool, write it and list it here."""

from evaluators.conventions.convention import Answer, Convention, Rule
from evaluators.conventions.elliot import ELLIOT
from evaluators.conventions.evidently import EVIDENTLY
from evaluators.conventions.given import Given
from evaluators.conventions.implicit import IMPLICIT
from evaluators.conventions.lenskit import LENSKIT
from evaluators.conventions.ranx import RANX
from evaluators.conventions.recbole import RECBOLE
from evaluators.conventions.recommenders import RECOMMENDERS
from evaluators.conventions.recpack import RECPACK
from evaluators.conventions.rectools import RECTOOLS
from evaluators.conventions.replay import REPLAY
from evaluators.conventions.trec_eval import TREC_EVAL

CONVENTIONS: dict[str, Convention] = {
    convention.name: convention
    for convention in (
        LENSKIT,
        RECTOOLS,
        RECBOLE,
        ELLIOT,
        RECOMMENDERS,
        TREC_EVAL,
        RANX,
        REPLAY,
        RECPACK,
        IMPLICIT,
        EVIDENTLY,
    )
}

__all__ = ["CONVENTIONS", "Answer", "Convention", "Given", "Rule"]
