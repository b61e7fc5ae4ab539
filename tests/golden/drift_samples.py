"""Samples that other tools' drift measures are asked about. Plain lists; any Python runs it."""

import random


def samples() -> dict[str, dict[str, list[float]]]:
    """Name → reference and current values; every value occurs, none is rarer than 1 in 1,000."""
    draw = random.Random(11)
    ratings = {
        "reference": draw.choices([1, 2, 3, 4, 5], [1, 2, 5, 9, 6], k=400),
        "current": draw.choices([1, 2, 3, 4, 5], [2, 3, 5, 7, 8], k=300),
    }
    one_gone = {
        "reference": [1, 1, 2, 2, 2, 3, 3, 4] * 10,
        "current": [1, 2, 2, 3, 3, 3] * 12,
    }
    far = {"reference": [1.0] * 30 + [2.0] * 20, "current": [2.0] * 5 + [7.5] * 45}
    return {"ratings": ratings, "one gone": one_gone, "far": far}


def clouds() -> dict[str, list[list[float]]]:
    """Two clouds of points in three dimensions."""
    draw = random.Random(12)
    return {
        "reference": [[draw.gauss(0, 1) for _ in range(3)] for _ in range(40)],
        "current": [[draw.gauss(0.5, 1.2) for _ in range(3)] for _ in range(25)],
    }


def lists() -> list[dict[str, list[int]]]:
    """Pairs of ranked lists of one length without repeats."""
    draw = random.Random(13)
    made = [
        {"before": draw.sample(range(14), k), "after": draw.sample(range(14), k)}
        for k in (1, 3, 5, 10, 10, 10)
    ]
    same = list(range(10))
    return [*made, {"before": same, "after": same}, {"before": same, "after": same[::-1]}]
