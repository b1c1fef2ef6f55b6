"""Tests how replies to questions are read, which questions are repeated, and which are dropped as unanswerable."""

import asyncio

import pytest

from assistant import Exchange, Turn
from assistant.testing import FakeDialogue, FakeServices
from plugins.medical_triage import recognize_intent, startup
from plugins.medical_triage.asking import level_unknown
from plugins.medical_triage.checking import check_symptoms
from plugins.medical_triage.corrections import put_right
from plugins.medical_triage.facts import Facts, read_facts
from plugins.medical_triage.quantities import read_age
from plugins.medical_triage.red_flags import needs_questions, only_asleep
from plugins.medical_triage.replies import answered, asks_how_serious
from plugins.medical_triage.rules import Question, questions

BY_ID = {question.id: question for question in questions()}


def ask(text: str, *answers: str) -> tuple[str, list[str]]:
    dialogue = FakeDialogue(answers)
    return asyncio.run(check_symptoms(Turn(text=text), dialogue, FakeServices())).text, dialogue.asked


@pytest.mark.parametrize(
    ("question", "reply", "reading"),
    [
        ("fever", "no", "answered"),
        ("fever", "No, nothing like that.", "answered"),
        ("fever", "no she is fine", "answered"),
        ("fever", "none of these", "answered"),
        ("fever", "not that I noticed", "answered"),
        ("fever", "I don't think so", "answered"),
        ("fever", "everything is normal", "answered"),
        ("fever", "一切正常", "answered"),
        ("fever", "yes", "answered"),
        ("fever", "her neck is stiff", "answered"),
        ("fever", "没有", "answered"),
        ("fever", "好像没有", "answered"),
        ("fever", "都没有，就是有点累", "answered"),
        ("fever", "有的", "answered"),
        ("fever", "39.5", "open"),
        ("fever", "39", "open"),
        ("fever", "she is 2", "open"),
        ("fever", "no energy", "open"),
        ("fever", "no rash", "open"),
        ("fever", "not eating", "open"),
        ("fever", "since yesterday", "open"),
        ("fever", "i am pregnant", "open"),
        ("fever", "是39.5度", "open"),
        ("fever", "没力气", "open"),
        ("headache", "有点发烧", "open"),
        ("headache", "a little cough", "open"),
        ("fever", "not sure", "unsure"),
        ("fever", "no idea", "unsure"),
        ("fever", "I don't know", "unsure"),
        ("fever", "maybe", "unsure"),
        ("fever", "不知道", "unsure"),
        ("fever", "不太清楚", "unsure"),
        ("duration", "two days", "answered"),
        ("duration", "since Monday", "answered"),
        ("duration", "昨天", "answered"),
        ("duration", "ages", "answered"),
        ("duration", "she is 2", "open"),
        ("duration", "39", "open"),
        ("duration", "不知道", "unsure"),
        ("severity", "about a 3", "answered"),
        ("severity", "seven", "answered"),
        ("severity", "moderate", "answered"),
        ("severity", "很痛", "answered"),
        ("severity", "three days", "open"),
        ("severity", "she is 2", "open"),
        ("age", "39", "answered"),
        ("age", "18 months", "answered"),
        ("age", "thirty five", "answered"),
        ("age", "六个月", "answered"),
        ("age", "39.5", "open"),
        ("age", "since yesterday", "open"),
    ],
)
def test_reply_is_read_for_what_was_asked(question: str, reply: str, reading: str) -> None:
    assert answered(read_facts("she has a headache and a fever"), BY_ID[question], reply)[1] == reading


@pytest.mark.parametrize(
    ("reply", "strength"),
    [
        ("about a 3", 3),
        ("between 5 and 6", 6),
        ("七", 7),
        ("八分", 8),
        ("not too bad", 3),
        ("really bad", 8),
        ("bad", 5),
    ],
)
def test_strength_is_read_as_people_say_it(reply: str, strength: int) -> None:
    assert answered(Facts(), BY_ID["severity"], reply)[0].severity == strength


@pytest.mark.parametrize("question", BY_ID.values(), ids=BY_ID.keys())
def test_a_fact_is_taken_in_whatever_was_asked(question: Question) -> None:
    for reply in ("she is 2 and it has been 39.5 for two days", "两岁，两天了，39.5度"):
        facts, _ = answered(Facts(), question, reply)
        assert (facts.age, facts.hours) == (2.0, 48.0)
        assert "high_fever" in facts.present


def test_a_temperature_is_no_answer_about_warning_signs_and_an_age_none_to_how_long() -> None:
    text, asked = ask("my two year old has a fever", "39.5", "no", "she is 2", "two days")
    assert "I have noted that" in asked[1]
    assert "How long" in asked[2]
    assert "Since when" in asked[3]
    assert len(asked) == 4
    assert "a high fever" in text


