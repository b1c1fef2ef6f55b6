"""Runs a plugin's coroutines on an event loop of its own and its plain functions on threads of its own.

A plugin cannot stall the assistant's event loop or another plugin: a loop that blocks is abandoned and replaced, and
the call that waits for it fails at its deadline.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from assistant.errors import AssistantError, DeadlineExceeded
from assistant.plugins.schema import is_async

__all__ = ["Deadline", "Executor", "ExecutorAbandoned", "call_in_thread", "on_loop"]

T = TypeVar("T")

PROBE_SECONDS = 0.1
"""A loop that does not answer within this time while it should be idle is blocked."""


class ExecutorAbandoned(AssistantError):
    """The event loop was abandoned because another call blocked it."""


class Deadline:
    """An `asyncio.timeout` that can be paused, because waiting for the user does not count.

    Raises:
        DeadlineExceeded: when the time is up, out of the ``async with``.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._limit = asyncio.timeout(seconds)
        self._left: float | None = None
        self._pauses = 0
        self._over = False

    async def __aenter__(self) -> Deadline:
        await self._limit.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError as expired:
            raise DeadlineExceeded(f"did not answer within {self.seconds:g} s") from expired

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock inside the ``with``; may be nested."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def pause(self) -> None:
        """Stop the clock until `resume` was called as often."""
        self._pauses += 1
        when = self._limit.when()
        if when is not None and not self._over:
            self._left = max(0.0, when - asyncio.get_running_loop().time())
            self._limit.reschedule(None)

    def resume(self) -> None:
        """Let the clock run on."""
        self._pauses -= 1
        if not self._pauses and self._left is not None and not self._over:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._left)
            self._left = None


def _settle(future: Future[Any], result: Any = None, error: BaseException | None = None) -> None:
    # The waiting side may have given up at any moment, so a future that is done already is no error.
    if isinstance(error, (StopIteration, StopAsyncIteration, SystemExit, KeyboardInterrupt, GeneratorExit)):
        wrapped = RuntimeError(f"raised {type(error).__name__} {error}".rstrip())
        error = wrapped.with_traceback(error.__traceback__)
    elif isinstance(error, asyncio.CancelledError):
        error = RuntimeError("cancelled itself")
    try:
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
    except Exception:  # InvalidStateError: the caller gave up
        return


def call_in_thread(function: Callable[[], T], timeout: float, name: str = "plugin") -> T:
    """Run a function on a daemon thread and wait for it.

    Raises:
        DeadlineExceeded: it took longer than `timeout` seconds; the thread is left behind.
        Exception: whatever the function raised; `SystemExit` and its like arrive as `RuntimeError`.
    """
    future: Future[T] = Future()

    def work() -> None:
        try:
            result = function()
        except BaseException as error:  # a plugin may raise anything, also SystemExit
            _settle(future, error=error)
        else:
            _settle(future, result)

    threading.Thread(target=work, name=name, daemon=True).start()
    try:
        return future.result(timeout)
    except TimeoutError as error:
        if future.done():
            raise
        raise DeadlineExceeded(f"took longer than {timeout:g} s") from error


async def on_loop(
    loop: asyncio.AbstractEventLoop, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any
) -> T:
    """Await ``function(*args, **kwargs)`` on another thread's loop."""
    if asyncio.get_running_loop() is loop:
        return await function(*args, **kwargs)

    async def there() -> T:
        return await function(*args, **kwargs)

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(there(), loop))


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=PROBE_SECONDS))
        loop.close()


class Executor:
    """Runs one plugin's functions.

    Args:
        plugin: the plugin's name, for the names of its threads.
    """

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._suspect = False
        self._running: set[Future[Any]] = set()
        self._abandoned: list[threading.Thread] = []

    @property
    def stuck(self) -> int:
        """Threads that were left behind and still have not come back."""
        self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
        return len(self._abandoned)

    async def call(self, function: Callable[..., Any], kwargs: Mapping[str, Any]) -> Any:
        """Run a plain or async function and return what it returns; cancel it to give up.

        Raises:
            ExecutorAbandoned: another call blocked the event loop meanwhile.
            Exception: whatever the function raised.
        """
        future: Future[Any] = Future()
        if is_async(function):
            if self._suspect:
                await self.probe()
            self._submit(lambda: function(**kwargs), future)
            thread = None
        else:
            thread = self._spawn(lambda: function(**kwargs), future)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if thread is not None and thread.is_alive():
                self._abandoned.append(thread)
            self._suspect = True
            raise

    async def probe(self) -> None:
        """Leave the loop behind if it is blocked; the next call gets a fresh one."""
        self._suspect = False
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        alive: Future[None] = Future()
        loop.call_soon_threadsafe(_settle, alive)
        try:
            await asyncio.wait_for(asyncio.wrap_future(alive), PROBE_SECONDS)
        except TimeoutError:
            self._loop = self._thread = None
            self._abandoned.append(thread)
            loop.call_soon_threadsafe(loop.stop)  # it ends as soon as it is let go
            for future in list(self._running):
                _settle(future, error=ExecutorAbandoned("was blocked by another of its own handlers"))

    def close(self) -> None:
        """End the loop's thread; running calls are cancelled, blocked ones abandoned."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(2 * PROBE_SECONDS)

    def _spawn(self, function: Callable[[], Any], future: Future[Any]) -> threading.Thread:
        def work() -> None:
            try:
                result = function()
                if inspect.isawaitable(result):
                    self._submit(lambda: result, future)
                    return
            except BaseException as error:  # a plugin may raise anything, also SystemExit
                _settle(future, error=error)
            else:
                _settle(future, result)

        thread = threading.Thread(target=work, name=f"plugin-{self.plugin}", daemon=True)
        thread.start()
        return thread

    def _submit(self, make: Callable[[], Awaitable[Any]], future: Future[Any]) -> None:
        loop = self._started()

        async def run() -> None:
            try:
                result = await make()
            except asyncio.CancelledError as error:
                _settle(future, error=error)
                raise
            except BaseException as error:  # SystemExit would otherwise end the loop's thread
                _settle(future, error=error)
            else:
                _settle(future, result)

        def begin() -> None:
            task = loop.create_task(run())

            def ended(settled: Future[Any]) -> None:
                self._running.discard(settled)
                if settled.cancelled() and not loop.is_closed():
                    loop.call_soon_threadsafe(task.cancel)

            future.add_done_callback(ended)

        self._running.add(future)
        loop.call_soon_threadsafe(begin)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=_serve, args=(self._loop,), name=f"plugin-{self.plugin}-loop", daemon=True
            )
            self._thread.start()
        return self._loop
