"""Tests days, spans of days, and times."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from assistant.understanding.entities import DateRange, find_entities
from tests.understanding.finding import found


def span(start: str, end: str) -> tuple[str, DateRange]:
    return "date_range", DateRange(
        date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None
    )


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-23"),
        ("the day after tomorrow", "2026-11-25"),
        ("on Friday", "2026-11-27"),
        ("next Friday", "2026-12-04"),
        ("last monday", "2026-11-16"),
        ("in two weeks", "2026-12-07"),
        ("3 days ago", "2026-11-20"),
        ("ten days from now", "2026-12-03"),
        ("a week ago", "2026-11-16"),
        ("24.12.2026", "2026-12-24"),
        ("12/24/2026", "2026-12-24"),
        ("24/12/2026", "2026-12-24"),
        ("on 12/05", "2026-12-05"),
        ("Dec. 24th", "2026-12-24"),
        ("3rd of May, 2027", "2027-05-03"),
        ("the third of May", "2027-05-03"),
        ("on the 5th", "2026-12-05"),
        ("2026-11-20", "2026-11-20"),
        ("in a fortnight", "2026-12-07"),
        ("明天", "2026-11-24"),
        ("大后天", "2026-11-26"),
        ("前天", "2026-11-21"),
        ("下周五", "2026-12-04"),
        ("星期天", "2026-11-29"),
        ("三天后", "2026-11-26"),
        ("两周前", "2026-11-09"),
        ("十二月二十四日", "2026-12-24"),
        ("2026年12月24日", "2026-12-24"),
        ("二零二六年十二月二十四号", "2026-12-24"),
        ("５月３日", "2027-05-03"),
    ],
)
def test_days_are_read(text: str, day: str) -> None:
    assert found(text) == [("date", date.fromisoformat(day))]


@pytest.mark.parametrize("text", ["February 31st", "may I march on", "version 1.2.3", "he sat in the sun", "十分好"])
def test_words_that_look_like_days_are_none(text: str) -> None:
    assert not {"date", "date_range"} & {kind for kind, _ in found(text)}


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("de", "übermorgen", "2026-11-25"),
        ("de", "am 3. Mai", "2027-05-03"),
        ("fr", "le 14 juillet", "2026-07-14"),
        ("es", "el 5 de diciembre", "2026-12-05"),
        ("it", "mercoledì", "2026-11-25"),
        ("pt", "amanhã", "2026-11-24"),
        ("nl", "12/05/2026", "2026-05-12"),
    ],
)
def test_days_of_other_languages_are_read(language: str, text: str, day: str) -> None:
    assert found(text, language) == [("date", date.fromisoformat(day))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("what did I order last week", span("2026-11-16", "2026-11-22")),
        ("my orders from last week", span("2026-11-16", "2026-11-22")),
        ("in October", span("2026-10-01", "2026-10-31")),
        ("how much did I spend in november", span("2026-11-01", "2026-11-30")),
        ("last December", span("2025-12-01", "2025-12-31")),
        ("October 2024", span("2024-10-01", "2024-10-31")),
        ("this month", span("2026-11-01", "2026-11-30")),
        ("last year", span("2025-01-01", "2025-12-31")),
        ("in 2024", span("2024-01-01", "2024-12-31")),
        ("last weekend", span("2026-11-21", "2026-11-22")),
        ("the last 30 days", span("2026-10-24", "2026-11-23")),
        ("before 20 November", span("", "2026-11-19")),
        ("since Monday", span("2026-11-23", "")),
        ("since last Friday", span("2026-11-20", "")),
        ("after 3 May 2026", span("2026-05-04", "")),
        ("until tomorrow", span("", "2026-11-24")),
        ("since October", span("2026-10-01", "")),
        ("between Monday and Friday", span("2026-11-23", "2026-11-27")),
        ("from 3 to 5 December", span("2026-12-03", "2026-12-05")),
        ("from 20 October to 3 November", span("2026-10-20", "2026-11-03")),
        ("between March and May", span("2027-03-01", "2027-05-31")),
        ("from the 3rd to the 9th of October", span("2026-10-03", "2026-10-09")),
        ("before Christmas", span("", "2026-12-24")),
        ("上周", span("2026-11-16", "2026-11-22")),
        ("上个月", span("2026-10-01", "2026-10-31")),
        ("十月份", span("2026-10-01", "2026-10-31")),
        ("去年十月", span("2025-10-01", "2025-10-31")),
        ("今年", span("2026-01-01", "2026-12-31")),
        ("最近三天", span("2026-11-20", "2026-11-23")),
        ("11月20日之前", span("", "2026-11-19")),
        ("从周一到周五", span("2026-11-23", "2026-11-27")),
    ],
)
def test_spans_of_days_are_read(text: str, expected: Any) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("差一刻七点叫我", 6, 45), ("差十分八点", 7, 50), ("七点差五分", 6, 55), ("下午三点差一刻", 14, 45)],
)
def test_minutes_short_of_an_hour_are_read_in_chinese(text: str, hour: int, minute: int) -> None:
    assert time(hour, minute) in [entity.value for entity in find_entities(text, "zh", datetime(2026, 11, 30, 9))]
