"""ragas through one door: its own models, its own loop, broken answers counted."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import datasets
from core.errors import LanguageError
from core.language import LanguageModel, language_model
from core.language_turns import Answer
from explain.ragas_judge import bounded, imported, object_in, scored
from explain.ragas_scores import (
    ragas_answer_relevancy,
    ragas_chrf,
    ragas_faithfulness,
    ragas_id_precision,
    ragas_id_recall,
    ragas_quoted_spans,
    ragas_rouge_l,
    ragas_rubric,
    ragas_semantic_similarity,
    ragas_string_similarity,
    ragas_verdict,
)
from explain.reference_scores import chrf, rouge_l

TEXTS = ["You may enjoy Alien, a Horror film.", "A quiet drama.", ""]
REFERENCES = ["Alien is a Horror film that you may enjoy.", "A loud war film.", "Words."]


class Says:
    """A judge of few words: answers in turn, over and over."""

    name = "says"

    def __init__(self, *answers: str) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def answer(self, request):
        said = self.answers[len(self.asked) % len(self.answers)]
        self.asked.append(request.messages[-1]["content"])
        assert request.schema is not None
        return Answer(said, 1, 1, 0.0)


def judge(*answers: str) -> LanguageModel:
    return LanguageModel("says", Says(*answers))


def test_ragas_agrees_with_the_packages_it_calls():
    assert ragas_rouge_l(TEXTS, REFERENCES) == pytest.approx(
        rouge_l(TEXTS, REFERENCES), nan_ok=True
    )
    assert ragas_chrf(TEXTS, REFERENCES) == pytest.approx(chrf(TEXTS, REFERENCES), nan_ok=True)


def test_letters_that_must_change_are_counted():
    assert ragas_string_similarity(["kitten"], ["sitting"])[0] == pytest.approx(1 - 3 / 7)


def test_meaning_is_compared_as_vectors():
    told = ragas_semantic_similarity(TEXTS, REFERENCES)
    assert told[0] > told[1]
    assert np.isnan(told[2])


def test_a_false_quotation_is_found():
    told = ragas_quoted_spans(['It is "a slow film".', 'It is "a war film".'], ["a slow film"] * 2)
    assert told.tolist() == [1.0, 0.0]


def test_cited_items_are_compared_with_the_strongest_as_sets():
    cited, strongest = [{1, 2}, set(), {4}], [{2, 3, 5}, {1}, set()]
    assert ragas_id_precision(cited, strongest) == pytest.approx([0.5, np.nan, 0], nan_ok=True)
    assert ragas_id_recall(cited, strongest) == pytest.approx([1 / 3, 0, np.nan], nan_ok=True)


def test_ragas_numbers_nobody_in_their_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    from ragas import _analytics

    _analytics.get_userid.cache_clear()
    imported.cache_clear()
    imported()
    assert _analytics.do_not_track()
    assert _analytics.get_userid().startswith("a-")
    assert not list(tmp_path.iterdir())


def test_a_notebooks_loop_does_not_stop_it():
    async def within() -> float:
        return float(ragas_string_similarity(["a"], ["a"])[0])

    # in a thread of its own: a browser's loop may run in this one
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(lambda: asyncio.run(within())).result() == 1.0


def test_a_verdict_is_asked_of_our_own_model():
    says = Says(
        '{"value": "supported", "reason": "r"}', '{"value": "not supported", "reason": "r"}'
    )
    told = ragas_verdict(["A.", "B.", ""], ["a", "b", "c"], LanguageModel("says", says))
    assert told == pytest.approx([1, 0, np.nan], nan_ok=True)
    assert "A." in says.asked[0]


def test_broken_answers_are_undefined_and_never_zero():
    told = ragas_verdict(
        ["A.", "B.", "C."],
        ["a", "b", "c"],
        judge("no JSON at all", '{"value": "supported", "reason": "r"}', '{"value": "sup'),
    )
    assert told == pytest.approx([np.nan, 1, np.nan], nan_ok=True)


def test_a_judge_that_only_breaks_is_told():
    with pytest.raises(LanguageError, match="not one of 2 explanations could be judged; the last"):
        ragas_verdict(["A.", "B."], ["a", "b"], judge("nonsense"))


@pytest.mark.parametrize(
    "said, message",
    [("nothing", "holds no JSON object: 'nothing'"), ('{"a": }', "is no JSON")],
)
def test_what_is_no_object_is_refused(said, message):
    with pytest.raises(LanguageError, match=message):
        object_in(said)
    assert object_in('Sure! {"a": {"b": 1}} Done.') == '{"a": {"b": 1}}'


def test_every_string_and_list_of_a_schema_gets_an_end():
    schema = {
        "type": "object",
        "properties": {
            "said": {"type": "string"},
            "one": {"type": "string", "enum": ["a"]},
            "many": {"type": "array", "items": {"$ref": "#/$defs/x"}},
        },
        "$defs": {"x": {"type": "object", "properties": {"y": {"type": "string"}}}},
    }
    told = bounded(schema)
    assert told["properties"]["said"]["maxLength"] > 0
    assert told["properties"]["one"] == {"type": "string", "enum": ["a"]}
    assert told["properties"]["many"]["maxItems"] >= 1
    assert told["$defs"]["x"]["additionalProperties"] is False
    assert told["$defs"]["x"]["properties"]["y"]["maxLength"] > 0
    assert "maxLength" not in schema["properties"]["said"]


def test_a_row_without_anything_to_score_is_not_asked_about():
    async def refuse(row):
        raise AssertionError

    assert np.isnan(scored(refuse, [None, None])).all()


def test_the_package_that_ragas_calls_datasets_is_not_our_folder():
    assert hasattr(datasets, "load_dataset")


@pytest.mark.slow
def test_a_real_server_judges(tmp_path, monkeypatch):
    monkeypatch.setenv("RECSCOPE_HOME", str(tmp_path))
    small = language_model(cache=False)
    address = small.backend.server.listening_address
    endpoint = language_model(f"openai:smollm2@{address}/v1", cache=False)
    texts, evidence = TEXTS[:1], ["Alien is a Horror film."]
    assert ragas_verdict(texts, evidence, endpoint)[0] in {0.0, 1.0}
    assert 1 <= ragas_rubric(texts, evidence, endpoint)[0] <= 5
    assert 0 <= ragas_faithfulness(texts, evidence, endpoint)[0] <= 1
    assert -1 <= ragas_answer_relevancy(texts, endpoint)[0] <= 1
