"""Tests announcements in the voice loop: their order, and how they are stopped."""

import asyncio
from typing import Any

from assistant.events import Announced
from assistant.testing import run_virtually
from assistant.testing.voice import Scene, VoiceScenario
from assistant.types import Reply

ANSWERS: dict[str, Any] = {
    "roll a die": "You rolled four.",
    "tell me a story": "Once upon a time there was a king. He had a very long beard. It was longer than his reign was.",
    "where is my order": Reply("Which order do you mean?", follow_up=True),
    "snooze": "I'll ring again in nine minutes.",
}
TEA = "Your tea timer is done."
UP = "It is seven o'clock."


def ring(text: str, *, insistent: bool = False) -> Announced:
    return Announced(session="s", plugin="p", text=text, speech=text, late=0.0, insistent=insistent)


def play(scene: Scene, rings: dict[float, Announced], **options: Any) -> VoiceScenario:
    async def run() -> VoiceScenario:
        stage = VoiceScenario(scene, ANSWERS, **options)
        for second, event in rings.items():
            asyncio.get_running_loop().call_later(second, stage.loop.announce, event)
        return await stage.run()

    return run_virtually(run())


def times_of(stage: VoiceScenario, sentence: str) -> list[float]:
    return [began for said, began, _ in stage.player.played if said == sentence]


def test_it_rings_at_once_with_a_chime_when_nothing_is_under_way() -> None:
    stage = play(Scene().silence(20), {2.0: ring(TEA)})
    (chime, began, _), (said, _, _) = stage.player.played
    assert (chime, said) == ("earcon ring", TEA)
    assert began - 2.0 < 0.1


def test_it_waits_for_the_end_of_the_sentence_and_the_reply_goes_on() -> None:
    scene = Scene().silence(1).wake().say("tell me a story").silence(30)
    first = play(scene, {}).player.played[0]
    stage = play(scene, {(first[1] + first[2]) / 2: ring(TEA)})
    said = [each for each in stage.said if each != "earcon ring"]
    assert said[0] == "Once upon a time there was a king."
    assert said.index(TEA) == said.index("He had a very long beard.") - 1
    assert said[-1] == "It was longer than his reign was."


def test_it_waits_until_the_user_has_finished_and_is_answered() -> None:
    scene = Scene().silence(1).wake().say("roll a die").silence(20)
    stage = play(scene, {1.9: ring(TEA)})
    said = [each for each in stage.said if each != "earcon ring"]
    assert said == ["You rolled four.", TEA]


def test_what_is_insistent_rings_again_and_ends_by_itself() -> None:
    stage = play(Scene().silence(120), {2.0: ring(UP, insistent=True)})
    assert len(times_of(stage, UP)) == 5
    assert stage.loop.state == "idle"


def test_stop_ends_it_without_a_wake_word() -> None:
    stage = play(Scene().silence(7).say("stop").silence(60), {2.0: ring(UP, insistent=True)})
    assert len(times_of(stage, UP)) == 1


def test_a_request_ends_it_and_is_served() -> None:
    stage = play(Scene().silence(7).say("snooze").silence(60), {2.0: ring(UP, insistent=True)})
    assert len(times_of(stage, UP)) == 1
    assert "I'll ring again in nine minutes." in stage.said


def test_two_at_the_same_moment_are_both_said() -> None:
    stage = play(Scene().silence(60), {2.0: ring(TEA), 2.01: ring("Call mother.")})
    assert times_of(stage, TEA)
    assert times_of(stage, "Call mother.")


def test_an_open_question_is_not_lost() -> None:
    stage = play(Scene().silence(1).wake().say("where is my order").silence(60), {3.0: ring(TEA)})
    assert TEA in stage.said
    assert stage.backend.question is not None
