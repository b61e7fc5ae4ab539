"""Does a run hold what was asked of it? Gates name a number and its bound; each gets a verdict.

A number that is missing, withheld or without an interval where one is asked for never passes.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import ConfigError, UnknownNameError
from evaluators.doors import metrics
from recscope.config_values import build, need, reject_unknown
from recscope.cuts import BETWEEN
from recscope.store import Run

POINT, INTERVAL = "point", "interval"
KEPT = ("model", "metric", "k", "group_by", "group", "mean", "low", "high", "n", "method")


@dataclass(frozen=True)
class Gate:
    """One demand, a [[gate]] of a file.

    metric    any number of the run's estimates or of its audits
    min, max  bounds, one at least; the bound itself holds
    k         cutoff; None: every cutoff there is
    models    names; none: all models of the run
    group_by  attributes; none: the number of everybody, or, of a number that compares groups, each
              attribute that was judged (crossings only where they are named)
    group     one group, or what a number between groups speaks of (`ndcg`); None: all there are
    holds     "point": the estimate must hold the bound; "interval": all of its interval must
    preset    takes what is not said here from PRESETS
    """

    metric: str = ""
    min: float | None = None
    max: float | None = None
    k: int | None = None
    models: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    group: str | None = None
    holds: str = POINT
    name: str = ""
    preset: str | None = None

    def __post_init__(self) -> None:
        where = f"gate {self.title!r}:"
        need(bool(self.metric), f"{where} metric", "a number's name, such as user_ratio, or preset")
        need(self.min is not None or self.max is not None, f"{where} min or max", "a number")
        need(self.holds in {POINT, INTERVAL}, f"{where} holds", '"point" or "interval"')
        crossed = self.min is not None and self.max is not None and self.min > self.max
        need(not crossed, f"{where} min", "max or below")

    @property
    def title(self) -> str:
        return self.name or self.preset or self.metric or "without a name"

    @property
    def bound(self) -> str:
        """Such as: at least 0.8, in all of its interval."""
        parts = [f"at least {self.min:g}"] if self.min is not None else []
        parts += [f"at most {self.max:g}"] if self.max is not None else []
        return " and ".join(parts) + (", in all of its interval" if self.holds == INTERVAL else "")


PRESETS: Mapping[str, Mapping[str, Any]] = {
    # the four-fifths rule: 29 CFR 1607.4 (D)
    "four-fifths": {"metric": "user_ratio", "min": 0.8},
    "four-fifths-surely": {"metric": "user_ratio", "min": 0.8, "holds": INTERVAL},
    "small-user-gap": {"metric": "user_gap", "max": 0.05},
}
ABOUT = {
    "four-fifths": "in every judged attribute the worst served group gets at least four fifths of "
    "what the best served group gets",
    "four-fifths-surely": "the same, and the whole interval says so",
    "small-user-gap": "best and worst served group differ by at most 0.05",
}


@dataclass(frozen=True)
class Verdict:
    """What came of a gate.

    reason   why it holds or not, in words
    numbers  what it looked at: columns of estimates, and `holds`, misses first
    """

    gate: Gate
    is_held: bool
    reason: str
    numbers: pd.DataFrame

    def facts(self) -> dict[str, Any]:
        """As JSON tells it."""
        asked = {entry.name: getattr(self.gate, entry.name) for entry in fields(self.gate)}
        return {
            "gate": {name: value for name, value in asked.items() if value not in (None, "", ())},
            "holds": self.is_held,
            "reason": self.reason,
            "numbers": self.numbers,
        }


def read_gates(source: str | Path) -> list[Gate]:
    """The [[gate]] tables of TOML, a text or a file.  ConfigError for what cannot be."""
    where = "the gates"
    if isinstance(source, Path):
        where = str(source)
        try:
            source = source.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{where} cannot be read: {error}") from error
    try:
        given = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not TOML: {error}") from error
    reject_unknown(given, ["gate"], where, "section")
    asked = given.get("gate", [])
    if not isinstance(asked, list) or not asked:
        raise ConfigError(f'{where}: no gate is named; add [[gate]] with preset = "four-fifths"')
    return [gate_of(entry, f"{where}: [[gate]] {place}") for place, entry in enumerate(asked, 1)]


def gate_of(given: object, where: str = "the gate") -> Gate:
    """A gate out of a table; what it leaves out comes from its preset."""
    name = given.get("preset") if isinstance(given, Mapping) else None
    if name is not None and name not in PRESETS:
        raise UnknownNameError("preset of gates", str(name), PRESETS)
    filled = {**PRESETS[str(name)], **given} if isinstance(given, Mapping) and name else given
    return build(Gate, filled, where)


def check(run: Run, gates: Sequence[Gate]) -> list[Verdict]:
    """A verdict for every gate.  UnknownNameError for a number or model that nobody knows."""
    table = numbers_of(run)
    entries = run.manifest["models"]
    for gate in gates:
        known = dict.fromkeys([*metrics(), *table["metric"]])
        if gate.metric not in known:
            raise UnknownNameError("number to hold a gate against", gate.metric, known)
        for model in gate.models:
            if model not in entries:
                raise UnknownNameError("model of this run", model, entries)
    return [_verdict(run, gate, table) for gate in gates]


def numbers_of(run: Run) -> pd.DataFrame:
    """Every estimate of the run and of its audits."""
    tables = [run.estimates(), *(run.audit(name).estimates for name in run.audits())]
    parts = [table[list(KEPT)].astype({"k": "Float64"}) for table in tables if len(table)]
    return pd.concat(parts, ignore_index=True)


def _verdict(run: Run, gate: Gate, table: pd.DataFrame) -> Verdict:
    asked = gate.models or tuple(run.models(with_failed=True))
    chosen = _chosen(gate, table[table["metric"] == gate.metric])
    chosen = chosen[chosen["model"].isin(asked)]
    rows = _rows(chosen)
    reasons = [_why_not(gate, row) for row in rows]
    held = chosen.assign(holds=[reason is None for reason in reasons])
    held = held.sort_values("holds", kind="stable", ignore_index=True)
    there = {(row["model"], row["group_by"]) for row in rows}
    failed = [
        _missing(run, gate, (model, by), table)
        for model in asked
        for by in gate.group_by or (None,)
        if not any(model == had and by in {None, cut} for had, cut in there)
    ]
    failed += [
        f"{_where(row)} {reason}" for row, reason in zip(rows, reasons, strict=True) if reason
    ]
    if failed:
        more = f"; and {len(failed) - 1} more" if len(failed) > 1 else ""
        return Verdict(gate, False, f"{failed[0]}{more}", held)  # noqa: FBT003 - is_held
    told = "the number holds" if len(rows) == 1 else f"all {len(rows)} numbers hold"
    return Verdict(gate, True, f"{told}: {gate.bound}", held)  # noqa: FBT003 - is_held


def _chosen(gate: Gate, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that a gate speaks of, whatever the model."""
    if gate.k is not None:
        rows = rows[rows["k"] == gate.k]
    if gate.group is not None:
        rows = rows[rows["group"] == gate.group]
    if gate.group_by:
        return rows[rows["group_by"].isin(gate.group_by)]
    everybody = rows[rows["group_by"].isna()]
    if len(everybody):
        return everybody
    return rows[~rows["group_by"].str.contains(BETWEEN, regex=False)] if len(rows) else rows


