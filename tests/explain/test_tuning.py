"""Tuning: nothing of a hidden review is told, what was broken off goes on to the same bits."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import ConfigError, StorageError
from core.language import LanguageModel
from core.language_turns import Answer
from core.ledger import Ledger
from core.load import load
from core.tables import Dataset, Ids, Interactions, Side
from explain import tuning
from explain.brief import Brief
from explain.explanation import Evidence
from explain.tuning import Tuning, checkpoint, prompted, tune, words
from explain.tuning_pairs import Pair, aspect_facts, aspects_of, held_out, pairs_of, strongest
from explain.writers.tuned import Tuned
from explain.writers.tuned import told as told_brief

THINGS = ("sound", "price", "strap", "finish", "neck", "cable")
TOKENS = ["<|unk|>", "<|end|>", "<|user|>", "<|assistant|>"]


def shop(n_users: int = 60, n_items: int = 8) -> Dataset:
    """Reviews that each praise one thing; two of them are of items nobody else reviewed."""
    rng = np.random.default_rng(0)
    rows = [
        (user, item, f"The {THINGS[rng.integers(6)]} is very good for what it costs.")
        for user in range(n_users)
        for item in rng.choice(n_items, size=3, replace=False)
    ]
    reviews = pd.DataFrame(rows, columns=["user", "item", "text"])
    interactions = Interactions(
        users=reviews["user"].to_numpy(np.int32),
        items=reviews["item"].to_numpy(np.int32),
        n_users=n_users,
        n_items=n_items,
        side=Side(reviews=reviews),
    )
    names = [Ids(kind, np.array([f"{kind}{n}" for n in range(size)], dtype=object))
             for kind, size in (("user", n_users), ("item", n_items))]  # fmt: skip
    return Dataset("shop", interactions, *names, sha256="", ledger=Ledger())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two small layers with random weights, and a tokenizer of words."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    text = " ".join([*(p.target + " ".join(p.facts) for p in pairs_of(shop())[0]), words().system])
    known = dict.fromkeys([*TOKENS, *text.replace(".", " . ").replace(",", " , ").split()])
    vocabulary = {word: place for place, word in enumerate(known)}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token=TOKENS[0]))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, unk_token=TOKENS[0], eos_token=TOKENS[1], pad_token=TOKENS[1]
    )
    tokenizer.chat_template = (
        "{% for m in messages %}<|user|> {{ m['content'] }} {% endfor %}<|assistant|> "
    )
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
    # weights as large as a trained model's: with the usual tiny ones nothing moves
    config = LlamaConfig(vocab_size=len(vocabulary), initializer_range=0.4, **sizes, **heads)
    model = LlamaForCausalLM(config)
    folder = tmp_path_factory.mktemp("tiny")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def settings(tiny: Path, n_steps: int = 30) -> Tuning:
    return Tuning(
        base=f"path:{tiny}", dataset="shop", n_steps=n_steps, n_at_a_time=4, rank=4, rate=0.05
    )


def test_a_review_tells_nothing_of_itself():
    dataset = shop()
    changed = shop()
    learned, _ = pairs_of(dataset)
    pair = learned[0]
    reviews = changed.side.reviews
    own = (reviews["user"] == pair.user) & (reviews["item"] == pair.item)
    reviews.loc[own, "text"] = "The neck is quite crooked when one looks. The neck is bad."
    other = next(p for p in pairs_of(changed)[0] if (p.user, p.item) == (pair.user, pair.item))
    assert other.facts == pair.facts
    assert other.target != pair.target


def test_hidden_users_tell_nothing_of_items():
    dataset, changed = shop(), shop()
    out = held_out(dataset.side.reviews["user"].to_numpy())
    reviews = changed.side.reviews
    reviews.loc[reviews["user"].isin(out), "text"] = "The cable is very good for what it costs."
    first, second = pairs_of(dataset), pairs_of(changed)
    assert first[0] == second[0]
    assert {pair.user for pair in first[1]} <= out
    assert not {pair.user for pair in first[0]} & out


def test_what_is_said_of_things_makes_aspects():
    texts = ["The sound is warm.", "Its sound is fine.", "A great price.", "The company is fine."]
    assert aspects_of(texts, [0, 1, 2, 3], min_users=1) == {"sound", "price"}
    assert aspects_of(texts, [0, 0, 2, 3], min_users=2) == set()


def test_what_is_named_everywhere_gives_way():
    assert strongest(
        {"sound": 4, "neck": 3, "cable": 0}, {"sound": 400, "neck": 9, "cable": 1}
    ) == [
        "neck",
        "sound",
    ]


def test_data_without_reviews_say_what_to_use():
    bare = Dataset("bare", Interactions(np.zeros(1, np.int32), np.zeros(1, np.int32), 1, 1),
                   shop().user_ids, shop().item_ids, "", Ledger())  # fmt: skip
    with pytest.raises(ConfigError, match="bare has no reviews to learn explanations from"):
        pairs_of(bare)


def test_steps_below_one_are_refused(fresh_home, tiny):
    with pytest.raises(ConfigError, match="must be 1 or more; got 0, 4 and 4"):
        tune(settings(tiny, 0), shop())


def test_reviews_without_a_sentence_to_learn_from_say_so(fresh_home, tiny):
    dataset = shop()
    dataset.side.reviews["text"] = "ok"
    with pytest.raises(ConfigError, match="no review of shop holds a short sentence"):
        tune(settings(tiny), dataset)


def test_a_tuning_learns_and_leaves_its_settings_behind(fresh_home, tiny):
    asked = settings(tiny)
    steps = []
    folder = tune(asked, shop(), told=lambda step, n, loss: steps.append((step, n)))
    facts = json.loads((folder / "tuning.json").read_text(encoding="utf-8"))
    assert facts["settings"]["seed"] == 0
    assert np.mean(facts["losses"][-5:]) < 0.8 * np.mean(facts["losses"][:5])
    assert (folder / "adapter" / "adapter_model.safetensors").is_file()
    assert checkpoint(asked) == folder / "weights"
    assert steps[-1] == (30, 30)
    steps.clear()
    assert tune(asked, shop(), told=lambda *_: steps.append(_)) == folder
    assert not steps  # it was there


def test_a_tuning_that_was_broken_off_comes_to_the_same_bits(tmp_path, monkeypatch, tiny):
    from safetensors.numpy import load_file

    class BrokenOffError(Exception):
        pass

    def stop(step: int, n_steps: int, loss: float) -> None:
        if step == 25:
            raise BrokenOffError

    found = []
    for home in ("once", "twice"):
        monkeypatch.setenv("RECSCOPE_HOME", str(tmp_path / home))
        if home == "twice":
            with pytest.raises(BrokenOffError):
                tune(settings(tiny), shop(), told=stop)
            assert (settings(tiny).folder / "state.safetensors").is_file()
        folder = tune(settings(tiny), shop())
        found.append(load_file(folder / "adapter" / "adapter_model.safetensors"))
        losses = json.loads((folder / "tuning.json").read_text(encoding="utf-8"))["losses"]
        assert len(losses) == 30
    assert found[0].keys() == found[1].keys()
    assert all(np.array_equal(found[0][name], found[1][name]) for name in found[0])


def test_a_state_that_cannot_be_read_says_so(fresh_home, tiny):
    asked = settings(tiny)
    asked.folder.mkdir(parents=True)
    (asked.folder / "state.safetensors").write_bytes(b"nothing")
    with pytest.raises(StorageError, match=r"state\.safetensors cannot be taken up again"):
        tune(asked, shop())


def test_the_seed_and_the_settings_decide_the_folder(tiny):
    assert settings(tiny).folder != settings(tiny, 31).folder
    assert settings(tiny).folder == settings(tiny).folder


def test_without_a_checkpoint_the_command_is_named(fresh_home):
    with pytest.raises(ConfigError, match="python -m recscope tune-explainer --data amazon-music"):
        Tuned().write([Brief(0, 0, "X")])


class Says:
    name = "says"

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = []

    def answer(self, request):
        self.asked.append(request)
        return Answer(self.text, 1, 1, 0.0)


BRIEF = Brief(
    0,
    1,
    "Oak Strap",
    because=("Red Strap",),
    facts=("2 of the 3 reviews of Oak Strap that judge its sound praise it.",),
    liked=("Red Strap",),
    evidence=(Evidence("aspect", 1, (2,), 1.0, "…", {"aspect": "sound"}),),
)


def test_the_writer_asks_in_the_words_that_were_learned():
    says = Says(" the sound is warm and clear.")
    (made,) = Tuned(LanguageModel("says", says)).write([BRIEF])
    assert made.text == "You may enjoy Oak Strap: the sound is warm and clear."
    assert not made.is_fallback
    assert made.facts["prompt"].startswith("tuned 1 ")
    (asked,) = says.asked
    facts = aspect_facts("Oak Strap", ["sound"], ["sound"])
    assert told_brief(BRIEF).facts == facts
    assert asked.messages[-1]["content"].startswith("\n".join(facts))
    assert asked.prefill == "You may enjoy Oak Strap:"


def test_what_the_facts_do_not_hold_is_replaced_and_kept():
    says = Says(" it was made by Horace Quill in 1931.")
    (made,) = Tuned(LanguageModel("says", says)).write([BRIEF])
    assert made.is_fallback
    assert "Horace Quill" in made.own_text
    assert "Horace Quill" not in made.text
    assert any(one.startswith("novel name") for one in made.violations)


def test_it_reads_when_it_learns_what_it_is_asked_when_it_writes(tiny):
    from transformers import AutoTokenizer

    pair = Pair(0, 1, "Oak Strap", told_brief(BRIEF).facts, "The sound is warm.")
    says = Says("x.")
    Tuned(LanguageModel("says", says)).write([BRIEF])
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    messages = [dict(message) for message in says.asked[0].messages]
    told = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert prompted(tokenizer, pair) == told + says.asked[0].prefill


def test_real_reviews_give_thousands_of_sentences(data_dir):
    learned, judged = pairs_of(load("amazon-musical-instruments"))
    assert len(learned) > 2000
    assert len(judged) > 400
    assert not {p.user for p in learned} & {p.user for p in judged}
    n_words = [len(pair.target.split()) for pair in learned]
    assert min(n_words) >= 6
    assert max(n_words) <= 18
    assert not any(tuning.words().user in pair.target for pair in judged)
