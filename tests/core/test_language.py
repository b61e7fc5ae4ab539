"""A language model answers by name, keeps what it said, and says plainly why it cannot answer."""

import json

import numpy as np
import pytest

from core import embedding, language
from core.errors import ConfigError, LanguageError, StorageError, UnknownNameError
from core.keeping import Uses, anew, uses
from core.language import LanguageModel, language_model
from core.language_cache import Kept, Recorded, Replayed
from core.language_endpoint import Endpoint
from core.language_llama import read_answer
from core.language_turns import Answer, Request

HELLO = ({"role": "user", "content": "Say hello."},)


class Parrot:
    """Answers with what it was asked, and counts how often."""

    name = "parrot"

    def __init__(self) -> None:
        self.asked = 0

    def answer(self, request: Request) -> Answer:
        self.asked += 1
        return Answer(request.messages[-1]["content"], 3, 4, 0.5)


@pytest.fixture(scope="module")
def small() -> LanguageModel:
    """SmolLM2-135M with its real weights."""
    return language_model(cache=False)


def test_what_was_asked_before_is_answered_from_disk(tmp_path):
    parrot = Parrot()
    kept = Kept(parrot, tmp_path / "answers.sqlite")
    first, second = kept.answer(Request(HELLO)), kept.answer(Request(HELLO))
    assert (first.text, first.is_cached) == ("Say hello.", False)
    assert (second.text, second.is_cached, second.seconds) == ("Say hello.", True, 0.5)
    kept.answer(Request(HELLO, seed=1))
    assert parrot.asked == 2


def test_who_measures_gets_answers_made_anew_and_what_is_kept_stays(tmp_path):
    parrot = Parrot()
    kept = Kept(parrot, tmp_path / "answers.sqlite")
    before = uses()
    with anew():
        assert not kept.answer(Request(HELLO)).is_cached
    assert not kept.answer(Request(HELLO)).is_cached  # nothing was kept inside
    with anew():
        assert not kept.answer(Request(HELLO)).is_cached
    assert parrot.asked == 3
    assert uses() == before
    assert kept.answer(Request(HELLO)).is_cached
    assert (parrot.asked, uses().since(before)) == (3, Uses(1, 0.5))


def test_a_cache_that_cannot_be_written_says_where(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"answers cannot be kept in .*file"):
        Kept(Parrot(), tmp_path / "file" / "answers.sqlite").answer(Request(HELLO))


def test_a_transcript_replays_without_the_model(tmp_path):
    path = tmp_path / "talk.jsonl"
    said = Recorded(Parrot(), path).answer(Request(HELLO, stop=("\n",)))
    replayed = Replayed(path)
    assert replayed.name == "parrot"
    assert replayed.answer(Request(HELLO, stop=("\n",))).text == said.text
    with pytest.raises(LanguageError, match=r"holds no answer to 'Say hello.'; it holds 1 answers"):
        replayed.answer(Request(HELLO))


def test_a_broken_transcript_names_the_line(tmp_path):
    path = tmp_path / "talk.jsonl"
    path.write_text('{"model": "x"}\n')
    with pytest.raises(LanguageError, match=r"line 1 of .* is no turn of a transcript"):
        Replayed(path)


@pytest.mark.parametrize(
    "request_, message",
    [
        ({"messages": ()}, "messages must be one or more"),
        ({"messages": ({"role": "user"},)}, "messages must be one or more"),
        ({"messages": HELLO, "schema": {}, "prefill": "{"}, "leave prefill out"),
        ({"messages": HELLO, "max_tokens": 0}, "max_tokens must be 1 or more"),
    ],
)
def test_a_request_that_cannot_be_is_refused(request_, message):
    with pytest.raises(ConfigError, match=message):
        Request(**request_)


@pytest.mark.parametrize(
    "name, error, message",
    [
        ("smollm3", UnknownNameError, "did you mean 'smollm2-135m'"),
        ("openai:llama3", ConfigError, "must name a model and its server"),
        ("path:/no/such/folder", ConfigError, "there are no weights at"),
        ("hf:nobody/nothing", ConfigError, "is not in the local Hugging Face cache"),
    ],
)
def test_a_name_that_leads_nowhere_is_explained(name, error, message):
    with pytest.raises(error, match=message):
        language_model(name)


