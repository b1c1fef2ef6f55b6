"""The conversation at a terminal: a prompt, the answer, and again."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.patch_stdout import patch_stdout

from assistant.events import Announced, Event, Notice, PluginFailed
from assistant.repl.commands import COMMANDS
from assistant.repl.completer import LineCompleter
from assistant.repl.dispatch import take
from assistant.repl.key_bindings import make_key_bindings
from assistant.repl.lexer import STYLE, LineLexer
from assistant.repl.overview import open_matters, phrases, plugin_commands, welcome
from assistant.repl.toolbar import toolbar
from assistant.terminal.keys import quiet_keys

if TYPE_CHECKING:
    from prompt_toolkit.history import History
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

    from assistant.app import App
    from assistant.repl.conversation import Conversation

__all__ = ["TerminalSession"]


class TerminalSession:
    """Reads lines with prompt_toolkit and hands them to a conversation."""

    def __init__(
        self,
        conversation: Conversation,
        history: History,
        input: Input | None = None,  # noqa: A002  prompt_toolkit's own name for it
        output: Output | None = None,
    ) -> None:
        self._conversation = conversation
        self._listening = False
        self._taken_up: asyncio.Future[None] | None = None
        self._ringing = ExitStack()
        self._prompt: PromptSession[str] = PromptSession(
            [("class:prompt", "> ")],
            multiline=True,
            prompt_continuation=[("class:continuation", "… ")],
            completer=LineCompleter(self._commands, lambda: phrases(conversation.loader.app)),
            complete_while_typing=True,
            lexer=LineLexer(self._commands),
            style=STYLE,
            key_bindings=make_key_bindings(),
            history=history,
            auto_suggest=AutoSuggestFromHistory(),
            bottom_toolbar=lambda: toolbar(conversation),
            include_default_pygments_style=False,
            input=input,
            output=output,
        )

    async def run(self) -> int:
        """Talk until the user leaves; returns the exit code."""
        loader = self._conversation.loader
        loader.changed = self._changed
        self._prompt.app.after_render += self._begin
        try:
            while not self._conversation.leaving:
                self._conversation.refresh()
                try:
                    with patch_stdout(raw=True):
                        line = await self._prompt.prompt_async()
                except KeyboardInterrupt:
                    self._conversation.say("Ctrl-D or /quit leaves.")
                except EOFError:
                    break
                else:
                    await self._answer(line)
        finally:
            self._ringing.close()
            await loader.close()
        return 0

    def _changed(self) -> None:
        loader = self._conversation.loader
        if not self._listening and loader.app is not None:
            self._listening = True
            loader.app.bus.listen(self._tell, (Notice, PluginFailed))
            ringing = loader.app.scheduler.ringing(self._announce, session=self._conversation.session)
            self._ringing.enter_context(ringing)
            for line in welcome(loader.app):
                self._conversation.say(line)
        if not self._taken_up and loader.state == "ready" and loader.app is not None:
            self._taken_up = asyncio.ensure_future(self._resume(loader.app))
        self._conversation.refresh()
        self._prompt.app.invalidate()

    async def _resume(self, app: App) -> None:
        """Repeat the question that was open when the conversation was left."""
        if left := await asyncio.to_thread(open_matters, app, self._conversation.session):
            self._conversation.say(left)
        if open_question := await app.resume_session(self._conversation.session):
            self._conversation.say(f"We were here: {open_question.text}")

    def _announce(self, event: Announced) -> None:
        """Show an announcement above the prompt, with the terminal's bell."""
        self._prompt.output.bell()
        self._conversation.announce(event.text)

    def _tell(self, event: Event) -> None:
        """Show what happens between answers; an answer brings its own notices."""
        if isinstance(event, Notice):
            self._conversation.say(event.text)
        elif isinstance(event, PluginFailed) and self._prompt.app.is_running:
            self._conversation.say(f"Plugin {event.plugin} failed in {event.where}: {event.reason}")
            self._conversation.refresh()

    def _begin(self, _: object) -> None:
        """Open the assistant once the prompt is on the screen, not before."""
        self._prompt.app.after_render -= self._begin
        self._conversation.loader.start()

    async def _answer(self, line: str) -> None:
        task = asyncio.ensure_future(take(self._conversation, line))
        with _interrupting(task), quiet_keys():
            try:
                await task
            except asyncio.CancelledError:
                if not task.cancelled():
                    raise
                self._conversation.say("Stopped.")

    def _commands(self) -> dict[str, str]:
        known = {name: command.summary for name, command in COMMANDS.items()}
        foreign = plugin_commands(self._conversation.loader.app)
        return known | {name: command.get_short_help_str() for name, (_, command) in foreign.items()}


@contextmanager
def _interrupting(task: asyncio.Task[bool]) -> Iterator[None]:
    """Let Ctrl-C stop this task and nothing else."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, task.cancel)
    except (NotImplementedError, RuntimeError, ValueError):  # not the main thread, or no signals here
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
