"""The terminal's keyboard: single key presses, and no echo."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["pressed_keys", "quiet_keys"]


@contextmanager
def _keyboard() -> Iterator[tuple[int, list[Any]] | None]:
    """The terminal's descriptor and attributes, set back at the end; None where the input is not a terminal."""
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
