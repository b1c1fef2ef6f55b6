"""Dispatches a line: a command, files to attach, or a turn."""

from __future__ import annotations

from assistant.errors import DeadlineExceeded, InputError, QueueFull, UserError
from assistant.repl.attachments import PATHLIKE, dropped_paths, read_path, refuse_address, refuse_missing
from assistant.repl.commands import find_command
from assistant.repl.conversation import Conversation
from assistant.terminal.error_boundary import apologise

__all__ = ["take"]

LONGEST_PATH = 1_000
"""characters"""


async def take(conversation: Conversation, line: str) -> bool:
    """Carry out a line; an error is shown, the conversation goes on, and the result is False."""
    try:
        await _take(conversation, line.strip())
    except UserError as error:
        conversation.complain(str(error))
    except (DeadlineExceeded, QueueFull) as error:
        conversation.complain(f"That took too long: {error}. Please try again.")
    except Exception as error:
        conversation.complain(apologise(error))
    else:
        return True
    return False


async def _take(conversation: Conversation, line: str) -> None:
    if not line:
        if conversation.waiting:
            await conversation.turn("")
        return
    if line.startswith("/") and (command := await find_command(conversation, line)):
        await command()
        return
    try:
        words = await _attach(conversation, line)
    except InputError as error:
        if (await conversation.app()).safety.check(line) is None:
            raise
        conversation.complain(str(error))  # an emergency is answered all the same
        words = line
    if words:
        await conversation.turn(words)


async def _attach(conversation: Conversation, line: str) -> str:
    """Attach the files whose paths stand in a line; returns its other words."""
    refuse_address(line)
    files, words = dropped_paths(line)
    refuse_missing(line)
    if not files and line.startswith(PATHLIKE) and line.isprintable():
        _refuse_path(line)
    for path, kind in files:
        await conversation.attach_file(path, kind)
    return words


def _refuse_path(line: str) -> None:
    """A line that is nothing but a path, and not of a picture or recording, is a slip and not a question."""
    path = read_path(line)
    if len(path.parts) < 2 or len(line) > LONGEST_PATH:
        return
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a picture or recording in it.")
    if path.is_file():
        raise InputError(
            f"{path} is neither a picture nor a recording. For documents: `assistant library add FILE`, then /find."
        )
