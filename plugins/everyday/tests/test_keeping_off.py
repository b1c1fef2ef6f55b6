"""Tests items kept off a list, corrected, or removed because they are at home, and words that are no item."""

import pytest

from assistant import Exchange
from plugins.everyday.following import amended, going_on, said_before
from plugins.everyday.keeping_off import asks_twice, had_already, kept_off, mended, no_thing, without_had
from plugins.everyday.list_reading import read_wish
from plugins.everyday.lists import matching

KNOWN = ["两瓶醋", "三个梨", "two lemons", "onions", "tuna", "鸡蛋", "面粉", "three apples"]
TOLD = Exchange("x", "On it.", "everyday.add_to_list", "answer", {"list": "shopping", "added": KNOWN, "there": []})
MADE = Exchange("x", "Made.", "everyday.add_to_list", "answer", {"list": "搬家", "made": True})


@pytest.mark.parametrize(
    ("said", "off"),
    [
        ("牛奶就别往购物清单里加了，冰箱里还有两盒", ("牛奶",)),
        ("面条不用写上去，柜子里多着呢", ("面条",)),
        ("别把洗衣粉加进去，家里有", ("洗衣粉",)),
        ("no need to put coffee on the list, we've still got loads", ("coffee",)),
        ("please don't add butter to the shopping list, there are two packs in the fridge", ("butter",)),
        ("add milk but don't add butter to the shopping list", ()),
        ("don't forget to add milk to the list", ()),
        ("购物清单加牛奶，不要加鸡蛋", ()),
        ("put milk on the list", ()),
    ],
)
def test_what_is_kept_off(said: str, off: tuple[str, ...]) -> None:
    assert kept_off(said) == off
    assert going_on("add")(said, [TOLD]) or matching("add", "make")(said)  # it is about a list either way


def test_what_is_said_of_no_list_keeps_nothing_off() -> None:
    assert not matching("add", "make")("别把盐放太多")


@pytest.mark.parametrize(
    ("said", "old", "new"),
    [
        ("不是醋，我是说两瓶酱油", "两瓶醋", "两瓶酱油"),
        ("不是醋，说错了，是一包糖", "两瓶醋", "一包糖"),
        ("我说的是李子不是梨", "三个梨", "三个李子"),
        ("not lemons, i meant three limes", "two lemons", "three limes"),
        ("sorry i meant garlic not onions", "onions", "garlic"),
    ],
)
def test_a_thing_that_was_not_meant_is_replaced(said: str, old: str, new: str) -> None:
    assert mended(said, KNOWN) is not None
    wish = amended(said, [TOLD])
    assert wish is not None
    assert (wish.do, wish.items, wish.new) == ("swap", (old,), new)
    assert going_on("swap")(said, [TOLD])


def test_nothing_is_replaced_that_is_not_on_the_list() -> None:
    assert mended("not bananas, i meant three limes", KNOWN) is None
    assert mended("not lemons, i don't like them", KNOWN) is None


@pytest.mark.parametrize(
    ("said", "item"),
    [
        ("we still have tuna, cross it off", "tuna"),
        ("鸡蛋家里还有 划掉", "鸡蛋"),
        ("面粉还有半袋呢，去掉吧", "面粉"),
    ],
)
def test_what_is_at_home_comes_off(said: str, item: str) -> None:
    wish = amended(said, [TOLD])
    assert wish is not None
    assert (wish.do, wish.items) == ("remove", (item,))


def test_what_is_only_told_to_be_at_home_stays() -> None:
    assert had_already("n butter. oh and we still have tuna", KNOWN) == []
    assert had_already("n butter. oh and we still have tuna", KNOWN, ordered=False) == ["tuna"]
    assert without_had("n butter. oh and we still have tuna") == "n butter"


@pytest.mark.parametrize(
    "said", ["对", "我是说两瓶酱油", "加两遍了吧你", "叫搬家", "to put coffee", "冰箱里还有两盒", "garlic not onions"]
)
def test_a_clause_is_no_thing(said: str) -> None:
    assert no_thing(said)


@pytest.mark.parametrize(
    "said", ["尿不湿", "别针", "不锈钢勺", "oat milk", "mac and cheese", "两瓶酱油", "right-hand gloves"]
)
def test_a_thing_is_one(said: str) -> None:
    assert not no_thing(said)


@pytest.mark.parametrize(
    ("said", "item", "amount"),
    [
        ("鸡蛋一打就好了", "鸡蛋", "一打"),
        ("鸡蛋一箱就够了", "鸡蛋", "一箱"),
        ("make the apples five", "three apples", "five"),
    ],
)
def test_an_amount_that_is_enough_changes_it(said: str, item: str, amount: str) -> None:
    wish = amended(said, [TOLD])
    assert wish is not None
    assert (wish.do, wish.items, wish.new) == ("change", (item,), amount)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("新建一个清单，名字叫周末露营", "周末露营"),
        ("给我开个单子，叫婚礼要买的", "婚礼要买的"),
        ("建个单子 叫回家要带的", "回家要带的"),
        ("make a new list called moving house", "moving house"),
    ],
)
def test_a_new_list_is_named(said: str, name: str) -> None:
    wish = read_wish(said)
    assert wish is not None
    assert (wish.do, wish.name) == ("make", name)


def test_now_is_no_list() -> None:
    for said in ("现在清单上都有啥", "目前清单上有什么"):
        wish = read_wish(said)
        assert wish is not None
        assert (wish.do, wish.name) == ("read", "")


@pytest.mark.parametrize(
    ("before", "said", "name", "items"),
    [
        ("milk bread eggs", "yes on the list", "shopping", ("milk", "bread", "eggs")),
        ("milk bread eggs", "add them to my packing list", "packing", ("milk", "bread", "eggs")),
        ("牙膏 毛巾 拖鞋", "对，加到购物清单", "shopping", ("牙膏", "毛巾", "拖鞋")),
    ],
)
def test_what_was_said_just_before_is_put_there(before: str, said: str, name: str, items: tuple[str, ...]) -> None:
    exchange = Exchange(before, "?", "", "out_of_scope")
    assert said_before(said, [exchange]) == (name, items)
    assert going_on("add")(said, [exchange])


def test_a_sentence_is_not_put_there() -> None:
    assert said_before("yes on the list", [Exchange("i am so tired, really", "I see.", "", "out_of_scope")]) is None


def test_a_list_just_made_is_filled() -> None:
    assert said_before("纸箱、胶带、剪刀", [MADE]) == ("搬家", ("纸箱", "胶带", "剪刀"))
    assert said_before("今天几号，周几", [MADE]) is None


def test_twice() -> None:
    assert asks_twice("加两遍了吧你")
    assert asks_twice("you've put them on twice haven't you")
    assert not asks_twice("add milk twice")
