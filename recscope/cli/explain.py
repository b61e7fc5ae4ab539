"""python -m recscope explain --run ID: why these items, and can the explanations be believed?"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError
from recscope.cli import show
from recscope.cli.bars import watching

if TYPE_CHECKING:
    from recscope.config_sections import ExplainConfig
    from recscope.explained import Explained
    from recscope.explaining_ask import Told
    from recscope.store import Run

SHOWN = ("necessity", "sufficiency", "pos", "grounded")


def explain(given: argparse.Namespace) -> int:
    """One user's explanations, or without --user the whole stage of a finished run."""
    from recscope.outputs import check_ending
    from recscope.store import open_run

    out = check_ending(Path(given.out)) if given.out else None
    run = open_run(given.run, Path(given.runs).resolve() if given.runs else None)
    settings = _settings(given, run)
    if given.user is None:
        if given.item is not None:
            raise ConfigError("--item needs the user it is recommended to: add --user U")
        return _whole(given, run, settings, out)
    told = _one_user(given, run, settings)
    if out is not None:
        told.write(out)
    if given.json:
        show.say(told.to_json())
    elif out is None:
        _say(told)
    else:
        show.say(f"wrote {out}")
    return 0


def _settings(given: argparse.Namespace, run: "Run") -> "ExplainConfig":
    from recscope.config import RunConfig
    from recscope.config_sections import ExplainConfig

    asked = RunConfig.from_toml(run.config_text(), str(run.path / "config.toml")).explain
    if not asked.explainers:
        asked = ExplainConfig()
    if given.explainer:
        asked = replace(asked, explainers=tuple(given.explainer))
    if given.model:
        asked = replace(asked, models=(given.model,))
    if given.language_model:
        asked = replace(asked, language_model=given.language_model)
    return asked


def _one_user(given: argparse.Namespace, run: "Run", settings: "ExplainConfig") -> "Told":
    from recscope.explaining_ask import DEFAULT, ask

    model = given.model or run.models()[0]
    if not given.model and len(run.models()) > 1:
        raise ConfigError(f"name the model whose list is meant: --model {'|'.join(run.models())}")
    return ask(run, model, given.user, given.item, given.explainer or DEFAULT, settings=settings)


def _say(told: "Told") -> None:
    last = None
    for row in told.table.to_dict("records"):
        if row["title"] != last:
            place = f"rank {row['rank']}" if row["rank"] else "not in the list"
            show.say(f"\n{row['title']} ({place} of {row['model']})")
            last = row["title"]
        how = ", the template's words" if row["is_fallback"] else ""
        show.say(f"  {row['explainer']}{how}: {row['text'] or 'no reason was found'}")
        if row["own_text"]:
            wrong = "; ".join(row["violations"])
            show.say(f"    refused: {row['own_text']} ({wrong})")
        for sentence in row["evidence"]:
            show.say(f"    - {sentence}")
    for note in told.notes:
        show.say(f"{note['about']}: {note['reason']}")


def _whole(
    given: argparse.Namespace, run: "Run", settings: "ExplainConfig", out: Path | None
) -> int:
    from recscope.explained import is_explained
    from recscope.explaining_run import explain_finished
    from recscope.outputs import as_json, write

    # what was asked for otherwise than it was made is made anew
    is_other = bool(given.explainer or given.model or given.language_model)
    with watching() as progress:
        found = explain_finished(
            run,
            config=settings,
            again=given.again or (is_other and is_explained(run)),
            progress=progress,
        )
    document = as_json(
        {
            "run": run.id,
            **found.facts,
            "estimates": found.estimates,
            "judges": found.judges,
            "fusion": found.fusion,
        }
    )
    if out is not None:
        write(out, found.estimates, document)
    if given.json:
        show.say(document)
    elif out is None:
        _table(found)
    else:
        show.say(f"wrote {out}")
    return 0


def _table(found: "Explained") -> None:
    table = found.estimates[found.estimates["scorer"].isin(SHOWN)]
    wide = table.pivot_table(
        index=["model", "explainer"], columns="scorer", values="mean", sort=False, dropna=False
    ).dropna(how="all")
    columns = [name for name in SHOWN if name in wide]
    show.table(
        ("model", "explainer", *columns),
        [
            (*map(str, names), *(show.number(row[name], 3) for name in columns))
            for names, row in zip(wide.index, wide.to_dict("records"), strict=True)
        ],
        numbers=len(columns),
        folds="explainer",
    )
    counts = found.facts["counts"]
    show.say(
        f"\n{counts['asked']} explanations, {counts['model_written']} by a language model, "
        f"{counts['fallback']} of these replaced by the template, {counts['failed']} failed"
    )
    for note in found.notes:
        show.say(f"{note['about']}: {note['reason']}")
