"""python -m recscope datasets|recommenders|metrics|audits|explainers [NAME]."""

import argparse
from typing import Any

from core.errors import PluginError
from recscope.cli import show


def datasets(given: argparse.Namespace) -> int:
    """Which data sets are there, and can they be loaded here and now?"""
    from core.cards import card, cards
    from core.load import available

    if given.name:
        one = card(given.name)
        missing = available(given.name)
        known = {**one.facts, "sources": [str(source) for source in one.sources]}
        if not given.json:
            known["roles"] = [f"{role} = {column}" for role, column in one.roles.items()]
        known["loads"] = missing or "now, no network needed"
        _described(known, given)
        return 0
    rows = [(name, one.title, available(name)) for name, one in cards().items()]
    if given.json:
        show.as_json([{"name": n, "title": t, "missing": m} for n, t, m in rows])
        return 0
    show.table(
        ("name", "title", "loads"),
        [
            (name, title, "now" if missing is None else _short(missing))
            for name, title, missing in rows
        ],
        folds="title",
    )
    show.say("\nOne of them: python -m recscope datasets NAME")
    return 0


def _short(missing: str) -> str:
    return "after fetch" if missing.startswith("not fetched") else "needs local files"


def _summary(name: str) -> str:
    """A recommender in one line; a plug-in that cannot be loaded says why, and hides no other."""
    from recommenders.doors import describe

    try:
        return describe(name).summary
    except PluginError as error:
        return f"cannot be used: {error}"


def recommenders(given: argparse.Namespace) -> int:
    """Which recommenders are there, and what can be set on one?"""
    from recommenders.doors import describe, names

    if given.name:
        one = describe(given.name)
        settings = [
            {"name": p.name, "type": p.type_name, "default": p.default, "meaning": p.doc}
            for p in one.parameters
        ]
        if given.json:
            show.as_json(
                {"name": one.name, "doc": one.doc, "source": one.source, "parameters": settings}
            )
            return 0
        show.say(f"{one.name}: {one.doc}\n")
        show.facts({"source": one.source})
        show.say()
        show.table(
            ("parameter", "type", "default", "meaning"),
            [tuple(row.values()) for row in settings],
            folds="meaning",
        )
        return 0
    found = [(name, _summary(name)) for name in names()]
    _listed(found, "recommenders", given)
    return 0


def metrics(given: argparse.Namespace) -> int:
    """Which metrics are there, and what does one mean?"""
    from core.errors import UnknownNameError
    from evaluators.doors import metrics as known

    found = known()
    if given.name:
        if given.name not in found:
            raise UnknownNameError("metric", given.name, found)
        one = found[given.name]
        _described(
            {
                "name": one.name,
                "definition": one.doc,
                "family": one.family,
                "better": one.better,
                "bounds": f"{one.bounds[0]:g} to {one.bounds[1]:g}",
                "computed": f"per {one.per}" + (", for each cutoff k" if one.cutoff else ""),
                "needs": ", ".join(one.needs),
                "settings": ", ".join(f"{key} = {value}" for key, value in one.settings.items()),
                "source": one.source,
            },
            given,
        )
        return 0
    _listed([(name, one.summary) for name, one in found.items()], "metrics", given)
    return 0


def conventions(given: argparse.Namespace) -> int:
    """Which tools count otherwise, and how does one of them?"""
    from evaluators.conventions import CONVENTIONS
    from recscope.conventions.estimates import convention_of

    if not given.name:
        found = [(name, f"{one.tool}: {one.users}") for name, one in CONVENTIONS.items()]
        _listed(found, "conventions", given)
        return 0
    one = convention_of(given.name)
    rules = [
        {"metric": name, "theirs": rule.theirs, "clause": rule.clause, "checked": rule.golden}
        for name, rule in one.rules.items()
    ]
    known = {
        "name": one.name,
        "tool": one.tool,
        "version": one.version,
        "counts": one.users,
        "is handed": one.handed,
        "url": one.url,
    }
    if given.json:
        show.as_json({**known, "metrics": rules})
        return 0
    show.facts(known)
    show.say()
    columns = ("metric", "there", "what makes the difference", "checked")
    show.table(columns, [tuple(row.values()) for row in rules], folds=columns[2])
    return 0


def audits(given: argparse.Namespace) -> int:
    """Which audits are there, and what can be set on one?"""
    from core.errors import UnknownNameError
    from recommenders.parameters import parameters_of
    from recscope.audits import AUDITS
    from recscope.engine_audit import module_of

    if not given.name:
        _listed([(name, module_of(name).QUESTION) for name in AUDITS], "audits", given)
        return 0
    if given.name not in AUDITS:
        raise UnknownNameError("audit", given.name, AUDITS)
    module = module_of(given.name)
    kind = getattr(module, "Settings", None)
    settings = [] if kind is None else parameters_of(kind)
    facts = {
        "name": given.name,
        "question": module.QUESTION,
        "section": f"[audit.{given.name}]",
        "settings": ", ".join(f"{one.name} = {one.default!r}" for one in settings),
        "definition": "\n\n".join(filter(None, (module.__doc__, getattr(kind, "__doc__", "")))),
    }
    _described(facts, given)
    return 0


def explainers(given: argparse.Namespace) -> int:
    """Which explainers are there, what do they need, and where do they come from?"""
    from explain.explainers import EXPLAINERS
    from explain.make import explainer_named

    if not given.name:
        found = [(name, f"{one.stage}: {one.doc}") for name, one in EXPLAINERS.items()]
        _listed(found, "explainers", given)
        return 0
    one = explainer_named(given.name)
    when = {"pre": "before the recommendation", "post": "after the recommendation"}
    facts = {
        "name": given.name,
        "made": when[one.stage],
        "needs": ", ".join(one.needs),
        "reasons": one.reasons,
        "writer": one.writer,
        "is a baseline": "yes: nobody should believe it" if one.is_baseline else "",
        "source": one.source,
        "definition": one.doc,
    }
    _described(facts, given)
    return 0


def _listed(found: list[tuple[str, str]], what: str, given: argparse.Namespace) -> None:
    if given.json:
        show.as_json([{"name": name, "summary": summary} for name, summary in found])
        return
    show.table(("name", "what it does"), found, folds="what it does")
    show.say(f"\nOne of them: python -m recscope {what} NAME")


def _described(known: dict[str, Any], given: argparse.Namespace) -> None:
    if given.json:
        show.as_json(known)
        return
    show.facts(
        {
            name: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
            for name, value in known.items()
            if name != "definition"
        }
    )
    if "definition" in known:
        show.say(f"\n{known['definition']}")
