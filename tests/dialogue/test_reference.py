"""Words that point back mean what the last replies were about; a yes means what the last reply offered."""

import pytest

from assistant.dialogue.answering import _named_before
from assistant.dialogue.decided import Decided, certain
from assistant.dialogue.reference import named_beside, named_instead, offered, refers_back, talked_about
from assistant.types import Reply, Turn


@pytest.mark.parametrize(
    ("said", "thing", "meant"),
    [
        ("what's on it?", "my shopping list", "what's on my shopping list?"),
        ("cancel it", "order A1001", "cancel order A1001"),
        ("can you read them out", "my notes", "can you read my notes out"),
        ("take that off again", "milk", "take milk off again"),
        ("make that one ten minutes longer", "the timer", "make that one ten minutes longer"),
        ("move it to nine", "the alarm", "move the alarm to nine"),
        ("tell me more about that", "photosynthesis", "tell me more about photosynthesis"),
        ("把它删掉", "提醒", "把提醒删掉"),
        ("上面有什么", "购物清单", "购物清单上面有什么"),
        ("取消吧", "闹钟", "取消闹钟"),
        ("那个改到九点", "闹钟", "那个改到九点"),
    ],
)
def test_a_pronoun_is_replaced_by_what_it_means(said: str, thing: str, meant: str) -> None:
    assert named_instead(said, thing) == meant
    assert refers_back(said) == (meant != said)


@pytest.mark.parametrize(
    "said",
    ["it hurts", "remind me that the bins go out", "where is my order", "it's raining", "what time is it's over",
     "I've got the bread, take it off", "牛奶买好了，把它划掉",
     "set a timer", "这个星期五有什么", "取消订单A1001", ""],
)  # fmt: skip
def test_words_that_name_their_thing_do_not_point_back(said: str) -> None:
    assert not refers_back(said)


def test_a_long_speech_does_not_point_back() -> None:
    assert not refers_back("well " * 40 + "cancel it")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("It can still be cancelled. To cancel, say “cancel A1002”.", "cancel A1002"),
        ("要取消请说“取消A1002”。", "取消A1002"),
        ("Say “return the lamp”, or say “return the lamp” later.", "return the lamp"),
        ("Say “cancel A1002” or say “return A1001”.", ""),
        ("You said “hello”.", ""),
        ("Done.", ""),
    ],
)
def test_one_thing_may_be_offered(reply: str, words: str) -> None:
    assert offered(reply) == words


def test_what_a_reply_was_about_is_read_with_care() -> None:
    assert talked_about({"about": ["my list", "", 3, "milk"]}) == ["my list", "milk"]
    assert talked_about({"about": "order A1001"}) == ["order A1001"]
    assert talked_about({"about": {"a": 1}}) == talked_about({}) == []
    assert len(talked_about({"about": [str(n) for n in range(50)]})) == 4


def test_brief_words_may_leave_their_thing_out() -> None:
    assert named_beside("add sunscreen", "my packing list")[0] == "add sunscreen to my packing list"
    assert "stop the timer" in named_beside("stop!", "the timer")
    assert "提醒改成六点" in named_beside("改成六点", "提醒")
    assert named_beside("I would like to know what the weather is like today", "the timer") == []
    assert named_beside(" ... ", "the timer") == []


def test_a_later_request_of_a_turn_names_what_the_one_before_was_about() -> None:
    turn = Turn(session="s", text="is it too late to send it back")
    part = Decided(certain("shop.return_item", "model", turn), turn, turn)
    named = _named_before(part, Reply("It came.").about("order A1004"))
    assert named.turn.utterance == "is order A1004 too late to send it back"
    assert _named_before(part, Reply("It came.")) is part
