"""Several effects with one yes, questions that do nothing, what is declined, what is taken back, people and reasons."""

from pathlib import Path

import pytest

from plugins.customer_service.tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("text", "answers", "cancelled"),
    [
        ("cancel both A1002 and A1007", ("yes",), {"A1002", "A1007"}),
        ("cancel both A1002 and A1007", ("no",), set()),
        ("cancel A1002, A1007 and A1008", ("yes",), {"A1002", "A1007"}),
        ("cancel everything except the coffee grinder", ("yes",), {"A1007"}),
        ("cancel all my orders but not A1008", ("yes",), {"A1002", "A1007"}),
        ("cancel everything but the mugs", ("yes",), {"A1002"}),
        ("cancel A1002 and A1007", ("only A1007", "yes"), {"A1007"}),
        ("cancel A1002 and A1007", ("not the mugs", "yes"), {"A1002"}),
        ("cancel A1002", ("and A1007 too", "yes"), {"A1002", "A1007"}),
        ("cancel A1007", ("no, the grinder", "yes"), {"A1002"}),
        ("I have 3 orders, cancel the first and the last", ("yes",), {"A1002", "A1007"}),
        ("cancel the order I placed yesterday", ("yes",), {"A1002"}),
        ("cancel all orders over 45 euros", ("yes",), {"A1002"}),
        ("cancel my cheapest order", ("yes",), {"A1007"}),
        ("cancel all my orders except A1002 and A1007", (), set()),
        ("取消A1002和A1007", ("是",), {"A1002", "A1007"}),
        ("除了磨豆机，其他都取消", ("好的",), {"A1007"}),
    ],
)
def test_one_yes_cancels_exactly_what_was_listed(
    desk: Desk, text: str, answers: tuple[str, ...], cancelled: set[str]
) -> None:
    desk.visit("cancel_order", text, *answers)
    assert desk.cancelled() == cancelled


def test_the_confirmation_lists_what_is_done_and_what_is_not(desk: Desk) -> None:
    said = desk.visit("cancel_order", "cancel A1002, A1007, A1008 and A4444")
    assert "A1008 (garden hose) can't be cancelled: it has already left." in said
    assert "I find no order A4444." in said
    assert said.endswith("(coffee grinder), and refund €89.00 in all?")
    assert "I see 2 orders" in desk.visit("cancel_order", "I have 3 orders, cancel the first and the last")


@pytest.mark.parametrize(
    ("text", "answers", "things"),
    [
        ("return the headphones and the laptop", ("too loud", "yes"), {"wireless headphones", "laptop"}),
        ("return everything from A1009 except the laptop", ("no reason", "yes"), {"phone case"}),
        ("return both items of A1009 but not the phone case", ("slow", "yes"), {"laptop"}),
        ("return A1003 and A1009", ("no reason", "yes"), {"wireless headphones", "laptop", "phone case"}),
        ("return the headphones and the running shoes", ("too loud", "yes"), {"wireless headphones"}),
        ("耳机和笔记本电脑都要退", ("不喜欢", "好"), {"wireless headphones", "laptop"}),
        ("A1009里除了手机壳都退", ("没有原因", "好"), {"laptop"}),
    ],
)
def test_several_things_go_back_with_one_yes(desk: Desk, text: str, answers: tuple[str, ...], things: set[str]) -> None:
    desk.visit("return_item", text, *answers)
    assert desk.returning() == things


