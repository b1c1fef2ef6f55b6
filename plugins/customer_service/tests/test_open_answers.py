"""Questions for a photo or a contact: what is neither is used, answered or let go, and never asked about for long."""

from pathlib import Path

import pytest

from plugins.customer_service.tests.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("said", "answer", "noted"),
    [
        ("my headphones arrived damaged", "I want my money back, not another one", "you want your money back"),
        ("耳机收到的时候是坏的", "我不要换新的，要退钱", "您要退款"),
        ("my headphones arrived damaged", "please send me a new one", "you want a new one"),
    ],
)
def test_a_wish_is_no_photo_and_goes_into_the_ticket(desk: Desk, said: str, answer: str, noted: str) -> None:
    told = desk.visit("report_damage", said, answer)
    assert noted in told
    assert "T2001" in told
    assert answer in desk.store.tickets()[0]["words"]


@pytest.mark.parametrize(
    ("said", "question"),
    [("my headphones arrived damaged", "what kind of photo"), ("耳机收到的时候是坏的", "怎么传照片")],
)
def test_a_question_about_the_photo_is_answered_once(desk: Desk, said: str, question: str) -> None:
    first, then = desk.visit("report_damage", said), desk.visit("report_damage", said, question)
    assert first != then
    assert "/image" in then
    assert "T2001" in desk.visit("report_damage", said, question, "whatever")


def test_what_is_no_contact_belongs_into_the_complaint(desk: Desk) -> None:
    words = "late, nobody answers mails, box was ripped"
    first = desk.visit("complaint", "I want to complain, the garden hose never came")
    then = desk.visit("complaint", "I want to complain, the garden hose never came", words)
    assert then != first
    assert "added that to ticket" in then
    assert words in [ticket["words"] for ticket in desk.store.tickets()]
    done = desk.visit("complaint", "I want to complain, the garden hose never came", words, "robin@example.org")
    assert "robin@example.org" in done


@pytest.mark.parametrize(("said", "answer"), [("give me a human", "whatever"), ("转人工", "随便吧")])
def test_who_leaves_no_contact_is_let_go(desk: Desk, said: str, answer: str) -> None:
    assert "T2001" in desk.visit("talk_to_person", said, answer)


def test_an_order_is_asked_for_with_an_apology(desk: Desk) -> None:
    assert "sorry" in desk.visit("complaint", "you charged me twice!!")
    assert "抱歉" in desk.visit("complaint", "你们多扣了我一次钱！！")
    assert "sorry" in desk.visit("report_missing", "what I got looks nothing like the picture")
    assert "A1003" in desk.visit("report_missing", "收到的东西跟图片完全不一样", "耳机")
