"""Tests the time, counted days, and Easter."""

import pytest

from plugins.clock.counting import easter

from .conftest import Desk


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("what time is it", "It is 09:00 on Monday, 30 November 2026."),
        ("is it Tuesday today", "No, today is Monday"),
        ("what's the date", "Today is Monday, 30 November 2026."),
        ("现在几点了", "现在是2026年11月30日星期一09:00。"),
        ("今天星期三吗", "不是"),
        ("what time is it in São Paulo", "In São Paulo it is 05:00"),
        ("what's the time in new york", "In new york it is 03:00"),
        ("time in Lyon", "In Lyon it is 09:00"),
        ("what time is it in India", "13:30"),
        ("what time is it in Texas", "02:00"),
        ("what time is it in UTC+3", "11:00"),
        ("what time is it in Honolulu", "a day behind here"),
        ("深圳现在几点", "16:00"),
        ("what time is it in Paris and Tokyo", "In Tokyo it is 17:00"),
        ("what is the time difference between London and Tokyo", "Tokyo is 9 hours ahead of London"),
        ("if it's 3 pm here, what time is it in Tokyo", "When it is 15:00 here, it is 23:00 in Tokyo."),
        ("when it's 9 am in Tokyo what time is it here", "When it is 09:00 in Tokyo, it is 01:00 here."),
        ("what time is it in Xyzzyville", "I don't know a place called Xyzzyville"),
        ("火星现在几点", "我不知道“火星”在哪里"),
        ("how far is it to Sydney", "but not that"),
    ],
)
def test_time_is_told(desk: Desk, said: str, told: str) -> None:
    assert told in desk.ask("tell_time", said)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("how many days until Christmas", "25 days until Friday, 25 December 2026."),
        ("how many days until the 14th of March", "104 days"),
        ("how many weeks till 1 June", "26 weeks and 1 day"),
        ("how many days ago was 1 May", "Friday, 1 May 2026 was 213 days ago."),
        ("how many days are between 3 March and 10 April", "38 days"),
        ("how many days until Easter", "Sunday, 28 March 2027"),
        ("how many days until 31 June", "no such day"),
        ("which weekday was 20 July 1969", "That was Sunday, 20 July 1969."),
        ("on what day does 29 February 2028 fall", "Tuesday, 29 February 2028"),
        ("what is the date in 100 days", "Wednesday, 10 March 2027"),
        ("what date was it 3 weeks ago", "Monday, 9 November 2026"),
        ("离国庆节还有多少天", "305天"),
        ("100天后是星期几", "2027年3月10日星期三"),
    ],
)
def test_days_are_counted(desk: Desk, said: str, told: str) -> None:
    assert told in desk.ask("count_days", said)


@pytest.mark.parametrize(("year", "day"), [(2000, "04-23"), (2024, "03-31"), (2025, "04-20"), (2038, "04-25")])
def test_easter(year: int, day: str) -> None:
    assert f"{easter(year):%m-%d}" == day
