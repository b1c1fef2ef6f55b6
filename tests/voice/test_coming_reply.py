"""Replies that are spoken while they are still being made."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from assistant.events import FirstSound, Notice, ReplyPart, SpeakingInterrupted
from assistant.testing import run_virtually
from assistant.testing.voice import Scene, VoiceScenario
from assistant.types import Reply, Turn

SENTENCES = [
    "Once upon a time there was a king.",
    "He had a very long beard.",
    "It was longer than his reign was.",
]
WORDS = " ".join(SENTENCES).split(" ")


def play(scene: Scene, pieces: Sequence[str], every: float, after: str = "", **options: Any) -> VoiceScenario:
    """A scene whose reply comes a piece every so many seconds."""
    stages: list[VoiceScenario] = []

    async def tell(turn: Turn) -> Reply:
        said = ""
        for piece in pieces:
            await asyncio.sleep(every)
            part = ReplyPart(turn=turn.id, session=turn.session, text=piece, speech=piece, start=len(said))
            said += piece
            stages[0].bus.publish(part)
        if after == "fails":
            await asyncio.sleep(1)
            raise RuntimeError("lost")
        return Reply(said + after)

    async def run() -> VoiceScenario:
        stages.append(VoiceScenario(scene, {"tell me a story": tell, "roll a die": "You rolled four."}, **options))
        return await stages[0].run()

    return run_virtually(run())


def story() -> Scene:
    return Scene().silence(1).wake().say("tell me a story")


def words(count: int = len(WORDS)) -> list[str]:
    return [f"{word} " for word in WORDS[:count]]


def test_the_first_sentence_sounds_while_the_rest_is_made() -> None:
    stage = play(story().silence(30), words(), every=0.4)
    assert stage.said == SENTENCES
    (first,) = stage.of(FirstSound)
    assert 8 * 400 <= first.latency_ms["to first sound"] < 8 * 400 + 900  # the eighth word ends the first sentence


def test_a_short_sentence_of_it_is_spoken_by_the_voice_of_the_others() -> None:
    said = ["Ihre Bestellung ist heute angekommen und liegt bei der Post. ", "OK? ", "Sie können sie morgen abholen."]
    stage = play(story().silence(30), said, every=0.4)
    assert stage.voice.languages == ["de", "de", "de"]


def test_what_the_reply_says_beyond_its_pieces_is_said_too() -> None:
    stage = play(story().silence(30), words(8), every=0.1, after="And so on.")
    assert stage.said == ["Once upon a time there was a king.", "And so on."]


def test_a_number_is_no_end_of_a_sentence() -> None:
    stage = play(story().silence(30), ["It is 3.", "14", " or so.", " Roughly", "."], every=0.3)
    assert stage.said == ["It is 3.14 or so.", "Roughly."]


def test_a_new_request_interrupts_and_nothing_more_is_made() -> None:
    stage = play(story().silence(7).wake().say("roll a die").silence(9), words(), every=0.5, barge_in=False)
    assert [event.by for event in stage.of(SpeakingInterrupted)] == ["wake"]
    assert stage.said[0] == "Once upon a time there was a king."
    assert stage.said[-1] == "You rolled four."
    assert "It was longer than his reign was." not in stage.said


def test_who_only_nods_hears_the_rest_that_was_made_meanwhile() -> None:
    stage = play(story().silence(6.5).say("okay right").silence(30), words(), every=0.4)
    assert stage.said[-1] == "It was longer than his reign was."
    assert "He had a very long beard." in stage.said


def test_a_reply_that_breaks_is_told() -> None:
    stage = play(story().silence(20), words(8), every=0.1, after="fails")
    assert stage.said[0] == "Once upon a time there was a king."
    assert [event.text for event in stage.of(Notice)] == ["Sorry, something went wrong here."]


def test_before_its_first_sentence_a_reply_may_be_too_late() -> None:
    stage = play(story().silence(20), words(6), every=2.0, deadline=5)
    assert stage.said == ["Sorry, that took too long.", "Please try again."]
