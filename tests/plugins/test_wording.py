"""Tests which of its two languages a plugin answers in."""

import pytest

from assistant import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my order", "en"),
        ("我的订单在哪里", "zh"),
        ("我想退货 iPhone", "zh"),
        ("優の良品的杯子碎了", "zh"),
        ("我买的カメラ坏了", "zh"),
        ("胸が痛くて左腕がしびれています", "en"),
        ("荷物はどこですか", "en"),
        ("", "en"),
    ],
)
def test_japanese_is_not_answered_in_chinese(text: str, language: str) -> None:
    assert language_of(text) == language
