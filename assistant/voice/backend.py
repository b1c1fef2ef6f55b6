"""The assistant behind the voice loop: its models are loaded when the user first speaks to it, not before."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.encoders.models import SPEECH
from assistant.errors import AssistantError, UserError
from assistant.events import Notice
from assistant.speech.speaker import SpeakerEncoder
from assistant.speech.wake_verifier import WakeVerifier
from assistant.types import AudioClip, Reply, Transcript, Turn, TurnResult
from assistant.voice.interfaces import Outlook
from assistant.voice.memory import give_memory_back

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["AppBackend"]

logger = logging.getLogger(__name__)


class AppBackend:
    """`assistant.voice.interfaces.VoiceBackend` over the running assistant.

    Args:
        app: open; its models need not be loaded.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._warming: asyncio.Task[None] | None = None
        self._freeing: asyncio.Task[None] | None = None
        voice = app.settings.voice
        self._verify = WakeVerifier(
            app.runner.models.speech if voice.wake_check else None, SpeakerEncoder() if voice.only_enrolled else None
        )
        self._last_problem = ""

    def warm_up(self) -> None:
        """Begin to load what a spoken turn needs; returns at once. What failed is tried again."""
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

    async def _warmed(self) -> None:
        self.warm_up()
        if self._warming is not None:
            await asyncio.shield(self._warming)

    async def hear(self, clip: AudioClip) -> Transcript:
        """What is said in a clip."""
        await self._warmed()
        return await self._app.transcribe(clip)

    async def doubt(self, clip: AudioClip, word: str) -> str | None:
        """Why the wake word at the end of a clip does not count; "" when it does, None before the models are loaded."""
        if self._verify.needless(word):
            return ""
        if self._warming is None or not self._warming.done():
            return None
        try:
            return await self._app.runner.call(self._verify, clip, word)
        except AssistantError as error:
            if str(error) != self._last_problem:  # each reason once
                self._last_problem = str(error)
                self._app.bus.publish(Notice(text=f"The wake word cannot be verified: {error}"))
            return None

    async def preview(self, session: str, text: str) -> Outlook:
        """What would become of these words, were they all."""
        decision, complete = await self._app.preview(session, text)
        return Outlook(decision.intent, decision.confidence, decision.outcome, complete)

    async def respond(self, turn: Turn) -> TurnResult:
        """Answer a turn."""
        return await self._app.respond(turn)

    async def open_question(self, session: str) -> Reply | None:
        """The question that still waits for an answer; no model is loaded for it."""
        return await asyncio.to_thread(self._app.dialogues.waiting.question, session)

    async def keep_latency(self, turn: str, latency_ms: Mapping[str, float]) -> None:
        """Store how long the steps around an answered turn took; a full disk is logged, no more."""
        try:
            await asyncio.to_thread(self._app.history.add_latency, turn, latency_ms)
        except UserError as error:
            logger.warning("the latency of turn %s is not kept: %s", turn, error)

    def rest(self) -> None:
        """Give memory back that was needed for listening and answering; returns at once."""
        if self._freeing is None or self._freeing.done():
            self._freeing = asyncio.create_task(asyncio.to_thread(give_memory_back), name="give memory back")

    async def close(self) -> None:
        """Stop loading."""
        tasks = [task for task in (self._warming, self._freeing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
