"""Rows of a table as text."""

from assistant.inputs.section import row_texts


def test_a_row_says_by_itself_what_its_numbers_are() -> None:
    rows = [["payee", "amount", "day"], ["Gym", "29.90 EUR", "5"], ["", "", ""], ["Insurance", "", "20"]]
    assert list(row_texts(rows)) == [
        "payee | amount | day",
        "payee: Gym | amount: 29.90 EUR | day: 5",
        "",
        "payee: Insurance | day: 20",
    ]
    assert list(row_texts([["日期", "金额"], ["3月8日", "320元"]]))[1] == "日期: 3月8日 | 金额: 320元"


def test_columns_are_named_only_by_a_row_that_names_them() -> None:
    words = [["Name", "Stadt"], ["Anna", "Köln"]]
    assert list(row_texts(words)) == ["Name | Stadt", "Anna | Köln"], "nothing tells a heading from a row"
    assert list(row_texts([["Anna", "30"], ["Bea", "41"]]))[1] == "Bea | 41"
    assert list(row_texts([])) == []
    assert list(row_texts([["only", "one"]])) == ["only | one"]


def test_file_names_and_running_numbers_say_nothing() -> None:
    rows = [["id", "file", "caption"], ["1", "a.jpg", "Two dogs"], ["2", "b.jpg", "A cat"], ["2026", "c.jpg", "A year"]]
    assert list(row_texts(rows))[1:] == ["Two dogs", "A cat", "id: 2026 | caption: A year"]
