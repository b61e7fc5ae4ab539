"""What a sentence says beyond its facts is found, and what it may say is left alone."""

import pytest
from words_case import GODFATHER, LEXICON, other_brief

from explain.brief import Brief
from explain.lexicon import Lexicon
from explain.mentions import first_sentence
from explain.phrases import to_you
from explain.verify import KINDS, verify


@pytest.mark.parametrize(
    "text",
    [
        "Since you liked Star Wars and Fargo, you may enjoy The Godfather, a Crime film.",
        "Since you liked Alien, a Horror film, you may like The Godfather, a Drama film from 1972.",
        "Since you liked Alien (1979), you may enjoy The Godfather (1972).",
        "You may love the godfather, a crime drama with the same director as Alien.",
        "People who liked Fargo often like The Godfather.",
        "The Godfather shares an actor with The Rock, which you also liked.",
        "If you love crime dramas from the 1970s, The Godfather is a great choice.",
        "As a fan of Fargo, you will enjoy “The Godfather”.",
        "The Godfather is a drama for you. It has one of the same actors as The Rock.",
        "31 of 62 users who liked Fargo also liked The Godfather.",
        "You liked Star Trek First Contact, so try The Godfather.",
        "You'll enjoy The Godfather: it is about crime!",
        "Had you not liked Fargo, The Godfather would not be among them.",
        "Had you not liked Alien, Star Wars and Fargo, The Godfather would not be there.",
        "As you liked Alien, Star Wars, and Fargo, we recommend The Godfather.",
    ],
)
def test_what_the_facts_say_is_left_alone(text):
    assert verify(text, GODFATHER) == ()


@pytest.mark.parametrize(
    "text, kind, words",
    [
        ("  ", "empty", ""),
        ("I'm sorry, but I cannot recommend The Godfather.", "refusal", "I'm sorry"),
        ("As an AI, I like The Godfather.", "refusal", "As an AI"),
        ("You may enjoy The Godfather, a Crime", "cut off", "Crime"),
        ("You may enjoy **The Godfather**.", "markup", "**"),
        ("Explanation: you may enjoy The Godfather.", "markup", "Explanation:"),
        ("You may enjoy The Godfather <b>now</b>.", "markup", "<b>"),
        ("The Godfather is a Crime, Crime, and Drama film.", "repetition", "Crime, Crime"),
        ("The Godfather is a drama and drama film.", "repetition", "drama and drama"),
        ("You may enjoy this film, since you liked Fargo.", "no target", ""),
        ("Since you liked The Godfather, you may enjoy Fargo.", "wrong target", "Fargo"),
        ("Since you liked The Godfather, you may enjoy Fargo.", "liked target", "The Godfather"),
        ("Since you liked Heat, you may enjoy The Godfather.", "wrong history", "Heat"),
        ("The Godfather is much like Casablanca.", "novel title", "Casablanca"),
        ("The Godfather is like 'The Sopranos'.", "novel title", "'The Sopranos'"),
        ("The Godfather was made by Francis Coppola.", "novel name", "Francis Coppola"),
        ("You may enjoy The Godfather, set in New York.", "novel name", "York"),
        (
            "The Godfather is a moving tale of revenge in a small town.",
            "novel claim",
            "moving tale",
        ),
        ("92% of users like The Godfather.", "novel number", "92%"),
        ("You may enjoy The Godfather, a horror film.", "bad group", "horror"),
        ("You may enjoy The Godfather, a science fiction film.", "bad group", "science fiction"),
        ("You liked Fargo, a War film, so try The Godfather.", "bad group", "War"),
        ("You may enjoy The Godfather from 1999.", "bad year", "1999"),
        ("You may enjoy The Godfather, a film of the 1980s.", "bad year", "1980s"),
        ("The Godfather has the same writer as Alien.", "wrong relation", "the same writer as "),
        ("The Godfather is a sequel to Fargo.", "wrong relation", "sequel to "),
        ("You may enjoy The Godfather, a Star Wars film.", "wrong relation", "a Star Wars film"),
        (
            "The Godfather has the same actors as the film's writer.",
            "wrong relation",
            "the same actors as ",
        ),
        (
            "The Godfather has the same actors as The Rock.",
            "relation strength",
            "the same actors as ",
        ),
        (
            "The Godfather shares three actors with The Rock.",
            "relation strength",
            "shares three actors with ",
        ),
    ],
)
def test_each_kind_is_found_where_it_stands(text, kind, words):
    found = {one.kind: one for one in reversed(verify(text, GODFATHER))}
    assert found.keys() >= {kind}
    assert (found[kind].words, text[found[kind].start : found[kind].end]) == (words, words)
    assert str(found[kind]) == (f"{kind}: {words}" if words else kind)


