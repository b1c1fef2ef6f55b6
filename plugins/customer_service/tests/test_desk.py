"""Scripted visits to the service desk, each with a fresh shop."""

import asyncio
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from assistant import Exchange, Picture, Turn
from assistant.testing import FakeDialogue, FakeServices, PluginUnderTest, load_plugin
from plugins.customer_service.cancelling import cancel_order
from plugins.customer_service.orders import find_orders, order_numbers
from plugins.customer_service.policies import passages
from plugins.customer_service.returning import return_item
from plugins.customer_service.store import Store

OPTIONS = {"adapter": "", "url": "", "policies": ""}
TODAY = date(2026, 3, 10)
NOON = time.mktime((2026, 3, 10, 12, 0, 0, 0, 0, -1))


class Desk:
    """The plugin with a shop that is kept between visits."""

    def __init__(self, plugin: PluginUnderTest, folder: Path, **eyes: object) -> None:
        self.plugin = plugin
        self.services = FakeServices(data_dir=folder, **eyes)  # type: ignore[arg-type]

    def visit(self, intent: str, text: str, *answers: str | Picture, pictures: tuple[Picture, ...] = ()) -> str:
        turn = Turn(session="test", text=text, images=pictures, at=NOON)
        reply = self.plugin.ask(turn=turn, intent=intent, answers=answers, services=self.services)
        return reply.text


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.fixture
def desk(plugin: PluginUnderTest, tmp_path: Path) -> Desk:
    return Desk(plugin, tmp_path, lines=["BLUE DOOR TRADING", "Date 03/04/2024", "Total  12.50"])


def photo(blur: float = 0.0) -> Picture:
    squares = np.kron(np.random.default_rng(3).integers(0, 255, (30, 40)), np.ones((10, 10))).astype(np.uint8)
    image = Image.fromarray(squares).convert("RGB")
    return Picture(image.filter(ImageFilter.GaussianBlur(blur)) if blur else image)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("where is A1001", ["A1001"]),
        ("order a-1002 please", ["A1002"]),
        ("A 1003 and order 1004", ["A1003", "A1004"]),
        ("1005", ["A1005"]),
        ("订单A1006到哪了", ["A1006"]),
        ("I paid 1500 euros in 2024", []),
    ],
)
def test_order_numbers_are_read_as_people_write_them(text: str, numbers: list[str], tmp_path: Path) -> None:
    orders = Store(f"sqlite:///{tmp_path}/store.sqlite3", TODAY).orders("")
    assert order_numbers(text, orders)[0] == numbers


def test_orders_are_found_by_what_is_in_them(tmp_path: Path) -> None:
    orders = Store(f"sqlite:///{tmp_path}/store.sqlite3", TODAY).orders("")
    assert [o.number for o in find_orders("my shoes", orders)] == ["A1001"]
    assert {o.number for o in find_orders("the coffee thing", orders)} == {"A1002", "A1007"}
    assert [o.number for o in find_orders("the coffee mugs", orders)] == ["A1007"]
    assert [o.number for o in find_orders("我的耳机", orders)] == ["A1003"]


def test_tracking_names_day_carrier_and_number(desk: Desk) -> None:
    text = desk.visit("track_order", "where is order A1001")
    assert "Wednesday, 11 March" in text
    assert "PX40210077" in text


def test_a_late_order_is_admitted(desk: Desk) -> None:
    assert "3 days ago. I'm sorry" in desk.visit("track_order", "where is my garden hose")


def test_unknown_number_is_said_and_the_customer_chooses(desk: Desk) -> None:
    assert "A1001" in desk.visit("track_order", "track A9999", "the running shoes")


def test_two_matching_orders_are_asked_about(desk: Desk) -> None:
    assert desk.visit("track_order", "where is my coffee stuff", "the second one").startswith("Order A1002")


def test_who_names_no_order_leaves_everything_as_it_is(desk: Desk) -> None:
    assert "left everything as it is" in desk.visit("cancel_order", "cancel my order", "none")


