"""What should worry the reader of a run?  Sentences made from its tables. Pure: no Streamlit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from app import words
from app.words import count, each, plain, share

Level = Literal["bad", "warn", "note"]
LEVELS: tuple[Level, ...] = ("bad", "warn", "note")


@dataclass(frozen=True)
class Finding:
    """level: bad - do not trust the number; warn - read it with care; note - good to know.

    title and detail are Markdown, text from data already made plain. page: where to look closer.
    """

    level: Level
    title: str
    detail: str
    page: str = ""


@dataclass(frozen=True)
class Evidence:
    """The tables of one run that findings are made from.

    estimates  everybody's rows at the headline metric, best model first
    compared   comparisons with the baseline at the headline metric
    reach      model, n_recommended, n_items, n_lists, n_fallback
    gaps       of the best model, see app.gaps; no rows where an audit of users tells more
    leakage    counts, see app.queries
    winners    metric to its best model, at the same cutoff
    """

    manifest: Mapping[str, Any]
    estimates: pd.DataFrame
    compared: pd.DataFrame
    users: pd.DataFrame
    reach: pd.DataFrame
    gaps: pd.DataFrame
    leakage: Mapping[str, float]
    winners: Mapping[str, str]
    metric: str
    better: str = "higher"

    @property
    def best(self) -> str:
        return str(self.estimates["model"].iloc[0])


def findings(evidence: Evidence) -> list[Finding]:
    """What the run's own tables tell, worst first."""
    return ranked(finding for check in CHECKS for finding in check(evidence))


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """Worst first; the order within a level is kept."""
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def fallback_data(evidence: Evidence) -> Iterator[Finding]:
    if note := evidence.manifest.get("fallback"):
        yield Finding("bad", "These are not the data that were asked for", plain(note, 600), "data")


def failed_models(evidence: Evidence) -> Iterator[Finding]:
    for name, entry in evidence.manifest.get("models", {}).items():
        if entry.get("status") != "done":
            reason = plain(entry.get("error") or "no reason was recorded", 300)
            yield Finding("bad", f"{plain(name)} gave no result", f"{reason}.", "runs")


def split_leakage(evidence: Evidence) -> Iterator[Finding]:
    counts = evidence.leakage
    if counts.get("n_late"):
        rule = plain(evidence.manifest["data"].get("split", {}).get("rule", "unknown"))
        part = share(counts["n_late"], counts["n_train"])
        yield Finding(
            "bad",
            "Training looks into the future",
            f"{part} of the training interactions are later than the first test interaction "
            f"(split rule {rule}). A deployed model could not have known them; "
            "global\\-time avoids it.",
            "data",
        )


def beats_baseline(evidence: Evidence) -> Iterator[Finding]:
    rows = of_model(evidence.compared, evidence.best)
    for row in each(rows):
        if row.p_holm >= 0.05:
            yield Finding(
                "bad",
                f"The best model may be no better than {plain(row.baseline)}",
                f"The difference, {words.signed(row.difference)} "
                f"({words.interval(row.low, row.high)}), has corrected "
                f"{words.p_value(row.p_holm)}. A difference below {words.number(row.mde)} could "
                f"not be told from chance with {count(row.n, 'user')}.",
                "accuracy",
            )


def missing_lists(evidence: Evidence) -> Iterator[Finding]:
    rows = evidence.estimates[evidence.estimates["n_imputed"] > 0]
    if len(rows):
        named = ", ".join(
            f"{plain(row.model)} ({row.n_imputed:,.0f} of {row.n:,.0f})" for row in each(rows)
        )
        yield Finding(
            "warn",
            "Some users got no list",
            f"They count as 0, so that a model cannot gain by staying silent: {named}.",
            "accuracy",
        )


def undefined_users(evidence: Evidence) -> Iterator[Finding]:
    undefined, n = (evidence.estimates[name].max() for name in ("n_undefined", "n"))
    if undefined > 0:
        yield Finding(
            "note",
            f"{count(undefined, 'user')} could not be scored",
            f"Nothing they liked lies in the test part, so {evidence.metric} has no value for "
            f"them. They are left out of the mean over {count(n, 'user')}, not counted as 0.",
            "data",
        )


