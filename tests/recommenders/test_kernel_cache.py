"""Where compiled code is kept when the install itself cannot be written to."""

import os
import subprocess
import sys

import pytest

from core.paths import ROOT

CODE = """
import os
may_write = {writable}
os.access = lambda path, mode: may_write
from recommenders import kernels
import numba
print(numba.config.CACHE_DIR)
if {compiles}:
    import numpy as np
    codes, weights, out = np.array([0, 1]), np.ones((2, 2)), np.zeros((1, 2))
    kernels.add_rows(np.array([0, 2]), codes, np.ones(2), weights, out)
    assert out.tolist() == [[2.0, 2.0]]
"""


def kept_in(home, given, *, writable, compiles=False):
    """What numba takes for its folder in a process of its own."""
    kept = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(writable=writable, compiles=compiles)],
        env={**kept, "RECSCOPE_HOME": str(home), **given},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_read_only_install_compiles_into_the_cache_folder(tmp_path):
    folder = tmp_path / "cache" / "kernels"
    assert kept_in(tmp_path, {}, writable=False, compiles=True) == str(folder)
    assert list(folder.rglob("*.nbi"))


@pytest.mark.parametrize(
    "given, writable, expected",
    [({}, True, ""), ({"NUMBA_CACHE_DIR": "/elsewhere"}, False, "/elsewhere")],
)
def test_else_it_stays_where_it_was_meant_to_be(given, writable, expected, tmp_path):
    assert kept_in(tmp_path, given, writable=writable) == expected
