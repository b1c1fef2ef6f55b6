"""Repairs within an utterance are carried out, and only repairs."""

from __future__ import annotations

import time

import pytest

from assistant.understanding.corrections import apply_corrections


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "change the address of A1002 to 5 Elm Street, no, 7 Elm Street, Springfield 12345",
            "change the address of A1002 to 7 Elm Street, Springfield 12345",
        ),
        (
            "deliver to 5 Elm Street, Springfield 12345, no, 7 Elm Street",
            "deliver to 7 Elm Street, Springfield 12345",
        ),
        ("deliver to 5 Elm Street, Springfield 12345, sorry, 9", "deliver to 9 Elm Street, Springfield 12345"),
        ("where is order A1001, I mean A1008", "where is order A1008"),
        ("cancel A1002, sorry, A1007", "cancel A1007"),
        ("deliver to 14 Mill Lane, I tell a lie, 40 Mill Lane", "deliver to 40 Mill Lane"),
        ("cancel order ten oh two, no, ten oh seven", "cancel order ten oh seven"),
        ("cancel A1002 tomorrow, no, A1007", "cancel A1007 tomorrow"),
        ("order A1001, no, A1008, and when does it arrive", "order A1008, and when does it arrive"),
        ("cancel A1002, no, 1007", "cancel A1007"),
        ("no not A1001, A1008, where is it", "A1008, where is it"),
        ("set a timer for 5 sorry 10 minutes", "set a timer for 10 minutes"),
        ("set a timer for 5 minutes, no, 10", "set a timer for 10 minutes"),
        ("add 2 lamps to it, actually 3", "add 3 lamps to it"),
        ("wake me at 7, no, 8pm", "wake me at 8pm"),
        ("come on Friday, I mean Saturday", "come on Saturday"),
        ("refund 20 euros, no, 30", "refund 30 euros"),
        ("make it 5, no 6, no 7", "make it 7"),
        ("mail bob@example.com, no, alice@example.com please", "mail alice@example.com please"),
        ("my number is 13800138000, sorry, 13900139000", "my number is 13900139000"),
        ("send it to Bob, no wait, Alice", "send it to Alice"),
        ("send it to bob no wait alice", "send it to alice"),
        ("return the red one, no, the blue one", "return the blue one"),
        ("paint it green, sorry, yellow", "paint it yellow"),
        ("it hurts on the left side, sorry, the right side", "it hurts on the right side"),
        ("查一下A1001，啊不好意思看串行了，A1008", "查一下A1008"),
        ("把A1001，手滑了，A1010退了", "把A1010退了"),
        (
            "send it to 14 Mill Lane, Leeds LS1 4AB, I tell a lie, 40 Mill Lane",
            "send it to 40 Mill Lane, Leeds LS1 4AB",
        ),
        ("remind me at 7, silly me, 8, to call mum", "remind me at 8, to call mum"),
        ("order A1001... typo... A1010?", "order A1010?"),
        ("where is A1001, I was looking at the wrong line, A1008", "where is A1008"),
        ("取消A1002，不对，A1007", "取消A1007"),
        ("查订单A1001，我是说A1008", "查订单A1008"),
        ("不是A1001，是A1008", "A1008"),
        ("送到榆树街5号，不对，7号", "送到榆树街7号"),
        ("明天送，不对，后天", "后天送"),
        ("给小明，不对，小红", "给小红"),
        ("我要三个，不对，四个", "我要四个"),
        ("明天三点，不对，四点", "明天四点"),
        ("转五十块，哦不，六十块", "转六十块"),
        ("是左边，不对，是右边", "是右边"),
        ("where is A1001? sorry, A1002", "where is A1002?"),
        ("what is 5 plus 6, no, 5 plus 7", "what is 5 plus 7"),
        ("cancel A1002 and A1007, no, A1002 and A1008", "cancel A1002 and A1008"),
        ("book a table for two, no, three people", "book a table for three people"),
        ("transfer $50, I mean $60, to my savings", "transfer $60, to my savings"),
        ("I live in 12 Oak Road, Leeds, actually 14 Oak Road", "I live in 14 Oak Road, Leeds"),
        ("return the headphones no the laptop", "return the laptop"),
        ("order number one zero zero one sorry one zero zero two", "order number one zero zero two"),
        ("it's not 5 it's 6", "it's 6"),
        ("remind me at 5 pm no make that 6", "remind me at 6 pm"),
    ],
)
def test_repair_replaces_what_is_alike(said: str, meant: str) -> None:
    corrected = apply_corrections(said)
    assert corrected.text == meant
    assert corrected.replaced


@pytest.mark.parametrize(
    "said",
    [
        "no, A1007",
        "no",
        "",
        "no thanks, I will keep A1002",
        "sorry, A1008",
        "I am sorry, where is A1001",
        "Where is order A1001, not A1002?",
        "Where is A1001? No, cancel A1007.",
        "did you say 5? no, 6 is fine",
        "I have no order",
        "cancel A1001, I got the wrong number yesterday, and A1002 too",
        "cancel A1001. That's wrong, A1002 should stay",
        "I mistyped A1001 and A1002",
        "cancel my order, sorry, thanks",
        "cancel my order, no wait",
        "set the oven to 200, wait 10 minutes",
        "there is no rush, 5 minutes",
        "I want 3 instead of 1",
        "where is my order, I mean seriously",
        "I never ordered it, actually",
        "这不是我的订单",
        "他是小王，不是小李",
        "there are no 5 star hotels",
        "I have no allergies, sorry",
        "I said A1001 not A1002",
        "no, the left side",
        "A1002，不对",
    ],
)
def test_what_is_no_repair_stays_word_for_word(said: str) -> None:
    corrected = apply_corrections(said)
    assert corrected.text == said
    assert corrected.replaced == ()


def test_what_was_replaced_is_reported() -> None:
    assert apply_corrections("order A1001, I mean A1008").replaced == (("A1001", "A1008"),)


@pytest.mark.parametrize("piece", ["no, ", "5 no 6 ", "sorry ", "not 5, 6 ", "不对", "I mean it, "])
def test_long_utterances_are_read_in_time(piece: str) -> None:
    began = time.thread_time()
    apply_corrections((piece * 2000)[:20_000])
    apply_corrections((piece * 2000)[:1_900])
    assert time.thread_time() - began < 5
