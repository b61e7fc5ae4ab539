"""What `import recscope` offers. Nothing heavy is imported before a call."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recscope.defaults import DEFAULT_METRICS

if TYPE_CHECKING:
    from recscope.config import RunConfig
    from recscope.scoring_result import Scores
    from recscope.store import Run


def run(
    config: "RunConfig | str | Path | None" = None,
    *,
    out: str | Path | None = None,
    resume: str | None = None,
    progress: Callable[..., Any] | None = None,
) -> "Run":
    """How good are these recommenders? Runs an audit as `python -m recscope run` does.

    config  a RunConfig or a TOML file; the default audit of MovieLens 100K when not given
    out     folder of runs
    resume  id of a run that was cut off
    """
    from recscope.config import read_config
    from recscope.engine import run as run_audit

    chosen = read_config(Path(config)) if isinstance(config, str | Path) else config
    return run_audit(chosen, out=out, resume=resume, progress=progress)


def score(  # noqa: PLR0913 - the options of `python -m recscope score`
    recommendations: Any,
    truth: Any,
    *,
    train: Any = None,
    users: Any = None,
    items: Any = None,
    k: int | Sequence[int] = (10,),
    metrics: str | Sequence[Any] = DEFAULT_METRICS,
    convention: str | None = None,
    groups: str | Sequence[str] = (),
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
) -> "Scores":
    """How good are ready lists of recommendations, whatever system made them?

    recommendations  a pandas, polars or Arrow table: user_id, item_id and rank or score
    truth            user_id, item_id[, rating][, timestamp]: what the users went on to choose;
                     where there are ratings, one above 0 is a liking
    train            what they had before: a listed item of it is a miss
    users            user_id and attributes; `groups` names those to slice by
    items            item_id …: the catalogue
    k                one cutoff or several
    metrics          names, families, "all"; or metrics themselves
    convention       None: RecScope's own
    resamples        0 asks for no interval
    columns          role (user, item, rank, score, rating) to the name of its column

    The answer holds `.estimates`, `.per_user`, `.population`, `.manifest`, `.to_json()`,
    `.write(path)`. Raises RecScopeError with what to do about it.
    """
    from recscope.scoring import score as score_frames

    return score_frames(
        recommendations,
        truth,
        train=train,
        users=users,
        items=items,
        k=k,
        metrics=metrics,
        convention=convention,
        groups=groups,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        columns=columns,
    )
