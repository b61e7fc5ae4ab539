"""Judges of explanations: what an AUC is, how sure it is, and that nothing unproven is shown."""

import numpy as np
import pytest

from core.errors import ConfigError
from core.language import LanguageModel
from explain.brief import Brief
from explain.judges import ALL, FACTUAL, auc, auc_interval, calibrate, may_be_shown
from explain.lexicon import Lexicon
from explain.writers.template import Template

GROUPS = ("Drama", "Comedy", "War", "Western", "Horror")
TITLES = [f"{a} {b}" for a in ("Silent", "Burning", "Hidden", "Distant") for b in
          ("Harbour", "Orchard", "Signal", "Valley", "Lantern", "Ferry")]  # fmt: skip
LEXICON = Lexicon(
    titles=frozenset(TITLES),
    groups={title: frozenset({GROUPS[n % 5]}) for n, title in enumerate(TITLES)},
    years={title: frozenset({1950 + n}) for n, title in enumerate(TITLES)},
    group_names=GROUPS,
    noun="film",
)


def briefs(n: int) -> list[Brief]:
    made = []
    for user in range(n):
        title, group, year = TITLES[user % 24], GROUPS[user % 24 % 5], 1950 + user % 24
        because = (TITLES[(user + 5) % 24], TITLES[(user + 9) % 24])
        made.append(
            Brief(
                user=user,
                item=user % 24,
                title=title,
                because=because,
                facts=(
                    f"{title} ({year}) is a {group} film.",
                    f"{title} has the same director as {because[0]}, which the user also liked.",
                ),
                groups=(group,),
                year=year,
                liked=because,
                noun="film",
                lexicon=LEXICON,
            )
        )
    return made


BRIEFS = briefs(20)
GOOD = [written.text for written in Template().write(BRIEFS)]


def test_auc_is_the_share_of_pairs_in_order():
    # 3 wins and 2 ties of 6 pairs
    told = auc(np.array([1.0, 2.0, np.nan]), np.array([1.0, 2.0, 0.0]))
    assert told == pytest.approx((3 + 2 * 0.5) / 6)
    assert np.isnan(auc(np.array([np.nan]), np.array([1.0])))


def test_auc_is_that_of_scikit_learn():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    good, bad = rng.integers(6, size=40) + 1.0, rng.integers(6, size=50) + 0.0
    expected = roc_auc_score([1] * 40 + [0] * 50, np.concatenate([good, bad]))
    assert auc(good, bad) == pytest.approx(expected)


def test_texts_of_one_user_are_no_further_proof():
    rng = np.random.default_rng(0)
    good, bad, users = rng.normal(0.8, 1, 20), rng.normal(0, 1, 20), np.arange(20)
    once = auc_interval(good, bad, users, users)
    again = auc_interval(*(np.repeat(x, 4) for x in (good, bad, users, users)))
    assert np.ptp(again) == pytest.approx(np.ptp(once), rel=0.1)
    assert once[0] < auc(good, bad) < once[1]


def test_a_judge_without_a_mistake_is_not_certain():
    low, high = auc_interval(np.ones(5), np.zeros(5), np.arange(5), np.arange(5))
    assert high == 1
    assert low == pytest.approx(0.025 ** (1 / 5))
    low, high = auc_interval(np.zeros(5), np.ones(5), np.arange(5), np.arange(5))
    assert (low, high) == pytest.approx((0, 1 - 0.025 ** (1 / 5)))


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    from scipy.stats import norm

    truth = float(norm.cdf(1 / np.sqrt(2)))
    rng = np.random.default_rng(5)
    held = 0
    for seed in range(100):
        good, bad, users = rng.normal(1, 1, 40), rng.normal(0, 1, 40), np.arange(40)
        low, high = auc_interval(good, bad, users, users, n_resamples=300, seed=seed)
        held += low <= truth <= high
    assert 88 <= held <= 99


def test_rules_tell_templates_from_spoilt_ones():
    found = calibrate(GOOD, BRIEFS, ["grounded", "n_violations"], n_resamples=200)
    told = found.set_index(["judge", "corruption"])
    assert told.loc[("grounded", ALL), "auc"] >= 0.9
    assert told.loc[("n_violations", ALL), "auc"] >= 0.9  # lower is better: turned round
    assert not told["is_flagged"].any()
    assert {kind for _, kind in told.index} <= {*FACTUAL, ALL}
    assert (told["low"] <= told["auc"]).all()
    assert told.loc[("grounded", ALL), "n"] == told.loc["grounded"].drop(ALL)["n"].sum()
    assert may_be_shown(found, "grounded")


class SaysYes:
    """Finds every text as likely as any other."""

    name = "says yes"

    def log_likelihood(self, prompts, continuations):
        return [np.array([-1.0])] * len(prompts)


def test_a_judge_that_says_the_same_of_all_is_flagged():
    model = LanguageModel("says yes", backend=None, scorer=SaysYes())
    found = calibrate(
        GOOD, BRIEFS, ["yes_no", "likelihood"], material={"language_model": model}, n_resamples=50
    )
    assert found["auc"].tolist() == pytest.approx([0.5] * len(found))
    assert found["is_flagged"].all()
    assert not may_be_shown(found, "yes_no")


def test_a_judge_that_cannot_answer_is_no_zero_and_is_not_shown():
    found = calibrate(GOOD, BRIEFS, ["likelihood"])
    assert found["auc"].isna().all()
    assert found["reason"].str.startswith("not available: needs a language model").all()
    assert not may_be_shown(found, "likelihood")
    assert not may_be_shown(found, "nobody asked it")


def test_what_is_no_judge_is_refused():
    with pytest.raises(ConfigError, match="'n_words' cannot be calibrated as a judge"):
        calibrate(GOOD, BRIEFS, ["n_words"])
    with pytest.raises(ConfigError, match="'usr' cannot be calibrated as a judge"):
        calibrate(GOOD, BRIEFS, ["usr"])


def test_texts_that_cannot_be_spoilt_say_so():
    with pytest.raises(ConfigError, match="none of 1 texts could be spoilt by wrong year"):
        calibrate(["Nothing."], [Brief(0, 0, "X")], ["grounded"], kinds=["wrong year"])


def test_the_same_seed_gives_the_same_table():
    one, two = (calibrate(GOOD[:8], BRIEFS[:8], ["grounded"], seed=3) for _ in range(2))
    assert one.equals(two)
