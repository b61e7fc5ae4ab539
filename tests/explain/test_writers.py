"""Writers say what the facts say; where a model says more, or nothing, the template speaks."""

import json
from dataclasses import replace

import numpy as np
import pytest
from words_case import GODFATHER, other_brief, scripted

from core.errors import LanguageError, UnknownNameError
from core.language import LanguageModel
from core.load import load
from core.split import split
from core.tables import Interactions, Side
from explain.brief import Brief, Writer
from explain.briefs import brief_of
from explain.explanation import Evidence
from explain.reasons import Reasons
from explain.reward import reward
from explain.verify import verify
from explain.world import World
from explain.worlds import world_from
from explain.writers.aspects import Aspects
from explain.writers.model import LanguageWriter
from explain.writers.sampling import BestOf
from explain.writers.slots import Slots
from explain.writers.template import Template

MODEL_WRITERS = [LanguageWriter, Slots, Aspects, BestOf]


def template(brief: Brief) -> str:
    return Template().write([brief])[0].text


def fails(_request):
    raise LanguageError("the server is gone")


# --- facts and the template


def test_reasons_become_facts_and_names():
    data = load("movielens-100k")
    train = split(data.interactions, "leave-last").train
    world = replace(world_from(train, data.item_ids), noun="film")
    codes = {title: code for code, title in enumerate(world.titles)}
    user = int(np.flatnonzero(train.liked[:, [codes["Psycho"]]].toarray().ravel())[0])
    birds, psycho = codes["The Birds"], codes["Psycho"]
    evidence = Evidence("attribution", birds, (psycho,), 0.3, "Psycho carries 30% of it.")
    brief = brief_of(world, user, birds, Reasons((evidence,), {psycho: 0.3}))
    assert brief.title == "The Birds"
    assert brief.because == ("Psycho",)
    assert brief.facts[0] == "The Birds (1963) is a Horror film."
    assert "The Birds has the same director as Psycho, which the user liked." in brief.facts
    assert not any("30%" in fact for fact in brief.facts)
    assert "Psycho" in brief.liked
    assert brief.lexicon is brief_of(world, user, psycho, Reasons()).lexicon


def test_a_world_without_anything_but_names_makes_a_brief():
    train = Interactions(
        np.array([0, 0], np.int32), np.array([0, 1], np.int32), n_users=1, n_items=3, side=Side()
    )
    brief = brief_of(World(train, ("A", "B", "C")), 0, 2, Reasons(attribution={0: 0.1, 1: 0.4}))
    assert (brief.because, brief.facts, brief.year) == (("B", "A"), (), None)
    assert "C" in template(brief)


def test_the_template_says_the_facts_and_nothing_else():
    said = Template(is_varied=False).write([GODFATHER])[0]
    assert said.text == (
        "Since you liked Star Wars and Fargo, you may enjoy The Godfather, a Crime and Drama film "
        "from 1972 with one of the same actors as The Rock."
    )
    assert (said.violations, said.is_fallback) == ((), False)


def test_the_template_varies_with_the_words_alone():
    briefs = [other_brief(title) for title in ("Heat", "Alien", "Casablanca", "It", "Contact")]
    shapes = {template(brief).split(" ", 2)[0] for brief in briefs}
    assert len(shapes) > 1
    assert [template(replace(b, user=9, item=9)) for b in briefs] == [template(b) for b in briefs]


@pytest.mark.parametrize(
    "brief, text",
    [
        (Brief(0, 0, "Alien"), "You may enjoy Alien."),
        (Brief(0, 0, "Alien", ("Heat",)), "Since you liked Heat, you may enjoy Alien."),
        (
            Brief(0, 0, "Heat", year=1995, facts=("Heat (1995) is a film.",), noun="film"),
            "You may enjoy Heat, a film from 1995.",
        ),
        (
            Brief(0, 0, "Heat", ("Who?",), ("9 of 10 users who liked Who? also liked Heat.",)),
            (
                "Since you liked Who?, you may enjoy Heat. 9 of 10 users who liked Who? also liked "
                "Heat."
            ),
        ),
        (
            Brief(0, 0, "Up", facts=("Up has the same studio as Cars, which the user liked.",)),
            "You may enjoy Up, which has the same studio as Cars.",
        ),
    ],
)
def test_the_template_copes_with_little(brief, text):
    assert Template(is_varied=False).write([brief])[0].text == text


