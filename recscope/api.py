"""What `import recscope` offers. Nothing heavy is imported before a call."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recscope.defaults import DEFAULT_METRICS

if TYPE_CHECKING:
    from recscope.answering import Answered
    from recscope.audits.report import Report
    from recscope.config import RunConfig
    from recscope.explaining_ask import Told
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


def explain(  # noqa: PLR0913 - what is asked, and of whom
    run_id: "Run | str",
    model: str,
    user: str,
    item: str | None = None,
    explainers: str | Sequence[str] = ("template",),
    *,
    language_model: str | None = None,
    out: str | Path | None = None,
) -> "Told":
    """Why does a model of a run recommend these items to this user?

    run_id      of a finished run, "latest", or the run itself
    user, item  outside ids; without an item, the first five of the user's list
    explainers  names (see: python -m recscope explainers); one that cannot answer is noted
    language_model  who words it where an explainer asks one; the run's own when not given
    out         folder of runs

    The answer holds `.table` (one row per item and explainer), `.notes`, `.to_json()` and
    `.write(path)`. Raises RecScopeError with what to do about it.
    """
    from dataclasses import replace

    from recscope.bench import bench_of
    from recscope.explaining_ask import ask
    from recscope.store import Run, open_run

    folder = None if out is None else Path(out).resolve()
    asked = run_id if isinstance(run_id, Run) else open_run(run_id, folder)
    names = [explainers] if isinstance(explainers, str) else list(explainers)
    bench = bench_of(asked)
    settings = bench.config.explain
    if language_model is not None:
        settings = replace(settings, language_model=language_model)
    return ask(asked, model, str(user), item, names, settings=settings, bench=bench)


def audit(
    run_id: "Run | str" = "latest",
    families: str | Sequence[str] = "all",
    *,
    again: bool = False,
    out: str | Path | None = None,
) -> "Mapping[str, Report]":
    """What do audits find in a run: calibration, fairness, diversity, drift, cold start, cost?

    run_id    of a finished run, "latest", or the run itself
    families  names of audits, or "all"; those that the run has already are not computed again
    again     compute them anew
    out       folder of runs

    Each Report holds `.estimates`, `.curves`, `.tests` (tables) and `.notes`: what cannot be
    judged, and why. Raises RecScopeError with what to do about it.
    """
    from recscope.auditing import audit as compute
    from recscope.store import Run, open_run

    folder = None if out is None else Path(out).resolve()
    asked = run_id if isinstance(run_id, Run) else open_run(run_id, folder)
    names = [families] if isinstance(families, str) else list(families)
    compute(asked, names, again=again)
    known = asked.audits()
    return {name: asked.audit(name) for name in known if "all" in names or name in names}


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


def answers(  # noqa: PLR0913 - the options of `python -m recscope answers`
    given: str | Path | Iterable[Mapping[str, Any]],
    items: Any,
    *,
    history: Any = None,
    truth: Any = None,
    k: int = 10,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
) -> "Answered":
    """Can a language model's answers be used as lists, and are they always the same?

    given    a file of answers (JSON lines), or mappings with user, answer and, if known,
             candidates, asked, template, order, seed (core.answers)
    items    a pandas, polars or Arrow table: item_id and title; entries that are neither are out
             of the catalogue
    history  user_id, item_id: what users had before; truth: what they went on to choose
    k        lists are compared, and judged, to this depth

    The answer holds `.estimates`, `.curves`, `.tests`, `.notes`, `.per_answer`, `.to_json()`,
    `.write(path)`. Raises RecScopeError with what to do about it.
    """
    from recscope.answering import answers as judge_answers

    return judge_answers(
        given,
        items,
        history=history,
        truth=truth,
        k=k,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
        columns=columns,
    )
