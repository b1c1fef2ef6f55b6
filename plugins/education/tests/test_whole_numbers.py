"""Primes and divisors, what is asked of the equation solved last, and how a quiz is left."""

import pytest

from assistant import Exchange
from plugins.education.asked_on import asked_on, told_on
from plugins.education.exercises import find_exercise
from plugins.education.follow_ups import names_nothing
from plugins.education.going_on import went_on
from plugins.education.leaving import leaves, passes
from plugins.education.quizzing import asks_quiz
from plugins.education.saying import in_chinese
from plugins.education.whole_numbers import about_numbers, asks_about_numbers, goes_on_about_numbers

PRIME = [Exchange("is 51 prime", "No.", "education.solve_exercise", "answer", {"numbers": "prime"})]


def solved(text: str) -> list[Exchange]:
    exercise = find_exercise(text)
    assert exercise is not None
    data = {"exercise": exercise.to_json(), "task": exercise.task, "steps": ["x = 2 or x = 3"]}
    return [Exchange(text, "", "education.solve_exercise", "answer", data)]


SOLVED = solved("x^2-5x+6=0")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("is 51 prime?", "51 = 3 × 17"),
        ("what are the divisors of 36", "1, 2, 3, 4, 6, 9, 12, 18, 36"),
        ("what is a prime number?", "only 1 and itself"),
        ("factorise 84", "2 × 2 × 3 × 7"),
        ("is 1 prime", "not a prime"),
        ("primes between 10 and 30", "11, 13, 17, 19, 23, 29"),
        ("91是质数吗", "91 = 7 × 13"),
        ("48有哪些因数", "1、2、3、4、6、8、12、16、24、48"),
        ("20以内的质数有哪些", "2、3、5、7、11、13、17、19"),
        ("is 999999999989 prime", "999999999989 is a prime"),
    ],
)
def test_facts_about_whole_numbers(said: str, told: str) -> None:
    assert asks_about_numbers(said)
    reply = about_numbers(said, [], "en" if said.isascii() else "zh")
    assert reply is not None
    assert told in reply.text


@pytest.mark.parametrize("said", ["is 91 one?", "and 99?", "那97呢", "37算吗"])
def test_another_number(said: str) -> None:
    assert goes_on_about_numbers(said, PRIME)
    assert not goes_on_about_numbers(said, SOLVED)
    reply = about_numbers(said, PRIME, "en")
    assert reply is not None
    assert reply.text.count("\n") == 0


@pytest.mark.parametrize(
    "said", ["who is the prime minister of 10", "factorise x^2+5x+6", "is it prime time at 9", "what is 12 times 3"]
)
def test_what_is_no_fact_about_numbers(said: str) -> None:
    assert not asks_about_numbers(said)


def test_what_is_too_large_is_refused() -> None:
    reply = about_numbers(f"is {10**13 + 1} prime", [], "en")
    assert reply is not None
    assert "too large" in reply.text


@pytest.mark.parametrize("said", ["为啥能拆成(x-2)(x-3)", "why can you split it into (x-2)(x-3)"])
def test_why_an_equation_comes_apart(said: str) -> None:
    assert asked_on(said, SOLVED) == "why"
    assert asked_on(said, solved("x^(2)-5x+6=0")) == "why"
    reply = told_on("why", said, SOLVED, "en")
    assert reply is not None
    assert "add up to −5 and multiply to 6" in reply.text
    assert asked_on(said, PRIME) is None


@pytest.mark.parametrize(
    ("said", "equation"),
    [
        ("那要是+5x呢", "x^2+5x+6=0"),
        ("what if it was +5x", "x^2+5x+6=0"),
        ("what if it's -7 instead", "x^2-5x-7=0"),
        ("那常数换成-6呢", "x^2-5x-6=0"),
        ("and what about tomorrow", ""),
    ],
)
def test_the_same_with_another_term(said: str, equation: str) -> None:
    found = went_on(said, SOLVED)
    assert ("".join(found.expressions) if found else "") == equation


@pytest.mark.parametrize(
    "said",
    [
        *("不想做题了，退出", "I'm done", "没意思，不做了", "不玩了，结束吧", "i don't want to do this any more, stop"),
        *("enough for today", "stop", "今天就到这吧"),
    ],
)
def test_a_quiz_is_left(said: str) -> None:
    assert leaves(said)


@pytest.mark.parametrize("said", ["下一个", "不会", "skip", "no idea", "next one", "换一个", "我不会", "I don't know"])
def test_a_question_is_passed_on(said: str) -> None:
    assert passes(said)
    assert not leaves(said)


@pytest.mark.parametrize("said", ["water moves out", "it stops growing", "细胞不会停止", "The DNA", "no", "不是"])
def test_an_answer_is_one(said: str) -> None:
    assert not leaves(said)
    assert not passes(said)


def test_a_refusal_is_told_in_chinese() -> None:
    told = in_chinese("I read ^2, but not what to do with 1; I can't do that yet")
    assert "not" not in told


def test_a_quiz_is_asked_for() -> None:
    assert asks_quiz("考我导数")
    assert asks_quiz("quiz me on fractions")
    assert not asks_quiz("先解释一下光合作用，再考考我")
    assert not asks_quiz("你能考我吗")
    assert names_nothing("can i have an example")