def test_cancelling_asks_first_and_happens_once(desk: Desk, tmp_path: Path) -> None:
    assert "stays as it is" in desk.visit("cancel_order", "cancel A1002", "no")
    assert "€49.00" in desk.visit("cancel_order", "cancel A1002", "yes")
    assert "already cancelled" in desk.visit("cancel_order", "cancel A1002")
    assert "€49.00" in desk.visit("refund_status", "refund for A1002?")
    assert Store(f"sqlite:///{tmp_path}/store.sqlite3", TODAY).cancel("A1002", TODAY) == {"done": True, "cents": 4900}


@pytest.mark.parametrize(
    ("number", "said"), [("A1001", "already left"), ("A1003", "start a return"), ("A1005", "already")]
)
def test_what_cannot_be_cancelled_gets_a_way_out(desk: Desk, number: str, said: str) -> None:
    assert said in desk.visit("cancel_order", f"cancel {number}")


def test_return_asks_for_the_item_and_confirms(desk: Desk) -> None:
    text = desk.visit("return_item", "return something from A1009", "phone case", "too small", "yes")
    assert "R501" in text
    assert "€19.90" in text
    assert "already open: R501" in desk.visit("return_item", "return the phone case")
    assert "“return the laptop”" in desk.visit("return_item", "return the phone case")


def test_the_second_item_is_returned_while_the_first_is_on_its_way(desk: Desk) -> None:
    desk.visit("return_item", "return the phone case, too small", "yes")
    rest = desk.visit("return_item", "return A1009", "it is slow", "yes")
    assert "R502" in rest
    assert "€899.00" in rest
    assert "already open: R501 and R502" in desk.visit("return_item", "return the laptop")
    assert "(laptop and phone case) waits for your parcel: return R501 and R502" in desk.visit(
        "refund_status", "refund"
    )


@pytest.mark.parametrize(
    ("text", "answers", "items"),
    [
        ("send back both things from A1009", ("no reason", "yes"), {"laptop", "phone case"}),
        ("return the laptop and the phone case", ("too slow", "yes"), {"laptop", "phone case"}),
        ("return A1009", ("all of it", "too slow", "yes"), {"laptop", "phone case"}),
        ("return the laptop", ("too slow", "and the phone case too", "yes"), {"laptop", "phone case"}),
        ("return the laptop", ("too slow", "no, the phone case", "too small", "yes"), {"phone case"}),
        ("return the laptop", ("too slow", "no, the other one", "too small", "yes"), {"phone case"}),
        ("return the laptop", ("sorry, I meant the phone case", "too small", "yes"), {"phone case"}),
        ("return the laptop", ("sorry, I meant the headphones", "bad sound", "yes"), {"wireless headphones"}),
        ("return the hedphones", ("bad sound", "yes"), {"wireless headphones"}),
        ("return the laptop", ("too slow", "no, A1003", "bad sound", "yes"), {"wireless headphones"}),
        ("return the laptop", ("I bought a better laptop case elsewhere", "yes"), {"laptop"}),
        ("A1009的两件都退", ("不好用", "好"), {"laptop", "phone case"}),
        ("return both things from A1009", ("too heavy", "no, only the laptop", "yes"), {"laptop"}),
        ("A1009的两件都退", ("不好用", "不，只退笔记本电脑", "好"), {"laptop"}),
        ("return both things from A1009", ("too heavy", "no, not the laptop", "yes"), {"phone case"}),
        ("return both things from A1009", ("too heavy", "no, not the laptop", "no"), set()),
        ("return the laptop", ("too slow", "no"), set()),
    ],
)
def test_customers_may_return_several_things_and_change_their_mind(
    desk: Desk, text: str, answers: tuple[str, ...], items: set[str]
) -> None:
    desk.visit("return_item", text, *answers)
    shop = Store(f"sqlite:///{desk.services.data_dir}/store.sqlite3", TODAY)
    assert {item.name for order in shop.orders("") for item in order.items if item.returned} == items


def test_reason_given_in_words_is_not_asked_again(desk: Desk) -> None:
    assert "R501" in desk.visit("return_item", "the headphones don't fit, I want to send them back", "yes")


