"""What is not answered in the user's language is said in it."""

import csv
import os
from pathlib import Path

import pytest

from assistant.dialogue.users_language import in_users_language
from assistant.language import LANGUAGES, said_in, surely_in
from assistant.types import Reply

ANSWER = Reply("Your order is on its way and arrives tomorrow.")
OTHERS = sorted(set(LANGUAGES) - {"en", "zh"})


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_both_lines(language: str) -> None:
    lines = [said_in(language, key) for key in ("english", "unserved")]
    assert all(lines)
    assert [surely_in(line) for line in lines] == [language] * 2, "each is spoken by its own voice"


def test_an_answer_in_english_to_another_language_says_so_first() -> None:
    reply = in_users_language(ANSWER, "Je voudrais savoir où est ma commande")
    assert reply.text == f"Je ne peux répondre à cela qu'en anglais.\n{ANSWER.text}"
    assert reply.spoken == reply.text


def test_what_is_not_served_is_declined_aloud_in_the_users_language_alone() -> None:
    declined = Reply("I'm sorry, I don't know how to help with that.", data={"unserved": True})
    reply = in_users_language(declined, "Какая сегодня погода в Москве?")
    assert reply.spoken == "Извините, с этим я не могу помочь."
    assert reply.text.endswith(declined.text)


def test_recognition_that_heard_the_language_makes_one_word_enough() -> None:
    assert in_users_language(ANSWER, "Quelle heure ?").text == ANSWER.text
    assert in_users_language(ANSWER, "Quelle heure est", "fr").text != ANSWER.text


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("Where is my order?", ANSWER),
        ("play la vie en rose", ANSWER),
        ("Wo ist meine Bestellung und wann kommt sie?", Reply("Die Bestellung ist unterwegs und kommt morgen.")),
        ("Comment dit-on bonjour en anglais ?", Reply("Good morning")),
        ("这个订单在哪里？", ANSWER),
    ],
)
def test_other_replies_stay_as_they_are(said: str, reply: Reply) -> None:
    assert in_users_language(reply, said) == reply


@pytest.mark.skipif("ASSISTANT_DATA" not in os.environ, reason="ASSISTANT_DATA is not set")
def test_english_is_hardly_ever_taken_for_another_language() -> None:
    root = Path(os.environ["ASSISTANT_DATA"])
    for name in ("text_clinc150/train.csv", "text_banking77/train.csv", "text_stackoverflow/test.csv"):
        with (root / name).open(encoding="utf-8") as file:
            assert not [row["text"] for row in csv.DictReader(file) if surely_in(row["text"])]
