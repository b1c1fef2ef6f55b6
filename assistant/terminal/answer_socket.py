"""Lets `assistant ask` use a running assistant, so that no model is loaded again.

Whichever of the terminal conversation, the voice assistant and the server runs first listens on a socket that only its
owner can open. A question that comes with other settings in its environment, or from another version, is declined; its
command then answers alone.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

from assistant import __version__
from assistant.errors import InputError, StorageError
from assistant.folders import private_folder, runtime_dir, storage_errors
from assistant.terminal.local_socket import LocalServer, Tell, request

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["answer_others", "ask_running"]

NAME = "ask"
LONGEST = 1_000_000
"""bytes of a question"""
COMMON = ("ASSISTANT_HOME", "ASSISTANT_OFFLINE")
"""variables that change no answer; the first one's sockets are elsewhere"""

logger = logging.getLogger(__name__)


@asynccontextmanager
async def answer_others(app: App) -> AsyncIterator[None]:
    """Answer the questions of `assistant ask` while inside, unless another program of this user does so already.

    Where no socket can be made, the log says why, and each `assistant ask` answers alone.
    """
    async with AsyncExitStack() as stack:
        try:
            await _serve(app, stack)
        except StorageError as error:
            logger.warning("assistant ask cannot be answered from here: %s", error)
        yield


async def _serve(app: App, stack: AsyncExitStack) -> None:
    folder = private_folder(runtime_dir())
    with storage_errors(str(folder)):
        lock = stack.enter_context((folder / f"{NAME}.lock").open("a"))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system releases it however the process ends
    except BlockingIOError:
        return

    async def handle(asked: Mapping[str, Any], tell: Tell) -> Mapping[str, Any]:
        return await _answer(app, asked, tell)

    await stack.enter_async_context(LocalServer(folder / f"{NAME}.sock", handle, LONGEST))


async def _answer(app: App, asked: Mapping[str, Any], tell: Tell) -> Mapping[str, Any]:
    from assistant.terminal.live_text import LiveText
    from assistant.terminal.opening import read_turn, show_answer
    from assistant.terminal.render import make_console

    if asked.get("version") != __version__ or asked.get("environment") != _environment():
        return {"declined": True}
    match asked:
        case {
            "text": str(text),
            "images": [*images],
            "audio": str() | None as audio,
            "session": str() | None as session,
        }:
            pass
        case _:
            raise InputError("A question has a text, images, audio and a session")
    turn = await asyncio.to_thread(read_turn, app.settings, text, [str(image) for image in images], audio, session)
    streams = {name: StringIO() for name in ("stdout", "stderr")}
    consoles = [make_console(file=stream, width=asked.get(name)) for name, stream in streams.items()]
    detailed, as_json = bool(asked.get("detailed")) or app.settings.terminal.details, bool(asked.get("json"))

    def send() -> None:
        tell({"stdout": _taken(streams["stdout"])})

    with ExitStack() as stack:
        live = None if as_json else stack.enter_context(LiveText(app.bus, turn, consoles[0], after=send))
        result = await app.respond(turn)
        show_answer(result, *consoles, as_json=as_json, detailed=detailed, live=live)
    return {name: _taken(stream) for name, stream in streams.items()}


def _taken(stream: StringIO) -> str:
    """Returns the text written, and clears it."""
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return text


def ask_running(
    text: str,
    images: Sequence[str | bytes],
    audio: str | bytes | None,
    session: str | None,
    *,
    as_json: bool,
    detailed: bool,
) -> int | None:
    """Ask the assistant that runs, print its answer, and return the exit code; None when none answers.

    A question that was cut off is not asked again: the answer may have done something already. One that brings the
    content of a picture or recording is not asked.
    """
    if any(isinstance(content, bytes) for content in (*images, audio)):
        return None
    asked = {
        "version": __version__,
        "environment": _environment(),
        "text": text,
        "images": [os.path.abspath(str(image)) for image in images],
        "audio": os.path.abspath(str(audio)) if audio else None,
        "session": session,
        "json": as_json,
        "detailed": detailed,
        "stdout": _width(sys.stdout),
        "stderr": _width(sys.stderr),
    }
    path = runtime_dir() / f"{NAME}.sock"
    try:
        answer = request(path, asked, on_part=_show_part)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (OSError, ValueError):
        print("Error: The running assistant ended before it answered; see `assistant history`.", file=sys.stderr)
        return 1
    if answer.get("declined"):
        return None
    if not answer.get("ok"):
        print(f"Error: {answer.get('error')}", file=sys.stderr)
        return 1
    sys.stdout.write(str(answer.get("stdout")))
    sys.stderr.write(str(answer.get("stderr")))
    return 0


def _show_part(part: Mapping[str, Any]) -> None:
    sys.stdout.write(str(part.get("stdout")))
    sys.stdout.flush()


def _environment() -> dict[str, str]:
    """The settings in the environment."""
    return {name: value for name, value in os.environ.items() if name.startswith("ASSISTANT_") and name not in COMMON}


def _width(stream: Any) -> int | None:
    """Characters of a terminal's line; None if it is not a terminal; then there are no colours either."""
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream.isatty() else None
    except (OSError, ValueError):
        return None
