"""Words have one spelling, whatever was typed."""

from __future__ import annotations

import pytest

from assistant.understanding.tokens import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Cancel A1002, 12 pm", ["cancel", "#", "0", "pm"]),
        ("3 of the 4x4s", ["0", "of", "the", "#"]),
        ("dont", ["don't"]),
        ("DON\u2019T", ["don't"]),
        ("cant stop", ["can't", "stop"]),
        ("取消A1002", ["取", "消", "#"]),
    ],
)
def test_words_are_spelt_alike_and_numbers_told_from_identifiers(text: str, words: list[str]) -> None:
    assert [word.text for word in words_of(text)] == words


def test_each_word_has_its_place_and_the_punctuation_behind_it() -> None:
    cancel, _, noon = words_of("cancel A1002，12")
    assert (cancel.start, cancel.end, noon.start) == (0, 6, 13)
    assert [word.after for word in words_of("no, thanks!")] == [",", "!"]
