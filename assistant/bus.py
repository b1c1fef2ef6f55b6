"""The event bus: passes each event to every listener, without waiting for any of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from assistant.events import Event, ItemsDropped

__all__ = ["Bus", "Subscription"]

logger = logging.getLogger(__name__)

Listener = Callable[[Event], None]


class Subscription:
    """A queue of at most `size` events. A reader that is too slow loses the oldest, and that is counted."""

    def __init__(self, size: int) -> None:
        self.dropped = 0
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(size)

    def offer(self, event: Event) -> bool:
        """Add an event; False if an older one had to go."""
        full = self._queue.full()
        if full:
            self._queue.get_nowait()
            self.dropped += 1
        self._queue.put_nowait(event)
        return not full

    async def get(self) -> Event | None:
        """The next event; None at the end."""
        return await self._queue.get()

    def end(self) -> None:
        """Let the reader stop."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)


class Bus:
    """Delivers each event to every listener; a listener that raises is logged, and the others still get it.

    `publish` may be called from any thread once `bind` has named the event loop.
    """

    def __init__(self) -> None:
        self._listeners: list[tuple[tuple[type[Event], ...], Listener]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop on which events are delivered when another thread publishes."""
        self._loop = loop

    def listen(self, listener: Listener, kinds: Iterable[type[Event]] = (Event,)) -> Callable[[], None]:
        """Call `listener` for each event of these kinds; returns a function that stops it.

        Listeners run at once on the publishing side and must be quick.
        """
        entry = (tuple(kinds), listener)
        self._listeners.append(entry)
        return lambda: self._listeners.remove(entry) if entry in self._listeners else None

    @contextmanager
    def subscribe(self, *kinds: type[Event], size: int = 256) -> Iterator[Subscription]:
        """A queue of events of these kinds (all when none is named) for the length of a ``with``."""
        subscription = Subscription(size)

        def take(event: Event) -> None:
            lost = not subscription.offer(event) and not isinstance(event, ItemsDropped)
            # Announce the first loss and then every hundredth: reporting must not flood either.
            if lost and subscription.dropped % 100 == 1:
                self._deliver(ItemsDropped(queue="bus", count=subscription.dropped))

        stop = self.listen(take, kinds or (Event,))
        try:
            yield subscription
        finally:
            stop()
            subscription.end()

    def publish(self, event: Event) -> None:
        """Deliver an event; never blocks and never raises."""
        if self._loop is not None and self._loop.is_running() and not self._on_loop():
            self._loop.call_soon_threadsafe(self._deliver, event)
        else:
            self._deliver(event)

    def _on_loop(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _deliver(self, event: Event) -> None:
        for kinds, listener in list(self._listeners):
            if isinstance(event, kinds):
                try:
                    listener(event)
                except Exception:
                    logger.exception("a listener failed on %s", type(event).__name__)
