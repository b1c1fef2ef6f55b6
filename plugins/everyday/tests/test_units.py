import asyncio
import subprocess
import sys

import pytest

from assistant import Turn
from assistant.testing import FakeServices
from plugins.everyday.conversions import read_conversion
from plugins.everyday.converting import convert_units


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("convert 5 miles to kilometres", "8.05 kilometres"),
        ("how many ounces are in two pounds", "= 32 ounces"),
        ("how many millilitres in a cup", "236.59 millilitres (a US cup; a metric cup is 250 ml)"),
        ("what's 350 fahrenheit in celsius", "176.67 °C"),
        ("-40 f in c", "= −40 °C"),
        ("is 70 kg how many pounds", "154.32 pounds"),
        ("how tall is 6 foot 2 in centimetres", "187.96 centimetres"),
        ("5'10\" in cm", "177.8 cm"),
        ("1 1/2 cups in ml", "354.88 ml"),
        ("20 square metres in square feet", "215.28 square feet"),
        ("60 miles per hour in kilometres per hour", "96.56 kilometres per hour"),
        ("2 tablespoons of soy sauce in millilitres", "29.57 millilitres"),
        ("how many grams in a cup of flour", "120 grams (about"),
        ("how many days in 3 weeks", "= 21 days"),
        ("convert 3 litres to kilograms", "different things"),
        ("两斤是多少克", "= 1000克"),
        ("一米八是多少英尺", "5.91英尺"),
        ("华氏350度是多少摄氏度", "176.67 °C"),
        ("一杯面粉多少克", "126.8克（大约"),
        ("把10英里换算成公里", "16.09公里"),
        ("三升等于多少千克", "量的不是一样的东西"),
    ],
)
def test_a_conversion_is_answered(said: str, answer: str) -> None:
    assert read_conversion(said) is not None
    assert answer in asyncio.run(convert_units(Turn(text=said), FakeServices())).text


@pytest.mark.parametrize(
    "said",
    [
        *("how many orders are in my cart", "how many cats in 3 houses", "turn it in 5 minutes"),
        *("deliver it in 3 days", "my temperature is 39 c", "change the delivery to 3 days"),
        *("what time is it in tokyo", "50 euros in dollars", "订单里有多少件商品", "书里有多少页"),
    ],
)
def test_what_is_no_conversion_is_left_to_others(said: str) -> None:
    assert read_conversion(said) is None


def test_units_are_loaded_only_when_one_is_asked_for() -> None:
    code = "import plugins.everyday, sys; assert 'pint' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
