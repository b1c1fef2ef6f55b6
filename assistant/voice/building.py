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
from assistant.speech.stop_words import StopWords
from assistant.speech.wake import WakeWords
from assistant.types import AudioClip, FloatArray
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.interfaces import Player, Source, Voice, VoiceBackend
from assistant.voice.loop import VoiceLoop

__all__ = ["ReplyFiles", "loop_over_microphone", "loop_over_recordings"]


class ReplyFiles:
    """A player that writes each reply to a file of its own, as long as it would sound.

    With no folder nothing is written; `clock` and `sleep` are those of `WavWriter`.

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
        """Stops writing this reply."""
        if self._writer is not None:
            self._writer.stop()

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Writes a reply; see `WavWriter.play`."""
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
            return await writer.play(clips)
        finally:
            writer.close()


def loop_over_recordings(
    clips: Iterable[AudioClip],
    backend: VoiceBackend,
    bus: Bus,
    settings: Settings,
    *,
    session: str,
    realtime: bool = False,
    replies: Path | None = None,
    voice: Voice | None = None,
    player: Player | None = None,
) -> VoiceLoop:
    """Builds the voice loop with recordings (mono, 16 kHz, one after another) as microphone and files as loudspeaker.

    In real time they play as a user would hear them; otherwise they wait while something is computed. Spoken replies
    go into the folder `replies`, to `player` where one is given, or nowhere.
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
        backend,
        player,
        voice or Synthesizer.from_settings(settings),
        VoiceActivity(),
        bus,
        settings,
        wake=WakeWords(words) if settings.voice.mode == "wake" else None,
        wake_words=words,
        stop_words=StopWords(),
        session=session,
        clock=clock,
        flow=None if realtime else FlowControl(),
    )
    source.over = lambda: loop.resting
    if settings.voice.mode == "push_to_talk":
        source.began = lambda clip: loop.push()
    return loop


def loop_over_microphone(
    backend: VoiceBackend, bus: Bus, settings: Settings, source: Source, *, session: str
) -> VoiceLoop:
    """Builds the voice loop with a live source and the loudspeaker."""
    from assistant.outputs.loudspeaker import Loudspeaker
    from assistant.speech.echo import EchoGuard

    voice = settings.voice
    return VoiceLoop(
        source,
        backend,
        Loudspeaker(voice.output_device),
        Synthesizer.from_settings(settings),
        VoiceActivity(),
        bus,
        settings,
        wake=WakeWords(voice.wake_words) if voice.mode == "wake" else None,
        wake_words=voice.wake_words,
        echo=EchoGuard(words=WakeWords(voice.wake_words)),
        stop_words=StopWords(),
        session=session,
    )