def test_a_fact_alone_never_counts_as_a_no() -> None:
    text, asked = ask("my two year old has a fever", "39.5", "she is 2", "two days")
    assert text.startswith("Please be seen today")
    assert "Not known yet" in text
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("told", "replies", "start"),
    [
        ("I have a headache", ("not sure", "I don't know", "two days", "3"), "Please be seen today"),
        ("我头痛", ("不知道", "不清楚", "两天", "3分"), "请今天就医"),
    ],
)
def test_who_does_not_know_is_asked_once_more_and_then_sent_today(
    told: str, replies: tuple[str, ...], start: str
) -> None:
    text, asked = ask(told, *replies)
    assert text.startswith(start)
    assert "stiff neck" in text or "颈部僵硬" in text
    assert asked[1] != asked[0]
    assert len(asked) == 4


def test_who_finds_no_sign_when_asked_more_simply_stays_at_home() -> None:
    text, _ = ask("I have a headache", "not sure", "none of these", "two days", "3")
    assert "at home" in text


def test_a_sign_found_when_asked_more_simply_is_an_emergency() -> None:
    text, asked = ask("I have a headache", "not sure", "yes, my neck is stiff and I have a fever")
    assert "112" in text
    assert len(asked) == 2


def test_an_emergency_among_the_facts_ends_the_questions() -> None:
    text, asked = ask("my daughter has a fever", "she is 2 months old")
    assert "112" in text
    assert len(asked) == 1


def test_unknown_age_of_another_may_be_that_of_a_baby_but_not_of_the_speaker() -> None:
    facts, age = read_facts("diarrhoea since yesterday"), BY_ID["age"]
    assert level_unknown(facts, [age], "she has diarrhoea") == "urgent"
    assert level_unknown(facts, [age], "I have had diarrhoea since yesterday") == "self_care"
    assert ask("she has a fever", "no", "two days", "why", "hm")[0].startswith("Please be seen today")


def test_numbers_in_words_are_read_whole() -> None:
    assert read_age("a thirty five year old man") == 35
    assert read_age("三十五岁") == 35
    assert read_age("my temperature is 39") is None


def test_sadness_is_met_kindly_and_without_alarm() -> None:
    assert needs_questions("i feel sad")
    assert needs_questions("我很难过")
    assert not needs_questions("I'm sad that my parcel is late")
    text, asked = ask("i feel sad", "no", "three days")
    assert asked[0].startswith("I'm sorry you feel like this")
    assert "116 123" in text
    assert "NHS: Low mood" in text
    assert ask("i feel sad", "no", "three weeks")[0].startswith("Please see a doctor")


def test_who_does_not_say_whether_they_think_of_harming_themselves_gets_the_lines() -> None:
    text, asked = ask("i feel sad", "hm", "not sure")
    assert "988" in text
    assert len(asked) == 2


def test_a_child_that_passed_out_after_its_milk_is_to_be_roused() -> None:
    decision = asyncio.run(_recognised("my kid passed out right after his bottle"))
    assert decision == ("medical_triage.emergency", {})
    assert only_asleep("my kid passed out right after his bottle")
    assert not only_asleep("my kid passed out right after his bottle and is blue")


async def _recognised(text: str, *earlier: Exchange) -> tuple[str, dict[str, str]] | None:
    startup(FakeServices(said=earlier))
    decision = await recognize_intent(Turn(text=text))
    return (decision.intent, dict(decision.slots)) if decision else None


MEDICINE = Exchange("can I take ibuprofen with a cold", "…", "medical_triage.medication_question", "answer")
ORDER = Exchange("where is my order", "…", "customer_service.track_order", "answer")


@pytest.mark.parametrize("text", ["how much", "How much?", "and how often?", "what about alcohol", "多少", "一天几次"])
def test_how_much_after_a_medicine_is_about_the_medicine(text: str) -> None:
    assert asyncio.run(_recognised(text, MEDICINE)) == (
        "medical_triage.medication_question",
        {"medicine": MEDICINE.text},
    )
    assert asyncio.run(_recognised(text, MEDICINE, ORDER)) is None
    assert asyncio.run(_recognised(text)) is None


def test_what_a_medicine_costs_is_no_question_of_its_amount() -> None:
    assert asyncio.run(_recognised("how much does my order cost", MEDICINE)) is None


@pytest.mark.parametrize(
    ("replies", "heard"),
    [
        (("can I take ibuprofen for it?", "no", "4", "no"), 1),
        (("no, but can I take ibuprofen for it?", "4", "no"), 1),
        (("我可以吃布洛芬吗？", "没有", "4", "没有"), 1),
    ],
)
def test_a_question_about_a_medicine_is_answered_and_the_triage_goes_on(replies: tuple[str, ...], heard: int) -> None:
    dialogue = FakeDialogue(replies)
    text = "我从昨天开始头痛" if "我" in replies[0] else "I have a headache since yesterday"
    reply = asyncio.run(check_symptoms(Turn(text=text), dialogue, FakeServices()))
    assert sum("ibuprofen" in asked.lower() or "布洛芬" in asked for asked in dialogue.asked) == heard
    assert "diagnosis" in reply.text or "诊断" in reply.text


