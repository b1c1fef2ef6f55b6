"""Sums that go on from the last one without a number of their own, and two kinds told together."""

import asyncio

import pytest

from assistant import Exchange, Language, Turn
from assistant.testing import FakeServices
from plugins.everyday.calculating import _answered, calculate, surely_reckons
from plugins.everyday.conversions import read_conversion
from plugins.everyday.follow_ups import sum_again, sum_going_on, sums_on, ways_to_read
from plugins.everyday.items import split_items
from plugins.everyday.list_reading import own_lists
from plugins.everyday.note_reading import corrected, more_of_note
from plugins.everyday.sums import read_sum
from plugins.everyday.two_kinds import read_kinds


def played(language: Language, *said: str) -> list[str]:
    """The results of sums, each after the one before it."""
    before: list[Exchange] = []
    results = []
    for text in said:
        own = read_sum(text)
        asked = own or sum_again(text, before) or next((way.sum for way in sum_going_on(text, before)), None)
        assert asked is not None, text
        assert own is not None or sums_on(text, before), text
        reply = _answered(asked, language, before[-1].data if before and own is None else {})
        results.append(str(reply.data.get("result", reply.text)))
        before.append(Exchange(text, reply.text, "everyday.calculate", "answer", reply.data))
    return results


@pytest.mark.parametrize(
    ("language", "said", "results"),
    [
        (
            "en",
            ("60 with 20 percent off", "and student discount 10 on top", "how much am i saving altogether",
             "so that's like what percent"),
            ["48", "43.2", "16.8", "28"],
        ),
        ("en", ("20% off 65", "n another 10 off that", "whats that altogether off in percent"), ["52", "46.8", "28"]),
        ("zh", ("300打八折", "再用一张20的券", "总共省了多少"), ["240", "220", "80"]),
        ("zh", ("499打八五折", "还有张30的券", "相当于几折啊"), ["424.15", "394.15", "大约7.9折（原价的79%）。"]),
        ("en", ("what's 240 times 12", "plus 15% spare"), ["2880", "3312"]),
        ("zh", ("480块五个人分", "小王没来 四个人"), ["96", "120"]),
        ("en", ("split 90 between 5", "anna isn't paying, so 4"), ["18", "22.5"]),
    ],
)  # fmt: skip
def test_a_run_of_sums(language: Language, said: tuple[str, ...], results: list[str]) -> None:
    assert played(language, *said) == results


@pytest.mark.parametrize(
    ("said", "asked", "number", "rest"),
    [
        ("20 people paid 148 euros altogether. adults pay 9, kids pay 5. how many kids were there?", "kids", 8, 12),
        ("18个人去游乐园一共花了1260元，大人票80，小孩票50，小孩几个", "小孩", 6, 12),
        (
            "tickets are 12 for adults and 7 for children, 30 tickets sold for 285. how many children",
            "children",
            15,
            15,
        ),
        ("there are 12 heads and 34 legs in the barn, chickens and rabbits. how many rabbits", "rabbits", 5, 7),
        ("鸡兔同笼，一共20只头，54条腿，鸡有几只", "鸡", 13, 7),
    ],
)
def test_two_kinds(said: str, asked: str, number: int, rest: int) -> None:
    kinds = read_kinds(said)
    assert kinds is not None
    assert (kinds.asked, kinds.solved()) == (asked, (number, rest))


def test_totals_that_no_whole_numbers_fit_have_no_answer() -> None:
    kinds = read_kinds("20 people paid 149 euros altogether. adults pay 9, kids pay 5. how many kids were there?")
    assert kinds is not None
    assert kinds.solved() is None


@pytest.mark.parametrize(
    "said",
    [
        "a train leaves at 9 with 40 people, 12 get off at 10 and 5 at 11, how many are left",
        "i bought 3 shirts at 20 and 2 hats, paid 90 in total. what does a hat cost",
        "20 people came, adults pay 9, kids pay 5 and 148 euros were paid",
    ],
)
def test_a_story_is_not_added_up(said: str) -> None:
    assert not any(" + " in way.sum.signs for way in ways_to_read(said))


def test_numbers_alike_are_added_up() -> None:
    assert ways_to_read("rent 850, bills 120 and food 300 what's the total")[0].sum.signs == "850 + 120 + 300"


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("and that the code for the side gate is 4471", "the code for the side gate is 4471"),
        ("and also that the green bin is every other week", "the green bin is every other week"),
        ("还有后门的钥匙在花盆底下", "后门的钥匙在花盆底下"),
        ("also add it's the blue one", "it's the blue one"),
        ("and what's the time", ""),
        ("and remind me at 5 to call", ""),
        ("还有什么是我要记的", ""),
    ],
)
def test_a_note_goes_on(said: str, more: str) -> None:
    assert more_of_note(said) == more


@pytest.mark.parametrize(
    ("said", "note", "now"),
    [
        ("写错了 是2013", "房子是2012年买的", "房子是2013年买的"),
        ("不对 是2026年到", "合同到2025年", "合同到2026年"),
        ("sorry typo, it's the 15th", "the anniversary is on the 14th", "the anniversary is on the 15th"),
    ],
)
def test_a_slip_in_a_note_is_mended(said: str, note: str, now: str) -> None:
    assert corrected(said, note) == now


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("9 x 12 = 108 right?", "Yes, that is right: 9 × 12 = 108"),
        ("and 12 x 13 is 146?", "No, not 146: 12 × 13 = 156"),
        ("12乘13是146？", "不对，不是146：12 × 13 = 156"),
    ],
)
def test_a_claim_is_checked(said: str, told: str) -> None:
    assert asyncio.run(calculate(Turn(session="s", text=said), FakeServices())).text == told
    assert not surely_reckons("the order is 5")


def test_a_forgotten_number_and_a_step_in_another_way() -> None:
    told = (("(12 + 15 + 21)/3", "16"), ("7^2 - 2^5", "17"), ("17*2", "34"))
    mean, *steps = (Exchange("", "", "everyday.calculate", "answer", {"sum": s, "result": r}) for s, r in told)
    forgotten, mended = sum_again("I forgot a 20", [mean]), sum_again("no three times", steps)
    assert forgotten is not None
    assert mended is not None
    assert (forgotten.signs, mended.signs) == ("(12 + 15 + 21 + 20)/4", "17 * 3")


def test_things_of_several_lists_and_a_slip_of_units() -> None:
    assert own_lists("put screws on the hardware list and soap on the packing list") == [
        *("put screws on the hardware list", "soap on the packing list"),
    ]
    assert split_items("cheese, two of them", "shopping") == ("two cheese",)
    slip = read_conversion("how many ounces in 400 kilos... grams, sorry")
    assert slip is not None
    assert slip.said == "400 grams"
