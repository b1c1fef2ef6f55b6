"""The conversation that ``assistant`` opens: at a terminal with a prompt, through a pipe without.

Nothing heavy is imported here: the prompt comes first, and the assistant is opened behind it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.terminal.loader import Loader

__all__ = ["run"]


def run(session: str, *, detailed: bool = False) -> int:
    """Run a conversation in a session until the user leaves; returns the exit code, raises `SettingsError`.

    Args:
        detailed: show what decided and how long it took below each reply.
    """
    from assistant.settings import load_settings

    settings = load_settings()
    interactive = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    return asyncio.run(_talk(settings, session, interactive, detailed))


async def _talk(settings: Settings, session: str, interactive: bool, detailed: bool) -> int:
    from assistant.repl.conversation import Conversation
    from assistant.terminal.loader import Loader, open_app
    from assistant.terminal.render import make_console

    loader = Loader(lambda: open_app(settings, ahead={"text"}), settings)
    errors = make_console(stderr=True)
    options = {"brief": not interactive, "detailed": detailed}
    conversation = Conversation(loader, settings, make_console(), errors, session, **options)
    for hint in settings.retired:
        conversation.say(hint)
    if not interactive:
        from assistant.repl.plain import converse_plain

        return await converse_plain(conversation)
    from assistant.repl.line_history import open_line_history
    from assistant.repl.session import TerminalSession
    from assistant.settings import data_dir

    serving = asyncio.create_task(_answer_others(loader), name="answer other programs")
    try:
        return await TerminalSession(conversation, open_line_history(data_dir() / "lines")).run()
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def _answer_others(loader: Loader) -> None:
    from assistant.terminal.answer_socket import answer_others

    async with answer_others(await loader.opened()):
        await asyncio.Event().wait()
