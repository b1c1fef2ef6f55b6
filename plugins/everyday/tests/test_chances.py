import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from assistant import Turn
from assistant.testing import FakeServices
from plugins.everyday.chances import pick_at_random, read_chance
from plugins.everyday.spelling import read_spelling, spell


def drawn(said: str) -> Mapping[str, Any]:
    return asyncio.run(pick_at_random(Turn(text=said), FakeServices())).data


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("flip a coin", "coin"),
        ("抛三次硬币", "coin"),
        ("roll two dice", "dice"),
        ("掷两个骰子", "dice"),
        ("pick a number between one and fifty", "number"),
        ("给我一个1到50之间的随机数", "number"),
        ("choose between pizza, sushi and curry", "choice"),
        ("tea or coffee, you decide", "choice"),
        ("从张三、李四、王五里选一个", "choice"),
    ],
)
def test_what_is_left_to_chance_is_read(said: str, kind: str) -> None:
    chance = read_chance(said)
    assert chance is not None
    assert chance.kind == kind


@pytest.mark.parametrize(
    "said",
    [
        "roll a die",
        "pick a card",
        "pick up milk and eggs",
        "should I take ibuprofen or paracetamol",
        "choose a topic for the quiz",
        "选一个订单",
    ],
)
def test_what_is_no_matter_of_chance_is_left_to_others(said: str) -> None:
    assert read_chance(said) is None


def test_every_outcome_comes_up_and_none_other() -> None:
    numbers = {drawn("a number between 1 and 3")["number"] for _ in range(200)}
    assert numbers == {1, 2, 3}
    chosen = {drawn("pick one of tea, coffee and juice")["chosen"] for _ in range(200)}
    assert chosen == {"tea", "coffee", "juice"}


@pytest.mark.parametrize("said", ["roll 10000 dice", "flip 0 coins", "roll 2 1 sided dice"])
def test_what_cannot_be_thrown_is_told(said: str) -> None:
    assert drawn(said).keys() == {"chance"}


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("spell necessary", "necessary"),
        ("how is Henrietta spelled?", "Henrietta"),
        ("necessary怎么拼写", "necessary"),
        ("拼一下rhythm这个单词", "rhythm"),
        ("spell it", ""),
        ("spell check my answer", ""),
        ("怎么写一篇作文", ""),
    ],
)
def test_the_word_to_be_spelled_is_read(said: str, word: str) -> None:
    assert read_spelling(said) == word


def test_a_word_is_spelled_on_the_screen_and_aloud() -> None:
    reply = spell(Turn(text="spell mother-in-law"))
    assert "M-O-T-H-E-R" in reply.text
    assert "H, E, R, hyphen, I, N" in reply.speech
