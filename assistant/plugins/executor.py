"""Runs a plugin's coroutines on an event loop of its own and its plain functions on threads of their own.

A plugin cannot stall the assistant's event loop or another plugin: a thread or loop that hangs is abandoned, and the
call that waits for it fails at its deadline.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, TypeVar

from assistant.errors import DeadlineExceeded
from assistant.plugins.schema import is_async, is_stream

__all__ = ["Deadline", "Executor", "as_exception", "call_in_thread", "on_loop"]

T = TypeVar("T")

PROBE_SECONDS = 0.1
"""A loop that does not answer within this time while it should be idle is blocked."""


class Deadline:
    """An `asyncio.timeout` that can be paused, as waiting for the user does not count; raises `DeadlineExceeded`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._limit = asyncio.timeout(seconds)
        self._left = 0.0
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
        """Stop the clock inside the ``with``, of which several may be open at a time."""
        now = asyncio.get_running_loop().time
        self._pauses += 1
        if (when := self._limit.when()) is not None and not self._over:
            self._left = max(0.0, when - now())
            self._limit.reschedule(None)
        try:
            yield
        finally:
            self._pauses -= 1
            if not self._pauses and not self._over:
                self._limit.reschedule(now() + self._left)


def as_exception(error: BaseException) -> Exception:
    """Turn what a plugin raised into a plain `Exception`, so that `SystemExit` and the like end nothing."""
    if isinstance(error, asyncio.CancelledError):
        return RuntimeError("cancelled itself")
    if isinstance(error, Exception) and not isinstance(error, (StopIteration, StopAsyncIteration)):
        return error
    return RuntimeError(f"raised {type(error).__name__} {error}".rstrip()).with_traceback(error.__traceback__)


def _resolve(future: Future[Any], result: Any = None, error: BaseException | None = None) -> None:
    with suppress(Exception):  # InvalidStateError: the caller gave up at this moment
        future.set_result(result) if error is None else future.set_exception(as_exception(error))


class _Worker:
    """A daemon thread that runs one function after another: starting a thread takes longer than most functions.

    Args:
        name: of the thread.
        rest: gets the worker whenever it is free again; returns whether it is to wait for another function.
    """

    def __init__(self, name: str, rest: Callable[[_Worker], bool]) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._rest = rest
        self.running: Future[Any] | None = None
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.thread.start()

    def run(self, function: Callable[[], Any]) -> Future[Any]:
        """Begin a function; its result, or what it raised, comes with the future."""
        future = self.running = Future()
        self._jobs.put((function, future))
        return future

    def end(self) -> None:
        """End the thread after what it runs now."""
        self._jobs.put(None)

    def _work(self) -> None:
        waits = True
        while waits and (job := self._jobs.get()) is not None:
            function, future = job
            result, error = None, None
            try:
                result = function()
            except BaseException as raised:  # a plugin may raise anything, also SystemExit
                error = raised
            self.running = None
            waits = self._rest(self)
            _resolve(future, result, error)
            del job, function, future, result, error  # a thread that waits keeps nothing alive


def call_in_thread(function: Callable[[], T], timeout: float, name: str = "plugin") -> T:
    """Run a function on a daemon thread and return what it returns.

    Raises:
        DeadlineExceeded: it took longer than `timeout` seconds; the thread is abandoned.
        Exception: whatever the function raised; `SystemExit` and its like arrive as `RuntimeError`.
    """
    future = _Worker(name, lambda _: False).run(function)
    try:
        result: T = future.result(timeout)
    except TimeoutError as error:
        if future.done():
            raise
        raise DeadlineExceeded(f"took longer than {timeout:g} s") from error
    return result


async def on_loop(loop: asyncio.AbstractEventLoop, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Await ``function()`` on another thread's loop."""
    if asyncio.get_running_loop() is loop:
        return await function()
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(function(), loop))


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
    """Runs one plugin's functions; threads are named after the plugin."""

    def __init__(self, plugin: str) -> None:
        self.plugin = plugin
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._suspect = False
        self._abandoned: list[threading.Thread] = []
        self._free: list[_Worker] = []
        self._closed = False

    @property
    def stuck(self) -> int:
        """Threads that were abandoned and still run."""
        self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
        return len(self._abandoned)

    async def call(
        self, function: Callable[..., Any], arguments: Mapping[str, Any], take: Callable[[Any], bool] | None = None
    ) -> Any:
        """Run a plain or async function; return what it returns, raise what it raises. Cancel it to give up.

        Args:
            take: gets each piece of an answer that streams when the one before was taken, and returns whether that was
                enough; what is returned then is None.
        """
        if is_async(function):
            if self._suspect:
                await self._probe()
            result = await self._run(lambda: function(**arguments))
        else:
            worker = self._free.pop() if self._free else _Worker(f"plugin-{self.plugin}", self._rest)
            result = await self._wait_for(worker.run(partial(function, **arguments)), worker)
            if inspect.isawaitable(awaitable := result):
                result = await self._run(lambda: awaitable)
        if take is None or not is_stream(result):
            return result
        coming = aiter(result)

        async def following() -> tuple[bool, Any]:
            try:
                return True, await anext(coming)
            except StopAsyncIteration:
                return False, None

        try:
            while (came := await self._run(following))[0] and not take(came[1]):
                pass
        finally:
            if (close := getattr(coming, "aclose", None)) is not None:
                self._submit(close, Future())  # its last work is not awaited
        return None

    async def _run(self, make: Callable[[], Awaitable[Any]]) -> Any:
        """Run a coroutine on the loop; cancel it to give up."""
        future: Future[Any] = Future()
        self._submit(make, future)
        return await self._wait_for(future)

    def _rest(self, worker: _Worker) -> bool:
        """Keep a worker for the next function; not one that was abandoned, nor after the end."""
        kept = not self._closed and worker.thread not in self._abandoned
        if kept:
            self._free.append(worker)
        return kept

    async def _wait_for(self, future: Future[Any], worker: _Worker | None = None) -> Any:
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            if worker is not None and worker.running is future:
                self._abandoned.append(worker.thread)
            self._suspect = True
            raise

    async def _probe(self) -> None:
        """Abandon the loop if it is blocked; the next call gets a fresh one."""
        self._suspect = False
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        alive: Future[None] = Future()
        loop.call_soon_threadsafe(_resolve, alive)
        try:
            await asyncio.wait_for(asyncio.wrap_future(alive), PROBE_SECONDS)
        except TimeoutError:
            self._loop = self._thread = None
            self._abandoned.append(thread)
            loop.call_soon_threadsafe(loop.stop)  # it ends when it is released

    def close(self) -> None:
        """End the loop's thread; running calls are cancelled, blocked ones abandoned."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        self._closed = True
        while self._free:
            self._free.pop().end()
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(2 * PROBE_SECONDS)

    def _submit(self, make: Callable[[], Awaitable[Any]], future: Future[Any]) -> None:
        loop = self._started()

        async def run() -> None:
            try:
                _resolve(future, await make())
            except BaseException as error:  # SystemExit would otherwise end the loop's thread
                _resolve(future, error=error)
                if isinstance(error, asyncio.CancelledError):
                    raise

        def begin() -> None:
            task = loop.create_task(run())

            def ended(resolved: Future[Any]) -> None:
                if resolved.cancelled() and not loop.is_closed():
                    loop.call_soon_threadsafe(task.cancel)

            future.add_done_callback(ended)

        loop.call_soon_threadsafe(begin)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            name = f"plugin-{self.plugin}-loop"
            self._thread = threading.Thread(target=_serve, args=(self._loop,), name=name, daemon=True)
            self._thread.start()
        return self._loop
