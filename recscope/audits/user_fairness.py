"""Which users are served worse, by any attribute and crossing of attributes, beyond chance?"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from core.errors import UnknownNameError
from core.tables import PAD, Bools
from evaluators.doors import metrics
from recscope.audits.case import Case
from recscope.audits.report import Note, Report, Row, effects_frame, estimates_frame
from recscope.audits.user_gaps import Column, Found, Shown, effects, estimates, find, shown
from recscope.audits.user_inequality import inequality
from recscope.compare import holm
from recscope.config_sections import AUTO
from recscope.config_values import need
from recscope.cuts import MOST_GROUPS, Cut, cuts_of, declared, intersections
from recscope.estimate import split_label
from recscope.judge import label
from recscope.permuted import PERMUTATIONS

QUESTION = "Which users are served worse, and could it be chance?"
USUAL = ("ndcg", "recall")


@dataclass(frozen=True)
class Settings:
    """[audit.user_fairness].

    metrics        per-user metrics by name; empty: ndcg and recall where the run has them
    k              cutoff; None: the run's (10, or the middle one)
    by             columns of users; "auto" for the card's groups and sensitive attributes, and
                   activity, tenure and mainstreamness
    intersections  attributes crossed at once, 1 for none; of the first metric alone
    smallest       groups of fewer users with a value are not shown, nor tested
    most_groups    an attribute with more values cannot be judged
    permutations   of the tests
    """

    metrics: tuple[str, ...] = ()
    k: int | None = None
    by: tuple[str, ...] = (AUTO,)
    intersections: int = 2
    smallest: int = 5
    most_groups: int = MOST_GROUPS
    permutations: int = PERMUTATIONS

    def __post_init__(self) -> None:
        where = "[audit.user_fairness]"
        need(self.k is None or self.k >= 1, f"{where} k", "1 or more")
        need(self.intersections >= 1, f"{where} intersections", "1 (none) or more")
        need(self.smallest >= 2, f"{where} smallest", "2 users or more")
        need(self.most_groups >= 2, f"{where} most_groups", "2 or more")
        need(self.permutations >= 100, f"{where} permutations", "100 or more")


def audit(case: Case, settings: Settings) -> Report:
    """Gaps between groups of users for every model, with tests against chance.

    estimates  numbers between groups: group_by the attribute or crossing, group the per-user metric
               they speak of; numbers over users: group_by "users"; and means of groups that the
               run's own estimates do not hold
    tests      "user gap" a row an attribute, group: its worst; "user group" a row a group, effect:
               its mean less that of all other users; "intersection gap" and "intersection group"
               the same where attributes meet. p_adjusted: Holm over all rows of a model and test
    """
    columns, notes = _columns(case, settings)
    cuts, reasons = _cuts(case, settings)
    notes += [Note(name, f"cannot be judged, because {why}") for name, why in reasons.items()]
    crossings = intersections(cuts, settings.intersections)
    known = set(_stored_groups(case))
    made: list[Row] = []
    tested: list[Row] = []
    for is_defined, alike in _by_pattern(columns):
        made += [row for column in alike for row in inequality(column, case.sure)]
        first = [each for each in alike if each.metric.name == columns[0].metric.name]
        for kind, group, of in (("user", cuts, alike), ("intersection", crossings, first)):
            for found, extra in _judged(case, settings, (is_defined, of, group), notes):
                with_means = (found.cut.name, found.column.metric.name) not in known
                made += estimates(found, case.sure, with_means=with_means, extra=extra)
                tested += effects(found, case.sure, kind)
    return Report(
        estimates=estimates_frame(made),
        tests=_adjusted(effects_frame(tested), 1 - case.sure.confidence),
        notes=list(dict.fromkeys(notes)),
        settings=asdict(settings),
    )


def _columns(case: Case, settings: Settings) -> tuple[list[Column], list[Note]]:
    """Every metric of every model, the first metric's first."""
    having = {model: case.metric_columns(model) for model in case.models}
    known = list(dict.fromkeys(split_label(name)[0] for all_ in having.values() for name in all_))
    asked = settings.metrics or tuple(name for name in USUAL if name in known) or tuple(known[:1])
    k = settings.k or case.k
    columns, notes = [], []
    for name in asked:
        if name not in known:
            raise UnknownNameError("per-user metric of this run", name, known)
        metric = metrics()[name]
        for model, labels in having.items():
            at = k if metric.cutoff else None
            named = label(name, at)
            if named not in labels:
                notes.append(
                    Note(model, f"{named} cannot be judged, because the run did not compute it")
                )
                continue
            values = case.per_user(model, [named])[named].to_numpy()
            if np.isnan(values).all():
                notes.append(Note(model, f"{named} cannot be judged, because no user has a value"))
                continue
            columns.append(Column(metric, at, model, values, _without_list(case, model)))
    return columns, notes


