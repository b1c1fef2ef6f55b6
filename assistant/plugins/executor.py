"""Runs a plugin's coroutines on an event loop of its own and its plain functions on threads of their own.

A plugin cannot stall the assistant's event loop or another plugin: a thread or loop that hangs is abandoned, and the
call that waits for it fails at its deadline.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, TypeVar

from assistant.errors import DeadlineExceeded
from assistant.plugins.schema import is_async

__all__ = ["Deadline", "Executor", "as_exception", "call_in_thread", "on_loop"]

T = TypeVar("T")

PROBE_SECONDS = 0.1
"""A loop that does not answer within this time while it should be idle is blocked."""


class Deadline:
    """An `asyncio.timeout` that can be paused, because waiting for the user does not count.

    Raises:
        DeadlineExceeded: when the time is up, out of the ``async with``.
    """

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
    """What a plugin raised, as an error that ends no loop, no thread and no generator: `SystemExit` among others."""
    if isinstance(error, asyncio.CancelledError):
        return RuntimeError("cancelled itself")
    if isinstance(error, Exception) and not isinstance(error, (StopIteration, StopAsyncIteration)):
        return error
    return RuntimeError(f"raised {type(error).__name__} {error}".rstrip()).with_traceback(error.__traceback__)


def _resolve(future: Future[Any], result: Any = None, error: BaseException | None = None) -> None:
    with suppress(Exception):  # InvalidStateError: the caller gave up at this moment
        future.set_result(result) if error is None else future.set_exception(as_exception(error))


class _Worker:
    """A daemon thread that runs one function after another, until it is let go."""

    def __init__(self, name: str) -> None:
        self.kept = True
        """whether it waits for another function after this one"""
        self.future: Future[Any] | None = None
        """of the function that runs; None while it waits"""
        self._jobs: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self.thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.thread.start()

    def run(
        self, function: Callable[[], Any], then: Callable[[Future[Any], Any], object], free: Callable[[], object]
    ) -> Future[Any]:
        """Run a function; `then` resolves the future that is returned, and `free` is called before."""
        self.future = future = Future[Any]()

        def work() -> None:
            try:
                result = function()
            except BaseException as error:  # a plugin may raise anything, also SystemExit
                free()
                _resolve(future, error=error)
            else:
                free()
                then(future, result)

        self._jobs.put(work)
        return future

    def end(self) -> None:
        """Let it go after what it does now."""
        self.kept = False
        self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def call_in_thread(function: Callable[[], T], timeout: float, name: str = "plugin") -> T:
    """Run a function on a daemon thread and wait for it.

    Raises:
        DeadlineExceeded: it took longer than `timeout` seconds; the thread is abandoned.
        Exception: whatever the function raised; `SystemExit` and its like arrive as `RuntimeError`.
    """
    worker = _Worker(name)
    future = worker.run(function, _resolve, worker.end)
    try:
        result: T = future.result(timeout)
    except TimeoutError as error:
        if future.done():
            raise
        raise DeadlineExceeded(f"took longer than {timeout:g} s") from error
    return result


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
        self._abandoned: list[threading.Thread] = []
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    @property
    def stuck(self) -> int:
        """Threads that were abandoned and still run."""
        self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
        return len(self._abandoned)

    async def call(self, function: Callable[..., Any], kwargs: Mapping[str, Any]) -> Any:
        """Run a plain or async function and return what it returns; cancel it to give up.

        Raises:
            Exception: whatever the function raised.
        """
        worker = None
        if is_async(function):
            if self._suspect:
                await self._probe()
            future: Future[Any] = Future()
            self._submit(lambda: function(**kwargs), future)
        else:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            worker = worker or _Worker(f"plugin-{self.plugin}")
            future = worker.run(lambda: function(**kwargs), self._finish, partial(self._free, worker))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            with self._lock:
                if worker is not None and worker.future is future:
                    worker.end()
                    self._abandoned.append(worker.thread)
            self._suspect = True
            raise

    def _free(self, worker: _Worker) -> None:
        """Keep a thread for the next function; one is enough, as a rule."""
        with self._lock:
            worker.future = None
            if worker.kept and not self._idle and not self._closed:
                self._idle.append(worker)
            elif worker.kept:
                worker.end()

    async def iterate(self, pieces: AsyncIterable[Any]) -> AsyncGenerator[Any, None]:
        """What an async iterator of the plugin yields; each piece is asked for when the one before was taken."""
        coming = aiter(pieces)

        async def take() -> tuple[bool, Any]:
            try:
                return True, await anext(coming)
            except StopAsyncIteration:
                return False, None

        try:
            while (taken := await self._run(take))[0]:
                yield taken[1]
        finally:
            if (close := getattr(coming, "aclose", None)) is not None:
                self._submit(close, Future())  # its last work is not awaited

    async def _run(self, make: Callable[[], Awaitable[Any]]) -> Any:
        """Run a coroutine on the loop; cancel it to give up."""
        future: Future[Any] = Future()
        self._submit(make, future)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            self._suspect = True
            raise

    def _finish(self, future: Future[Any], result: Any) -> None:
        """Resolve a plain function's future; an awaitable that it returned runs on the loop first."""
        if inspect.isawaitable(result):
            self._submit(lambda: result, future)
        else:
            _resolve(future, result)

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
            loop.call_soon_threadsafe(loop.stop)  # it ends as soon as it is let go

    def close(self) -> None:
        """End the loop's thread; running calls are cancelled, blocked ones abandoned."""
        loop, thread = self._loop, self._thread
        self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(2 * PROBE_SECONDS)
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().end()

    def _submit(self, make: Callable[[], Awaitable[Any]], future: Future[Any]) -> None:
        loop = self._started()

        async def run() -> None:
            try:
                _resolve(future, await make())
            except asyncio.CancelledError as error:
                _resolve(future, error=error)
                raise
            except BaseException as error:  # SystemExit would otherwise end the loop's thread
                _resolve(future, error=error)

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