def test_a_server_that_only_completes_says_that_it_cannot_score():
    with pytest.raises(ConfigError, match="cannot say how likely one is"):
        LanguageModel("parrot", Parrot()).log_likelihood(["a"], ["b"])


@pytest.mark.parametrize(
    "said, message",
    [
        ({"error": {"message": "too long"}}, "did not answer: too long"),
        ({"choices": []}, "answered without a message"),
    ],
)
def test_a_refusal_of_the_server_is_told(said, message):
    with pytest.raises(LanguageError, match=message):
        read_answer(said, Request(HELLO), 0.1, "it")


def test_a_server_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    endpoint = Endpoint.of("some-model@http://127.0.0.1:9/v1")
    with pytest.raises(LanguageError, match="could not be reached in 3 tries"):
        endpoint.answer(Request(HELLO))


@pytest.mark.slow
def test_the_packaged_model_completes_the_same_way_twice(small):
    asked = [{"role": "user", "content": "What is the capital of France?"}]
    first, second = (small.complete(asked, max_tokens=12) for _ in range(2))
    assert len(first.text) > 10
    assert first.text == second.text
    assert first.n_answer <= 12 < first.n_prompt


@pytest.mark.slow
def test_the_packaged_model_goes_on_from_given_words(small):
    asked = [{"role": "user", "content": "Recommend a film to a fan of Alien."}]
    answer = small.complete(asked, prefill="Since you liked Alien, you may enjoy", max_tokens=12)
    assert answer.is_begun
    assert not answer.text.startswith("Since")


@pytest.mark.slow
def test_the_packaged_model_holds_to_a_schema(small):
    schema = {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "blue"]}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    asked = [{"role": "user", "content": "Pick a colour."}]
    answer = small.complete(asked, schema=schema, max_tokens=80)
    assert json.loads(answer.text)["colour"] in {"red", "blue"}


@pytest.mark.slow
def test_a_prompt_longer_than_the_context_is_refused(small):
    with pytest.raises(LanguageError, match="exceeds the available context size"):
        small.complete([{"role": "user", "content": "word " * 6000}])


@pytest.mark.slow
def test_a_real_server_answers_as_the_model_in_process(small):
    address = small.backend.server.listening_address
    remote = language_model(f"openai:smollm@{address}/v1", cache=False)
    asked = [{"role": "user", "content": "What is the capital of Italy?"}]
    assert remote.complete(asked, max_tokens=10).text == small.complete(asked, max_tokens=10).text


@pytest.mark.slow
def test_what_fits_is_likelier_and_batches_do_not_matter(small):
    prompts = ["The capital of France is", "The capital of France is", "Two and two make"]
    rest = [" Paris", " potato soup", " four"]
    together = small.log_likelihood(prompts, rest)
    alone = [small.log_likelihood([p], [c])[0] for p, c in zip(prompts, rest, strict=True)]
    assert together[0].mean() > together[1].mean() + 2
    for one, many in zip(alone, together, strict=True):
        assert many == pytest.approx(one, abs=0.15)  # bfloat16, padded otherwise
    assert (np.concatenate(together) < 0).all()


def test_a_likelihood_needs_as_many_prompts_as_continuations(small):
    with pytest.raises(ConfigError, match="got 1 prompts and 2 continuations"):
        small.log_likelihood(["a"], ["b", "c"])


@pytest.mark.slow
def test_texts_that_mean_the_same_lie_close(fresh_home):
    texts = ["a film about space", "a movie set in outer space", "a recipe for soup"]
    vectors = embedding.embed(texts)
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3
    assert (embedding.embed(texts) == vectors).all()
    assert len(list((fresh_home / "cache" / "embeddings").iterdir())) == 1


def test_an_unknown_embedding_model_is_named():
    with pytest.raises(UnknownNameError, match="did you mean 'all-minilm-l6-v2'"):
        embedding.embed(["a"], "all-minilm")
    with pytest.raises(ConfigError, match="there is no folder"):
        embedding.folder_of("path:/no/such/folder")


def test_a_package_is_the_default_everywhere():
    assert language.DEFAULT in language.PACKAGED
