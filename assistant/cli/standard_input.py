"""Standard input of one-question commands: the whole text, more text beside the argument, a picture or a recording."""

from __future__ import annotations

import io
import os
import select
import stat
import sys

import click

from assistant.errors import InputError, TextError

__all__ = ["read_bytes", "read_text", "text_beside"]

PATIENCE = 0.5
"""seconds after which a silent pipe beside an argument is waited for only if the argument can wait"""


def read_bytes(most: int, what: str) -> bytes:
    """All of standard input, which should hold `what`; `InputError` when it is a terminal, empty or longer than `most`
    bytes.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(f"“-” reads {what} from standard input: redirect a file to it, or name the file.")
    content = sys.stdin.buffer.read(most + 1)
    if not content or len(content) > most:
        wrong = "nothing came" if not content else f"more than {most // 1_000_000:,} MB came"
        raise InputError(f"{wrong[0].upper()}{wrong[1:]} on standard input, where “-” expects {what}.")
    return content


def read_text(max_chars: int | None = None) -> str:
    """All of standard input as text; a `TextError` when it is not UTF-8, or longer than the settings allow."""
    if max_chars is None:
        from assistant.settings import load_settings  # slow to import, and seldom needed

        max_chars = load_settings().text.max_chars
    data = sys.stdin.buffer.read(4 * max_chars + 4)
    if len(data) > 4 * max_chars:
        raise TextError(f"The text is too long: {max_chars:,} characters are taken. Send the part that matters.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TextError("The text is not UTF-8; convert it first, such as with iconv -t utf-8.") from error


def text_beside(argument: str, max_chars: int | None = None) -> str:
    """What comes on standard input beside a text given as argument; "" for nothing. Raises `TextError`.

    An emergency in the argument does not wait for a pipe that stays silent.
    """
    if not _is_piped():
        return ""
    if _silent() and _is_urgent(argument):
        return ""
    return read_text(max_chars)


def _is_piped() -> bool:
    """Whether standard input is a pipe or a file, and not a terminal, nothing, or a device."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, io.UnsupportedOperation):
        return not sys.stdin.isatty()
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _silent() -> bool:
    try:
        ready, _, _ = select.select([sys.stdin], [], [], PATIENCE)
    except (OSError, ValueError, io.UnsupportedOperation):
        return False
    if not ready:
        click.echo("Reading standard input; Ctrl-C stops, </dev/null leaves it out.", err=True)
    return not ready


def _is_urgent(words: str) -> bool:
    from assistant.folders import shipped_dir
    from assistant.safety import SafetyChecks

    checks = SafetyChecks(shipped_dir("plugins"))
    try:
        checks.wait()
        return checks.check(words) is not None
    finally:
        checks.close()