def test_a_low_blood_sugar_is_answered_at_once() -> None:
    text, asked = ask("my blood sugar is 45")
    assert not asked
    assert "take sugar" in text


@pytest.mark.parametrize(
    ("told", "reply", "named", "rest"),
    [
        (
            "I have had a headache since yesterday",
            "no stiff neck, no it didn't come suddenly",
            "stiff neck",
            "confusion",
        ),
        ("I've had a cough for a week", "no blood, I can talk fine, a temperature of 37.7", "blood", "chest pain"),
        ("我咳嗽一个礼拜了", "没血 有点低烧 37.8", "咳血", "胸痛"),
        ("我头痛两天了", "脖子不硬，不是突然的", "颈部僵硬", "意识混乱"),
    ],
)
def test_only_the_rest_is_asked_when_part_is_answered(told: str, reply: str, named: str, rest: str) -> None:
    _, asked = ask(told, reply, "no", "no", "no", "3", "30")
    assert rest in asked[1]
    assert named not in asked[1]


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("breath", "no breath left, he can't talk"),
        ("breath", "can't breathe normally"),
        ("breath", "呼吸不好，不能说话"),
        ("headache", "she can't see normally"),
        ("headache", "she doesn't bend her neck"),
        ("vomiting", "no urine since yesterday"),
    ],
)
def test_a_no_that_is_itself_an_alarm_denies_nothing(question: str, reply: str) -> None:
    facts, _ = answered(Facts(), BY_ID[question], reply)
    assert not facts.denied & set(BY_ID[question].asks)


def test_a_denial_of_every_sign_settles_the_question() -> None:
    reply = "no stiff neck, no weakness, not confused, sight is fine, it didn't come suddenly"
    assert answered(Facts(present=frozenset({"headache"})), BY_ID["headache"], reply)[1] == "answered"


@pytest.mark.parametrize(
    ("told", "aside", "said"),
    [
        ("I have a sore throat since monday", "is this serious?", "Your answers decide that"),
        ("my stomach has hurt since yesterday", "should I be worried?", "Your answers decide that"),
        ("我喉咙痛三天了", "这个严重不", "要看您的回答"),
        ("我咳嗽三天了", "要紧不", "要看您的回答"),
    ],
)
def test_how_serious_it_is_is_answered_and_the_question_asked_again(told: str, aside: str, said: str) -> None:
    _, asked = ask(told, aside, "no", "3", "30", "2", "no")
    assert asked[1].startswith(said) or said in asked[1]
    assert asked[1].endswith(asked[0])
    assert asked[2] != asked[0]


def test_a_sign_beside_how_serious_it_is_is_not_lost() -> None:
    text, _ = ask("I have a headache since yesterday", "how bad is this and he also has a stiff neck and a fever")
    assert "112" in text
    text, _ = ask("I have a headache since yesterday", "is it serious? my neck is stiff and I have a fever")
    assert "112" in text


@pytest.mark.parametrize("reply", ["严重", "很严重", "it is bad", "serious pain", "不严重"])
def test_how_strong_it_is_is_no_such_question(reply: str) -> None:
    assert asks_how_serious(reply)[0] == ""


@pytest.mark.parametrize(
    ("told", "reply"),
    [("my ear has been aching for two days", "the other one is fine"), ("我左眼红了两天", "另一只没事")],
)
def test_the_other_of_a_pair_answers_nothing(told: str, reply: str) -> None:
    text, asked = ask(told, reply, "7")
    assert len(asked) == 2
    assert "otherwise well" not in text


@pytest.mark.parametrize(
    ("told", "reply", "there", "gone"),
    [
        ("my stomach hurts", "sorry, not my stomach, I meant my chest", "chest_pain", "belly_pain"),
        ("左膝盖疼", "说反了，疼的是右膝盖", "joint_pain", "rash"),
        ("我胃疼", "不对，是胸口", "chest_pain", "belly_pain"),
    ],
)
def test_a_place_put_right_takes_the_place_of_the_first(told: str, reply: str, there: str, gone: str) -> None:
    present = put_right(read_facts(told), told, reply).present
    assert there in present
    assert gone not in present


@pytest.mark.parametrize(
    ("told", "reply", "said"),
    [
        ("my left knee hurts", "I mixed it up, it's the right knee", "put that right"),
        ("左膝盖疼", "说反了，疼的是右膝盖", "已更正"),
        ("my knee hurts", "the left one", "noted"),
    ],
)
def test_what_is_put_right_is_taken_and_the_question_asked_again(told: str, reply: str, said: str) -> None:
    dialogue = FakeDialogue((reply, "none of these" if told.isascii() else "没有", "2 hours", "2", "30", "30"))
    asyncio.run(check_symptoms(Turn(text=told), dialogue, FakeServices()))
    assert said in dialogue.asked[1]
