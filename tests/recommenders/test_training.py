"""Training repeats itself, goes on where it was broken off, and survives what goes wrong."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from core.errors import Cancelled, ConfigError
from core.keeping import uses
from core.tables import Interactions
from recommenders import training_loop
from recommenders.training import Check, Plan, deterministic, folder_of, train

PLAN = Plan(n_epochs=4, batch=8, rate=0.05, patience=0, decay=0.01, seed=3)
N = 60


def line(seed=0):
    """A module that has to find y = 2x - 1, with dropout so that every step draws."""
    with deterministic(seed):
        module = torch.nn.Sequential(
            torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1)
        )
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(N, 2)).astype(np.float32))
    y = 2 * x[:, :1] - 1

    def loss(places):
        return ((module(x[places]) - y[places]) ** 2).mean()

    def judge():
        return float(((module(x) - y) ** 2).mean())

    return module, loss, Check(judge, "error", lower_is_better=True)


def bits(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def taught(plan=PLAN, **more):
    module, loss, check = line()
    told = train(module, N, loss, plan, check=check, **more)
    return bits(module), told


class Stops:
    """Raises once so many steps are made."""

    def __init__(self, at):
        self.at = at

    def __call__(self, what, done, total):
        if done >= self.at:
            raise Cancelled


@pytest.fixture
def told_at_once(monkeypatch):
    monkeypatch.setattr(training_loop, "TOLD_EVERY", 0.0)


def test_it_learns_and_keeps_a_curve():
    _, told = taught(replace(PLAN, n_epochs=30))
    assert told.curve[-1]["validation"] < 0.3 * told.curve[0]["validation"]
    assert [row["step"] for row in told.curve] == list(range(8, 241, 8))
    assert {"step", "loss", "validation", "metric", "rate", "seconds"} == set(told.curve[0])
    assert told.curve[0]["metric"] == "error"


def test_the_same_seed_gives_the_same_bits_and_another_one_others():
    assert same(taught()[0], taught()[0])
    assert not same(taught()[0], taught(replace(PLAN, seed=4))[0])


def test_what_the_caller_draws_is_not_touched():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    taught()
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
    assert torch.are_deterministic_algorithms_enabled() == strict


@pytest.mark.parametrize("at", [3, 8, 21])
def test_a_broken_off_training_comes_to_the_same_bits(tmp_path, told_at_once, at):
    whole, straight = taught()
    with pytest.raises(Cancelled):
        taught(folder=tmp_path, told=Stops(at))
    assert (tmp_path / "state.safetensors").is_file()
    resumed, told = taught(folder=tmp_path)
    assert same(whole, resumed)
    assert [row["loss"] for row in told.curve] == [row["loss"] for row in straight.curve]
    assert told.best_step == straight.best_step


def test_a_finished_training_is_loaded_and_not_repeated(tmp_path):
    first, told = taught(folder=tmp_path)
    assert not (tmp_path / "state.safetensors").exists()
    module, _, check = line(seed=9)

    def never(places):
        pytest.fail("it was trained again")

    before = uses()
    again = train(module, N, never, PLAN, check=check, folder=tmp_path)
    assert again.was_loaded
    assert not told.was_loaded
    saved = uses().since(before)
    assert (saved.n, saved.seconds) == (1, pytest.approx(told.curve[-1]["seconds"]))
    assert again.curve == told.curve
    assert same(first, bits(module))
    assert not module.training


@pytest.mark.parametrize("name", ["state.safetensors", "weights.safetensors", "trained.json"])
def test_what_cannot_be_read_is_trained_again(tmp_path, told_at_once, name):
    whole, _ = taught()
    if name.startswith("state"):
        with pytest.raises(Cancelled):
            taught(folder=tmp_path, told=Stops(9))
    else:
        taught(folder=tmp_path)
    (tmp_path / name).write_bytes(b"no such thing")
    again, told = taught(folder=tmp_path)
    assert not told.was_loaded
    assert same(whole, again)
    n_told = told.ledger.count("checkpoint could not be read, begun anew")
    assert n_told == int(name.startswith("state"))


def test_a_loss_that_is_no_number_ends_it_with_the_last_good_weights(tmp_path):
    module, loss, _ = line()
    good, seen = [], 0

    def breaks(places):
        nonlocal seen
        seen += 1
        if seen == 9:
            good.append(bits(module))  # the weights after the first epoch's eight steps
        return loss(places) * (float("nan") if seen == 12 else 1.0)

    told = train(module, N, breaks, PLAN, folder=tmp_path)
    assert same(good[0], bits(module))
    assert told.ledger.count("loss was no number at step 12; weights of step 8 kept") == 1
    assert len(told.curve) == 1
    module, loss, _ = line(seed=1)
    again = train(module, N, loss, PLAN, folder=tmp_path)  # the note is kept with the weights
    assert again.was_loaded
    assert len(again.ledger) == 1


def test_a_gradient_that_is_no_number_ends_it_too():
    module, loss, _ = line()
    seen = 0

    def breaks(places):
        nonlocal seen
        seen += 1
        weight = module[0].weight.sum()
        # 0 · sqrt(0): the value is fine, its derivative is not
        return loss(places) + (torch.sqrt(weight - weight) * 0.0 if seen == 12 else 0.0)

    told = train(module, N, breaks, PLAN)
    assert told.ledger.count("gradient was no number at step 12; weights of step 8 kept") == 1


def test_a_loss_that_never_was_a_number_says_what_to_do():
    module, loss, _ = line()
    with pytest.raises(ConfigError, match=r"loss of training is no number at step 1.*lower"):
        train(module, N, lambda places: loss(places) * float("nan"), PLAN)


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: 9 bytes")]
)
def test_a_batch_too_large_for_memory_is_worked_off_in_halves(error):
    module, loss, check = line()
    sizes = []

    def hungry(places):
        if len(places) > 4:
            raise error
        sizes.append(len(places))
        return loss(places)

    told = train(module, N, hungry, replace(PLAN, batch=16), check=check)
    assert max(sizes) == 4
    reasons = [entry.reason for entry in told.ledger]
    assert reasons == [
        "out of memory: 16 examples at a time became 8",
        "out of memory: 8 examples at a time became 4",
    ]
    assert told.curve[-1]["validation"] < told.curve[0]["validation"]


def test_halves_learn_what_a_whole_batch_learns():
    def plain(pieces):
        module = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.ones_(module.weight)
        x = torch.arange(1.0, 8.0)[:, None]

        def loss(places):
            if len(places) > pieces:
                raise MemoryError
            return ((module(x[places]) - 3 * x[places]) ** 2).mean()

        train(module, 7, loss, Plan(n_epochs=3, batch=7, rate=0.1))
        return float(module.weight.detach())

    assert plain(7) == pytest.approx(plain(2), rel=1e-6)


def test_one_example_too_large_for_memory_says_what_to_do():
    def hungry(places):
        raise MemoryError

    with pytest.raises(ConfigError, match=r"out of memory with a single example; use a smaller"):
        train(line()[0], N, hungry, PLAN)


def test_other_errors_of_the_model_pass_through():
    def broken(places):
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        train(line()[0], N, broken, PLAN)


def test_nothing_to_learn_from_is_said():
    module, loss, _ = line()
    with pytest.raises(ConfigError, match="no example to train on"):
        train(module, 0, loss, PLAN)


def test_it_stops_early_and_keeps_the_best():
    module, loss, _ = line()
    values = iter([1.0, 3.0, 2.0, 2.5, 9.0])
    kept = []

    def judge():
        kept.append(bits(module))
        return next(values)

    told = train(module, N, loss, replace(PLAN, n_epochs=9, patience=2), check=Check(judge, "x"))
    assert len(told.curve) == 4  # two checks after the best one
    assert told.best_step == 16
    assert same(kept[1], bits(module))


def test_frozen_weights_stay_and_are_not_stored(tmp_path):
    from safetensors.torch import load_file

    module, loss, _ = line()
    module[0].requires_grad_(requires_grad=False)
    before = bits(module)
    train(module, N, loss, PLAN, folder=tmp_path)
    assert torch.equal(before["0.weight"], module[0].weight)
    assert set(load_file(tmp_path / "weights.safetensors")) == {"3.weight", "3.bias"}


def test_the_rate_rises_and_falls_as_planned():
    plan = Plan(rate=1.0, warm=4, is_cosine=True)
    rates = [plan.rate_at(step, 20) for step in range(20)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4] == 1.0
    assert all(a > b for a, b in itertools.pairwise(rates[4:]))
    assert Plan(rate=0.5).rate_at(99, 100) == 0.5


def test_progress_is_told_up_to_the_end(told_at_once):
    calls = []
    taught(told=lambda *call: calls.append(call))
    assert calls[0] == ("training", 0, 32)
    assert calls[-1] == ("training", 32, 32)


@pytest.mark.slow
def test_steps_are_those_of_torch():
    """Slow: torch's own optimiser imports its compiler."""
    module, loss, _ = line()
    other, other_loss, _ = line()
    plan = replace(PLAN, n_epochs=1, batch=N)
    mine = train(module, N, lambda places: module.eval() and loss(places), plan)
    optimizer = torch.optim.AdamW(other.parameters(), lr=plan.rate, weight_decay=plan.decay)
    other_loss(other.eval() and np.arange(N)).backward()
    optimizer.step()
    assert len(mine.curve) == 1
    for one, two in zip(module.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one, two)


@dataclass
class Small:
    width: int = 4


def test_the_folder_changes_with_fields_data_and_texts(fresh_home):
    rows = Interactions(np.int32([0, 1]), np.int32([1, 0]), n_users=2, n_items=2)
    other = Interactions(np.int32([0, 1]), np.int32([1, 1]), n_users=2, n_items=2)
    timed = replace(rows, timestamps=np.int64([1, 2]))
    base = folder_of(Small(), rows)
    assert base == folder_of(Small(), replace(rows))
    assert base.is_relative_to(fresh_home / "cache" / "trained")
    others = [
        folder_of(Small(5), rows),
        folder_of(Small(), other),
        folder_of(Small(), timed),
        folder_of(Small(), replace(rows, n_items=3)),
        folder_of(Small(), rows, "text"),
        folder_of(Small(), rows, np.array(["text"], dtype=object)),
        folder_of(Small(), rows, np.arange(3)),
    ]
    assert len({base, *others}) == 1 + len(others)
