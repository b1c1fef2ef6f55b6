from __future__ import annotations

from typing import Any

import pytest

from assistant.intents.examples import collect, fill_slots, is_latin, sentences
from assistant.plugins.api import Slot


def test_placeholders_become_typical_values() -> None:
    assert fill_slots("call {number}", ()) == "call 4071"
    assert fill_slots("take {what}", (Slot("what", str, True, typical=("tea", "milk")),), 3) == "take milk"
    assert fill_slots("throw a {sides} sided die", (Slot("sides", int, False, 6),)) == "throw a six sided die"
    assert fill_slots("a {size} one", (Slot("size", str, True, choices=("small", "large")),), 1) == "a large one"
    assert fill_slots("do {whatever} {{now}}", ()) == "do something {something}"


def test_repeats_and_contradictions_are_reported_and_left_out(make_intent: Any) -> None:
    found = collect([make_intent("a.x", "Hello there", "hello  there", "hi"), make_intent("b.y", "HI", "", "bye")])
    assert found.texts == ("Hello there", "hi", "bye")
    assert found.labels == (0, 0, 1)
    assert [line.split(":")[0] for line in found.warnings] == ["a.x", "b.y", "b.y"]
    assert "already means a.x" in found.warnings[1]


def test_an_intent_with_nothing_to_learn_from_is_reported(make_intent: Any) -> None:
    assert "never recognised" in collect([make_intent("a.x")]).warnings[0]
    assert not collect([make_intent("a.x", looks_like=["a dog"])]).warnings


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("hello", True),
        ("été à Köln", True),
        ("你好", False),
        ("1 + 2 = ?", True),
        ("", True),
        ("退 iPhone 15", True),
        ("我想退货 ok", False),
    ],
)
def test_script_is_told_by_most_letters(text: str, latin: bool) -> None:
    assert is_latin(text) is latin


@pytest.mark.parametrize("name", ["deictic", "foreign"])
def test_shipped_sentences_are_each_given_once_in_two_languages(name: str) -> None:
    lines = sentences(name)
    assert len(lines) == len(set(lines)) > 100
    assert {is_latin(line) for line in lines} == {True, False}
