"""What another tool reported of its lists: its log, its output file, its table of metrics.

trec_eval's lines, RecBole's dict (printed or as JSON), Elliot's performance TSV, LensKit's summary,
and any JSON of names and numbers, as RecTools, ranx, RePlay and Recommenders give.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import DatasetError, EmptyError

NAMES: Mapping[str, str] = {
    "precision": "precision",
    "precisiontopk": "precision",
    "precisionk": "precision",
    "p": "precision",
    "recall": "recall",
    "recalltopk": "recall",
    "recallk": "recall",
    "hit": "hit_rate",
    "hits": "hit_rate",
    "hr": "hit_rate",
    "hitk": "hit_rate",
    "hitrate": "hit_rate",
    "success": "hit_rate",
    "f1": "f1",
    "f1beta": "f1",
    "fbetatopk": "f1",
    "map": "map",
    "mapcut": "map",
    "averageprecision": "map",
    "mrr": "mrr",
    "reciprank": "mrr",
    "reciprocalrank": "mrr",
    "reciprocalrankk": "mrr",
    "ndcg": "ndcg",
    "ndcgk": "ndcg",
    "ndcgcut": "ndcg",
    "rocauc": "auc",
    "auc": "auc",
    "gauc": "auc",
    "lauc": "auc",
    "gini": "gini",
    "giniindex": "gini",
    "listgini": "gini",
    "itemcoverage": "coverage",
    "coverage": "coverage",
    "coveragek": "coverage",
    "catalogcoverage": "coverage",
    "shannonentropy": "entropy",
    "sentropy": "entropy",
    "novelty": "novelty",
    "meaninvuserfreq": "novelty",
    "serendipity": "serendipity",
    "diversity": "ild",
    "intralistdiversity": "ild",
    "intralistdiversityk": "ild",
    "efd": "efd",
}
_LINE = re.compile(r"^(\S+)\s+(all|\S+)\s+([-+0-9.eE]+|nan)\s*$")
_AT = re.compile(r"^(.*?)[@_\s-]?(\d+)$")
_BARE = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True)
class Reported:
    """One number.

    metric  RecScope's name for it; k: its cutoff, None without one; theirs: as it was written
    """

    metric: str
    k: int | None
    value: float
    theirs: str


def read_reported(text: str) -> list[Reported]:
    """Which metrics does this text report?

    text  the content of a file or of a log: trec_eval's lines, a dict, JSON, or a table with tabs
          or commas whose header names metrics

    Raises DatasetError where it is nothing of the kind, EmptyError where no metric is known here.
    """
    pairs = list(_pairs(text))
    if not pairs:
        shown = " ".join(text.split())[:80]
        raise DatasetError(
            "metrics were wanted as trec_eval's lines (ndcg_cut_10 all 0.31), as a dict or JSON "
            f"({{'ndcg@10': 0.31}}), or as a table with a header; {shown!r} came"
        )
    found = [one for name, value in pairs if (one := _known(name, value)) is not None]
    if not found:
        raise EmptyError(
            f"no metric known here is among {', '.join(name for name, _ in pairs[:8])}; known are "
            f"{', '.join(sorted(set(NAMES.values())))}, with @k"
        )
    return found


def _pairs(text: str) -> Iterable[tuple[str, float]]:
    lines = [line for line in text.splitlines() if line.strip()]
    matched = [match for line in lines if (match := _LINE.match(line.strip()))]
    if matched and len(matched) >= len(lines) / 2:
        summary = [match for match in matched if match[2] == "all"]
        return [(match[1], float(match[3])) for match in summary or matched]
    if (mapping := _mapping(text)) is not None:
        return _flat(mapping)
    return _of_table(lines)


def _mapping(text: str) -> Mapping[object, object] | None:
    """The first {…} in the text, as JSON or as Python prints it."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    inside = re.sub(
        r"\b(?:OrderedDict|np\.float\d+|float)\(([^()]*)\)", r"\1", text[start : end + 1]
    )
    for read in (json.loads, ast.literal_eval):
        try:
            made = read(inside)
        except (ValueError, SyntaxError):
            continue
        if isinstance(made, dict):
            return made
    return None


def _flat(mapping: Mapping[object, object]) -> list[tuple[str, float]]:
    """Numbers by name; of a mapping inside, its mean or all of it."""
    found: list[tuple[str, float]] = []
    for name, value in mapping.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append((str(name), float(value)))
        elif isinstance(value, dict) and isinstance(value.get("mean"), int | float):
            found.append((str(name), float(value["mean"])))
        elif isinstance(value, dict):
            found += _flat(value)
    return found


def _of_table(lines: list[str]) -> list[tuple[str, float]]:
    """A header of names and one row of numbers, or a name and its mean in each row."""
    if len(lines) < 2:
        return []
    sign = "\t" if "\t" in lines[0] else ","
    header, rows = lines[0].split(sign), [line.split(sign) for line in lines[1:]]
    bare = [_BARE.sub("", name.lower()) for name in header]
    if "mean" in bare and len(header) > 1:
        place = bare.index("mean")
        return [(row[0], float(row[place])) for row in rows if len(row) > place and _is(row[place])]
    return [
        (name, float(cell))
        for name, cell in zip(header, rows[0], strict=False)
        if _is(cell) and _known(name, 0.0) is not None
    ]


def _is(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known(name: str, value: float) -> Reported | None:
    whole = name.strip().strip("'\"")
    match = _AT.match(whole)
    parts = [(whole, None)] if match is None else [(match[1], int(match[2])), (whole, None)]
    for text, k in parts:
        metric = NAMES.get(_BARE.sub("", text.lower()))
        if metric is not None:
            return Reported(metric, k, value, whole)
    return None
