"""Measures how soon a streamed reply starts to sound, beside the voice alone, in the same run."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator

import pytest

from assistant.bus import Bus
from assistant.events import ReplyPart
from assistant.speech.synthesis import Synthesizer
from assistant.types import AudioClip, Decision, Reply, Turn, TurnResult
from assistant.voice.clock import FlowControl
from assistant.voice.speaking import ComingReply, Speaker

SENTENCE = "The notice is three months."
LEAD = "A language model says:\n"
ROUNDS = 7


class FirstClip:
    """A loudspeaker that notes when the first sound reached it."""

    on_first_sound = on_played = None
    at = 0.0

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        async for _ in clips:
            self.at = self.at or time.monotonic()
        return True

    def stop(self) -> None:
        """Nothing to stop."""


async def first_sound(voice: Synthesizer, lead: str) -> float:
    """Seconds from the end of the first sentence to the first sound; below 0 when it sounds before."""
    bus, turn, player = Bus(), Turn(), FirstClip()
    ended = 0.0

    async def answer() -> TurnResult:
        nonlocal ended
        pieces = [lead, *(f"{word} " for word in SENTENCE.split()), "You ", "give ", "it ", "in ", "writing."]
        said = ""
        for piece in filter(None, pieces):
            await asyncio.sleep(0.04)
            bus.publish(ReplyPart(turn=turn.id, session="s", text=piece, speech=piece, start=len(said)))
            said += piece
            if piece == "months. ":
                ended = time.monotonic()
        return TurnResult(turn, Decision("x.y", 1.0, "answer"), Reply(said), {})

    speaker = Speaker(voice, player, FlowControl())
    coming = ComingReply(bus, turn, answer())
    await coming.begun()
    await speaker.speak(coming, lambda: None)
    speaker.close()
    return player.at - ended


@pytest.mark.bench
def test_the_first_sound_comes_soon_after_the_first_sentence() -> None:
    voice = Synthesizer()
    voice.load()
    next(voice.stream(SENTENCE))
    alone, plain, led = [], [], []
    for _ in range(ROUNDS):
        began = time.monotonic()
        next(voice.stream(SENTENCE))
        alone.append(time.monotonic() - began)
        plain.append(asyncio.run(first_sound(voice, "")))
        led.append(asyncio.run(first_sound(voice, LEAD)))
    one, two, three = (statistics.median(each) * 1000 for each in (alone, plain, led))
    print(f"the voice alone {one:.0f} ms; after the first sentence {two:.0f} ms; with a lead {three:.0f} ms")
    assert two <= one + 150  # what streaming adds to the voice: the pause that ends a sentence, and the way
    assert three <= 150  # the mark of a language model sounds while the first sentence is still being made
