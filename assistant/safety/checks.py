"""Runs the shipped safety checks on the words of a turn."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.safety.loading import Check, load_checks
from assistant.types import Reply

__all__ = ["Alarm", "SafetyChecks"]

LOG = logging.getLogger(__name__)
SHORT = 1_000
"""characters that are checked at once (milliseconds); longer texts go to a thread of their own"""
KEPT = 16
"""texts whose finding is remembered"""
WARMING = "Is this first sentence checked as quickly as the next?"


@dataclass(frozen=True)
class Alarm:
    """An alarm of a safety check: the turn is answered with its reply only."""

    plugin: str
    reply: Reply
    """complete; `Reply.intent` names the intent that it stands for"""
    folder: Path | None = None
    """of the shipped plugin whose check it was; None for a user's plugin"""

    @property
    def intent(self) -> str:
        """The intent that the reply stands for."""
        return self.reply.intent or f"{self.plugin}.check_safety"


class SafetyChecks:
    """Loads the checks and makes them ready in a thread of its own; a turn that comes before waits for it.

    Args:
        folder: the folder of the shipped plugins.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checks: list[Check] = []
        self.problems: list[str] = []
        """one line for each check that does not work"""
        self._find = lru_cache(KEPT)(
            self._look
        )  # a turn is checked as it comes, under its session, and in the pipeline
        self._long_texts = ThreadPoolExecutor(1, thread_name_prefix="safety")
        self._loader = threading.Thread(target=self._load, name="safety-load", daemon=True)
        self._loader.start()

    def _load(self) -> None:
        self._checks, self.problems = load_checks(self._folder)
        for check in self._checks:
            self._run(check, WARMING)

    def wait(self) -> None:
        """Wait until the checks are loaded and have run once."""
        self._loader.join()

    def check(self, words: str) -> Alarm | None:
        """The first alarm that a shipped check raises about the words of a turn; None for none. Never raises."""
        self.wait()
        return self._find(words) if words.strip() else None

    def _look(self, words: str) -> Alarm | None:
        for check in self._checks:
            reply = self._run(check, words)
            if reply is not None:
                return Alarm(check.plugin, reply, check.folder)
        return None

    async def check_soon(self, words: str) -> Alarm | None:
        """Like `check`; a long text does not keep the event loop waiting."""
        if len(words) <= SHORT and not self._loader.is_alive():
            return self.check(words)
        return await asyncio.get_running_loop().run_in_executor(self._long_texts, self.check, words)

    def close(self) -> None:
        """End the thread for long texts."""
        self._long_texts.shutdown(wait=False)

    def _run(self, check: Check, words: str) -> Reply | None:
        try:
            reply = check.function(words)
        except Exception:
            LOG.exception("The safety check of %s failed.", check.plugin)
            return None
        return reply if isinstance(reply, Reply) and reply.text else None
