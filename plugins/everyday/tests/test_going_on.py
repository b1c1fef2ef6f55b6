"""Tests follow-ups to an answer, and recipes, steps and corrections that need no answer before them."""

from collections.abc import Sequence

import pytest

from assistant import Exchange
from plugins.everyday.follow_ups import chance_again, conversion_again, draws_again, sum_again
from plugins.everyday.following import going_on
from plugins.everyday.items import split_items
from plugins.everyday.list_reading import Do, read_after, read_wish, surely_missing
from plugins.everyday.listing import listed
from plugins.everyday.scaling import read_scaling
from plugins.everyday.spelling import spells_on

LIST = Exchange(
    "shopping list: jam, tea and pay the rent",
    "On your shopping list now: jam, tea and pay the rent.",
    "everyday.add_to_list",
    "answer",
    {"list": "shopping", "added": ["jam", "tea", "pay the rent", "醋", "交电费"], "there": []},
)
OTHER = Exchange("hello", "Hello!", "fallback.greet", "answer")


@pytest.mark.parametrize(
    ("said", "do"),
    [
        ("and a jar of honey", "add"),
        ("plus two onions please", "add"),
        ("再来一斤排骨", "add"),
        ("got the jam", "tick"),
        ("paid the rent", "tick"),
        ("醋买了", "tick"),
        ("电费交完了", "tick"),
        ("leave the tea off, nobody drinks it", "remove"),
        ("醋不要了", "remove"),
        ("make the jam 3", "change"),
        ("swap the tea for coffee", "swap"),
        ("take everything off except the jam", "spare"),
        ("read it out", "read"),
        ("what have i got", "read"),
        ("anything else on it?", "read"),
        ("还剩什么没买", "read"),
        ("empty it", "clear"),
        ("no, marmalade", "instead"),
        ("scratch that, marmalade instead", "instead"),
    ],
)
def test_what_goes_on_from_a_list(said: str, do: Do) -> None:
    wish = read_after(said)
    assert wish is not None
    assert wish.do == do
    assert going_on(do)(said, [LIST])
    assert not going_on(do)(said, [OTHER])


@pytest.mark.parametrize(
    "said",
    [
        *("and what's the time", "and remind me to call mum", "also set a timer", "got the flu"),
        *("paid the gas bill", "make the lamp brighter", "read me a story", "and cancel my order", "no"),
        *("stop",),
    ],
)
def test_what_is_about_something_else_does_not_go_on_from_a_list(said: str) -> None:
    acting: tuple[Do, ...] = ("add", "tick", "remove", "change", "swap", "spare", "clear", "instead")
    assert not going_on(*acting)(said, [LIST])


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("batteries tape and um light bulbs", ("batteries", "tape", "light bulbs")),
        ("oat milk and washing up liquid", ("oat milk", "washing up liquid")),
        ("brussels sprouts and leeks", ("brussels sprouts", "leeks")),
        ("rice, no wait, couscous", ("couscous",)),
        ("三件事，洗车，交水费", ("洗车", "交水费")),
        ("花椒，不对，是桂皮", ("桂皮",)),
        ("买东西：面包、黄油", ("面包", "黄油")),
    ],
)
def test_an_enumeration_as_it_is_spoken(said: str, items: Sequence[str]) -> None:
    assert split_items(said, "shopping") == tuple(items)


@pytest.mark.parametrize(
    ("said", "do", "name", "items"),
    [
        ("jam and tea onto the list for sunday", "add", "sunday", ("jam", "tea")),
        ("put soap on my groceries", "add", "shopping", ("soap",)),
        ("i must call the bank and post the letter, put both on my to do list", "add", "to-do",
         ("call the bank", "post the letter")),
        ("have you already put soap on my list", "read", "", ("soap",)),
        ("牙线快用完了，放购物清单", "add", "shopping", ("牙线",)),
        ("梨和葡萄写到购物单上", "add", "shopping", ("梨", "葡萄")),
        ("购物清单：梨、葡萄", "add", "shopping", ("梨", "葡萄")),
    ],
)  # fmt: skip
def test_a_list_is_named_in_many_ways(said: str, do: Do, name: str, items: Sequence[str]) -> None:
    found = listed(said)
    wish = read_wish(said) or (found.wish() if found else None)
    assert wish is not None
    assert (wish.do, wish.name, wish.items) == (do, name, tuple(items))