def _without_list(case: Case, model: str) -> Bools:
    return np.asarray((case.lists(model).items == PAD).all(axis=1))


def _cuts(case: Case, settings: Settings) -> tuple[list[Cut], dict[str, str]]:
    names: list[str] = []
    for name in settings.by:
        facts = case.given.dataset.facts
        names += declared(case.users, facts) if name == AUTO else [name]
    users = case.users.loc[case.judged_users]
    return cuts_of(users, dict.fromkeys(names), settings.most_groups)


def _stored_groups(case: Case) -> Iterator[tuple[str, str]]:
    from recscope.files import read_table

    table = read_table(case.path / "estimates.parquet", ["metric", "group_by"]).drop_duplicates()
    for row in table.itertuples(index=False):
        yield str(row.group_by), str(row.metric)


def _by_pattern(columns: Sequence[Column]) -> Iterator[tuple[Bools, list[Column]]]:
    """Columns that are defined for the very same users, together: they share all draws."""
    found: dict[bytes, tuple[Bools, list[Column]]] = {}
    for column in columns:
        is_defined = ~np.isnan(column.scores)
        found.setdefault(is_defined.tobytes(), (is_defined, []))[1].append(column)
    yield from found.values()


def _judged(
    case: Case,
    settings: Settings,
    what: tuple[Bools, list[Column], Sequence[Cut]],
    notes: list[Note],
) -> Iterator[tuple[Found, Row]]:
    is_defined, columns, cuts = what
    fitting = []
    for cut in cuts:
        part = shown(cut, is_defined, settings.smallest)
        if part.is_enough:
            fitting.append((cut, part))
        notes += _hidden(part, settings.smallest)
    if not columns or not fitting:
        return
    for cut, part in fitting:
        undefined = np.bincount(cut.codes[~is_defined] + 1, minlength=len(cut.groups) + 1)[1:]
        for found in find(columns, part.cut, is_defined, case.sure, settings.permutations):
            missing = part.cut.codes[found.column.is_imputed[is_defined]]
            imputed = np.bincount(missing + 1, minlength=len(part.cut.groups) + 1)[1:]
            yield found, {"undefined": undefined[part.places], "imputed": imputed}


def _hidden(part: Shown, smallest: int) -> Iterator[Note]:
    if part.n_small:
        yield Note(
            part.cut.name,
            f"{part.n_small} group{'s' if part.n_small > 1 else ''} of fewer than {smallest} users "
            f"({part.n_users_small} in all) cannot be judged, because so few tell nothing beyond "
            "chance and could be recognised; left out",
        )
    if not part.is_enough:
        n = len(part.cut.groups)
        yield Note(
            part.cut.name,
            f"cannot be judged, because {n or 'no'} group{'s' if n != 1 else ''} of {smallest} "
            "users or more remain: two are needed",
        )


def _adjusted(tested: pd.DataFrame, level: float) -> pd.DataFrame:
    """p_adjusted by Holm over the rows of each model and test, and the alarms it raises."""
    if tested.empty:
        return tested
    p = tested["p"].to_numpy(copy=True)
    for rows in tested.groupby(["model", "test"], sort=False).indices.values():
        p[rows] = holm(p[rows])
    return tested.assign(p_adjusted=p, is_alarm=p < level)
