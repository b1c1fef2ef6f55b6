"""The assistant behind the voice loop, its models loaded at the first wake word; loops over real parts."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.bus import Bus
from assistant.encoders.memory import trim_memory
from assistant.encoders.models import SPEECH
from assistant.errors import AssistantError, UserError
from assistant.events import Notice
from assistant.inputs.recordings import Recordings
from assistant.outputs.reply_files import ReplyFiles
from assistant.settings import Settings
from assistant.settings import Voice as VoiceSettings
from assistant.speech import Synthesizer
from assistant.speech.activity import VoiceActivity
from assistant.speech.echo import EchoGuard
from assistant.speech.enrolled import EnrolledVoices
from assistant.speech.stop_words import StopWords
from assistant.speech.wake import WakeHit, WakeWords
from assistant.speech.wake_verifier import WakeVerifier
from assistant.types import AudioClip, Reply, Transcript, Turn, TurnResult
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.interfaces import FrontEndParts, Outlook, Player, Source, Voice, VoiceBackend
from assistant.voice.loop import VoiceLoop

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["AppBackend", "free_memory", "front_end_parts", "loop_over_microphone", "loop_over_recordings"]

logger = logging.getLogger(__name__)


class AppBackend:
    """`assistant.voice.interfaces.VoiceBackend` over an open app, whose models need not be loaded."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._warming: asyncio.Task[None] | None = None
        self._trimming: asyncio.Task[None] | None = None
        self._verify = WakeVerifier.from_settings(app.settings.voice, app.runner.models.speech)
        self._voices = EnrolledVoices()
        self._last_problem = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator[tuple[App, AppBackend]]:
        """Opens the assistant, and closes it after the ``async with``; its models are loaded at the first wake."""
        from assistant.app import App

        app = await App.open(settings)
        backend = cls(app)
        try:
            yield app, backend
        finally:
            await backend.close()
            await app.close()

    def warm_up(self) -> None:
        """Starts loading what a spoken turn needs; returns at once. A failed load is tried again."""
        if self._warming is None:
            self._warming = asyncio.create_task(self._warm(), name="load the models for speech")

    async def _warm(self) -> None:
        loaded = False
        try:
            self._app.start_loading(text_only=True)
            await self._app.runner.load(SPEECH)
            await self._app.wait_ready()
            loaded = True
        except UserError as error:
            self._app.bus.publish(Notice(text=str(error)))
        finally:
            self._warming = self._warming if loaded else None

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """Transcribes a clip."""
        self.warm_up()
        if self._warming is not None:
            await asyncio.shield(self._warming)
        return await self._app.transcribe(clip)

    async def verify_wake_word(self, clip: AudioClip, hit: WakeHit) -> str | None:
        """Why the hit at the end of a clip is rejected; "" to accept it, None while the models are not loaded."""
        if self._verify.needless(hit):
            return ""
        if self._warming is None or not self._warming.done():
            return None
        try:
            return await self._app.runner.call(self._verify, clip, hit)
        except AssistantError as error:
            if str(error) != self._last_problem:  # each reason once
                self._last_problem = str(error)
                self._app.bus.publish(Notice(text=f"The wake word cannot be verified: {error}"))
            return None

    async def preview(self, session: str, text: str) -> Outlook:
        """Decides on words without acting on them."""
        decision, complete = await self._app.considering.preview(session, text)
        return Outlook(decision.intent, decision.confidence, decision.outcome, complete)

    async def respond(self, turn: Turn) -> TurnResult:
        """Answers a turn, which knows its speaker where that voice has enrolled with a name."""
        if turn.audio is not None and self._voices.named:
            turn = replace(turn, speaker=await self._app.runner.call(self._voices.who, turn.audio))
        return await self._app.respond(turn)

    async def open_question(self, session: str) -> Reply | None:
        """The question that still waits for an answer; loads no model."""
        return await asyncio.to_thread(self._app.dialogues.waiting.question, session)

    async def keep_latency(self, turn: str, latency_ms: Mapping[str, float]) -> None:
        """Stores how long the steps of an answered turn took; a full disk is only logged."""
        try:
            await asyncio.to_thread(self._app.history.add_latency, turn, latency_ms)
        except UserError as error:
            logger.warning("the latency of turn %s is not kept: %s", turn, error)

    def rest(self) -> None:
        """Frees memory that listening and answering needed; returns at once."""
        if self._trimming is None or self._trimming.done():
            self._trimming = asyncio.create_task(asyncio.to_thread(free_memory), name="free memory")

    async def close(self) -> None:
        """Stops loading."""
        tasks = [task for task in (self._warming, self._trimming) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def free_memory() -> None:
    """Returns freed memory to the system, where the C library can.

    Every sentence has another length, and so have its arrays: the holes they leave behind would let the process grow
    by some megabytes an hour.
    """
    gc.collect()
    trim_memory()


def front_end_parts(settings: VoiceSettings, *, echo: bool = True) -> FrontEndParts:
    """The real detectors; with `echo` also the guard against the assistant's own voice."""

    def words() -> WakeWords:
        return WakeWords(settings.all_wake_words, settings.wake_models, faint=settings.wake_check)

    return FrontEndParts(
        VoiceActivity(),
        words() if settings.mode == "wake" else None,
        StopWords(),
        EchoGuard(words=words()) if echo else None,
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
    go into the folder `replies`, to `player` if given, or are discarded.
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
