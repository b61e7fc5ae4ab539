"""Agreement: published values, and what holds for any raters."""

import numpy as np
import pytest

from explain.agreement import agreement, krippendorff_alpha

# four observers, twelve units: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", C
_ = np.nan
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)


@pytest.mark.parametrize(
    "level, alpha", [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_is_the_published_one(level, alpha):
    assert krippendorff_alpha(PUBLISHED, level) == pytest.approx(alpha, abs=5e-4)


def test_two_observers_and_two_values_agree_as_published():
    # the same paper, A: binary data, α = 0.095
    a = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    b = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(np.array([a, b]), "nominal") == pytest.approx(0.095, abs=5e-4)


def test_raters_who_say_the_same_agree_and_opposites_do_worse_than_chance():
    rating = np.array([1.0, 2, 3, 4, 5])
    assert krippendorff_alpha(np.vstack([rating, rating, rating])) == pytest.approx(1)
    assert krippendorff_alpha(np.vstack([rating, rating[::-1]])) < 0


def test_the_order_of_raters_and_units_does_not_matter():
    rng = np.random.default_rng(0)
    turned = PUBLISHED[rng.permutation(4)][:, rng.permutation(12)]
    assert krippendorff_alpha(turned) == pytest.approx(krippendorff_alpha(PUBLISHED))


def test_nothing_to_compare_is_undefined():
    assert np.isnan(krippendorff_alpha(np.array([[1, np.nan], [np.nan, 2]])))
    assert np.isnan(krippendorff_alpha(np.ones((2, 4))))


def test_an_unknown_level_is_refused():
    with pytest.raises(
        ValueError, match="level must be one of nominal, ordinal, interval; got 'x'"
    ):
        krippendorff_alpha(PUBLISHED, "x")


def test_judges_are_compared_two_by_two_over_what_both_judged():
    rng = np.random.default_rng(1)
    truth = rng.normal(size=60)
    verdicts = {
        "sharp": truth,
        "noisy": truth + rng.normal(size=60),
        "scaled": np.exp(truth),
        "silent": np.where(np.arange(60) < 20, truth, np.nan),
        "same": np.ones(60),
    }
    told = agreement(verdicts, users=np.arange(60) // 3).set_index(["judge", "other"])
    assert len(told) == 10
    assert told.loc[("sharp", "scaled"), ["spearman", "kendall"]].tolist() == pytest.approx([1, 1])
    assert told.loc[("sharp", "scaled"), "alpha"] == pytest.approx(1)
    noisy = told.loc[("sharp", "noisy")]
    assert noisy["low"] < noisy["spearman"] < noisy["high"]
    assert 0.4 < noisy["spearman"] < 0.95
    assert told.loc[("sharp", "silent"), ["n", "n_undefined"]].tolist() == [20, 40]
    assert np.isnan(told.loc[("sharp", "same"), "spearman"])