def test_every_kind_says_what_it_means():
    assert all(len(meaning.split()) > 2 for meaning in KINDS.values())


def test_the_longest_title_is_found_first():
    text = "Since you liked Star Trek: First Contact, you may enjoy The Godfather."
    assert verify(text, GODFATHER) == ()  # nothing of the film Contact
    assert {v.kind for v in verify("You liked Aliens, so try The Godfather.", GODFATHER)} == {
        "wrong history",
        "novel title",
    }


def test_a_longer_title_that_begins_later_is_found_before_a_shorter_one():
    brief = other_brief("Rock 2: The Return", liked=("The Rock", "Fargo"))
    assert verify("Since you liked Fargo, you may enjoy The Rock 2: The Return.", brief) == ()


def test_a_word_or_two_of_taste_are_free():
    assert verify("You may enjoy The Godfather, a thrilling, classic film.", GODFATHER) == ()


def test_titles_that_are_words_or_groups_are_no_titles():
    assert verify("It may suit you: The Godfather. It is a crime drama.", GODFATHER) == ()


def test_full_stops_years_and_names_inside_titles_are_no_claims():
    brief = other_brief("Goodbye, Mr. Chips")
    assert verify("You may enjoy Goodbye, Mr. Chips, a Drama film.", brief) == ()
    brief = other_brief("Who's Afraid of Virginia Woolf?")
    assert verify("You may enjoy Who's Afraid of Virginia Woolf?, a Drama film.", brief) == ()
    brief = other_brief("1984 (Horror Cut)")
    assert verify("Since you liked Fargo, you may enjoy 1984 (Horror Cut).", brief) == ()
    assert verify("Since you liked Fargo, you may enjoy 1984.", brief) == ()


def test_the_first_sentence_ends_outside_of_titles():
    names = ("Goodbye, Mr. Chips", "Who's Afraid of Virginia Woolf?")
    text = "You may enjoy Goodbye, Mr. Chips, a film. It is long."
    assert first_sentence(text, names) == "You may enjoy Goodbye, Mr. Chips, a film."
    text = "You liked Who's Afraid of Virginia Woolf? and more! Really."
    assert first_sentence(text, names) == "You liked Who's Afraid of Virginia Woolf? and more!"
    assert first_sentence("no end\nsecond line.") == "no end"


def test_other_goods_are_checked_by_their_own_groups_and_ties():
    lexicon = Lexicon(
        frozenset({"Acme Cable 2 m", "Acme Plug", "Zeta Lamp"}),
        {"Acme Cable 2 m": frozenset({"Cables"})},
        group_names=("Cables", "Lamps"),
        noun="product",
    )
    brief = Brief(
        0,
        0,
        "Acme Cable 2 m",
        ("Acme Plug",),
        (
            "Acme Cable 2 m is a Cables product.",
            "Acme Cable 2 m has the same brand as Acme Plug, which the user liked.",
        ),
        ("Cables",),
        liked=("Acme Plug",),
        noun="product",
    )
    good = (
        "Since you liked Acme Plug, you may enjoy Acme Cable 2 m, with the same brand as Acme Plug."
    )
    assert verify(good, brief, lexicon) == ()
    bad = "Since you liked Zeta Lamp, you may enjoy Acme Cable 2 m, one of the lamps of 3 metres."
    assert {v.kind for v in verify(bad, brief, lexicon)} == {
        "wrong history",
        "novel title",
        "novel number",
        "bad group",
    }


def test_without_a_lexicon_only_the_brief_is_known():
    brief = Brief(0, 0, "Alien", ("Fargo",), liked=("Fargo",))
    assert verify("Since you liked Fargo, try Alien.", brief) == ()
    assert [v.kind for v in verify("Since you liked Fargo, try Alien with Bob.", brief)] == [
        "novel name"
    ]


def test_hostile_letters_do_not_break_the_check():
    text = (
        "\ue000\ue001 Since you liked Fargo, you may enjoy The Godfather. "
        + "(" * 5000
        + "a." * 2000
    )
    assert isinstance(verify(text, GODFATHER, LEXICON), tuple)


def test_facts_are_told_to_the_user():
    assert to_you("The user liked Fargo, which the user's list has.") == (
        "You liked Fargo, which your list has."
    )
    assert to_you("Alien would fall had the user not liked Fargo.") == (
        "Alien would fall had you not liked Fargo."
    )
    assert to_you("The user has liked it, and the user is glad.") == (
        "You have liked it, and you are glad."
    )
    assert to_you("The users of it") == "The users of it"
    assert to_you("The user liked The User.", ["The User"]) == "You liked The User."
