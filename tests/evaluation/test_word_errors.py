import pytest

from assistant.evaluation.word_errors import edit_distance, word_error_rate


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("ab", "ba", 2)],
)
def test_edit_distance_is_levenshteins(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right) == distance


def test_errors_are_counted_over_all_clips_together() -> None:
    assert word_error_rate([("red green blue", "red grey blue"), ("cat", "cat dog")]) == pytest.approx(2 / 4)


def test_case_punctuation_and_ways_to_write_numbers_do_not_count() -> None:
    assert word_error_rate([("SET A TIMER FOR FIVE MINUTES", "Set a timer, for 5 minutes.")]) == 0


def test_chinese_is_counted_in_characters() -> None:
    assert word_error_rate([("今天天气很好", "今天,天汽很好。")], "zh") == pytest.approx(1 / 6)


def test_without_a_reference_there_is_no_rate() -> None:
    with pytest.raises(ValueError, match="at least one reference word"):
        word_error_rate([("", "words")])
