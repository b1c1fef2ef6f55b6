"""Words that mean something to the voice loop itself."""

import pytest

from assistant.voice.command_words import says_stop, without_wake_word


@pytest.mark.parametrize(
    "text",
    [
        "Stop.",
        "stop",
        "Stop! Stop!",
        "Okay, stop.",
        "Please, be quiet.",
        "Shut up",
        "never mind",
        "停",
        "别说了。",
        "取消吧",
    ],
)
def test_stop_is_said_in_many_ways(text: str) -> None:
    assert says_stop(text)


@pytest.mark.parametrize("text", ["", "Stop the timer.", "Where is the bus stop?", "cancel my order", "取消我的订单"])
def test_what_only_contains_stop_is_a_request(text: str) -> None:
    assert not says_stop(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hey Jarvis, roll a die.", "Roll a die."),
        ("Hey, Jarvis. Roll a die.", "Roll a die."),
        ("Jarvis, what time is it?", "What time is it?"),
        ("Hey Jarvis!", ""),
        ("Alexa turn on the light", "Turn on the light"),
        ("Okay, Naboo, stop.", "Stop."),
        ("Hey, do you know him?", "Hey, do you know him?"),
        ("Travel to Berlin.", "Travel to Berlin."),
        ("", ""),
    ],
)
def test_the_wake_word_is_no_part_of_the_request(text: str, left: str) -> None:
    assert without_wake_word(text, ["hey jarvis", "alexa", "okay nabu"]) == left