# --- a model that goes on


def test_a_sentence_that_keeps_to_the_facts_is_shown_as_it_is():
    model = scripted(lambda _: " a Crime film from 1972. It also is long.")
    (said,) = LanguageWriter(model, seed=3).write([GODFATHER])
    assert said.text == (
        "Since you liked Star Wars and Fargo, you may enjoy The Godfather, a Crime film from 1972."
    )
    assert (said.is_fallback, said.own_text, said.violations) == (False, "", ())
    assert said.facts["prompt"].startswith("opened 1 (")
    assert said.facts == {
        "language_model": "scripted",
        "prompt": said.facts["prompt"],
        "n_calls": 1,
        "n_prompt": 10,
        "n_answer": 5,
        "seconds": 0.25,
        "is_cached": False,
        "seed": 3,
    }


def test_a_sentence_that_says_more_is_replaced_and_kept():
    (said,) = LanguageWriter(scripted(lambda _: " a Horror film by Al Pacino.")).write([GODFATHER])
    assert said.text == template(GODFATHER)
    assert said.is_fallback
    assert said.own_text.endswith("The Godfather, a Horror film by Al Pacino.")
    assert said.violations == ("bad group: Horror", "novel name: Al Pacino")


@pytest.mark.parametrize("says", ["", " I'm sorry, I cannot help with that.", " and then a"])
def test_a_refusal_or_half_a_sentence_is_replaced(says):
    (said,) = LanguageWriter(scripted(lambda _: says)).write([GODFATHER])
    assert (said.text, said.is_fallback) == (template(GODFATHER), True)
    assert said.violations


class Elsewhere(LanguageModel):
    """A server that does not go on from given words."""

    def complete(self, messages, **more):
        return replace(super().complete(messages, **more), is_begun=False)


@pytest.mark.parametrize(
    "says, text",
    [
        ('"You may like The Godfather, as you liked Fargo."', None),
        (
            "a Crime film.",
            ("Since you liked Star Wars and Fargo, you may enjoy The Godfather, a Crime film."),
        ),
    ],
)
def test_a_server_that_begins_by_itself_is_taken_as_it_is(says, text):
    model = Elsewhere("elsewhere", scripted(lambda _: says).backend)
    (said,) = LanguageWriter(model).write([GODFATHER])
    assert said.text == (text or says.strip('"'))
    assert said.facts["is_begun"] is False


# --- slots, aspects, sampling


def test_slots_choose_and_the_template_words_the_choice():
    chosen = {"because_of": ["Fargo"], "fact": GODFATHER.facts[2]}
    model = scripted(lambda _: json.dumps(chosen))
    (said,) = Slots(model).write([GODFATHER])
    assert "Fargo" in said.text
    assert "Star Wars" not in said.text
    assert "the same director as Alien" in said.text
    assert said.facts["chosen"] == chosen
    schema = model.backend.asked[0].schema["properties"]
    assert schema["because_of"]["items"]["enum"] == ["Star Wars", "Fargo"]
    assert schema["fact"]["enum"] == list(GODFATHER.facts)


@pytest.mark.parametrize(
    "says, error",
    [
        ("{ broken", "broken JSON"),
        ('{"because_of": ["Casablanca"], "fact": "x"}', "chose what it was not offered"),
    ],
)
def test_a_choice_that_cannot_be_read_is_the_templates(says, error):
    (said,) = Slots(scripted(lambda _: says)).write([GODFATHER])
    assert (said.text, said.is_fallback) == (template(GODFATHER), True)
    assert error in said.facts["error"]


def test_one_fact_leaves_nothing_to_choose():
    model = scripted(fails)
    (said,) = Slots(model).write([Brief(0, 0, "Alien", ("Heat",), liked=("Heat",))])
    assert said.facts["reason"] == "there was nothing to choose between"
    assert not said.is_fallback


