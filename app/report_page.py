"""The look of a report: one HTML page with its styles in it. Pure: text in, text out."""

import re
from collections.abc import Iterable
from html import escape

import pandas as pd

from app.words import each, number

STYLE = """
:root{color-scheme:light dark;--text:#0B1220;--page:#FFF;--card:#F4F6F9;--line:#D8DEE7;
--link:#0067A3}
@media(prefers-color-scheme:dark){:root{--text:#E9EDF3;--page:#10151D;--card:#1A212C;--line:#333D4C;
--link:#6BBDEB}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--page);
color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
.facts,.caption,.note{font-size:.875rem;opacity:.82}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.8125rem;margin:.5rem 0}
th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);
vertical-align:top;font-variant-numeric:tabular-nums}
td:first-child,th:first-child{position:sticky;left:0;background:var(--page)}
th{font-weight:600;white-space:nowrap}td.short{white-space:nowrap}
.findings{list-style:none;padding:0;display:grid;gap:.6rem}
.findings li{background:var(--card);border-left:4px solid var(--line);padding:.6rem .8rem;
overflow-wrap:anywhere}
.findings li li{border:0;padding:0;background:none}.findings ul{margin:.2rem 0 0 1.2rem;padding:0;
list-style:disc}.findings>li>b:first-child{display:block}
.findings .bad{border-color:#D55E00}.findings .warn{border-color:#E69F00}
summary{cursor:pointer;color:var(--link);padding:.3rem 0}
pre{background:var(--card);padding:.8rem;overflow-x:auto;font-size:.8125rem}
@media print{details>*{display:block}.wide{overflow:visible}}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
SHORT = 40  # characters up to which a cell stays on one line
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_ESCAPED = re.compile(r"\\(.)")


def page(title: str, facts: str, parts: Iterable[str]) -> str:
    """A whole page; a browser that opens it runs no script and fetches nothing."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f'<main><h1>{escape(title)}</h1><p class="facts">{escape(facts)}</p>'
        f"{''.join(parts)}</main></body></html>\n"
    )


def section(title: str, body: str, note: str = "") -> str:
    """body: HTML; note: Markdown under it."""
    under = f'<p class="note">{rich(note)}</p>' if note else ""
    return f"<section><h2>{escape(title)}</h2>{body}{under}</section>"


def folded(title: str, body: str) -> str:
    """HTML that is there for who asks."""
    return f"<details><summary>{escape(title)}</summary>{body}</details>"


def rich(markdown: str) -> str:
    """The little Markdown that the workbench's sentences use, as HTML: bold, escapes, lists."""
    # an escaped sign waits behind a private character, so that no asterisk of a title is bold
    kept = _ESCAPED.sub(lambda found: chr(0xE000 + ord(found[1]) % 0x1000), markdown)
    shown = _listed(_BOLD.sub(r"<b>\1</b>", escape(kept)))
    return re.sub("[\ue000-\uefff]", lambda found: escape(chr(ord(found[0]) - 0xE000)), shown)


def _listed(text: str) -> str:
    """Lines that begin with a dash as a list."""
    lines = text.splitlines()
    points = [f"<li>{line[2:]}</li>" for line in lines if line.startswith("- ")]
    before = " ".join(line for line in lines if not line.startswith("- "))
    return f"{before}<ul>{''.join(points)}</ul>" if points else before


def table(rows: pd.DataFrame) -> str:
    """Columns as they are named; numbers rounded, text escaped."""
    if not len(rows):
        return ""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in rows.columns)
    body = "".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in each(rows))
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(value: object) -> str:
    text = number(value) if isinstance(value, float) else "" if value is None else str(value)
    look = ' class="short"' if len(text) <= SHORT else ""
    return f"<td{look}>{escape(text)}</td>"
