"""Tests follow-ups to an exercise: one thing changed, checked, explained, or written another way."""

import pytest

from assistant import Exchange
from plugins.education.asked_on import asked_on, told_on
from plugins.education.exercises import find_exercise
from plugins.education.going_on import went_on
from plugins.education.solving import asks_exercise
from plugins.education.working import worked


def told(text: str, before: list[Exchange]) -> list[Exchange]:
    """The conversation after an exercise, or after what goes on from it."""
    exercise = went_on(text, before) or find_exercise(text)
    assert exercise is not None, text
    steps = worked(exercise)
    data = {"exercise": exercise.to_json(), "task": exercise.task, "steps": steps}
    return [*before, Exchange(text, "\n".join(steps), "education.solve_exercise", "answer", data)]


@pytest.mark.parametrize(
    ("turns", "result"),
    [
        (["solve 4x - 5 = 19", "and if the right side were 31?"], "x = 9"),
        (["solve 4x - 5 = 19", "what if it equals 7"], "x = 3"),
        (["solve 4x - 5 = 19", "and with a 2 instead of the 4?"], "x = 12"),
        (["solve 4x - 5 = 19", "change the 19 to 3"], "x = 2"),
        (["solve 4x - 5 = 19", "right side 31", "and with a 2 instead of the 4?"], "x = 18"),
        (["solve 3x - 4 > 11", "what about less than instead"], "x < 5"),
        (["solve 3x - 4 > 11", "and at most?"], "x ≤ 5"),
        (["expand (2x-3)(x+4)", "now factor it again"], "(x + 4)·(2·x − 3)"),
        (["differentiate x^3 - 2x", "and at x = 2?"], "10"),
        (["differentiate x^3", "and the second derivative"], "f'(x) = 6·x"),
        (["integrate x^2 + 1", "from 0 to 3"], "12"),
        (["solve v = u + at for t", "and for a?"], "a = (−u + v)/t"),
        (["evaluate 3x + 2 for x = 4", "and for x = 10"], "32"),
        (["解方程 3x + 7 = 22", "如果右边是28呢"], "x = 7"),
        (["解方程 3x + 7 = 22", "把3换成5呢"], "x = 3"),
        (["解不等式 3x + 5 ≥ 20", "换成小于呢"], "x < 5"),
        (["求 x^3 - 2x 的导数", "在 x=2 处的值呢"], "10"),
        (["area of a rectangle with sides 7 cm and 4 cm", "and the perimeter?"], "P = 22 cm"),
        (["a right triangle has legs 6 and 8 how long is the hypotenuse", "and if the legs are 5 and 12?"], "c = 13"),
        (["area of a circle with radius 5", "and with diameter 6?"], "A = 9·π ≈ 28.2743"),
        (["长方形长8厘米宽5厘米，面积是多少", "周长呢", "如果宽是6厘米呢"], "P = 28 cm"),
        (
            ["tom has 24 marbles he gives 7 to anna and 5 to ben how many has he left", "if he started with 30?"],
            "18 marbles",
        ),
        (["小明有45本书，借给小红12本，又买了8本，现在有多少本", "如果他借出去20本呢"], "33 本"),
        (["a car goes 180 km in 2 and a half hours how fast is it", "how far in 4 hours at that speed"], "288 km"),
        (["一辆汽车3小时行驶240千米，平均速度是多少", "照这个速度5小时能走多远"], "400 千米"),
        (["a train covers 350 km at 70 km an hour. how long does it take", "and at 100?"], "3.5 hours"),
        (["differentiate 3x^2", "and of sin(x)"], "f'(x) = cos(x)"),
        (["求不定积分 x^2 + 1", "从0到3呢"], "12"),
    ],
)
def test_an_exercise_goes_on(turns: list[str], result: str) -> None:
    said: list[Exchange] = []
    for turn in turns:
        said = told(turn, said)
    assert said[-1].data["steps"][-1] == result


@pytest.mark.parametrize(
    "said", ["solve 2x = 4", "what is the weather", "thanks", "and tomorrow?", "x = 3", "why not", ""]
)
def test_other_words_change_no_exercise(said: str) -> None:
    assert went_on(said, told("solve 4x - 5 = 19", [])) is None


@pytest.mark.parametrize(
    ("exercise", "said", "answer"),
    [
        ("solve 4x - 5 = 19", "check it please", "4·6 − 5 = 19 → 19 = 19 ✓"),
        ("solve 4x - 5 = 19", "why", "both sides divided by 4"),
        ("solve 4x - 5 = 19", "show the steps", "4·x = 24"),
        ("solve 5 - 2x <= 1", "how did you get that", "the sign turns round"),
        ("solve x + 2y = 8 and 3x - y = 3", "check that", "3·2 − 3 = 3 → 3 = 3 ✓"),
        ("solve 3x - 4 > 11", "check it", "x = 6: 3·6 − 4 > 11 → 14 > 11 ✓"),
        ("expand (x+1)(x-5)", "is that right", "x = 2"),
        ("differentiate x^3", "can you check it", "∫ 3·x^2 dx = x^3 + C ✓"),
        ("simplify 18/24", "in decimals", "= 0.75"),
        ("simplify 18/24", "as a percentage?", "= 75%"),
        ("solve 4x = 2", "as a decimal", "x = 0.5"),
        ("解方程 3x + 7 = 22", "验算一下", "3·5 + 7 = 22 → 22 = 22 ✓"),
        ("解方程 3x + 7 = 22", "为什么", "两边同除以3"),
        ("计算 1/2 + 1/3", "用小数表示", "≈ 0.833333"),
    ],
)
def test_what_is_asked_of_an_exercise_is_answered(exercise: str, said: str, answer: str) -> None:
    before = told(exercise, [])
    asked = asked_on(said, before)
    assert asked is not None
    reply = told_on(asked, said, before, "en" if said.isascii() else "zh")
    assert reply is not None
    assert answer in reply.text
    assert reply.data["exercise"] == before[-1].data["exercise"]  # so that more may be asked of it


@pytest.mark.parametrize(
    "said", ["check my order", "why is the sky blue", "为什么有四季", "explain osmosis", "考考我分数"]
)
def test_what_is_asked_of_other_things_is_not_of_the_exercise(said: str) -> None:
    assert asked_on(said, told("solve 4x - 5 = 19", [])) is None


@pytest.mark.parametrize(
    "text", ["simplify 18/24", "solve 3x - 4 > 11", "x(x+1) = 6", "展开 (x+3)(x-5)", "what is 2/3 plus 3/4"]
)
def test_what_is_surely_an_exercise(text: str) -> None:
    assert asks_exercise(text) == 2


@pytest.mark.parametrize(
    "text",
    ["where is A-1001", "-40 f in c", "B-2290", "my order has 3 items, 2 arrived, how many are left", "= 12", "m2"],
)
def test_what_is_surely_none(text: str) -> None:
    assert not asks_exercise(text)
