"""Weights rewritten for llama.cpp say the same, once."""

import gguf
import numpy as np
import pytest
from gguf.quants import dequantize, quantize

from core import language_gguf
from core.errors import StorageError
from core.language_gguf import is_slow, quick
from core.language_llama import Llama

Q4_1, Q8_0, F32 = (getattr(gguf.GGMLQuantizationType, name) for name in ("Q4_1", "Q8_0", "F32"))


@pytest.fixture
def weights(tmp_path, monkeypatch):
    monkeypatch.setenv("RECSCOPE_HOME", str(tmp_path / "home"))
    file = tmp_path / "tiny.Q4_1.gguf"
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_1)
    writer.add_context_length(128)
    writer.add_token_list(["<s>", "it", "émile", "漫画"])
    writer.add_token_scores([0.0, -1.5, -2.0, -3.0])
    writer.add_chat_template("{{ messages }}")
    for name, kind in (("slow", Q4_1), ("quick", Q8_0)):
        rows = quantize(rng.normal(0, 0.3, (6, 64)).astype(np.float32), kind)
        writer.add_tensor(name, rows, raw_dtype=kind)
    writer.add_tensor("norm", rng.normal(1, 0.1, 64).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def told(file):
    read = gguf.GGUFReader(file)
    facts = {name: field.contents() for name, field in read.fields.items()}
    return facts, {tensor.name: tensor for tensor in read.tensors}


def test_slow_weights_say_the_same_in_eight_bits(weights):
    (facts, before), (new_facts, after) = told(weights), told(quick(weights))
    changed = {"general.file_type"}
    assert {name: fact for name, fact in facts.items() if name not in changed} == {
        name: fact for name, fact in new_facts.items() if name not in changed
    }
    assert new_facts["general.file_type"] == gguf.LlamaFileType.MOSTLY_Q8_0
    assert [after[name].tensor_type for name in ("slow", "quick", "norm")] == [Q8_0, Q8_0, F32]
    for name in ("quick", "norm"):
        assert np.array_equal(before[name].data, after[name].data)
    old, new = (
        dequantize(found["slow"].data, found["slow"].tensor_type) for found in (before, after)
    )
    largest = np.abs(old.reshape(-1, 32)).max(axis=1)
    apart = np.abs(old - new).reshape(-1, 32).max(axis=1)
    assert (apart <= largest / 226).all()
    assert apart.any()


def test_they_are_rewritten_once(weights, monkeypatch):
    first = quick(weights)
    monkeypatch.setattr(language_gguf, "_rewrite", lambda *_: pytest.fail("rewritten again"))
    assert quick(weights) == first


def test_others_stay_as_they_are(weights, monkeypatch):
    other = weights.rename(weights.with_name("tiny.Q5_K_M.gguf"))
    assert quick(other) == other
    assert Llama("it", other).name == "it llama.cpp"
    large = other.rename(weights)
    assert Llama("it", large).name == "it llama.cpp Q8_0"
    monkeypatch.setattr(language_gguf, "LARGEST", 10)
    assert not is_slow(large)
    assert quick(large) == large


def test_a_cache_that_cannot_be_written_is_told_and_nothing_stays(weights, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").write_text("in the way")
    with pytest.raises(StorageError, match="RECSCOPE_HOME"):
        quick(weights)
    assert [*home.iterdir()] == [home / "cache"]
