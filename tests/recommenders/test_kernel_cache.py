"""Where compiled code is kept when the install itself cannot be written to."""

import os
import subprocess
import sys

from core.paths import ROOT

CODE = """
import os
os.access = lambda path, mode: False
from recommenders import kernels
import numba
print(numba.config.CACHE_DIR)
if {compiles}:
    import numpy as np
    codes, weights, out = np.array([0, 1]), np.ones((2, 2)), np.zeros((1, 2))
    kernels.add_rows(np.array([0, 2]), codes, np.ones(2), weights, out)
    assert out.tolist() == [[2.0, 2.0]]
"""


def kept_in(home, given, *, compiles=False):
    """What numba takes for its folder in a process of its own."""
    kept = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(compiles=compiles)],
        env={**kept, "RECSCOPE_HOME": str(home), **given},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_read_only_install_compiles_into_the_cache_folder(tmp_path):
    folder = tmp_path / "cache" / "kernels"
    assert kept_in(tmp_path, {}, compiles=True) == str(folder)
    assert list(folder.rglob("*.nbi"))


def test_a_folder_that_somebody_named_stays(tmp_path):
    named = str(tmp_path / "elsewhere")
    assert kept_in(tmp_path, {"NUMBA_CACHE_DIR": named}) == named
