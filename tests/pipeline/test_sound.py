"""Turns that are spoken: what is heard, what is doubted, and what is listened to once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import StorageError
from assistant.events import StageFinished
from assistant.speech.tone import DIMENSIONS, Tone, save_tone, tone_file
from assistant.types import AudioClip, Encoding, Transcript, Turn
from tests.pipeline.conftest import Setup, SmallRecognizer, clip, picture


class SpeakingRecognizer(SmallRecognizer):
    """A recognizer whose encoder's frames say 1 throughout."""

    def listen(self, clip: AudioClip, language: str = "") -> tuple[Transcript, Encoding]:
        frames, seconds = np.ones((5, 4), np.float32), tuple(f"{0.2 * i:.1f}" for i in range(5))
        heard = Encoding("audio", "whisper", frames, np.ones(5, np.bool_), frames[0], self.transcript.text, seconds)
        return self.transcript, heard


def test_a_plugin_gets_the_tone_once_a_head_is_installed(with_pipeline: Callable[..., None]) -> None:
    sound = AudioClip(np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32))

    async def without(setup: Setup) -> None:
        assert (await setup.say(audio=sound)).turn.tone == {}

    async def installed(setup: Setup) -> None:
        weights = np.full((4, 3), 1.0, np.float32)
        save_tone(Tone(np.zeros(4, np.float32), np.ones(4, np.float32), weights, np.zeros(3, np.float32)), tone_file())

    async def heard(setup: Setup) -> None:
        result = await setup.say(audio=sound)
        assert result.turn.tone == pytest.approx(dict.fromkeys(DIMENSIONS, 0.982), abs=1e-3)
        assert (await setup.say("please echo")).turn.tone == {}, "nothing was said aloud"

    with_pipeline(without, installed, heard, speech=SpeakingRecognizer("please echo"))


def test_a_spoken_alarm_is_answered_though_nothing_can_be_kept(
    with_pipeline: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check = """
from assistant import hookimpl

@hookimpl
def check_safety(words):
    return "Leave the house." if "gas" in words else None
"""
    (tmp_path / "mine" / "gas.py").write_text(check, "utf-8")

    def full(*args: Any, **kwargs: Any) -> None:
        raise StorageError("The disk is full.")

    async def scenario(setup: Setup) -> None:
        monkeypatch.setattr(setup.history, "begin", full)
        result = await setup.say(audio=clip())
        assert (result.reply.text, result.decision.source) == ("Leave the house.", "safety")
        assert any("missing from the history" in notice for notice in result.notices)
        with pytest.raises(StorageError):
            await setup.say("echo")

    with_pipeline(scenario, speech=SmallRecognizer("I smell gas"))


def test_a_spoken_alarm_ends_the_turn_before_anything_is_decided(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        stages = [event.stage for event in setup.events if isinstance(event, StageFinished)]
        assert stages[stages.index("listen") :] == ["listen", "check", "store"]
        assert (result.decision.source, result.decision.intent) == ("safety", result.reply.intent)

    with_pipeline(scenario, speech=SmallRecognizer("please echo, my husband is not breathing"), guarded=True)


def test_spoken_words_are_answered_like_typed_ones(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        assert result.reply.text == "please echo|0"
        assert result.to_json()["transcript"] == "please echo"

    with_pipeline(scenario, speech=SmallRecognizer("please echo"))


def test_doubtful_words_are_shown_and_heeded_only_where_they_are_alarming(
    with_pipeline: Callable[..., None],
) -> None:
    async def unsure(setup: Setup) -> None:
        reply = (await setup.say(audio=clip())).reply.text
        assert reply == "I am not sure what I heard: “please echo”. Please say it again, or type it."
        assert (await setup.say("please echo", audio=clip())).notices == (
            "I am not sure that I heard this, so I left it out: “please echo”.",
        )

    async def alarming(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        assert "112" in result.reply.text
        assert result.to_json()["transcript"] == "my husband is not breathing"
        assert result.notices == ()
        [stored] = setup.history.turns("s", 1)
        assert (stored.status, stored.reply) == ("answered", result.reply.text)

    with_pipeline(unsure, speech=SmallRecognizer("", "repetition", "please echo"))
    with_pipeline(alarming, speech=SmallRecognizer("", "repetition", "my husband is not breathing"), guarded=True)


def test_a_recording_in_which_nobody_speaks_is_told_once(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        alone = await setup.say(audio=clip())
        assert alone.reply.text.startswith("I did not hear any words")
        assert alone.notices == ()
        beside = await setup.say("please echo", audio=clip())
        assert beside.reply.text == "please echo|0"
        assert len(beside.notices) == 1
        shown = await setup.say(audio=clip(), images=(picture(),))
        assert not shown.reply.text.startswith("I did not hear any words")

    with_pipeline(scenario)


def test_a_clip_heard_before_the_turn_is_not_listened_to_again_and_its_words_stay(
    with_pipeline: Callable[..., None],
) -> None:
    recognizer = SmallRecognizer("hey jarvis please echo")

    async def scenario(setup: Setup) -> None:
        heard = await setup.runner.transcribe(clip())
        assert heard.text == "hey jarvis please echo"
        result = await setup.say(audio=clip(), transcript=Transcript("please echo", "en"))
        assert result.reply.text == "please echo|0"
        assert recognizer.listened == 1

    with_pipeline(scenario, speech=recognizer)


def test_a_turn_that_carries_its_transcript_is_not_listened_to(with_pipeline: Callable[..., None]) -> None:
    recognizer = SmallRecognizer("something else")

    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip(), transcript=Transcript("please echo", "en"), tone={"urgency": 0.9})
        assert result.reply.text == "please echo|0"
        assert result.turn.tone == {"urgency": 0.9}
        assert recognizer.listened == 0

    with_pipeline(scenario, speech=recognizer)


def test_the_encodings_of_a_clip_that_was_transcribed_before_its_turn_come_along(
    with_pipeline: Callable[..., None],
) -> None:
    async def scenario(setup: Setup) -> None:
        turn = Turn("s", audio=clip(), transcript=Transcript("please echo", "en"))
        assert [each.encoder for each in (await setup.pipeline.consider(turn)).encodings] == ["words"]
        await setup.runner.transcribe(clip())
        assert [each.encoder for each in (await setup.pipeline.consider(turn)).encodings] == ["whisper", "words"]

    with_pipeline(scenario, speech=SpeakingRecognizer("please echo"))


def test_only_the_last_few_clips_are_remembered(with_pipeline: Callable[..., None]) -> None:
    recognizer = SmallRecognizer("please echo")

    async def scenario(setup: Setup) -> None:
        for _ in range(2):
            for number in range(10):
                await setup.runner.transcribe(AudioClip(np.full(16_000, number / 10, np.float32)))
        assert recognizer.listened == 20

    with_pipeline(scenario, speech=recognizer)


def test_silence_is_said_to_be_silence(with_pipeline: Callable[..., None]) -> None:
    async def scenario(setup: Setup) -> None:
        result = await setup.say(audio=clip())
        assert "did not hear any words" in result.reply.text
        assert result.decision.outcome == "out_of_scope"
        result = await setup.say("echo", audio=clip())
        assert result.notices == ("No words were heard in the recording (no speech); the rest is answered.",)

    with_pipeline(scenario, speech=SmallRecognizer("", rejected="no speech"))
