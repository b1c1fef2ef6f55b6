"""Chinese in traditional characters is read like any other, and answered in them."""

import pytest

from assistant.language.script import in_script_of, simplified


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("幫我記一下，車停在B2", "帮我记一下，车停在B2"),
        ("繼續剛剛的退貨", "继续刚刚的退货"),
        ("我头疼", "我头疼"),
        ("ok 123", "ok 123"),
    ],
)
def test_traditional_characters_are_read_as_simplified_ones(said: str, read: str) -> None:
    assert simplified(said) == read


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("我車停哪裡", "鬧鐘已設好：12月2日星期三05:45。"),
        ("我车停哪里", "闹钟已设好：12月2日星期三05:45。"),
        ("这条裙子干净嘛，乾杯", "闹钟已设好：12月2日星期三05:45。"),
        ("where is my car", "闹钟已设好：12月2日星期三05:45。"),
    ],
)
def test_the_reply_comes_in_the_users_characters(said: str, reply: str) -> None:
    assert in_script_of(said, "闹钟已设好：12月2日星期三05:45。") == reply
