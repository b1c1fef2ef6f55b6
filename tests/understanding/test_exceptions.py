"""Tests the exceptions in a request, and what withdraws the request instead."""

import pytest

from assistant.understanding.exceptions import with_exception
from assistant.understanding.request_forms import asks_within, comes_on_top, how_to


@pytest.mark.parametrize(
    ("asked", "behind", "put"),
    [
        ("cancel every order,", "keep the mugs though", "cancel every order, except the mugs"),
        ("bin all the notes", "leave the one about the boiler", "bin all the notes, except the one about the boiler"),
        (
            "return everything that hasn't been opened",
            "but don't touch the lamp",
            "return everything that hasn't been opened, except the lamp",
        ),
        ("clear the whole list.", "save the apples", "clear the whole list, except the apples"),
        ("还没发货的都取消掉，", "杯子那单给我留着", "还没发货的都取消掉，除了杯子那单"),
        ("所有闹钟都删了", "早上那个别动", "所有闹钟都删了，除了早上那个"),
        # what is named stays apart from what is to go
        ("delete the apples and the milk", "leave the bananas", "delete the apples and the milk"),
        ("苹果和牛奶都删了吧，", "香蕉别动", "苹果和牛奶都删了吧"),
    ],
)
def test_what_stays_is_an_exception(asked: str, behind: str, put: str) -> None:
    assert with_exception(asked, behind) == put


@pytest.mark.parametrize(
    ("asked", "behind"),
    [
        ("cancel the grinder", "on second thought I'll keep the grinder"),
        ("cancel A1002", "no wait, keep it"),
        ("取消A1002", "算了，留着吧"),
        ("delete the pasta timer", "and stop the eggs too"),
        ("cancel everything", "the mugs came broken"),
        ("add milk", "leave the bananas"),
        ("cancel everything", "yes"),
    ],
)
def test_what_takes_back_or_adds_is_no_exception(asked: str, behind: str) -> None:
    assert with_exception(asked, behind) == ""


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("how do I set a timer here?", "set a timer"),
        ("so how can i delete my notes", "delete my notes"),
        ("how do I go about returning a lamp", "returning a lamp"),
        ("what do I say to stop the alarm", "stop the alarm"),
        ("怎么把牛奶加到清单里", "把牛奶加到清单里"),
        ("请问如何取消订单？", "取消订单"),
        ("how long does it take", ""),
        ("how are you", ""),
        ("how much is 3 kg", ""),
        ("取消订单", ""),
    ],
)
def test_what_is_asked_how_to_do(said: str, wish: str) -> None:
    assert how_to(said) == wish


def test_what_comes_on_top_and_what_asks_within_a_request() -> None:
    assert all(
        map(comes_on_top, ("then tell me a joke", "and while you're at it add soap", "顺便查一下", "再告诉我几点"))
    )
    assert not any(map(comes_on_top, ("and eggs", "thenceforth", "再见", "call mum")))
    assert all(map(asks_within, ("first tell me when it comes", "let me know whether it left", "先告诉我到哪了")))
    assert not any(map(asks_within, ("tell me a story", "告诉我妈")))