@pytest.mark.parametrize(
    ("intent", "text", "said"),
    [
        ("cancel_order", "did you cancel A1002?", "has not been cancelled"),
        ("cancel_order", "you didn't cancel my order, right?", "Nothing is cancelled"),
        ("cancel_order", "why did you cancel my order?", "Nothing is cancelled"),
        ("cancel_order", "can I cancel A1002 later?", "can still be cancelled"),
        ("cancel_order", "if I cancel A1002, do I get all my money back?", "You get all of it back, €49.00"),
        ("cancel_order", "what happens if I don't cancel A1002?", "should reach you by"),
        ("cancel_order", "can A1001 still be cancelled", "already left"),
        ("cancel_order", "did you cancel the desk lamp", "already cancelled on"),
        ("cancel_order", "您取消了A1002吗？", "没有被取消"),
        ("cancel_order", "A1002还能取消吗？", "还可以取消"),
        ("change_address", "can I still change the address of A1002?", "12 Garden Lane"),
        ("change_address", "is it possible to change the address of A1008?", "already with the carrier"),
        ("change_address", "可以改地址吗？", "现在没有改动"),
        ("change_order", "can I still add something to A1002", "still being packed"),
        ("return_item", "how do I return the headphones", "can be returned until Saturday, 4 April"),
        ("return_item", "until when can I send the laptop back?", "can be returned until"),
        ("return_item", "can I return the rain jacket?", "returns are open for 30 days"),
        ("return_item", "how do I return something", "any post office"),
        ("return_item", "退货要钱吗？", "免邮费"),
        ("report_damage", "how do I report damage?", "show me a photo"),
        ("report_missing", "what happens if my parcel never comes?", "starts a search"),
    ],
)
def test_a_question_about_an_action_is_answered_and_nothing_is_done(
    desk: Desk, intent: str, text: str, said: str
) -> None:
    before = desk.store.orders("")
    answer = desk.visit(intent, text)
    assert said in answer or (said == "starts a search" and "starts a search" in answer)
    assert desk.store.orders("") == before


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("cancel_order", "please don't cancel my order"),
        ("cancel_order", "I do NOT want to cancel my order"),
        ("cancel_order", "I no longer want to cancel A1007"),
        ("cancel_order", "I would like to keep A1002, don't cancel it"),
        ("cancel_order", "I never had an order cancelled, I only want the status of A1002"),
        ("return_item", "no need to return the headphones, they work now"),
        ("return_item", "I don't want to return anything"),
        ("change_address", "do not change the delivery address"),
        ("cancel_order", "cancel A1002. Actually, keep it."),
        ("cancel_order", "cancel A1007, no wait, don't"),
        ("cancel_order", "不要取消A1002"),
        ("return_item", "我不想退了"),
    ],
)
def test_what_is_declined_is_left_alone(desk: Desk, intent: str, text: str) -> None:
    said = desk.visit(intent, text)
    assert "Nothing has been changed" in said or "没有做任何改动" in said


def test_no_refund_is_started_that_nobody_wants(desk: Desk) -> None:
    assert "not started any refund" in desk.visit("refund_status", "I never said I wanted a refund")
    said = desk.visit("refund_status", "not a refund, I want an exchange for the headphones")
    assert "don't swap" in said


@pytest.mark.parametrize(
    ("intent", "text", "said"),
    [
        ("cancel_order", "cancel both A1002 and A1007", "A1007"),
        ("change_address", "send A1002 to 5 Elm Street, Springfield 12345", "12 Garden Lane"),
        ("change_order", "make it 3 coffee mugs in A1007", "holds 1 of the coffee mugs again"),
        ("change_order", "take the tea towels out of A1007", "tea towels"),
        ("change_order", "deliver A1002 on Friday", "due on Saturday, 14 March"),
    ],
)
def test_the_last_change_is_taken_back_once(desk: Desk, intent: str, text: str, said: str) -> None:
    before = desk.store.orders("")
    desk.visit(intent, text, "yes")
    assert desk.store.orders("") != before
    assert said in desk.visit("undo_change", "undo that")
    after = {order.number: order for order in desk.store.orders("")}
    assert {o.number: (o.status, o.address, o.due, sorted(o.items, key=lambda i: i.sku)) for o in before} == {
        o.number: (o.status, o.address, o.due, sorted(o.items, key=lambda i: i.sku)) for o in after.values()
    }
    assert "changed nothing" in desk.visit("undo_change", "undo that")


