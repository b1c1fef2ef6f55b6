"""A voice loop built from real parts: over the microphone, or over recordings in its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

from assistant.bus import Bus
from assistant.errors import AudioError
from assistant.inputs.recordings import Recordings
from assistant.outputs.wav_writer import WavWriter
from assistant.settings import Settings
from assistant.speech import Synthesizer
from assistant.speech.activity import VoiceActivity
from assistant.speech.wake import WakeWords
from assistant.types import AudioClip, FloatArray
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.interfaces import Player, Source, Voice, VoiceBackend
from assistant.voice.loop import VoiceLoop

__all__ = ["ReplyFiles", "loop_over_microphone", "loop_over_recordings"]


class ReplyFiles:
    """A loudspeaker that writes each reply to a file of its own, as long as it would sound.

    Args:
        folder: where; None writes nothing.
        clock: the time now, seconds.
        sleep: waits so many seconds by that clock; None takes sound as fast as it comes.

    Raises:
        AudioError: the folder cannot be made.
    """

    def __init__(
        self, folder: Path | None, clock: Callable[[], float], sleep: Callable[[float], Awaitable[object]] | None
    ) -> None:
        self.on_first_sound: Callable[[float], object] | None = None
        self.on_played: Callable[[FloatArray, float], object] | None = None
        self.written: list[Path] = []
        self._folder, self._clock, self._sleep = folder, clock, sleep
        self._writer: WavWriter | None = None
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise AudioError(f"Replies cannot be written to {folder}: {error.strerror}") from error

    def stop(self) -> None:
        """Write no more of this reply."""
        if self._writer is not None:
            self._writer.stop()

    async def say(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Write a reply; see `WavWriter.say`."""
        path = self._folder / f"reply-{len(self.written) + 1:03}.wav" if self._folder else None
        writer = self._writer = WavWriter(
            path or "",
            on_first_sound=self.on_first_sound,
            on_played=self.on_played,
            clock=self._clock,
            sleep=self._sleep,
        )
        if path is not None:
            self.written.append(path)
        try:
            return await writer.say(clips)
        finally:
            writer.close()


def loop_over_recordings(
    clips: Iterable[AudioClip],
    house: VoiceBackend,
    bus: Bus,
    settings: Settings,
    *,
    session: str,
    realtime: bool = False,
    replies: Path | None = None,
    voice: Voice | None = None,
    player: Player | None = None,
) -> VoiceLoop:
    """The voice loop with recordings for a microphone and files for a loudspeaker.

    Args:
        clips: mono, 16 kHz, played one after another.
        house: the assistant.
        bus: told of every milestone.
        settings: section `voice` is read.
        session: the conversation.
        realtime: play them as long as they last, so that the times are those a user would feel; otherwise the
            recordings wait while something is computed.
        replies: folder for spoken replies; None keeps none.
        voice: makes sound of words; by default as the settings say.
        player: instead of `replies`.
    """
    source = Recordings(clips, realtime=realtime)
    clock = SourceClock(live=realtime)
    if player is None and realtime:
        player = ReplyFiles(replies, clock.wall, asyncio.sleep)
    elif player is None:
        player = ReplyFiles(replies, lambda: clock.now, clock.sleep)
    words = settings.voice.wake_words
    loop = VoiceLoop(
        source,
        house,
        player,
        voice or Synthesizer.from_settings(settings),
        VoiceActivity(),
        bus,
        settings,
        wake=WakeWords(words) if settings.voice.mode == "wake" else None,
        wake_words=words,
        session=session,
        clock=clock,
        hold=None if realtime else FlowControl(),
    )
    source.over = lambda: loop.resting
    if settings.voice.mode == "push_to_talk":
        source.began = lambda clip: loop.push()
    return loop


def loop_over_microphone(
    house: VoiceBackend, bus: Bus, settings: Settings, source: Source, *, session: str
) -> VoiceLoop:
    """The voice loop with a live source and the loudspeaker.

    Args:
        house: the assistant.
        bus: told of every milestone.
        settings: section `voice` is read.
        source: the microphone.
        session: the conversation.
    """
    from assistant.outputs.loudspeaker import Loudspeaker
    from assistant.speech.echo import EchoGuard

    voice = settings.voice
    return VoiceLoop(
        source,
        house,
        Loudspeaker(voice.output_device),
        Synthesizer.from_settings(settings),
        VoiceActivity(),
        bus,
        settings,
        wake=WakeWords(voice.wake_words) if voice.mode == "wake" else None,
        wake_words=voice.wake_words,
        echo=EchoGuard(words=WakeWords(voice.wake_words)),
        session=session,
    )
