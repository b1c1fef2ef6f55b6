"""A voice loop built from real parts: over the microphone, or over recordings in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from assistant.bus import Bus
from assistant.inputs.recordings import Recordings
from assistant.outputs.reply_files import ReplyFiles
from assistant.settings import Settings
from assistant.settings import Voice as VoiceSettings
from assistant.speech import Synthesizer
from assistant.speech.activity import VoiceActivity
from assistant.speech.echo import EchoGuard
from assistant.speech.stop_words import StopWords
from assistant.speech.wake import WakeWords
from assistant.types import AudioClip
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.interfaces import FrontEndParts, Player, Source, Voice, VoiceBackend
from assistant.voice.loop import VoiceLoop

__all__ = ["front_end_parts", "loop_over_microphone", "loop_over_recordings"]


def front_end_parts(settings: VoiceSettings, *, echo: bool = True) -> FrontEndParts:
    """The real detectors; with `echo` also the guard against the assistant's own voice."""
    words = settings.wake_words
    return FrontEndParts(
        VoiceActivity(),
        WakeWords(words) if settings.mode == "wake" else None,
        StopWords(),
        EchoGuard(words=WakeWords(words)) if echo else None,
    )


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
    loop = VoiceLoop(
        source,
        backend,
        player,
        voice or Synthesizer.from_settings(settings),
        front_end_parts(settings.voice, echo=False),
        bus,
        settings,
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

    player, voice = Loudspeaker(settings.voice.output_device), Synthesizer.from_settings(settings)
    return VoiceLoop(source, backend, player, voice, front_end_parts(settings.voice), bus, settings, session=session)
