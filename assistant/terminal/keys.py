"""The terminal's keyboard and error stream: single key presses, no echo, and no messages of sound libraries."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["pressed_keys", "quiet_keys", "without_chatter"]


@contextmanager
def _keyboard() -> Iterator[tuple[int, list[Any]] | None]:
    """The terminal's descriptor and attributes, set back at the end; None where the input is no terminal."""
    try:
        import termios

        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
    except (ImportError, OSError, ValueError, termios.error):
        yield None
        return
    try:
        yield descriptor, list(before)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextmanager
def quiet_keys() -> Iterator[None]:
    """Keep keys that are pressed meanwhile from being printed; they stay there for the next prompt."""
    with _keyboard() as keyboard:
        if keyboard is not None:
            import termios

            descriptor, during = keyboard
            during[3] &= ~termios.ECHO
            termios.tcsetattr(descriptor, termios.TCSANOW, during)
        yield


@contextmanager
def pressed_keys(actions: Mapping[str, Callable[[], object]]) -> Iterator[bool]:
    """Calls the action of each character that is pressed, on the event loop; yields whether keys can be read."""
    with _keyboard() as keyboard:
        if keyboard is None:
            yield False
            return
        import tty

        descriptor, loop = keyboard[0], asyncio.get_running_loop()

        def read() -> None:
            for key in os.read(descriptor, 64).decode("utf-8", "ignore"):
                if key in actions:
                    actions[key]()

        tty.setcbreak(descriptor)  # keys come one by one, and Ctrl-C still interrupts
        loop.add_reader(descriptor, read)
        try:
            yield True
        finally:
            loop.remove_reader(descriptor)


@contextmanager
def without_chatter(path: Path) -> Iterator[None]:
    """Send what sound libraries write to the terminal ("ALSA lib …: underrun occurred") into a file instead.

    They write to the process's own standard error, beneath Python; the file begins anew each time.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY)
    os.dup2(file, 2)
    os.close(file)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
