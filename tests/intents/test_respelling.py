"""Slips of the keyboard are mended by the words of the examples."""

import pytest

from assistant.intents.respelling import Respeller, edits

EXAMPLES = ["where is my order A1234", "return my headphones", "can you track A1234", "order B77 shoes"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wher is my ordr", "where is my order"),
        ("cna i retrun the hedphones", "can i return the headphones"),
        ("Trakc A1002", "track A1234"),
        ("my horse", "my horse"),  # a word of its own, however near "shoes" or "where" it may be
        ("rt", "rt"),
        ("wherever", "wherever"),
        ("shoos", "shoes"),
        ("xan", "xan"),  # so short a word may be a name
        ("我的订单 A1002", "我的订单 A1234"),
    ],
)
def test_a_slip_is_mended_and_a_word_stays(typed: str, meant: str) -> None:
    known = {"horse", "wherever", "the"}
    assert Respeller(EXAMPLES, known.__contains__).respell(typed) == meant


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [("order", "order", 0), ("oder", "order", 1), ("retrun", "return", 1), ("abcd", "wxyz", 2)],
)
def test_edits_are_counted_as_far_as_they_matter(one: str, other: str, least: int) -> None:
    assert edits(one, other, 1) == least
