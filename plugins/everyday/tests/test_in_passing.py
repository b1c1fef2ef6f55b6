"""Lists, notes, sums and units as people throw them in, and what goes on from them."""

from collections.abc import Sequence

import pytest

from assistant import Exchange
from plugins.everyday.comparing import compared, read_comparison
from plugins.everyday.conversions import read_conversion
from plugins.everyday.done import done_among
from plugins.everyday.follow_ups import conversion_again, ways_to_read
from plugins.everyday.following import going_on
from plugins.everyday.list_reading import Wish, left_off, read_wish, surely_missing
from plugins.everyday.listing import listed
from plugins.everyday.note_reading import more_of_note, read_note_wish
from plugins.everyday.sums import read_sum, stepped
from plugins.everyday.units import convert

TASKS = ("洗车", "取快递", "缴电费", "post parcel", "call Bo")


@pytest.mark.parametrize(
    ("said", "name", "items"),
    [
        ("shopping list tomatoes onions rice", "shopping", ("tomatoes", "onions", "rice")),
        ("to do list call plumber, pay rent", "to-do", ("call plumber", "pay rent")),
        ("shopping list needs eggs, flour and butter. not milk", "shopping", ("eggs", "flour", "butter")),
        ("just put coffee filters on my list", "", ("coffee filters",)),
        ("记到买菜单子上，鸡蛋，豆腐", "shopping", ("鸡蛋", "豆腐")),
    ],
)
def test_a_list_takes_what_is_thrown_at_it(said: str, name: str, items: tuple[str, ...]) -> None:
    found = listed(said)
    assert (read_wish(said) or (found and found.wish())) == Wish("add", name, items)


@pytest.mark.parametrize(
    "said",
    ["my to do list is too long", "shopping list for tomorrow", "shopping list app ideas", "packing list template"],
)
def test_talk_of_lists_adds_nothing(said: str) -> None:
    wish = read_wish(said)
    assert wish is None or wish.do != "add"


def test_a_list_is_read_after_it_was_added_to() -> None:
    assert read_wish("add tea to my shopping list and what's on it") == Wish("add", "shopping", ("tea",), read=True)
    assert read_wish("购物清单加上香蕉，然后念一遍") == Wish("add", "shopping", ("香蕉",), read=True)


def test_what_stays_off_is_named() -> None:
    assert left_off("shopping list needs eggs. not milk") == ("milk",)
    assert left_off("add eggs to the list") == ()


def test_needs_are_for_the_shopping_list() -> None:
    assert surely_missing("need: 2 onions, garlic and rice") == Wish("add", "shopping", ("2 onions", "garlic", "rice"))
    assert surely_missing("i need: help") is None


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("快递取完了", ["取快递"]),
        ("车洗好了", ["洗车"]),
        ("parcel posted", ["post parcel"]),
        ("快递没取", []),
        ("快递涨价了", []),
        ("parcel not posted", []),
        ("电费", []),
    ],
)
def test_a_task_is_done_where_the_words_say_so(said: str, done: list[str]) -> None:
    assert done_among(said, TASKS) == done


def test_a_reason_behind_what_comes_off_a_list_is_no_part_of_it() -> None:
    told = Exchange("…", "…", "everyday.add_to_list", "answer", {"list": "camping", "added": ["tent", "torch"]})
    assert going_on("remove")("scratch the torch my phone has one", [told])
    assert not going_on("remove")("scratch the car my phone has one", [told])


def test_a_note_says_more() -> None:
    assert more_of_note("add that we need two tins") == "we need two tins"
    assert more_of_note("再补一句，要两桶") == "要两桶"
    assert more_of_note("add milk to the list") == ""
    wish = read_note_wish("jot this down quick, locker is 4471")
    assert wish is not None
    assert wish.text == "locker is 4471"


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("whats 15 percent tip on 64 quid 80", "9.72"),
        ("一箱二十四瓶，买七箱，一共几瓶，我算不过来了", "168"),
        ("一斤八块五，买三斤，多少钱", "25.5"),
        ("五个人吃了四百三十五，人均多少", "87"),
        ("split 60 pounds 3 ways", "20"),
    ],
)
def test_sums_of_money_and_of_boxes(said: str, value: str) -> None:
    read = read_sum(said) or ways_to_read(said)[0].sum
    assert read is not None
    assert float(read.value()[0]) == float(value)


@pytest.mark.parametrize(
    ("said", "signs"),
    [
        ("有一个是寿星，不用他掏", "435/4"),
        ("one of us isn't paying", "435/4"),
        ("actually only 3 of us are paying", "435/3"),
        ("it isn't raining", None),
    ],
)
def test_fewer_pay_a_share(said: str, signs: str | None) -> None:
    read = stepped(said, "87", ("435", "5"))
    assert (read and read.signs) == signs


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("老家那两亩地换成平方米有多大", 1333.33),
        ("美国那边说华氏一百零一度，是发烧了吗换成摄氏多少", 38.33),
        ("华氏九十八度六是多少摄氏度", 37.0),
        ("two thirds of a 1.2 kilo joint, how many grams", 800),
        ("a third of a 900 gram pack, how many grams", 300),
    ],
)
def test_conversions_in_the_middle_of_talk(said: str, value: float) -> None:
    read = read_conversion(said)
    assert read is not None
    assert convert(list(read.amounts), read.target) == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(
    ("said", "thing"),
    [("no not flour, i meant sugar", "sugar"), ("honey", "honey"), ("no thanks", ""), ("not flour, sugar or salt", "")],
)
def test_another_thing_is_weighed(said: str, thing: str) -> None:
    data = {"asked": ["3 cups of flour", "grams"], "thing": "flour"}
    before: Sequence[Exchange] = [Exchange("…", "…", "everyday.convert_units", "answer", data)]
    read = conversion_again(said, before)
    assert (read.thing if read else "") == thing


def test_amounts_are_compared() -> None:
    asked = read_comparison("is a pint more or less than half a litre")
    assert asked is not None
    told = compared(asked, "en").text
    assert "a pint is less than half a litre" in told
    assert "UK pint" in told
    assert read_comparison("is a cat more fun than a dog") is None
    assert read_comparison("A1002比A1003贵吗") is None
