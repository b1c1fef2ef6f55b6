import asyncio
import random
from fractions import Fraction

import pytest

from assistant import Turn
from assistant.testing import FakeServices
from plugins.everyday.arithmetic import written
from plugins.everyday.calculating import calculate
from plugins.everyday.follow_ups import reckons
from plugins.everyday.sums import read_sum


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("what is 15 % of 80", "= 12"),
        ("what's twelve times eleven?", "= 132"),
        ("split 84 euros by 3", "= €28 each"),
        ("split 100 euros by 3", "≈ €33.33 each"),
        ("divide a bill of 96.60 between four people", "= 24.15 each"),
        ("what is 20 percent off $45", "= $36"),
        ("add an 18 percent tip to 54 dollars", "= $63.72"),
        ("200 plus 19% VAT", "= 238"),
        ("what percentage of 60 is 15", "= 25%"),
        ("average of 3, 5 and 10", "= 6"),
        ("two thirds of ninety", "= 60"),
        ("what's 1/3 of 100", "≈ 33.3333"),
        ("the square root of 2", "≈ 1.4142"),
        ("2^64", "= 18,446,744,073,709,551,616"),
        ("-5 + 3", "= −2"),
        ("0.1 + 0.2", "= 0.3"),
        ("把86打八折是多少", "= 68.8"),
        ("原价120元打七五折要付多少", "= 90元"),
        ("84块钱三个人平分每人多少", "= 28元（每份）"),
        ("从40涨到50涨了百分之几", "= 25%"),
        ("15是60的百分之几", "= 25%"),
        ("一千二百五十减三百八十七", "= 863"),
        ("一百二十的四分之三", "= 90"),
        ("3、5和10的平均数是多少", "= 6"),
    ],
)
def test_a_sum_in_words_or_figures_is_answered(said: str, answer: str) -> None:
    assert read_sum(said) is not None or reckons(said)
    assert asyncio.run(calculate(Turn(text=said), FakeServices())).text.endswith(answer)


@pytest.mark.parametrize(
    "said",
    [
        "where is order 1001",
        "cancel A1002 and A1007",
        "3/4",
        "10-12",
        "2026-11-30",
        "call 800-555-1234",
        "140 over 90",
        "七分之三",
        "20 percent",
        "百分之二十",
        "my blood pressure is 140 over 90",
        "solve 2x + 3 = 11",
        "calculate 3/4 + 2/5",
        "what is 4!",
        "what is the meaning of 42",
        "add milk to the list",
        "don't add 3 and 4",
        "50 euros plus 30 dollars",
        "七点半叫我",
        "",
        "9" * 300,
    ],
)
def test_what_is_no_sum_or_holds_more_than_one_is_left_to_others(said: str) -> None:
    assert read_sum(said) is None


@pytest.mark.parametrize(
    ("said", "told"), [("5 / 0", "divided by zero"), ("9^9^9", "too large"), ("5除以0等于几", "不能除以零")]
)
def test_a_sum_without_a_value_is_told_in_one_line(said: str, told: str) -> None:
    text = asyncio.run(calculate(Turn(text=said), FakeServices())).text
    assert told in text
    assert "\n" not in text


def test_random_sums_agree_with_exact_arithmetic() -> None:
    chance = random.Random(7)
    for _ in range(300):
        a, b, c = (chance.randint(1, 999) for _ in range(3))
        signs = chance.choice(["+", "-", "*", "/"])
        asked = read_sum(f"what is {a} {signs} {b} + {c}")
        assert asked is not None
        exact = {"+": Fraction(a + b), "-": Fraction(a - b), "*": Fraction(a * b), "/": Fraction(a, b)}[signs] + c
        assert asked.value() == (exact, True)


def test_a_number_is_written_exactly_or_said_to_be_about() -> None:
    assert written(Fraction(1, 8)) == ("0.125", True)
    assert written(Fraction(1, 3)) == ("0.3333", False)
    assert written(Fraction(1, 30_000))[0].startswith("0.0000333")
    assert written(Fraction(12_345)) == ("12,345", True)
    assert written(Fraction(5, 2), 2) == ("2.50", True)
