"""A user's conversation: attachments and turns, for a terminal or a pipe."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.repl.attachments import FileKind, attached_line, file_kind, read_path
from assistant.repl.overview import failing_plugins
from assistant.terminal.background import in_background
from assistant.terminal.live_text import LiveText, show_reply, show_result
from assistant.terminal.render import printable
from assistant.terminal.spinner import Spinner

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.app import App
    from assistant.inputs.assembler import TurnAssembler
    from assistant.settings import Settings
    from assistant.terminal.loader import Loader
    from assistant.types import AudioClip, Picture, TurnResult

__all__ = ["Conversation"]


class Conversation:
    """One user's talk with the assistant; `assistant.repl.dispatch.take` says what each line does.

    Args:
        errors: where mistakes are shown; the same console by default.
        session: the name under which the conversation is kept.
        brief: show replies only, and nothing else.
        detailed: show what decided and how long it took below each reply.
    """

    def __init__(
        self,
        loader: Loader,
        settings: Settings,
        console: Console,
        errors: Console | None = None,
        session: str = "default",
        *,
        brief: bool = False,
        detailed: bool = False,
    ) -> None:
        self.loader = loader
        self.settings = settings
        self.console = console
        self.errors = errors or console
        self.session = session
        self.speak = settings.voice.speak
        self.leaving = False
        """True once the user asked to leave"""
        self.latency_ms: float | None = None
        """milliseconds of the last turn"""
        self.plugin_state: tuple[int, tuple[str, ...]] = (0, ())
        """how many plugins work, and the names of those that do not; see `refresh`"""
        self._brief, self._detailed = brief, detailed
        self._assembler: TurnAssembler | None = None

    @property
    def waiting(self) -> int:
        """Number of attached files that wait for words."""
        return len(self._assembler.waiting) if self._assembler else 0

    def refresh(self) -> None:
        """Look again how the plugins fare."""
        if self.loader.app is not None:
            self.plugin_state = failing_plugins(self.loader.app)

    def complain(self, text: str) -> None:
        """Show one line about something that went wrong."""
        self.errors.print(f"Error: {printable(text)}", style="red")

    def say(self, text: str) -> None:
        """Show a line that is not an answer."""
        if not self._brief:
            self.console.print(printable(text), style="dim")

    def announce(self, text: str) -> None:
        """Show an announcement."""
        self.console.print(printable(f"⏰ {text}"), style="bold yellow")

    # Attaching

    async def attach_path(self, text: str, kind: FileKind) -> None:
        """Attach the file that the user named, as this kind."""
        if not text:
            raise InputError(f"Which file? Use /{kind} PATH.")
        path = read_path(text)
        found = file_kind(path)
        if found not in (None, kind):
            raise InputError(f"{path.name} is not {_KINDS[kind]}; use /{found} {text}")
        await self.attach_file(path, kind)

    async def attach_file(self, path: Path, kind: FileKind) -> None:
        """Read a file and keep it for the words of the next line."""
        item: Picture | AudioClip
        if kind == "image":
            from assistant.inputs.image_file import read_picture

            item = await in_background(read_picture, path, self.settings.vision.max_megapixels)
        else:
            from assistant.inputs.audio_file import read_audio

            item = await in_background(read_audio, path, self.settings.speech.max_minutes)
        await self.attach(item)

    async def attach(self, item: Picture | AudioClip) -> None:
        """Keep a picture or clip for the words of the next line."""
        (await self._turns()).attach(item)
        self.say(attached_line(item))

    async def _turns(self) -> TurnAssembler:
        app = await self.loader.opened()
        if self._assembler is None or self._assembler.session != self.session:
            from assistant.inputs.assembler import TurnAssembler

            waiting = self._assembler.waiting if self._assembler else ()
            # No time window: a typing user is slow, and the toolbar shows the attachments.
            self._assembler = TurnAssembler(self.session, app.bus, math.inf, self.settings.text.max_chars)
            for item in waiting:
                self._assembler.attach(item)
        return self._assembler

    # Turns

    async def app(self) -> App:
        """The assistant, open but perhaps still loading its models."""
        return await self.loader.opened()

    async def turn(self, words: str) -> None:
        """Send words and everything attached, and show the reply."""
        with Spinner(self.console, self.loader.doing or "Thinking") as spinner:
            self.loader.changed, before = lambda: spinner.say(self.loader.doing or "Thinking"), self.loader.changed
            try:
                app = await self.loader.opened()
                if app.safety.check(words) is None:  # an emergency needs no weights
                    app = await self.loader.ready()
            finally:
                self.loader.changed = before
            spinner.follow(app.bus)
            turns = await self._turns()
            turn = turns.complete(words)
            if turn is None:
                return
            try:
                with LiveText(app.bus, turn, self.console, spinner.stop) as live:
                    result = await app.respond(turn)
                    self._show(result, live, spinner)
            except asyncio.CancelledError:
                for picture in turn.images:
                    turns.attach(picture)
                if turn.audio is not None:
                    turns.attach(turn.audio)
                raise
        if self.speak:
            await app.voice.say(result.reply)

    def _show(self, result: TurnResult, live: LiveText, spinner: Spinner) -> None:
        spinner.stop()
        self.latency_ms = result.latency_ms.get("total")
        if self._brief:
            show_reply(result, self.console, self.errors, live)
        else:
            detailed = self.settings.terminal.details or self._detailed
            show_result(result, self.console, detailed=detailed, live=live)
            self.console.print()


_KINDS: dict[FileKind, str] = {"image": "a picture", "audio": "a recording"}