def test_return_after_the_deadline_points_to_the_warranty(desk: Desk) -> None:
    assert "two-year warranty" in desk.visit("return_item", "return my rain jacket")


def test_a_replayed_return_is_opened_once(tmp_path: Path) -> None:
    services = FakeServices(data_dir=tmp_path, options=OPTIONS)
    before = [order.to_json() for order in Store(f"sqlite:///{tmp_path}/store.sqlite3", TODAY).orders("")]
    turn = Turn(text="return my headphones", at=NOON)
    first = asyncio.run(return_item(turn, FakeDialogue(["I don't like them", "yes"]), services))
    # The program died before the answer was stored: the same turn runs again with an empty log of effects.
    dialogue = FakeDialogue(["I don't like them", "yes"])
    dialogue.done["orders"] = before
    assert asyncio.run(return_item(turn, dialogue, services)) == first


def test_a_cancelled_order_replays_to_the_same_answer(tmp_path: Path) -> None:
    services = FakeServices(data_dir=tmp_path, options=OPTIONS)
    turn = Turn(text="cancel A1002", at=NOON)
    dialogue = FakeDialogue(["yes"])
    first = asyncio.run(cancel_order(turn, dialogue, services))
    replay = FakeDialogue(["yes"])
    replay.done = dialogue.done
    assert asyncio.run(cancel_order(turn, replay, services)) == first


def test_refunds_are_listed(desk: Desk) -> None:
    text = desk.visit("refund_status", "where is my refund")
    assert "A1006" in text
    assert "€64.00" in text
    assert "neither cancelled nor returned" in desk.visit("refund_status", "refund for A1001")
    assert "say “return A1003”" in desk.visit("refund_status", "refund for A1003")
    assert "say “cancel A1002”" in desk.visit("refund_status", "refund for A1002")


def test_damage_with_a_photo_opens_a_ticket(desk: Desk) -> None:
    text = desk.visit("report_damage", "the laptop from A1009 came broken", pictures=(photo(),))
    assert "T2001" in text
    assert "A1009 (laptop and phone case)" in text


def test_damage_without_a_photo_asks_for_one(desk: Desk) -> None:
    assert "T2001" in desk.visit("report_damage", "my headphones arrived damaged", photo())


def test_a_blurred_photo_is_asked_for_again_once(desk: Desk) -> None:
    text = desk.visit("report_damage", "my headphones are broken", photo(), pictures=(photo(blur=9),))
    assert "clear enough" in text
    text = desk.visit("report_damage", "my headphones are broken", photo(blur=9), pictures=(photo(blur=9),))
    assert "hard to make out" in text


def test_damage_to_something_else_gets_a_ticket_without_an_order(desk: Desk) -> None:
    assert "damage without an order" in desk.visit(
        "report_damage", "there is a dent in it", "none", pictures=(photo(),)
    )


def test_receipt_is_read_and_kept(desk: Desk) -> None:
    text = desk.visit("read_receipt", "please keep this receipt", pictures=(photo(),))
    assert "BLUE DOOR TRADING" in text
    assert "2024-04-03" in text
    assert "12.50" in text
    assert "B1" in text


def test_what_is_no_receipt_is_said(plugin: PluginUnderTest, tmp_path: Path) -> None:
    desk = Desk(plugin, tmp_path, lines=["1", "2"])
    assert "could not read a shop" in desk.visit("read_receipt", "read this", pictures=(photo(),))


def test_policy_answer_names_its_page(desk: Desk) -> None:
    text = desk.visit("policy_question", "for how long are gift cards valid")
    assert "five years" in text
    assert "payment.md" in text


def test_policy_in_chinese(desk: Desk) -> None:
    assert "五年" in desk.visit("policy_question", "礼品卡有效期多久")


def test_policies_have_the_same_sections_in_both_languages() -> None:
    assert [p.source for p in passages("en")] == [p.source for p in passages("zh")]


def test_a_person_gets_the_story_and_the_contact(desk: Desk) -> None:
    text = desk.visit("talk_to_person", "let me talk to a person", "my hose A1008 is late", "me@example.org")
    assert "T2001" in text
    assert "me@example.org" in text


