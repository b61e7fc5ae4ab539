"""Write calibration.json: what netcal, scikit-learn, relplot and others say of the same pairs.

calib/bin/python tests/golden/make_calibration.py
    (an environment with netcal, scikit-learn, relplot, uncertainty-calibration and betacal)
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import calibration
import numpy as np
import relplot
from betacal import BetaCalibration
from netcal.metrics import ACE, ECE, MCE
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

HERE = Path(__file__).parent
SIZES = {"few": 40, "some": 300, "many": 2000}
TOOLS = ("netcal", "scikit-learn", "relplot", "uncertainty-calibration", "betacal")
PROBES = np.linspace(0.01, 0.99, 15)


def pairs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Promises that are too bold, to six digits so that JSON keeps them whole."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(1.2, 4.0, size=n)
    odds = 1.6 * np.log(truth / (1 - truth)) + 0.4
    promised = np.round(1 / (1 + np.exp(-odds)), 6)
    return np.clip(promised, 1e-6, 1 - 1e-6), rng.random(n) < truth


def logistic(features: np.ndarray, targets: np.ndarray, *, constant: bool = True) -> list[float]:
    """Weights of an unpenalised logistic regression; soft targets as two weighted rows each."""
    rows = np.concatenate([features, features])
    labels = np.repeat([1, 0], len(targets))
    weights = np.concatenate([targets, 1 - targets])
    fitted = LogisticRegression(
        C=np.inf, tol=1e-14, max_iter=1000, solver="newton-cholesky", fit_intercept=constant
    ).fit(rows, labels, sample_weight=weights)
    return [*fitted.coef_[0].tolist(), *(fitted.intercept_.tolist() if constant else [])]


def beta(sides: np.ndarray, targets: np.ndarray) -> list[float]:
    """Weights of both sides and the constant; a side that would turn the order goes."""
    a, b, c = logistic(sides, targets)
    if a < 0:
        return [0.0, *logistic(sides[:, 1:], targets)]
    if b < 0:
        a, c = logistic(sides[:, :1], targets)
        return [a, 0.0, c]
    return [a, b, c]


def maps(p: np.ndarray, y: np.ndarray) -> dict[str, object]:
    odds = np.log(p / (1 - p))[:, None]
    n_hits = y.sum()
    soft = np.where(y, (n_hits + 1) / (n_hits + 2), 1 / (len(y) - n_hits + 2))
    sides = np.column_stack([np.log(p), -np.log(1 - p)])
    rising = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(p, y)
    return {
        "platt": logistic(p[:, None], soft),
        "platt_odds": logistic(odds, soft),
        "temperature": logistic(odds, y.astype(float), constant=False),
        "beta": beta(sides, y.astype(float)),
        "betacal": BetaCalibration("abm").fit(p, y).predict(PROBES).tolist(),
        "isotonic": rising.predict(PROBES).tolist(),
    }


def said(p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    labels = y.astype(int)
    bins = calibration.utils
    by_mass = bins.get_equal_bins(p, num_bins=10)
    binned = bins.bin(list(zip(p, labels, strict=True)), by_mass)
    return {
        "netcal ECE": float(ECE(10).measure(p, labels)),
        "netcal ECE equal mass": float(ECE(10, equal_intervals=False).measure(p, labels)),
        "netcal ECE 15": float(ECE(15).measure(p, labels)),
        "netcal MCE": float(MCE(10).measure(p, labels)),
        "netcal ACE": float(ACE(10).measure(p, labels)),
        "relplot smECE": float(relplot.smECE(p, y.astype(float))),
        "sklearn brier": float(brier_score_loss(labels, p)),
        "sklearn log loss": float(log_loss(labels, p)),
        "unbiased squared": float(bins.unbiased_square_ce(binned)),
        "normal debiased": float(
            np.mean([bins.normal_debiased_ce(binned, power=1, resamples=20000)])
        ),
    }


def main() -> None:
    cases = {}
    for seed, (name, n) in enumerate(SIZES.items()):
        p, y = pairs(n, seed)
        np.random.seed(0)  # noqa: NPY002 - what uncertainty-calibration draws from
        cases[name] = {
            "probabilities": p.tolist(),
            "outcomes": y.astype(int).tolist(),
            "values": said(p, y),
            "maps": maps(p, y),
        }
    made = {
        "tools": {tool: version(tool) for tool in TOOLS},
        "python": sys.version.split()[0],
        "made_by": Path(__file__).name,
        "probes": PROBES.tolist(),
        "cases": cases,
    }
    (HERE / "calibration.json").write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
