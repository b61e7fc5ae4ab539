"""GGUF weights rewritten once, in the cache: in a form that llama.cpp reads quickly."""

import hashlib
from pathlib import Path

from core.paths import cache_dir

QUICK = "Q8_0"
SLOW = "Q4_1"  # llama.cpp has no fast kernel for it: prompts are read at half the speed of Q8_0
LARGEST = 1 << 30  # bytes: rewriting a larger file takes minutes, and twice its space


def cached(weights: Path) -> Path:
    """Where the cache holds what a file of weights was rewritten as."""
    about = f"{weights.name} {weights.stat().st_size} {weights.parent.name}"
    return cache_dir() / "models" / hashlib.sha256(about.encode()).hexdigest()[:16]


def is_slow(weights: Path) -> bool:
    """Are the weights, by their file's name, worth rewriting?

    The name is asked because reading a file's directory takes seconds.
    """
    return SLOW in weights.stem.upper() and weights.stat().st_size <= LARGEST


def quick(weights: Path) -> Path:
    """The same weights as Q8_0 in the cache where they are slow; else the file itself.

    Eight bits hold what four bits say but for a rounding of at most 1/226 of each block's largest.
    StorageError where the cache cannot be written.
    """
    if not is_slow(weights):
        return weights
    target = cached(weights).with_suffix(f".{QUICK}.gguf")
    if not target.is_file():
        _rewrite(weights, target)
    return target


def _rewrite(weights: Path, target: Path) -> None:
    import gguf
    import numpy as np
    from gguf.quants import dequantize, quantize

    from core.atomic import new_file

    kinds, lists = gguf.GGMLQuantizationType, gguf.GGUFValueType.ARRAY
    read = gguf.GGUFReader(weights)
    architecture = gguf.Keys.General.ARCHITECTURE
    written_by_writer = {architecture, gguf.Keys.General.FILE_TYPE}
    with new_file(target) as temporary:
        writer = gguf.GGUFWriter(temporary, read.fields[architecture].contents())
        writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
        for name, field in read.fields.items():
            if name not in written_by_writer and not name.startswith("GGUF."):
                inner = field.types[-1] if field.types[0] == lists else None
                writer.add_key_value(name, field.contents(), field.types[0], inner)
        for tensor in read.tensors:
            kind, values = tensor.tensor_type, np.asarray(tensor.data)
            if kind == kinds[SLOW]:
                kind = kinds[QUICK]
                values = quantize(dequantize(values, tensor.tensor_type), kind)
            writer.add_tensor(tensor.name, values, raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
