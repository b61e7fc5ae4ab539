import sys
import threading
import time

import pytest

from core.errors import ConfigError, PluginError
from recommenders.guard import guarded


def divide():
    return 1 / 0


@pytest.mark.parametrize("seconds", [None, 5])
def test_an_answer_in_time_comes_back(seconds):
    assert guarded(lambda: 7, seconds, "mine") == 7


@pytest.mark.parametrize("seconds", [None, 5])
def test_what_a_plug_in_raises_is_told_with_its_line(seconds):
    with pytest.raises(
        PluginError, match=r"fit of mine raised ZeroDivisionError: .* at .*guard.py:\d+ in divide"
    ):
        guarded(divide, seconds, "fit of mine")


def test_a_mistake_the_user_can_mend_comes_through_as_it_is():
    def complain():
        raise ConfigError("map a rating column")

    with pytest.raises(ConfigError, match=r"^map a rating column$"):
        guarded(complain, 5, "mine")


def test_a_plug_in_that_leaves_the_program_is_kept_in():
    with pytest.raises(PluginError, match="mine raised SystemExit"):
        guarded(lambda: sys.exit(3), 5, "mine")


def test_a_plug_in_that_eats_all_memory_is_named():
    def hungry():
        raise MemoryError

    with pytest.raises(PluginError, match=r"mine ran out of memory at .* use a smaller data set"):
        guarded(hungry, 5, "mine")


def test_a_plug_in_that_hangs_is_given_up_and_stopped():
    beats = []

    def hang():
        while True:
            beats.append(threading.get_ident())
            time.sleep(0.01)

    with pytest.raises(PluginError, match=r"recommend of mine .* within 0.2 seconds .* abandoned"):
        guarded(hang, 0.2, "recommend of mine")
    stopped = next(t for t in [*threading.enumerate(), None] if t is None or t.ident == beats[0])
    if stopped is not None:
        stopped.join(5)
        assert not stopped.is_alive()
