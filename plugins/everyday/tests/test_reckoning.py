import asyncio

import numpy as np
import pytest

from assistant import Exchange, Turn
from assistant.testing import FakeServices
from plugins.everyday.arithmetic import value_of
from plugins.everyday.calculating import calculate
from plugins.everyday.figures import masked
from plugins.everyday.follow_ups import reckons, sum_again, ways_to_read
from plugins.everyday.reckoning import WEIGHTS, digest, learned, reckoned, sayings, signs_of


def test_sentences_that_were_not_learned_are_read_right() -> None:
    told = sayings()
    model, scores = learned(told)
    right = counted = 0
    for (label, text), row in zip(told, scores, strict=True):
        said = masked(text)
        if said is None or not (wanted := signs_of(label, said.figures)):
            continue
        ways = (signs_of(model.labels[at], said.figures) for at in np.argsort(-row))
        counted += 1
        right += abs(value_of(next(filter(None, ways)))[0]) == abs(value_of(wanted)[0])
    assert counted > 700
    assert right / counted > 0.87


def test_what_was_learned_is_of_the_sentences_as_they_are() -> None:
    from safetensors import safe_open

    with safe_open(WEIGHTS, "numpy") as file:
        assert file.metadata()["learned_from"] == digest(), "run python -m plugins.everyday.reckoning"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("what do i pay for a 260 coat with 15 percent knocked off", "= 221"),
        ("team of 8 has to cover 420 between them how much per head", "= 52.5 each"),
        ("i do 6 shifts of 7.5 hours how many hours is that", "= 45"),
        ("一箱二十四瓶 买了七箱 总共多少瓶", "= 168"),
        ("原价三百九现在只要二百七十三 便宜了百分之几", "= 30%"),
        ("根号下一百四十四加三的平方", "= 21"),
    ],
)
def test_a_sum_told_in_other_words_is_answered(said: str, answer: str) -> None:
    assert asyncio.run(calculate(Turn(text=said), FakeServices())).text.endswith(answer)


def test_a_sum_that_can_be_read_in_two_ways_is_told_in_both_and_one_without_any_by_its_numbers() -> None:
    text = asyncio.run(calculate(Turn(text="3 for 2.40 so what would 8 be"), FakeServices())).text
    assert " or " in text or "= 6.4" in text
    assert "I read 7" in asyncio.run(calculate(Turn(text="the 7 of us, then"), FakeServices())).text or ways_to_read(
        "the 7 of us, then"
    )


def test_a_reading_uses_every_number() -> None:
    for way in reckoned("3 lattes at 3.60 and a bagel for 2.80 and 5 teas"):
        assert all(number in way.sum.signs for number in ("3", "3.60", "2.80", "5"))


@pytest.mark.parametrize(
    "said",
    [
        "set an alarm for 7 and 8",
        "what did orders A1007 and A1009 cost",
        "how many days from the 3rd to the 19th",
        "离七月十五号还有几天",
        "put 2 milks and 6 eggs on the list",
        "what time is it 8 hours from now",
    ],
)
def test_other_numbers_are_no_sum(said: str) -> None:
    assert not reckons(said)


@pytest.mark.parametrize(
    ("words", "before", "share", "signs"),
    [
        ("and 12?", "8/100*350", [], "12/100*350"),
        ("oh josh is coming too so 5", "132.60/4", ["132.60", "4"], "132.60/5"),
        ("two more are coming", "90/6", ["90", "6"], "90/8"),
        ("又来了两个人", "600/8", ["600", "8"], "600/10"),
        ("那百分之二十呢", "15/100*240", [], "20/100*240"),
    ],
)
def test_another_number_takes_the_place_of_the_one_it_is_nearest_to(
    words: str, before: str, share: list[str], signs: str
) -> None:
    told = Exchange(text="", reply="", intent="everyday.calculate", data={"sum": before, "result": "1", "share": share})
    asked = sum_again(words, [told])
    assert asked is not None
    assert asked.signs == signs
