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
        ("取消A1002，不对，A1007", "取消A1007"),
        ("查订单A1001，我是说A1008", "查订单A1008"),
        ("不是A1001，是A1008", "A1008"),
        ("送到榆树街5号，不对，7号", "送到榆树街7号"),
        ("明天送，不对，后天", "后天送"),
        ("给小明，不对，小红", "给小红"),
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
        "cancel my order, sorry, thanks",
        "cancel my order, no wait",
        "set the oven to 200, wait 10 minutes",
        "there is no rush, 5 minutes",
        "I want 3 instead of 1",
        "where is my order, I mean seriously",
        "I never ordered it, actually",
        "这不是我的订单",
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
    began = time.process_time()
    apply_corrections((piece * 2000)[:20_000])
    apply_corrections((piece * 2000)[:1_900])
    assert time.process_time() - began < 5
