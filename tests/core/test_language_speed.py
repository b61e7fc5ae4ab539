"""What is read once, guessed or halved changes the time, and not the answer."""

import numpy as np
import pytest

from core.errors import ConfigError, StorageError, UnknownNameError
from core.keeping import anew
from core.kept_numbers import remembered
from core.language import LanguageModel, language_model
from core.language_cpu import multiplies_bfloat16
from core.language_draft import Pool, decode
from core.language_options import n_tokens, option_likelihood, text_likelihood
from core.language_prefix import shared
from core.language_turns import Answer, Request
from core.prompt_files import words_named

HEAD = "Somebody liked Halo, Doom and Quake, one after the other. "
PROMPTS = [HEAD + rest for rest in ("Next?", "And what is it that comes next?", "Then?")]
TEXTS = [" Unreal", " a very long title of a game", " X"]


@pytest.fixture(scope="module")
def tiny(tiny_language):
    return language_model(tiny_language, cache=False)


def test_what_prompts_share_is_read_once_and_the_numbers_stay(tiny):
    weights = tiny.scorer
    together = weights.log_likelihood(PROMPTS, TEXTS)
    n_together = weights.scorer.n_read
    alone = [weights.log_likelihood([p], [t])[0] for p, t in zip(PROMPTS, TEXTS, strict=True)]
    for one, many in zip(alone, together, strict=True):
        np.testing.assert_allclose(many, one, atol=1e-5)
    assert n_together < sum(weights.n_tokens(p + t) for p, t in zip(PROMPTS, TEXTS, strict=True))


def test_likelihoods_are_those_of_the_model_itself(tiny):
    import torch

    tokenizer, model = tiny.scorer._loaded
    first, rest = (
        tokenizer(text, add_special_tokens=False)["input_ids"] for text in (PROMPTS[0], TEXTS[0])
    )
    with torch.inference_mode():
        each = torch.log_softmax(model(torch.tensor([first + rest])).logits[0].float(), -1)
    wanted = [float(each[len(first) + at - 1, token]) for at, token in enumerate(rest)]
    np.testing.assert_allclose(tiny.scorer.log_likelihood(PROMPTS, TEXTS)[0], wanted, atol=1e-5)


def test_options_of_one_token_and_of_several_agree(tiny):
    one = tiny.scorer.option_likelihood(PROMPTS, ["Y", "N"])
    longer = tiny.scorer.option_likelihood(PROMPTS, ["Y", "N", "neither of them"])
    np.testing.assert_allclose(one, longer[:, :2], atol=1e-5)


def test_a_batch_too_large_for_memory_is_halved_and_counted(tiny, monkeypatch):
    scorer, wanted = tiny.scorer.scorer, tiny.scorer.log_likelihood(PROMPTS, TEXTS)
    whole = scorer._batch

    def small(rows, cache, n_kept):
        if len(rows) > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried too much")
        return whole(rows, cache, n_kept)

    monkeypatch.setattr(scorer, "_batch", small)
    monkeypatch.setattr(scorer, "n_rows", scorer.n_rows)
    before = scorer.n_halved
    found = tiny.scorer.log_likelihood(PROMPTS, TEXTS)
    assert scorer.n_halved > before
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_another_fault_is_not_taken_for_want_of_memory(tiny, monkeypatch):
    def broken(*_):
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(tiny.scorer.scorer, "_batch", broken)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        tiny.scorer.log_likelihood(PROMPTS, TEXTS)


def test_only_a_beginning_worth_a_pass_is_shared():
    assert shared([[1] * 20 + [2], [1] * 20 + [3]]) == 20
    assert shared([[1] * 20, [1] * 20]) == 19  # the last one tells what comes next
    assert shared([[1] * 5 + [2], [1] * 5 + [3]]) == 0
    assert shared([[1] * 20]) == 0


@pytest.mark.parametrize("pool", [["Halo", "Doom", "Quake"], ["something else"]])
def test_guesses_do_not_change_the_answer(tiny, pool):
    asked = ({"role": "user", "content": "Rank these: Halo, Doom, Quake"},)
    plain = tiny.backend.answer(Request(asked, max_tokens=48))
    guessed = tiny.backend.answer(Request(asked, max_tokens=48, pool=tuple(pool)))
    assert (guessed.text, guessed.n_answer) == (plain.text, plain.n_answer)


def test_the_plain_loop_writes_what_transformers_does(tiny):
    import torch

    tokenizer, model = tiny.scorer._loaded
    ids = tokenizer(PROMPTS[1], add_special_tokens=False, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        theirs = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=24,
            pad_token_id=0,
        )[0, ids.shape[1] :].tolist()
        ours = decode(
            model, ids[0].tolist(), None, most=24, ends=frozenset({tokenizer.eos_token_id})
        )
    assert ours.tokens == theirs