def test_a_return_is_taken_back_and_what_cannot_be_is_said(desk: Desk) -> None:
    desk.visit("return_item", "return the headphones, too loud", "yes")
    assert "you keep it" in desk.visit("undo_change", "take that back")
    assert not desk.returning()
    assert "没有可以撤销的" in desk.visit("undo_change", "撤销")


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (("why do you ask?",), "helps the shop"),
        (("where is A1001",), "Why are you returning"),
        (("can you cancel A1002 instead?",), "say “cancel A1002”"),
        (("what if I keep it?", "does it matter?"), "get €129.00 back?"),
        (("they hurt my ears",), "get €129.00 back?"),
        (("I'd rather not say",), "get €129.00 back?"),
    ],
)
def test_a_reason_is_no_question_and_no_request(desk: Desk, answers: tuple[str, ...], said: str) -> None:
    assert said in desk.visit("return_item", "return the headphones", *answers)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (("what is the number of my ticket",), "Your ticket is T2001"),
        (("why do you need that?",), "needs it to answer you"),
        (("what is the number of my ticket", "+43 660 1234567"), "get in touch at +43 660 1234567"),
        (("hello", "robin@example.org"), "robin@example.org"),
        (("hello", "A1001 is late"), "stays without one"),
        (("my order is A1001", "13800138000"), "13800138000"),
        (("what is the number of my ticket", "hm", "no"), "stays without one"),
    ],
)
def test_a_contact_is_valid_or_there_is_none(desk: Desk, answers: tuple[str, ...], said: str) -> None:
    assert said in desk.visit("talk_to_person", "get me a human, the hose A1008 is late", *answers)
    kept = [ticket["words"] for ticket in desk.store.tickets() if ticket["kind"] == "contact"]
    assert all("@" in words or words[-5:].isdigit() for words in kept)


def test_a_person_is_told_the_conversation(desk: Desk) -> None:
    desk.visit("track_order", "where is the garden hose")
    assert "T2001" in desk.visit("talk_to_person", "get me a human")
    assert "garden hose" in desk.store.tickets()[0]["words"]
    assert "T2001 (call back)" in desk.visit("ticket_status", "what is the number of my ticket")


@pytest.mark.parametrize("text", ["where's my stuff", "where is all my stuff??", "我买的东西到哪里了"])
def test_my_stuff_is_all_that_is_under_way_late_first(desk: Desk, text: str) -> None:
    lines = desk.visit("track_order", text).splitlines()
    assert [number for line in lines for number in ("A1008", "A1007", "A1002", "A1001") if number in line] == [
        "A1008",
        "A1007",
        "A1002",
        "A1001",
    ]


def test_a_complaint_names_the_late_order(desk: Desk) -> None:
    said = desk.visit("complaint", "I want to complain, nothing ever comes on time")
    assert "I'm sorry" in said
    assert "A1008 (garden hose)" in said
    assert "A1008" not in desk.visit("complaint", "I want to complain about the laptop I bought")


@pytest.mark.parametrize("answer", ["I don't have a photo", "no photo right now", "I can't take one", "我没有照片"])
def test_damage_goes_on_without_a_photo(desk: Desk, answer: str) -> None:
    assert "without a photo" in desk.visit("report_damage", "the laptop came broken", answer)
    assert "can't read the receipt" in desk.visit("read_receipt", "read my receipt", answer)


@pytest.mark.parametrize(
    ("answers", "address"),
    [
        (("actually make it 7 Elm Street", "yes"), "7 Elm Street, Springfield 12345"),
        (("no, number 9", "yes"), "9 Elm Street, Springfield 12345"),
        (("sorry, 12 Oak Avenue", "yes"), "12 Oak Avenue, Springfield 12345"),
        (("no, 3 Hill Road, 8010 Graz", "yes"), "3 Hill Road, 8010 Graz"),
        (("no",), "12 Garden Lane, 1010 Vienna"),
    ],
)
def test_a_corrected_address_keeps_its_town(desk: Desk, answers: tuple[str, ...], address: str) -> None:
    desk.visit("change_address", "send A1007 to 5 Elm Street, Springfield 12345", *answers)
    assert desk.order("A1007").address == address


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("add two grinders to A1002", "Send 3 of"),
        ("I want 3 instead of 1 of the grinders in A1002", "Send 3 of"),
        ("one more grinder in A1002 please, add it", "Send 2 of"),
        ("remove one of the coffee mugs from A1007", "Take coffee mugs out"),
        ("deliver A1002 on the 15th", "Sunday, 15 March"),
        ("deliver A1002 last monday", "is over"),
        ("deliver A1002 on 31 February", "can't read a day"),
        ("deliver A1002 tomorrow", "Wednesday, 11 March"),
        ("A1002改到下周三送", "3月18日"),
    ],
)
def test_numbers_and_days_of_a_change_are_read(desk: Desk, text: str, said: str) -> None:
    assert said in desk.visit("change_order", text)
