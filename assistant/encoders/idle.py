"""Removes unused models from memory; the next use reads them again in a few tenths of a second."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path

from assistant.encoders.exported import release_idle
from assistant.encoders.memory import trim_memory

__all__ = ["free_memory", "release_when_idle"]

logger = logging.getLogger(__name__)

LOOKS = 4
"""looks in the time after which models leave"""
SCARCE = 0.1
"""share of the computer's memory that is left, below which models leave sooner"""
SOONER = 10.0
"""seconds without use after which they leave then"""


async def release_when_idle(minutes: float) -> None:
    """Release models that were not used for that many minutes; checks at intervals until cancelled."""
    while True:
        await asyncio.sleep(min(60.0 * minutes / LOOKS, SOONER))
        idle = 60.0 * minutes
        if free_memory() < SCARCE:
            idle = min(idle, SOONER)
        if left := release_idle(idle):
            logger.info("%d networks left the memory", left)
            await asyncio.to_thread(trim_memory)


def free_memory(told: Path = Path("/proc/meminfo")) -> float:
    """Returns the share of memory that is available, 0 to 1; 1 if the system does not report it."""
    try:
        sizes = dict(re.findall(r"^(MemTotal|MemAvailable):\s+(\d+) kB", told.read_text(), re.MULTILINE))
        return int(sizes["MemAvailable"]) / int(sizes["MemTotal"])
    except (OSError, KeyError, ZeroDivisionError):
        return 1.0
