"""Single key presses in the terminal while the voice assistant runs in the foreground."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

__all__ = ["pressed_keys"]


@contextmanager
def pressed_keys(actions: Mapping[str, Callable[[], object]]) -> Iterator[bool]:
    """Call an action for each press of its key, on the event loop.

    Args:
        actions: character → what to do.

    Returns:
        whether keys can be read: False where the input is no terminal.
    """
    try:
        import termios
        import tty

        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
    except (ImportError, OSError, ValueError, termios.error):
        yield False
        return
    loop = asyncio.get_running_loop()

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
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
