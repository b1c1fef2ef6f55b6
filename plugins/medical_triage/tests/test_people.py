"""A new person is a new case."""

import asyncio

import pytest

from assistant.testing import FakeDialogue, FakeServices
from assistant.types import Turn
from plugins.medical_triage.checking import check_symptoms
from plugins.medical_triage.notes import Notes
from plugins.medical_triage.people import begins_another_case


@pytest.mark.parametrize(
    ("told", "reply"),
    [
        ("I am 10 weeks pregnant with a headache", "now my grandmother fell and her hip hurts"),
        ("my grandmother fell and her hip hurts", "my child swallowed a coin"),
        ("I have a cough", "and my son has a fever"),
        ("my wife has a rash", "my father keeps coughing"),
        ("my son has a fever", "my neighbour's leg hurts"),
        ("我头痛", "我奶奶摔了一跤"),
        ("it is for my mother, she has a fever", "and me, I have a cough"),
        ("my son has a rash", "I have an itchy rash too"),
        ("my mother has a headache", "my own throat is sore"),
        ("我妈妈发烧", "我自己也咳嗽"),
        ("I've got a cough since last week", "now my son, he's six, he has a tummy ache"),
        ("I've had a headache for two days", "now it's about my dad, 70, his ankle is swollen"),
        ("my back hurts", "and what about my baby?"),
        ("我咳嗽一个星期了", "现在说说我儿子，五岁，肚子疼"),
        ("我喉咙痛两天了", "我老公也不舒服，他腰疼"),
        ("我头疼两天了", "我妈，六十八岁，膝盖肿了"),
    ],
)
def test_another_person_begins_another_case(told: str, reply: str) -> None:
    assert begins_another_case(told, reply)


@pytest.mark.parametrize(
    ("told", "reply"),
    [
        ("my child has a fever", "my son is 3"),
        ("my daughter has a rash", "she is crying a lot"),
        ("I have a headache", "no, my mother had migraines"),
        ("I have a headache", "my husband is here with me"),
        ("my mother has a cough", "mum feels hot"),
        ("孩子发烧", "宝宝咳嗽"),
        ("my mother has a headache", "I have given her paracetamol"),
        ("my mother has a headache", "I think she has a fever"),
        ("my mother has a headache", "I have a thermometer, 38.5"),
        ("I have a cough", "I have a fever too"),
        ("我妈妈发烧", "我觉得两天了"),
        ("I have a cough", "my husband, he's here, says I look pale"),
        ("I have a rash", "no, my son, he's 3, is fine"),
        ("my back hurts", "yes, and my sister thinks it's a kidney stone"),
        ("我头疼", "我老公说我发烧"),
        ("我头疼", "我妈以前也头疼"),
    ],
)
def test_the_same_person_and_family_history_do_not(told: str, reply: str) -> None:
    assert not begins_another_case(told, reply)


def test_the_second_case_is_judged_by_itself() -> None:
    services = FakeServices()
    dialogue = FakeDialogue(("my son has a blister on his heel", "no", "two days", "no", "2", "no"))
    asyncio.run(check_symptoms(Turn(text="I am 10 weeks pregnant with a headache"), dialogue, services))
    (note,) = Notes(services.data_dir).all()
    assert not note["pregnant"]
    assert "headache" not in {fact["fact"] for fact in note["facts"] if not fact["denied"]}
    assert "another person" in dialogue.asked[1]


def test_whoever_is_brought_up_without_a_complaint_is_asked_for_it() -> None:
    dialogue = FakeDialogue(("what about my baby?", "a cough for two days", "no", "no", "8 months", "no"))
    asyncio.run(check_symptoms(Turn(text="I have a headache"), dialogue, FakeServices()))
    assert "another person" in dialogue.asked[1]
    assert "What is wrong with them" in dialogue.asked[1]
