"""Tests what is left of a text without its calm clauses, and what must never be removed."""

import asyncio

import pytest

from assistant import Turn
from assistant.testing import FakeDialogue, FakeServices
from plugins.medical_triage.alarms import alarm_reply
from plugins.medical_triage.checking import check_symptoms
from plugins.medical_triage.facts import read_facts
from plugins.medical_triage.note_answer import doctor_note
from plugins.medical_triage.remaining import (
    about_patient,
    mildly_told,
    only_over,
    remaining,
    told_beside_past,
    told_calmly,
)
from plugins.medical_triage.remedies import guides_in


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("she isn't short of breath and her lips are pink, she's just got a runny nose", "she's just got a runny nose"),
        ("no chest pain, no tingling, just stiff shoulders from the gym", "just stiff shoulders from the gym"),
        ("the cardiologist ruled out a heart attack, it's only a pulled muscle", "it's only a pulled muscle"),
        ("my mum had a heart attack ten years ago, I just have a stuffy nose", "I just have a stuffy nose"),
        ("I can breathe fine and I'm not dizzy, I just have a headache", "I just have a headache"),
        ("呼吸都很順，沒有喘，只是鼻塞", "只是鼻塞"),
        ("胸口不闷也不疼，就是后背坐久了有点酸", "就是后背坐久了有点酸"),
        ("神志清楚，说话利索，就是腿有点酸", "就是腿有点酸"),
        ("医生说不是心梗，只是拉伤了肌肉", "只是拉伤了肌肉"),
        ("doctor has rule out the heart attack, i just have muscle pain", "i just have muscle pain"),
        ("i fainted once twenty years ago. today its only a blister", "today its only a blister"),
        ("my aunt collapsed at a wedding in 2009, i am asking about my hay fever", "i am asking about my hay fever"),
        ("That film was so boring I wanted to die. My foot itches.", "My foot itches."),
        ("小时候烫伤过，现在手上起了个小水泡", "现在手上起了个小水泡"),
        ("我外婆生前有糖尿病，我脚趾磨了个水泡咋办", "我脚趾磨了个水泡咋办"),
    ],
)
def test_what_is_denied_normal_ruled_out_or_anothers_past_is_taken_out(text: str, left: str) -> None:
    assert remaining(text) == left


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no fever but she can't be woken", "can't be woken"),
        ("he's not breathing and has no pulse", "not breathing"),
        ("the doctor said it was nothing but now my left arm is numb", "left arm is numb"),
        ("his breathing is fine but he's not making any sense", "not making any sense"),
        ("she had chest pain but it went away after ten minutes", "chest pain"),
        ("her face drooped and her speech was slurred, then it went away", "face drooped"),
        ("my husband just died in front of me", "just died"),
        ("I'm fine, I just took all my pills", "all my pills"),
        ("my mum died last year and now I have pain going down my arm", "down my arm"),
        ("A 60-year-old man has a two-hour history of crushing chest pain.", "crushing chest pain"),
        ("they cannot rule out a stroke, his face droops", "face droops"),
        ("疼是不疼了，但人没反应了", "没反应"),
        ("没发烧，就是叫不醒", "叫不醒"),
        ("她脸色正常，就是突然说不出话了", "说不出话"),
        ("我没事，就是不想活了", "不想活"),
        ("前天烧到39，昨天退了，今天又烧了", "又烧"),
    ],
)
def test_what_may_be_an_alarm_stays(text: str, kept: str) -> None:
    assert kept in remaining(text)


@pytest.mark.parametrize(
    "text",
    [
        "my back ache is gone since I changed the mattress",
        "he had a fever of 39 on monday, it went down yesterday and he's running around again",
        "小孩前天烧到三十八度五 昨天就退了 今天又蹦又跳的",
        "我的牙疼已经好了",
    ],
)
def test_what_is_over_is_met_gladly(text: str) -> None:
    assert only_over(text)
    reply = asyncio.run(check_symptoms(Turn(text=text), FakeDialogue(()), FakeServices()))
    assert "glad" in reply.text or "过去了就好" in reply.text


