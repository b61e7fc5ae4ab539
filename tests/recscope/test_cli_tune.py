"""python -m recscope tune-explainer: says where the weights lie, or what it lacks."""

from explain.tuning import DONE, Tuning
from recscope.cli.main import main
from recscope.cli.tune import _progress


def test_what_was_tuned_before_is_found_at_once(fresh_home, capsys):
    folder = Tuning().folder
    folder.mkdir(parents=True)
    (folder / DONE).write_text("{}", encoding="utf-8")
    assert main(["tune-explainer"]) == 0
    told = capsys.readouterr().out
    assert f"path:{folder / 'weights'}" in told
    assert "the explainer 'tuned' uses them from now on" in told


def test_other_settings_lie_elsewhere_and_are_not_the_usual_ones(fresh_home, capsys):
    folder = Tuning(n_steps=7, seed=3).folder
    folder.mkdir(parents=True)
    (folder / DONE).write_text("{}", encoding="utf-8")
    assert main(["tune-explainer", "--steps", "7", "--seed", "3"]) == 0
    assert "the explainer 'tuned'" not in capsys.readouterr().out


def test_data_without_reviews_are_refused_in_one_line(own_home, capsys):
    assert main(["tune-explainer", "--data", "movielens-100k", "--steps", "1"]) == 2
    told = capsys.readouterr().err
    assert "movielens-100k has no reviews to learn explanations from" in told
    assert told.count("\n") == 1


def test_every_tenth_step_is_told(capsys):
    for step in range(1, 13):
        _progress(step, 12, 3.456)
    assert capsys.readouterr().err.splitlines() == [
        "step 10 of 12: loss 3.46",
        "step 12 of 12: loss 3.46",
    ]
