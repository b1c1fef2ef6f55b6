"""Orders that are pointed out: by what they are like, by what is left of them, and without a number."""

from pathlib import Path

import pytest

from assistant import Exchange
from plugins.customer_service.meaning import meant_by
from plugins.customer_service.tests.desk import Desk

TWO = "Order A1002 (coffee grinder) is being packed. Order A1007 (coffee mugs and tea towels) is being packed."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("before", "said", "number"),
    [
        ("where are A1007 and A1002", "I don't want the second after all", "A1002"),
        ("where are the grinder and the mugs", "cancel the dearer one", "A1002"),
        ("where are the grinder and the mugs", "drop the cheaper of the two", "A1007"),
        ("磨豆机和杯子发货了吗", "便宜的那个取消吧", "A1007"),
        ("磨豆机和杯子发货了吗", "贵的那个取消掉", "A1002"),
        ("where are A1002 and A1007", "I don't want the second after all", "A1007"),
        ("A1002和A1007发了没", "第二个不想要了", "A1007"),
    ],
)
def test_an_order_is_pointed_out_among_those_just_named(desk: Desk, before: str, said: str, number: str) -> None:
    desk.visit("track_order", before)
    asked = desk.visit("cancel_order", said)
    assert {each for each in ("A1002", "A1007") if each in asked} == {number}
    assert asked.rstrip().endswith(("?", "吗？"))
    assert not desk.cancelled()


@pytest.mark.parametrize("said", ["what about the one that's late", "晚的那个能不能催一下", "the late one"])
def test_the_late_one_is_told_apart(desk: Desk, said: str) -> None:
    desk.visit("track_order", "where are A1001 and A1008")
    told = desk.visit("track_order", said)
    assert "A1008" in told
    assert "A1001" not in told


@pytest.mark.parametrize("said", ["and the other stuff I ordered", "其他的呢"])
def test_the_rest_is_listed(desk: Desk, said: str) -> None:
    desk.visit("track_order", "where is A1001")
    told = desk.visit("list_orders", said)
    assert "A1008" in told
    assert "A1001" not in told


@pytest.mark.parametrize("said", ["no idea what the number is", "I lost the mail", "单号我记不得了诶", "不知道单号"])
def test_who_has_no_number_is_helped_on(desk: Desk, said: str) -> None:
    english = said.isascii()
    first = desk.visit("cancel_order", "cancel an order" if english else "我想取消一个订单")
    then = desk.visit("cancel_order", "cancel an order" if english else "我想取消一个订单", said)
    assert then != first
    assert "A1007" in then
    asked = desk.visit("cancel_order", "cancel an order" if english else "我想取消一个订单", said, "A1007")
    assert "A1007" in asked
    assert "€40.00" in asked
    assert not desk.cancelled()


@pytest.mark.parametrize("said", ["where's my car", "when does my train arrive", "我的钥匙在哪"])
def test_what_is_no_order_is_said_to_be_none(desk: Desk, said: str) -> None:
    told = desk.visit("track_order", said)
    assert "none of yours holds that" in told or "您的订单里没有这个" in told


@pytest.mark.parametrize(
    ("intent", "said", "told"),
    [
        ("return_item", "don't return the headphones, only tell me how much they were", "€129.00"),
        ("order_total", "please don't send the headphones back, I just want to know what I paid for them", "€129.00"),
        ("order_total", "磨豆机不要取消，我只问它多少钱", "€49.00"),
        ("order_total", "I don't want to cancel the grinder, I'd just like to know its price", "stays as it is"),
        ("check_warranty", "i'm not returning the laptop, i just want to know how long the warranty is", "laptop"),
        ("track_order", "please don't cancel the shoes, i just want to know when they come", "A1001"),
    ],
)
def test_what_is_asked_beside_a_refusal_is_told(desk: Desk, intent: str, said: str, told: str) -> None:
    assert told in desk.visit(intent, said)
    assert not desk.cancelled()
    assert not desk.returning()


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("track_order", "订单号 A 一 零 零 四 是什么时候送到的"),
        ("track_order", "a one zero zero one, where is it"),
        ("list_orders", "订单号 A 一 零 零 九 里有什么"),
        ("list_orders", "单号忘了怎么查"),
        ("track_order", "订单，A，一，零，零，四，到了吗"),
        ("refund_status", "退款 A一〇〇六 到哪一步了"),
        ("refund_status", "the refund status of A one double oh six"),
        ("track_order", "订单 A 幺 零 零 八 怎么还没到"),
        ("order_total", "I don't want to cancel the grinder, I'd just like to know its price"),
        ("order_total", "别退耳机，我就想知道多少钱买的"),
        ("complaint", "you charged me twice!!"),
        ("complaint", "你们多扣了我一次钱！！"),
        ("complaint", "why is there a second charge from you on my credit card"),
        ("report_missing", "what I got looks nothing like the picture"),
        ("report_missing", "收到的东西跟图片完全不一样"),
    ],
)
def test_words_surely_mean_an_intent(intent: str, text: str) -> None:
    matches = meant_by(intent)["matches"]
    assert matches is not None
    assert matches(text)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("complaint", "I charged my phone twice"),
        ("complaint", "remind me of the second payment"),
        ("complaint", "would I be charged twice if I order again"),
        ("complaint", "I took the pills twice"),
        ("report_missing", "what is in this picture"),
        ("track_order", "cancel A1002 when you can"),
        ("track_order", "please have A1002 delivered to Lindenstrasse 7, 10969 Berlin"),
        ("list_orders", "I forgot my phone number, how do I find it"),
    ],
)
def test_other_words_do_not(intent: str, text: str) -> None:
    matches = meant_by(intent)["matches"]
    assert matches is not None
    assert not matches(text)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("cancel_order", "I don't want the second after all"),
        ("cancel_order", "第二个不想要了"),
        ("track_order", "晚的那个能不能催一下"),
        ("track_order", "tell me more about the second one"),
        ("track_order", "她说是A一零零五"),
        ("track_order", "ask about the overdue one please"),
        ("return_item", "便宜的那个还能退吗"),
        ("refund_status", "and the pricier one, was it refunded"),
        ("list_orders", "and the other stuff I ordered"),
    ],
)
def test_words_go_on_from_orders_that_were_named(intent: str, text: str) -> None:
    follows = meant_by(intent)["follows"]
    assert follows is not None
    assert follows(text, [Exchange("where are they", TWO, "customer_service.track_order", "answer")])
    assert not follows(text, [Exchange("hi", "hello", "smalltalk.hello", "answer")])