def test_right_guesses_save_passes(tiny):
    import torch

    _, model = tiny.scorer._loaded
    prompt = tiny.scorer._tokens([PROMPTS[0]])[0]
    with torch.inference_mode():
        plain = decode(model, prompt, None, most=32, ends=frozenset())
        known = Pool.of([[*prompt, *plain.tokens]])  # as if it had been written before
        guessed = decode(model, prompt, known, most=32, ends=frozenset())
    assert guessed.tokens == plain.tokens
    assert guessed.n_passes < 0.7 * plain.n_passes  # the small model often wavers
    assert plain.n_guessed == 0 < guessed.n_taken


def test_numbers_are_computed_once(tmp_path):
    path, asked = tmp_path / "numbers.sqlite", []

    def make():
        asked.append(1)
        return np.array([[1.5, -np.inf], [np.nan, 0.0]])

    first, second = (remembered(["a", 1], make, path) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert len(asked) == 1
    with anew():
        np.testing.assert_array_equal(remembered(["a", 1], make, path), first)
        np.testing.assert_array_equal(remembered(["b"], make, path), first)
    assert len(asked) == 3
    remembered(["b"], make, path)
    assert len(asked) == 4  # what was made for who measures was not kept
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="numbers cannot be kept in"):
        remembered(["a"], make, tmp_path / "file" / "numbers.sqlite")


class Server:
    """Completes and cannot tell likelihoods."""

    name = "server"

    def __init__(self, text):
        self.text = text

    def answer(self, request):
        return Answer(self.text, 7, 2, 0.1)


@pytest.mark.parametrize(
    "text, wanted",
    [
        ('{"answer": "No"}', [-np.inf, 0.0]),
        ("Yes, they will.", [0.0, -np.inf]),
        ("Who knows?", [np.nan, np.nan]),
    ],
)
def test_a_server_is_asked_for_one_of_the_options(text, wanted):
    asked = [[{"role": "user", "content": "Yes or No?"}]]
    told = option_likelihood(LanguageModel("server", Server(text)), asked, ["Yes", "No"])
    np.testing.assert_array_equal(told.values, [wanted])
    assert (told.n_prompt, told.n_answer) == (7, 2)
    assert n_tokens(LanguageModel("server", Server(text)), asked[0]) > 3


def test_texts_are_likelier_where_the_model_says_so(tiny, fresh_home):
    asked = [{"role": "user", "content": PROMPTS[0]}]
    told = text_likelihood(tiny.scorer, asked, "Next:", TEXTS)
    prompt = tiny.scorer.told(asked) + "Next:"
    wanted = [values.sum() for values in tiny.scorer.log_likelihood([prompt] * 3, TEXTS)]
    np.testing.assert_allclose(told.values, wanted, atol=1e-6)


@pytest.mark.parametrize(
    "flags, can", [("flags\t: avx512f avx512_bf16", True), ("flags\t: avx2", False), ("", False)]
)
def test_bfloat16_is_used_where_the_processor_multiplies_it(tmp_path, flags, can):
    (tmp_path / "cpuinfo").write_text(flags + "\n")
    assert multiplies_bfloat16(tmp_path / "cpuinfo") is can
    assert multiplies_bfloat16(tmp_path / "none") is False


@pytest.mark.parametrize(
    "text, message",
    [
        ("version = ", "is no TOML"),
        ('doc = "d"', "lacks user"),
        ('doc = "d"\nuser = "{who}"', "leaves .*who.* open"),
        ('doc = "d"\nuser = "{"', "opens no gap"),
        ('doc = "d"\nuser = "u"\nother = 1', "unknown keys"),
        ('doc = "d"\nuser = "u"\nversion = 0', "version must be a whole number"),
        ('doc = "d"\nuser = "u"\nstop = [1]', "stop must be a list of texts"),
    ],
)
def test_a_file_that_is_no_prompt_says_why(tmp_path, text, message):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ConfigError, match=message):
        words_named("mine", tmp_path, ("history",))


def test_an_unknown_prompt_is_named(tmp_path):
    with pytest.raises(UnknownNameError, match="no prompt is called 'x'"):
        words_named("x", tmp_path, ())


@pytest.mark.slow
def test_the_packaged_model_writes_the_same_with_guesses():
    weights = language_model(cache=False).scorer
    titles = ("The Godfather", "Star Wars", "Fargo", "Alien")
    asked = ({"role": "user", "content": "Write this list again: " + ", ".join(titles)},)
    plain = weights.answer(Request(asked, max_tokens=24))
    assert weights.answer(Request(asked, max_tokens=24, pool=titles)).text == plain.text
