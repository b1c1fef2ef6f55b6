from collections.abc import Sequence

import pytest

from assistant import Exchange
from plugins.everyday.following import amended
from plugins.everyday.listing import listed, puts_on_list
from plugins.everyday.measures import measured
from plugins.everyday.note_reading import corrected, said_to_note


@pytest.mark.parametrize(
    ("said", "items", "spared"),
    [
        ("we're out of bleach and i'd kill for some olives, stick them on the list", ["bleach", "olives"], []),
        ("put rice and that soy milk on the shopping list oh and not the rice we've got some", ["soy milk"], ["rice"]),
        ("add cheese ham and pickles to my shopping list, actually skip the ham", ["cheese", "pickles"], ["ham"]),
        ("家里没盐了 垃圾袋也快用完了 都加到购物清单里", ["盐", "垃圾袋"], []),
        ("帮我把香皂和牙膏加进购物单 洗发水就算了家里还有", ["香皂", "牙膏"], ["洗发水"]),
        ("todo: ring the vet, hoover", ["ring the vet", "hoover"], []),
    ],
)
def test_all_clauses_of_a_turn_say_what_goes_on_a_list(said: str, items: Sequence[str], spared: Sequence[str]) -> None:
    found = listed(said)
    assert found is not None
    assert (found.items, found.spared) == (items, spared)
    assert puts_on_list(said)


@pytest.mark.parametrize(
    "said", ["don't add sugar to my shopping list", "不要把糖加到购物清单", "i don't want beer on the list"]
)
def test_what_is_forbidden_is_put_on_no_list(said: str) -> None:
    assert listed(said) is None
    assert not puts_on_list(said)


@pytest.mark.parametrize(
    ("words", "item", "new"),
    [("make it four", "six lemons", "four"), ("no the oat one", "milk", "oat milk"), ("改成四个", "六个柠檬", "四个")],
)
def test_words_change_the_thing_just_added(words: str, item: str, new: str) -> None:
    before = Exchange(text="", reply="", intent="", data={"list": "shopping", "added": [item], "there": []})
    wish = amended(words, [before])
    assert wish is not None
    assert (wish.items, wish.new) == ((item,), new)


@pytest.mark.parametrize(
    ("said", "amount", "unit"),
    [
        ("recipe says 350 fahrenhiet what do i put my oven on", (350.0, "degF"), "degC"),
        ("driving here the sign says 110 kmh whats that in miles", (110.0, "kilometer/hour"), "mile/hour"),
        ("三百五十华氏度烤箱该调多少", (350.0, "degF"), "degC"),
        ("it's 28 degrees here whats that in fahrenheit", (28.0, "degC"), "degF"),
    ],
)
def test_an_amount_anywhere_goes_to_the_unit_that_is_named_or_to_its_counterpart(
    said: str, amount: tuple[float, str], unit: str
) -> None:
    found = measured(said)
    assert found is not None
    assert (found.amounts, found.target) == ((amount,), unit)


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ("make a note the wifi guy said channel 11", "the wifi guy said channel 11"),
        ("记下来 老王借了我三百块", "老王借了我三百块"),
        ("take a note", ""),
        ("write down a poem about the sea", ""),
        ("write it on my shopping list", ""),
    ],
)
def test_what_follows_a_verb_of_noting_is_the_note(said: str, note: str) -> None:
    assert said_to_note(said) == note


@pytest.mark.parametrize(
    ("words", "note", "mended"),
    [
        ("不是三百 是五百", "老王借了我三百块", "老王借了我五百块"),
        ("no, wednesday", "the bin day is tuesday", "the bin day is wednesday"),
        ("no thanks", "pay 5", ""),
        ("what is on it?", "pay 5", ""),
    ],
)
def test_words_just_after_a_note_mend_it(words: str, note: str, mended: str) -> None:
    assert corrected(words, note) == mended
