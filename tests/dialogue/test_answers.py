"""Tests how a reply to a question is read: as an answer, as none, or as a wish to leave or go back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assistant.dialogue.acts import says_again, says_cancel, says_go_back
from assistant.dialogue.questions import InvalidAnswer, Question, read_answer
from assistant.types import Turn
from tests.dialogue.returns import say


@pytest.mark.parametrize(
    ("question", "turn", "value"),
    [
        (Question("?", "int"), say("it is forty two"), 42),
        (Question("?", "float"), say("三点五"), 3.5),
        (Question("?", "bool"), say("好的"), True),
        (Question("?", "date"), Turn(text="tomorrow", at=1_800_010_000), date(2027, 1, 16)),
        (Question("?", "str"), say("  anything "), "anything"),
        (Question("?", "str", ("small", "extra large")), say("the second one"), "extra large"),
        (Question("?", "str", ("small", "extra large")), say("1"), "small"),
        (Question("?", "str", ("退货", "换货")), say("我要换货"), "换货"),
        (Question("?", "str", ("yes", "no")), say("sure"), "yes"),
    ],
)
def test_answers_are_understood(question: Question, turn: Turn, value: Any) -> None:
    assert read_answer(question, turn) == value


@pytest.mark.parametrize(
    ("question", "said", "hint"),
    [
        (Question("哪一天?", "date"), "不清楚", "我需要一个日期"),
        (Question("?", "picture"), "here you are", "I need a picture."),
        (Question("?", "str"), "  ", "I did not get an answer."),
        (Question("?", "str", ("red", "blue")), "green", "Please choose one of these: red, blue."),
        (Question("?", "str", ("red", "blue")), "3", "Please choose one of these"),
    ],
)
def test_what_does_not_fit_says_what_would(question: Question, said: str, hint: str) -> None:
    with pytest.raises(InvalidAnswer) as caught:
        read_answer(question, say(said))
    assert str(caught.value).startswith(hint)


def test_cancelling_is_told_from_answering() -> None:
    for words in (
        "取消",
        "please cancel it",
        "nvm",
        "actually, keep them",
        "Can we stop this now?",
        "停一下",
        "もういいです",
        "Hör bitte auf",
        "Ich möchte nicht mehr spielen",
        "ça suffit",
        "je ne veux plus jouer",
        "ya no quiero jugar",
        "basta così",
        "não quero mais jogar",
        "hou op",
        "nie chcę już grać",
        "я больше не хочу играть",
        "もうやめて",
        "그만할래요",
        "ไม่เล่นแล้ว",
        "artık oynamak istemiyorum",
        "لا أريد أن ألعب",
    ):
        assert says_cancel(say(words)), words
    # "I changed my mind" answers "why do you return it?".
    for words in (
        "cancel my subscription to the paper",
        "I changed my mind",
        "I don't want it any more",
        "later today",
        "der Halt am Bahnhof",
        "Basta il gelato",
        "para mañana",
        "pare de chover",
        "weiter",
    ):
        assert not says_cancel(say(words)), words
    assert not says_cancel(say("Cancel"), ["cancel", "exchange"])


@pytest.mark.parametrize(
    "said", ["What?", "sorry, can you repeat that please", "I didn't get that", "再说一遍", "again"]
)
def test_who_did_not_catch_the_question_is_asked_it_again(said: str) -> None:
    assert says_again(say(said))
    assert not says_again(say(f"{said} is broken"))


@pytest.mark.parametrize(
    "text",
    [
        "go back to my return",
        "OK, let's go back to the headache, please.",
        "back to my order",
        "where were we?",
        "继续刚才的退货",
        "回到我的订单",
    ],
)
def test_wish_to_go_back_is_understood(text: str) -> None:
    assert says_go_back(say(text))


@pytest.mark.parametrize("text", ["I want my money back", "send it back to the shop", "go on", "继续"])
def test_other_words_are_no_wish_to_go_back(text: str) -> None:
    assert not says_go_back(say(text))
