"""Tests which sentences are expected to go on after a pause."""

import pytest

from assistant.speech.endpointing import AdaptiveEndpointing, EndOfSpeech
from assistant.speech.unfinished import how_unfinished


@pytest.mark.parametrize(
    "text",
    [
        *(
            "I would like to return.",
            "Where is my.",
            "Turn on the",
            "and",
            "I would like,",
            "well...",
            "Tell me what is",
        ),
        *("Could you please", "Remind me to", "Explain", "Set a timer for", "How much is the", "I want to exchange"),
        *(
            "Please show me",
            "Put eggs and",
            "Can you look up",
            "My order number",
            "The order number is",
            "My sister lives in",
            "What is the weather in.",
            "How long does it take to",
            "Which of my orders",
            "我想退",
            "帮我查一下我的",
            "请告诉我",
            "能不能把地址改成。",
        ),
        *(
            "What is a third of?",
            "What is 15% of?",
            "Why does my?",
            "How far is it from?",
            "Do you know who?",
            "Is there a way to?",
            "Could I get a refund for?",
            "Change my address to.",
            "Put eggs in.",
            "I bought it on.",
            "I'd rather have.",
            "Remember that my daughter.",
        ),
    ],
)
def test_what_still_needs_its_object_is_surely_unfinished(text: str) -> None:
    assert how_unfinished(text) == "surely"


@pytest.mark.parametrize(
    "text",
    [
        "Please cancel.",
        "Who wrote?",
        "Look at this.",
        "I would like that.",
        "Turn it on.",
        "Who is it from?",
        "Add bananas too.",
    ],
)
def test_what_may_be_over_is_waited_for_a_little(text: str) -> None:
    assert how_unfinished(text) == "perhaps"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Turn on the light.",
            "What time is it?",
            "No.",
            "roll a die",
            "Explain what a prime number is.",
            "thank you",
        ),
        *(
            "What does it look like.",
            "cancel",
            "What should I buy",
            "How are you?",
            "Tell me a story.",
        ),
        *("Yes, I am.", "I don't want to.", "Which number is it", "Cancel?", "That's all I have.", "这是我的。"),
        *("I want to return it.", "How do I return", "Order a pizza.", "我想退货", "好的", "是的", "现在几点", ""),
    ],
)
def test_whole_sentences_are_not(text: str) -> None:
    assert how_unfinished(text) == ""


def test_a_sentence_that_breaks_off_is_waited_for_through_a_pause_of_two_and_a_half_seconds() -> None:
    end = EndOfSpeech(AdaptiveEndpointing(0.5), begun=True)
    end.completeness = "broken off"
    assert [end.process(0.0, 0.032) for _ in range(85)] == [None] * 85
    assert any(end.process(0.0, 0.032) == "silence" for _ in range(12))