def test_a_draft_is_criticised_and_revised_and_every_draft_is_kept():
    def says(request):
        if request.schema is not None:
            return json.dumps({"aspects": [GODFATHER.facts[2]]})
        content = request.messages[-1]["content"]
        if "Draft:" not in content:
            return " a Horror film."
        assert '"Horror": the item is not of this group.' in content
        assert "It leaves out: The Godfather has the same director as Alien" in content
        return " a Crime film with the same director as Alien."

    (said,) = Aspects(scripted(says)).write([GODFATHER])
    assert said.text.endswith("The Godfather, a Crime film with the same director as Alien.")
    first, second = said.facts["drafts"]
    assert first["violations"] == ["bad group: Horror"]
    assert (second["violations"], second["faults"]) == ([], [])
    assert second["reward"] > first["reward"]
    assert said.facts["aspects"] == [GODFATHER.facts[0], GODFATHER.facts[2]]
    assert said.facts["n_calls"] == 3


def test_revision_ends_where_it_no_longer_helps():
    model = scripted(lambda request: "{}" if request.schema else " a Horror film.")
    (said,) = Aspects(model, n_rounds=5).write([GODFATHER])
    assert len(said.facts["drafts"]) == 2
    assert (said.is_fallback, said.violations) == (True, ("bad group: Horror",))


def test_the_best_of_several_sentences_is_shown():
    texts = {
        0: " a film.",
        1: " a Horror film.",
        2: " a Crime and Drama film of 1972.",
        3: " a film.",
    }
    (said,) = BestOf(scripted(lambda request: texts[request.seed])).write([GODFATHER])
    assert said.text.endswith("a Crime and Drama film of 1972.")
    assert [one["seed"] for one in said.facts["samples"]] == [0, 1, 2]
    assert [one["temperature"] for one in said.facts["samples"]] == [0.0, 0.8, 0.8]
    assert said.facts["n_calls"] == 4


def test_a_reward_prefers_what_is_checked_grounded_and_specific():
    plain, rich = "You may enjoy The Godfather.", template(GODFATHER)
    flowery = "You may enjoy The Godfather, a timeless majestic masterpiece."
    wrong = "You may enjoy The Godfather, a Horror film."
    assert reward(rich, GODFATHER).total > reward(plain, GODFATHER).total
    assert reward(plain, GODFATHER).grounding > reward(flowery, GODFATHER).grounding
    assert reward(plain, GODFATHER).verified > reward(wrong, GODFATHER).verified
    assert reward(plain, GODFATHER).untold == GODFATHER.facts


# --- failures


@pytest.mark.parametrize("kind", MODEL_WRITERS)
def test_a_failure_costs_one_sentence_and_the_others_go_on(kind):
    def says(request):
        if "Heat" in str(request.messages[-1]):
            raise LanguageError("too long")
        if request.schema is not None:
            return json.dumps(
                {
                    "because_of": ["Fargo"],
                    "fact": GODFATHER.facts[0],
                    "aspects": [GODFATHER.facts[0]],
                }
            )
        return " a Crime film."

    briefs = [GODFATHER, other_brief("Heat"), GODFATHER]
    writer = kind(scripted(says))
    assert isinstance(writer, Writer)
    first, second, third = writer.write(briefs)
    assert not first.is_fallback
    assert (second.text, second.is_fallback) == (template(briefs[1]), True)
    assert second.facts["error"] == "too long"
    assert third == first


@pytest.mark.parametrize("kind", MODEL_WRITERS)
def test_a_model_that_is_gone_is_not_asked_for_ever(kind):
    model = scripted(fails)
    said = kind(model).write([GODFATHER] * 9)
    assert len(model.backend.asked) == 3
    assert all(one.is_fallback and one.text for one in said)
    assert said[2].facts["error"] == "the server is gone"
    assert said[8].facts["error"] == "scripted was not asked: it had failed 3 times in a row"


@pytest.mark.parametrize("kind", MODEL_WRITERS)
def test_an_unknown_model_or_prompt_is_the_callers_mistake(kind):
    with pytest.raises(UnknownNameError, match="smollm2-135m"):
        kind("smollm3").write([GODFATHER])
    with pytest.raises(UnknownNameError, match="no prompt is called 'opend'"):
        kind(scripted(fails), prompt="opend").write([GODFATHER])


@pytest.mark.parametrize("kind", MODEL_WRITERS)
def test_nothing_to_write_asks_nothing(kind):
    assert kind(scripted(fails)).write([]) == []


def test_the_check_of_a_fallback_finds_nothing():
    (said,) = LanguageWriter(scripted(lambda _: " a Horror film.")).write([GODFATHER])
    assert verify(said.text, GODFATHER) == ()
