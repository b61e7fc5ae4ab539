"""One model's scores as probabilities: before a map, and after one fitted on validation data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import PluginError
from core.tables import Floats
from evaluators.calibration_maps import (
    MAPS,
    OF_PROBABILITIES,
    CalibrationMap,
    fit_platt_odds,
    sigmoid,
)
from recscope.audits.calibration_numbers import Judgement
from recscope.audits.calibration_pairs import (
    Pairs,
    is_outside,
    seconds_again,
    validation_pairs,
)
from recscope.audits.case import Case
from recscope.audits.report import Note, Row, curves_frame
from recscope.config_values import need

NONE = "none"
SQUASHES = ("min-max", "sigmoid", NONE)
AS_STATED = "as stated"
FEWEST = 20  # entries and hits and misses below which no map is fitted
MAP_POINTS = 41

ALL_EQUAL = (
    "scores cannot be judged as probabilities, because all {n:,} of them are equal ({score:g}); "
    "whatever a map makes of them is the mean hit rate"
)
NOT_FINITE = "{n:,} scores are not finite and are left out"
OUT_OF_RANGE = (
    "its scores were said to be probabilities, but cannot be judged as such, because {n:,} of "
    "{all:,} lie outside [0, 1] ({low:g} to {high:g}); leave the model out of "
    "[audit.calibration] probabilities"
)
NOT_SQUASHED = (
    "before cannot be judged, because its scores are no probabilities and "
    '[audit.calibration] squash = "none" asks not to make any of them'
)
NO_MAP = {
    "none": "after cannot be judged, because no map was asked for ([audit.calibration] map)",
    "outside": "after cannot be judged, because a map needs the model fitted on train alone, and a "
    "system outside cannot be made to forget what it learned later",
    "failed": "after cannot be judged, because fitting the model on train alone failed: {error}",
    "empty": "after cannot be judged, because the split has no validation part to fit a map on",
    "slow": "after cannot be judged: the model would be fitted and asked again, on train alone, "
    "which takes about {seconds:.0f} s; raise [audit.calibration] refit_seconds to have it done",
    "few": "after cannot be judged, because a map needs 20 listed items, 1 hit and 1 miss at least "
    "in validation; there are {n:,}, {hits:,} and {misses:,}",
    "range": "after cannot be judged, because the map {map!r} bends probabilities, and these "
    "scores are none: ask for platt, isotonic or histogram, or for a squash",
}


@dataclass(frozen=True)
class Settings:
    """What is taken for a probability, and how the rest is made into one.

    probabilities  models whose scores are probabilities that the user chooses the item
    map            platt, isotonic, temperature, beta, histogram; none: no model is fitted again
    squash         how scores that are none are shown as probabilities before the map: min-max
                   (0 for the lowest listed score, 1 for the highest), sigmoid, none
    k              places of each list that are judged; 0: as many as the largest cutoff of the run
    n_bins         bins of each error and diagram
    refit_seconds  a model that takes longer to fit and to ask again gets no map
    """

    probabilities: tuple[str, ...] = ()
    map: str = "platt"
    squash: str = "min-max"
    k: int = 0
    n_bins: int = 10
    refit_seconds: float = 120.0

    def __post_init__(self) -> None:
        where = "[audit.calibration]"
        known = [*MAPS, NONE]
        need(self.map in known, f"{where} map", f"one of {', '.join(known)}")
        need(self.squash in SQUASHES, f"{where} squash", f"one of {', '.join(SQUASHES)}")
        need(self.k >= 0, f"{where} k", "0 (the largest cutoff of the run) or more")
        need(2 <= self.n_bins <= 1000, f"{where} n_bins", "2 to 1000")
        need(self.refit_seconds >= 0, f"{where} refit_seconds", "0 or more")


class Learned:
    """What is known of one model's scores: what they are before a map, and the map.

    map         None where none could be fitted; notes say why
    is_probability  are the scores said to be probabilities, and can they be?
    """

    def __init__(self, case: Case, model: str, pairs: Pairs, settings: Settings) -> None:
        self.model, self.pairs, self.settings = model, pairs, settings
        self.notes: list[Note] = []
        self.validation: Pairs | None = None
        self.map: CalibrationMap | None = None
        self.is_probability = model in settings.probabilities and self._in_range()
        if np.ptp(pairs.scores) == 0:
            self._note(ALL_EQUAL.format(n=len(pairs), score=pairs.scores[0]))
        if not self.is_probability and settings.squash == NONE:
            self._note(NOT_SQUASHED)
        reason = self._no_validation(case)
        if reason is None:
            reason = self._learn(case)
        if reason is not None:
            self._note(reason)

    def _note(self, reason: str) -> None:
        self.notes.append(Note(self.model, reason))

    def _in_range(self) -> bool:
        scores = self.pairs.scores
        outside = (scores < 0) | (scores > 1)
        if outside.any():
            facts = {"low": scores.min(), "high": scores.max()}
            self._note(OUT_OF_RANGE.format(n=int(outside.sum()), all=len(scores), **facts))
        return not outside.any()

    def _no_validation(self, case: Case) -> str | None:
        """Why there is nothing to fit a map on; None where there is."""
        if self.settings.map == NONE:
            return NO_MAP["none"]
        if is_outside(case, self.model):
            return NO_MAP["outside"]
        if not len(case.given.split.validation):
            return NO_MAP["empty"]
        seconds = seconds_again(case, self.model)
        return (
            NO_MAP["slow"].format(seconds=seconds)
            if seconds > self.settings.refit_seconds
            else None
        )

    def _learn(self, case: Case) -> str | None:
        """List for validation users and fit the map on what they chose; why not, or None."""
        try:
            self.validation = validation_pairs(case, self.model, self.settings.k)
        except PluginError as error:
            return NO_MAP["failed"].format(error=error)
        return self._fit()

    def _fit(self) -> str | None:
        """Fit the map; why it could not be, or None."""
        seen = self.validation
        n, hits = (len(seen), seen.n_hits) if seen is not None else (0, 0)
        if seen is None or n < FEWEST or hits in {0, n}:
            return NO_MAP["few"].format(n=n, hits=hits, misses=n - hits)
        kind = self.settings.map
        if kind in OF_PROBABILITIES and not self.is_probability and self.settings.squash == NONE:
            return NO_MAP["range"].format(map=kind)
        fit = fit_platt_odds if kind == "platt" and self.is_probability else MAPS[kind]
        self.map = fit(self._input(seen.scores), seen.outcomes)
        return None

    def before(self, scores: Floats) -> Floats:
        """Scores as a probability without any map; the range is that of the lists judged."""
        if self.is_probability:
            return scores
        if self.settings.squash == "sigmoid":
            return sigmoid(scores)
        low, high = self.pairs.scores.min(), self.pairs.scores.max()
        return np.asarray(np.clip((scores - low) / (high - low if high > low else 1.0), 0, 1))

    def _input(self, scores: Floats) -> Floats:
        """What the map takes: probabilities where it needs them, else the scores."""
        if self.settings.map in OF_PROBABILITIES:
            return self.before(scores)
        return np.clip(scores, 0, 1) if self.is_probability else scores

    def judgements(self) -> list[Judgement]:
        """Probabilities before the map and after it, as far as there are any."""
        n_bins, made = self.settings.n_bins, []
        if self.is_probability or self.settings.squash != NONE:
            way = AS_STATED if self.is_probability else self.settings.squash
            before = self.before(self.pairs.scores)
            speaks = self.is_probability
            made.append(Judgement(self.model, way, self.pairs, before, n_bins, speaks))
        if self.map is not None:
            after = self.map(self._input(self.pairs.scores))
            speaks = not self.is_probability
            kind = self.settings.map
            made.append(Judgement(self.model, kind, self.pairs, after, n_bins, speaks))
        return made

    def curves(self) -> pd.DataFrame:
        """The map itself, and what was counted."""
        facts = {
            "entries judged": len(self.pairs),
            "of them chosen": self.pairs.n_hits,
            "lists judged": self.pairs.n_lists,
        }
        if self.validation is not None:
            facts |= {
                "entries the map was fitted on": len(self.validation),
                "of these chosen": self.validation.n_hits,
                "lists the map was fitted on": self.validation.n_lists,
            }
        rows: list[Row] = [
            {"curve": "population", "model": self.model, "label": label, "y": value}
            for label, value in facts.items()
        ]
        return curves_frame([*rows, *self._map_points()])

    def _map_points(self) -> Sequence[Row]:
        if self.map is None:
            return []
        scores = np.linspace(self.pairs.scores.min(), self.pairs.scores.max(), MAP_POINTS)
        found = self.map(self._input(scores))
        return [
            {"curve": "map", "model": self.model, "series": self.settings.map, "x": x, "y": y}
            for x, y in zip(scores, found, strict=True)
        ]