def test_an_angry_voice_gets_an_apology(plugin: PluginUnderTest, tmp_path: Path) -> None:
    turn = Turn(text="get me your manager, this is the third time the hose is late", at=NOON, tone={"anger": 0.9})
    services = FakeServices(data_dir=tmp_path)
    assert plugin.ask(turn=turn, intent="talk_to_person", answers=["0123 456"], services=services).text.startswith(
        "I'm sorry"
    )


def test_chinese_customers_are_answered_in_chinese(desk: Desk) -> None:
    assert "预计" in desk.visit("track_order", "我的跑鞋到哪里了")
    assert "已取消" in desk.visit("cancel_order", "取消订单A1002", "是")


def test_all_orders_are_listed_and_one_is_when_it_is_named(desk: Desk) -> None:
    whole = desk.visit("list_orders", "what did I order?")
    assert whole.startswith("You have 9 orders:")
    assert "A1007 – coffee mugs and tea towels (being packed), €40.00" in whole
    assert desk.visit("list_orders", "what is in A1002").count("\n") == 1


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("it says delivered but I never got my headphones", "missing: parcel", "A1003"),
        ("my garden hose never came", "missing: parcel", "A1008"),
        ("the phone case is missing from A1009", "missing: part", "A1009"),
        ("you sent me the wrong laptop", "missing: wrong", "A1009"),
        ("A1003少了一件耳机", "missing: part", "A1003"),
    ],
)
def test_what_did_not_come_is_noted_for_a_person(desk: Desk, text: str, kind: str, number: str) -> None:
    assert "T2001" in desk.visit("report_missing", text)
    (ticket,) = Store(f"sqlite:///{desk.services.data_dir}/store.sqlite3", TODAY).tickets()
    assert (ticket["kind"], ticket["order_number"]) == (kind, number)


def test_what_is_not_late_is_not_searched_for(desk: Desk) -> None:
    assert "should arrive on Wednesday" in desk.visit("report_missing", "my running shoes never came")
    assert not Store(f"sqlite:///{desk.services.data_dir}/store.sqlite3", TODAY).tickets()


@pytest.mark.parametrize(("answer", "number"), [("no wait, I meant A1002", "A1002"), ("no, the grinder", "A1002")])
def test_another_order_is_cancelled_when_the_customer_corrects_it(desk: Desk, answer: str, number: str) -> None:
    assert f"order {number} is cancelled" in desk.visit("cancel_order", "cancel A1007", answer, "yes")
    assert "is being packed" in desk.visit("track_order", "A1007")


def test_what_was_paid_is_read_off_the_picture_that_comes_with_the_question(desk: Desk) -> None:
    assert "12.50" in desk.visit("order_total", "how much did I pay", pictures=(photo(),))


def test_an_exchange_is_explained_before_the_return(desk: Desk) -> None:
    said = desk.visit("return_item", "I want to swap the headphones for white ones", "the colour", "yes")
    assert "R501" in said
    assert "don't swap" in desk.visit("return_item", "can I swap the phone case for a white one")


def test_what_was_just_talked_about_is_missed_and_noted_once(desk: Desk) -> None:
    told = desk.visit("track_order", "where are my headphones")
    desk.services.said = [Exchange("where are my headphones", told, "customer_service.track_order", "answer")]
    first = desk.visit("report_missing", "my neighbours don't have it")
    assert "T2001" in first
    assert desk.visit("report_missing", "it is still not here, and the neighbours have nothing") == first
    (ticket,) = Store(f"sqlite:///{desk.services.data_dir}/store.sqlite3", TODAY).tickets()
    assert ticket["order_number"] == "A1003"


def test_a_shop_whose_file_is_gone_is_filled_again(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/store.sqlite3", tmp_path / "store.sqlite3"
    assert Store(url, TODAY).orders("") == Store(url, TODAY).orders("") != []
    file.unlink()
    assert Store(url, TODAY).orders("")
    file.write_bytes(b"")
    assert Store(url, TODAY).orders("")
