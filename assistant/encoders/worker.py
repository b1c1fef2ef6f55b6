"""One worker thread on which all models run, so that the event loop never waits for arithmetic."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from assistant.errors import DeadlineExceeded, QueueFull

__all__ = ["InferenceWorker"]

T = TypeVar("T")


@dataclass
class _Job:
    call: Callable[[], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    deadline: float | None
    """`time.monotonic()` seconds, or None"""

    def settle(self, result: Any, error: BaseException | None) -> None:
        def apply() -> None:
            if self.future.done():
                return
            if error is not None:
                self.future.set_exception(error)
            else:
                self.future.set_result(result)

        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(apply)


class InferenceWorker:
    """Runs calls one after another on its own thread.

    Jobs whose caller was cancelled or whose deadline passed while waiting are skipped. A job that has
    begun cannot be stopped; its result is thrown away when its caller has gone.

    Args:
        size: most jobs that may wait; one more is refused with `QueueFull` and counted in `dropped`.
    """

    def __init__(self, size: int = 8) -> None:
        self.dropped = 0
        self.skipped = 0
        self._jobs: queue.Queue[_Job | None] = queue.Queue(size)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return self._jobs.qsize()

    async def run(self, call: Callable[..., T], *args: Any, timeout: float | None = None) -> T:  # noqa: ASYNC109
        """Run ``call(*args)`` on the worker and return what it returns.

        Args:
            timeout: seconds until the result is worthless, waiting included.

        Raises:
            QueueFull: too many jobs wait already.
            DeadlineExceeded: the timeout passed first.
        """
        self._start()
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else time.monotonic() + timeout
        job = _Job(lambda: call(*args), loop.create_future(), loop, deadline)
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            self.dropped += 1
            raise QueueFull(f"the models are busy: {self._jobs.maxsize} jobs wait already") from None
        try:
            async with asyncio.timeout(timeout):
                result: T = await job.future
                return result
        except TimeoutError:
            if job.future.cancelled():
                raise DeadlineExceeded(f"the models did not answer within {timeout:.0f} s") from None
            raise

    def close(self, timeout: float = 5.0) -> None:
        """Stop after the job in hand; waiting jobs are cancelled."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is None:
            return
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is not None:
                job.settle(None, asyncio.CancelledError())
        self._jobs.put(None)
        thread.join(timeout)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, name="inference", daemon=True)
                self._thread.start()

    def _loop(self) -> None:
        while (job := self._jobs.get()) is not None:
            if job.future.cancelled() or (job.deadline is not None and time.monotonic() > job.deadline):
                self.skipped += 1
                continue
            try:
                result = job.call()
            except BaseException as error:  # raised in the task that awaits the job
                job.settle(None, error)
            else:
                job.settle(result, None)
