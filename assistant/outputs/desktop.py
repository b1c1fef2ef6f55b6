"""Notifications on the desktop, where the system has ``notify-send``."""

from __future__ import annotations

import asyncio
import html
import logging
import os
import shutil

__all__ = ["notifies", "notify"]

logger = logging.getLogger(__name__)

TITLE = "Assistant"
PATIENCE = 5.0
"""seconds"""
LONGEST = 500
"""characters"""


def notifies() -> bool:
    """Whether there is a desktop to notify."""
    session = any(os.environ.get(name) for name in ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "DISPLAY"))
    return session and shutil.which("notify-send") is not None


async def notify(text: str) -> None:
    """Show a text on the desktop; without one, or when that fails, nothing happens."""
    if not notifies():
        return
    body = html.escape(text[:LONGEST], quote=False)
    try:
        process = await asyncio.create_subprocess_exec(
            *("notify-send", f"--app-name={TITLE}", "--", TITLE, body),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        logger.info("no notification: %s", error)
        return
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
