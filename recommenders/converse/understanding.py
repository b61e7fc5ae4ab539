"""What a turn means: a language model fills in a form, rules hold it to the words said."""

import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import LanguageError
from core.language_turns import Message
from core.naming import one_line
from recommenders.converse.catalogue import Catalogue
from recommenders.converse.rules import nearby_years, read_by_rules
from recommenders.converse.wishes import ACTS, State, Understood, Wish

PROMPT = Path(__file__).parent / "prompts" / "understand.toml"
LONGEST = 400  # characters of a turn that are read
KNOWN = {"any": 0, "better known": 1, "less known": -1}
TIMES = ("any", "newer", "older")
FORM = ("act", "wanted", "unwanted", "known", "time")


def understand(
    said: str,
    catalogue: Catalogue,
    state: State,
    listed: Sequence[int],
    model: Any = None,
    *,
    is_checked: bool = True,
) -> Understood:
    """What does this turn ask for?

    model       a core.language.LanguageModel; None: rules alone
    is_checked  take of the model's answer only what rules find borne out by the words: a small
                model names groups that nobody spoke of

    Numbers, years and names of items are read by rules in any case: they have to be exact. Where
    the model cannot be asked, answers no form, or its form is not borne out, rules stand in for it,
    and `refused` says why.
    """
    text = one_line(said, LONGEST + 1)
    is_cut, text = len(text) > LONGEST, text[:LONGEST]
    by_rules = read_by_rules(text, catalogue, state, listed)
    if model is None or not text:
        return Understood(by_rules, is_cut=is_cut)
    try:
        answer = model.complete(
            messages(text, catalogue), schema=schema(catalogue), max_tokens=_prompt()["max_tokens"]
        )
        form = read_form(answer.text)
    except LanguageError as error:
        return Understood(by_rules, refused=str(error), is_cut=is_cut)
    tokens = (answer.n_prompt, answer.n_answer)
    told = _wish(form, by_rules, catalogue, listed)
    faults = beyond(told, by_rules) if is_checked else []
    if faults:
        return Understood(by_rules, refused="; ".join(faults), is_cut=is_cut, tokens=tokens)
    return Understood(told, "model", "", is_cut, tokens)


def messages(text: str, catalogue: Catalogue) -> list[Message]:
    """The conversation in which a model fills in the form; what was said is quoted data."""
    words = _prompt()
    first, second, third, *_ = (*catalogue.known_groups, "red", "green", "blue")
    gaps = {"first": first, "second": second, "third": third, "said": text.replace('"', "'")}
    asked: list[Message] = [{"role": "system", "content": words["system"]}]
    for example in words["examples"]:
        asked.append({"role": "user", "content": example["user"].format_map(gaps).strip()})
        asked.append({"role": "assistant", "content": example["assistant"].format_map(gaps)})
    return [*asked, {"role": "user", "content": words["user"].format_map(gaps).strip()}]


def schema(catalogue: Catalogue) -> dict[str, Any]:
    """JSON schema of the form: nothing but groups of the data and fixed words fits."""
    group = {"enum": list(catalogue.known_groups) or [""]}
    groups = {"type": "array", "items": group, "maxItems": 3}
    fields = (
        {"enum": list(ACTS)},
        groups,
        groups,
        {"enum": list(KNOWN)},
        {"enum": list(TIMES)},
    )
    return {
        "type": "object",
        "properties": dict(zip(FORM, fields, strict=True)),
        "required": list(FORM),
        "additionalProperties": False,
    }


def read_form(text: str) -> dict[str, Any]:
    """The form in an answer.  LanguageError where it is none."""
    try:
        form = json.loads(text)
    except ValueError as error:
        raise LanguageError(
            f"the model filled in no form but said {text[:80]!r}; rules read the turn"
        ) from error
    if not isinstance(form, dict) or any(name not in form for name in FORM):
        raise LanguageError(
            f"the model's form lacks fields: {text[:80]!r} was said, {', '.join(FORM)} are wanted"
        )
    return form


def _wish(
    form: dict[str, Any], by_rules: Wish, catalogue: Catalogue, listed: Sequence[int]
) -> Wish:
    """The model's form, with what only rules can read."""
    known = {group.casefold(): group for group in catalogue.known_groups}
    groups = {name: _among(form[name], known) for name in ("wanted", "unwanted")}
    act = form["act"] if form["act"] in ACTS else by_rules.act
    if by_rules.act in {"question", "restart"}:
        act = by_rules.act
    first, last = by_rules.first_year, by_rules.last_year
    if first is None and last is None and form["time"] in TIMES[1:] and catalogue.years is not None:
        first, last = nearby_years(catalogue, listed, is_newer=form["time"] == "newer")
    return replace(
        by_rules,
        act=act,
        wanted=groups["wanted"],
        unwanted=tuple(one for one in groups["unwanted"] if one not in groups["wanted"]),
        first_year=first,
        last_year=last,
        popularity=KNOWN.get(str(form["known"]), 0),
    )


def _among(named: Any, known: dict[str, str]) -> tuple[str, ...]:
    listed = named if isinstance(named, list) else []
    found = [known[str(one).casefold()] for one in listed if str(one).casefold() in known]
    return tuple(dict.fromkeys(found))


def beyond(told: Wish, by_rules: Wish) -> list[str]:
    """What a form holds that no word stands for, and what it leaves out.

    Whether a group is wanted or not is the model's to say: rules only tell that it was spoken of.
    """
    spoken = {*by_rules.wanted, *by_rules.unwanted}
    named = {*told.wanted, *told.unwanted}
    faults = [f"nobody spoke of {group}" for group in sorted(named - spoken)]
    faults += [f"{group} was left out" for group in sorted(spoken - named)]
    if told.popularity != by_rules.popularity:
        faults.append("how well known was misread")
    if (told.first_year, told.last_year) != (by_rules.first_year, by_rules.last_year):
        faults.append("time was misread")
    return faults


@cache
def _prompt() -> dict[str, Any]:
    return tomllib.loads(PROMPT.read_text(encoding="utf-8"))
