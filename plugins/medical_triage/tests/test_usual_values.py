"""Values that are usual get a calm answer; all others go on to the questions or the alarm."""

import asyncio

import pytest

from assistant import Turn
from assistant.testing import FakeDialogue, FakeServices
from plugins.medical_triage.alarms import alarm_reply
from plugins.medical_triage.checking import check_symptoms
from plugins.medical_triage.usual_values import only_usual_values


def answer(text: str) -> str:
    dialogue = FakeDialogue(())
    return asyncio.run(check_symptoms(Turn(text=text), dialogue, FakeServices())).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bp 122/78 pulse 66 is that ok", ("122/78", "A pulse of 66 is usual", "NHS")),
        ("temperature 36.8", ("36.8 °C is usual",)),
        ("my temp is 36.6 is that a fever", ("36.6 °C is usual",)),
        ("sats 98", ("98 % is usual",)),
        ("98 percent on the oximeter, resting heart rate 64, all good?", ("98 % is usual", "A pulse of 64 is usual")),
        ("my pulse ox says 97", ("97 % is usual",)),
        ("is 95 normal on an oximeter?", ("95 % is usual",)),
        ("血氧仪夹出来98，没事吧", ("血氧98%正常",)),
        ("I ordered 15 oximeters", ()),
        ("age 72 on home oxygen with a cough", ()),
        ("my glucose was 5.4", ("5.4 mmol/l is usual", "Diabetes UK")),
        ("my blood pressure is 118 and 76", ("118/76 is usual",)),
        ("bp 150/95, is that bad?", ("150/95 is high", "pharmacist")),
        ("bp 86/54 normal?", ()),
        ("my temperature is 37.7", ("a little raised",)),
        ("my pulse is 52 at rest", ("below the usual",)),
        ("blood sugar 9.5", ("above the usual",)),
        ("我血壓118/76，這樣正常嗎", ("118/76正常",)),
        ("血压一百二十，八十，算高吗", ("120/80正常",)),
        ("体温三十六度七，算发烧吗", ("36.7°C正常",)),
        ("心率六十八可以吗", ("静息脉搏68正常",)),
        ("我血糖5.6正常吗", ("5.6 mmol/l正常",)),
    ],
)
def test_usual_values_are_named_with_their_range(text: str, said: tuple[str, ...]) -> None:
    assert (only_usual_values(text) is not None) == bool(said)
    if said:
        assert all(each in answer(text) for each in said)


@pytest.mark.parametrize(
    "text",
    [
        "bp 122/78 and crushing chest pain",
        "temperature 36.8 but a stiff neck and a rash",
        "my baby is two weeks old, temperature 36.4",
        "my son is 4, pulse 66",
        "I'm pregnant, bp 142/92",
        "sats 91",
        "the temperature outside is 36.5",
        "set the oven temperature to 40",
        "the meeting is on 12/25",
        "血压118/76，胸口疼",
        "外面气温36.5度",
    ],
)
def test_a_complaint_a_child_or_another_thing_is_not_answered_so(text: str) -> None:
    assert only_usual_values(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "血糖测出来二点一，手抖冒冷汗",
        "老爸的血氧夹子显示只有84",
        "血氧百分之八十五",
        "血糖一点九，人迷糊了",
        "血糖两点一",
    ],
)
def test_dangerous_values_in_chinese_number_words_are_an_emergency(text: str) -> None:
    assert alarm_reply(text) is not None