def _why_not(gate: Gate, row: Mapping[str, Any]) -> str | None:
    """Why a number misses the bound, None if it holds it."""
    value, low, high = (_float(row[name]) for name in ("mean", "low", "high"))
    if math.isnan(value):
        return f"cannot be judged: {row['method']}"
    is_interval = gate.holds == INTERVAL
    if is_interval and (math.isnan(low) or math.isnan(high)):
        return f"= {value:.4g} has no interval ({row['method']}), and all of it must hold"
    shown = f"= {value:.4g}" + ("" if math.isnan(low) else f" ({low:.4g} to {high:.4g})")
    bottom, top = (low, high) if is_interval else (value, value)
    if gate.min is not None and bottom < gate.min:
        return f"{shown} is not {replace(gate, max=None).bound}"
    if gate.max is not None and top > gate.max:
        return f"{shown} is not {replace(gate, min=None).bound}"
    return None


def _missing(run: Run, gate: Gate, what: tuple[str, str | None], table: pd.DataFrame) -> str:
    """Why there is no number of this model, by this attribute."""
    model, by = what
    entry = run.manifest["models"][model]
    if entry["status"] != "done":
        return f"{model} gave no result: {entry['error'] or 'no reason was recorded'}"
    for family in run.audits():
        for note in run.audit(family).notes:
            if by is not None and note.about == by:
                return f"{model} has no {gate.metric} by {by}: it {note.reason}"
    own = table[(table["metric"] == gate.metric) & (table["model"] == model)]
    declared = metrics().get(gate.metric)
    if own.empty and declared is not None and declared.per == "audit":
        family = declared.family.replace("-", "_")
        return (
            f"{model} has no {gate.metric}: its audit was not made or could not judge it "
            f"(python -m recscope audit {run.id} --family {family})"
        )
    if own.empty:
        return f"{model} has no {gate.metric} in this run"
    asked = [f"k = {gate.k}"] if gate.k is not None else []
    asked += [f"group_by = {by}"] if by is not None else []
    asked += [f"group = {gate.group}"] if gate.group is not None else []
    first = _rows(own.drop_duplicates(["k", "group_by", "group"]).head(4))
    seen = "; ".join(_where(row, with_model=False) for row in first)
    return f"{model} has no {gate.metric} for {', '.join(asked)}; it has {seen} …"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _where(row: Mapping[str, Any], *, with_model: bool = True) -> str:
    """Such as: ease, user_ratio@10 by gender, ndcg."""
    k = _float(row["k"])
    name = str(row["metric"]) if math.isnan(k) else f"{row['metric']}@{k:.0f}"
    parts = [str(row["model"]), name] if with_model else [name]
    place = "" if pd.isna(row["group_by"]) else f" by {row['group_by']}, {row['group']}"
    return ", ".join(parts) + place


def _float(value: Any) -> float:
    return math.nan if pd.isna(value) else float(value)