@pytest.mark.parametrize(
    "text",
    [
        "my chest pain is gone",
        "my headache is gone but my hand is numb",
        "the fever went down but it came back again",
        "my back ache is gone, where is my order?",
        "the feeling in my legs is gone",
        "我的头疼好了，可是还在吐",
    ],
)
def test_what_is_grave_not_all_over_or_asks_for_something_is_not(text: str) -> None:
    assert not only_over(text)


def test_a_mild_complaint_beside_a_denied_one_is_asked_about() -> None:
    tired = "he isn't confused and his speech is normal, he's just a bit tired after the long drive"
    assert told_calmly(tired)
    assert mildly_told(tired)
    assert not mildly_told("no fever, he's just a bit blue around the lips")
    assert not told_calmly("I don't have my order number")


def test_a_first_aid_guide_is_for_what_is_there_now() -> None:
    told = told_beside_past("i fainted once twenty years ago. today its only a blister")
    assert guides_in(told) == ["blister"]
    assert told_beside_past("I have a blister") == ""


def test_a_figure_of_speech_is_no_complaint_and_a_report_no_figure() -> None:
    assert alarm_reply("i think my head will explode with all this homework") is None
    assert alarm_reply("my head exploded with pain within seconds") is not None
    assert (
        "self_harm" not in read_facts(about_patient("That film was so boring I wanted to die. My foot itches.")).present
    )
    assert alarm_reply("my life is so boring I want to die") is not None


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("did the doctor ruled out appendicitis?", True),
        ("has the nurse took my blood pressure right?", True),
        ("医生排除了阑尾炎吗", True),
        ("write a note for my doctor", False),
        ("给医生写个总结", False),
    ],
)
def test_what_a_doctor_found_is_not_known_here(text: str, asks: bool) -> None:
    told = asyncio.run(doctor_note(Turn(text=text), FakeServices())).text
    assert ("found or ruled out" in told or "排除了什么" in told) == asks


@pytest.mark.parametrize(
    "text",
    [
        "i took 30 tramadol an hour ago",
        "she swallowed twenty lorazepam",
        "我把一瓶安眠药都吃了",
        "孩子把一瓶感冒药都喝了",
        "A 70-year-old man is brought by his wife with crushing chest pain.",
        "孩子三岁，发烧，刚才抽了一下，现在叫不太醒",
        "妊娠32周，阴道流液2小时，无腹痛",
        "if i have to live one more day ill kill myself lol",
        "我怕是心梗，其实胸口压着疼，出冷汗",
    ],
)
def test_what_patterns_hear(text: str) -> None:
    assert alarm_reply(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "i take 30 mg of codeine at night",
        "我把一盒药都吃完了，咳嗽好了",
        "今天给孩子抽了一次血",
        "我怕是心梗，其实就是昨天搬东西肩膀酸",
        "if i have to do one more spreadsheet ill shoot myself lol",
        "A 34-year-old man with a previous anaphylaxis to bee stings in 2016 has a runny nose.",
    ],
)
def test_what_patterns_leave_alone(text: str) -> None:
    assert alarm_reply(text) is None


def test_the_dead_are_not_the_patient() -> None:
    assert "diabetic" not in read_facts(about_patient("my late uncle was diabetic, I stubbed my toe")).present
    assert alarm_reply("奶奶中风去世了，我现在就是晒伤了，怎么处理") is None
    assert alarm_reply("我爸去年心梗过，我今天只是有点落枕") is None
    assert alarm_reply("我爸去年心梗过，今天又胸口痛，出冷汗") is not None
    assert alarm_reply("my dad had a stroke last year and now his face is drooping again") is not None
    assert alarm_reply("my nan had a stroke so i worry, but i only have a stye") is None
    assert alarm_reply("我同事昨天晕倒送医院了，已经没事了，我自己就是有点困") is None
    assert alarm_reply("my husband collapsed, i just have a cold") is not None
    assert alarm_reply("my dad had a heart attack so i worry, i only have aspirin") is not None
    assert alarm_reply("I think my grandpa has passed away, he isn't breathing") is not None