def test_what_is_missing_goes_on_the_shopping_list() -> None:
    for said, item in (("we're out of bleach, add it please", "bleach"), ("家里没盐了，帮我记上", "盐")):
        wish = surely_missing(said)
        assert wish is not None
        assert (wish.name, wish.items) == ("shopping", (item,))
    assert surely_missing("we're out of time") is None


@pytest.mark.parametrize(
    ("said", "result", "share", "value"),
    [
        ("plus 20 percent", "50", [], 60),
        ("take 10% off", "50", [], 45),
        ("divide that by four", "50", [], 12.5),
        ("split it 5 ways", "50", [], 10),
        ("double it", "50", [], 100),
        ("再乘以三", "50", [], 150),
        ("再打八折", "50", [], 40),
        ("add a ten percent tip first", "30", ["90", "3"], 33),
    ],
)
def test_a_sum_goes_on(said: str, result: str, share: list[str], value: float) -> None:
    before = Exchange("a sum", result, "everyday.calculate", "answer", {"result": result, "share": share})
    stepped = sum_again(said, [before])
    assert stepped is not None
    assert float(stepped.value()[0]) == pytest.approx(value)
    assert sum_again(said, [OTHER]) is None


def test_a_conversion_goes_on_with_another_amount_or_unit() -> None:
    before = Exchange("3 oz in g", "85", "everyday.convert_units", "answer", {"asked": ["3 ounces", "grams"]})
    for said, amount, unit in (("and half a pound?", 0.5, "grams"), ("what about in kilos", 3.0, "kilos")):
        asked = conversion_again(said, [before])
        assert asked is not None
        assert (asked.amounts[0][0], asked.unit) == (amount, unit)
    assert conversion_again("and what's the weather", [before]) is None


def test_again_throws_again_but_only_after_a_throw() -> None:
    threw = Exchange("roll two dice", "You rolled 3, 4.", "everyday.pick_at_random", "answer", {"numbers": [3, 4]})
    again = Exchange("again", "You rolled 1.", "everyday.pick_at_random", "answer", {"chance": ["dice", 1, 1, 20]})
    assert draws_again("again", [OTHER, threw])
    assert draws_again("再来一次", [again])
    assert not draws_again("say that again", [threw])
    assert not draws_again("again", [threw, OTHER])
    chance = chance_again([again])
    assert chance is not None
    assert (chance.times, chance.high) == (1, 20)


def test_another_word_is_spelled_after_one() -> None:
    spelled = Exchange("spell necessary", "…", "everyday.spell", "answer", {"word": "necessary"})
    assert spells_on("and separate", [spelled])
    assert not spells_on("and separate", [OTHER])


@pytest.mark.parametrize(
    ("said", "value", "unit", "thing"),
    [
        ("the recipe is for 4 and needs 300 g of rice, we're 7", 525, "g", "rice"),
        ("this serves six and uses 3 eggs, i'm cooking for two", 1, "", "eggs"),
        ("we are 10, the recipe for 4 says 200 ml cream", 500, "ml", "cream"),
        ("两个人的方子要三百克五花肉，我们五个人", 750, "克", "五花肉"),
    ],
)
def test_a_recipe_is_scaled(said: str, value: float, unit: str, thing: str) -> None:
    scaled = read_scaling(said)
    assert scaled is not None
    assert (float(scaled.value), scaled.unit, scaled.thing) == (value, unit, thing)


@pytest.mark.parametrize(
    "said", ["the recipe needs 300 g of rice", "we're 7 tonight", "a recipe for 4", "order 3 of the 4 for 7 people"]
)
def test_what_is_no_whole_recipe_is_not_scaled(said: str) -> None:
    assert read_scaling(said) is None
