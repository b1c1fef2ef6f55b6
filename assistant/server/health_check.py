"""Checks whether the models still answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable

from assistant.encoders.runner import ModelRunner
from assistant.errors import DeadlineExceeded, QueueFull

__all__ = ["HealthCheck"]


class HealthCheck:
    """Checks whether the models still answer.

    Args:
        wait: seconds that one check waits for them.
        patience: seconds for which they may be too busy to answer a check, such as with a long recording.
    """

    def __init__(
        self, runner: ModelRunner, wait: float, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._runner = runner
        self._wait = wait
        self._patience = patience
        self._clock = clock
        self._numbers = itertools.count()
        self._well = clock()

    async def check(self) -> None:
        """Lets a text encoder read a sentence that no cache knows, on the worker that all models run on.

        Raises:
            RuntimeError: they have not answered for longer than the patience lasts.
            ModelUnavailable: they cannot answer.
        """
        encoder = self._runner.of("text")[0].name
        try:
            async with asyncio.timeout(self._wait):
                await self._runner.vectors([f"Are you well, number {next(self._numbers)}?"], encoder)
            self._well = self._clock()
        except (TimeoutError, DeadlineExceeded, QueueFull) as error:
            if (silent := self._clock() - self._well) > self._patience:
                raise RuntimeError(f"the models have not answered for {silent:.0f} s") from error