def cold_users(evidence: Evidence) -> Iterator[Finding]:
    users = evidence.users
    tested = users[users["n_test"] > 0]
    cold = int((tested["n_train"] == 0).sum())
    if not cold:
        return
    part = cold / len(tested)
    told = evidence.reach[evidence.reach["n_fallback"] > 0]["model"]
    answer = (
        f"{count(len(told), 'model')} answered them with a fallback list: "
        + ", ".join(plain(name) for name in told)
        if len(told)
        else "No model had a fallback for them"
    )
    yield Finding(
        "bad" if part >= 0.5 else "warn" if part >= 0.05 else "note",
        f"{share(cold, len(tested))} of the test users were never seen in training",
        f"{count(cold, 'user')} of {len(tested):,}. {answer}. What is measured for them is the "
        "fallback, not the model.",
        "user",
    )


def group_gap(evidence: Evidence) -> Iterator[Finding]:
    gaps, sign = evidence.gaps, -1 if evidence.better == "higher" else 1
    worse = gaps[(gaps["p_holm"] < 0.05) & (gaps["difference"] * sign > 0)].copy()
    worse = worse.loc[worse["difference"].abs().sort_values(ascending=False).index]
    if len(worse):
        lines = [
            f"- **{plain(row.group_by)} = {plain(row.group)}**: {words.number(row.mean)} for "
            f"{count(row.n, 'user')}, {words.number(row.rest)} for the rest; "
            f"{words.signed(row.difference)} ({words.interval(row.low, row.high)}), "
            f"{words.p_value(row.p_holm)}"
            for row in each(worse.head(4))
        ]
        yield Finding(
            "warn",
            f"Of {count(len(gaps), 'group')} of users, {len(worse)} "
            f"{'is' if len(worse) == 1 else 'are'} served worse",
            f"{plain(evidence.best)}, {evidence.metric}, each group against all other users "
            f"(Student's 95 % interval; p by permutation, Holm for {len(gaps)} groups):\n\n"
            + "\n".join(lines),
            "accuracy",
        )
    if len(gaps) and worse.empty:
        yield Finding(
            "note",
            "No group of users is served worse beyond chance",
            f"{len(gaps)} groups were looked at; that is no proof of fairness, small groups have "
            "wide intervals.",
            "accuracy",
        )


def other_winners(evidence: Evidence) -> Iterator[Finding]:
    others: dict[str, list[str]] = {}
    for metric, model in evidence.winners.items():
        if model != evidence.best:
            others.setdefault(model, []).append(metric)
    if others:
        said = "; ".join(f"{plain(model)} by {', '.join(named)}" for model, named in others.items())
        yield Finding(
            "note", "Another metric has another winner", f"{said}.".replace("_", "\\_"), "accuracy"
        )


def narrow_lists(evidence: Evidence) -> Iterator[Finding]:
    best = evidence.reach[evidence.reach["model"] == evidence.best]
    for row in each(best):
        part = row.n_recommended / max(row.n_items, 1)
        if part < 0.3:
            yield Finding(
                "warn" if part < 0.1 else "note",
                f"{plain(row.model)} shows {share(row.n_recommended, row.n_items)} of the items",
                f"{row.n_recommended:,} of {row.n_items:,} items ever appear in its lists; the "
                "rest cannot be found through it.",
                "accuracy",
            )


def cold_items(evidence: Evidence) -> Iterator[Finding]:
    counts = evidence.leakage
    if counts.get("n_cold_items"):
        yield Finding(
            "note",
            f"{count(counts['n_cold_items'], 'test item')} never occurred in training",
            f"Out of {counts['n_test_items']:,.0f}. No model that learns from behaviour alone can "
            "recommend them; the best possible score is below 1.",
            "data",
        )


def dropped(evidence: Evidence) -> Iterator[Finding]:
    entries = [entry for entry in ledger(evidence.manifest) if entry["action"] == "dropped"]
    if entries:
        reasons = "; ".join(
            f"{entry['count']:,} {plain(entry['unit'])}: {plain(entry['reason'])}"
            for entry in entries[:4]
        )
        more = f"; and {len(entries) - 4} more reasons" if len(entries) > 4 else ""
        yield Finding("note", "Some of the data were left out", f"{reasons}{more}.", "data")


CHECKS: Sequence[Callable[[Evidence], Iterator[Finding]]] = (
    fallback_data,
    failed_models,
    split_leakage,
    beats_baseline,
    group_gap,
    missing_lists,
    cold_users,
    narrow_lists,
    other_winners,
    undefined_users,
    cold_items,
    dropped,
)


def of_model(table: pd.DataFrame, model: str) -> pd.DataFrame:
    """The rows of one model; a table without rows may lack columns too."""
    return table[table["model"] == model] if len(table) else table


def ledger(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The population ledger's entries: stage, action, reason, count, unit, examples."""
    population = manifest.get("population") or []
    entries = population.get("entries", []) if isinstance(population, Mapping) else population
    return [dict(entry) for entry in entries]
