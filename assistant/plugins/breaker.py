"""A circuit breaker: stops calling what fails several times in a row, for a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

__all__ = ["Breaker", "Breakers"]


class Breaker:
    """Opens after `failures` failures in a row, and lets one attempt through after `rest` seconds.

    That attempt decides: a success closes the breaker, a failure opens it for another rest.

    Args:
        failures: failures in a row after which it opens, at least 1.
        rest: seconds it stays open.
        clock: monotonic seconds.
    """

    def __init__(self, failures: int, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = 0
        """failures since the start"""
        self.last = ""
        """why it failed last"""
        self._allowed = failures
        self._rest = rest
        self._clock = clock
        self._in_a_row = 0
        self._open_until = 0.0

    @property
    def remaining(self) -> float:
        """Seconds until an attempt is let through; 0 when it may be tried now."""
        return max(0.0, self._open_until - self._clock()) if self._in_a_row >= self._allowed else 0.0

    @property
    def reason(self) -> str:
        """Why it rests, for people; "" when it does not."""
        if not (remaining := self.remaining):
            return ""
        times = f"{self._in_a_row} failures in a row" if self._in_a_row > 1 else "a failure"
        return f"rests for {remaining:.0f} s after {times}: {self.last}"

    def succeed(self) -> None:
        """Note a success: the row of failures ends."""
        self._in_a_row = 0

    def fail(self, reason: str) -> None:
        """Note a failure."""
        self.total += 1
        self._in_a_row += 1
        self.last = reason
        if self._in_a_row >= self._allowed:
            self._open_until = self._clock() + self._rest


class Breakers:
    """The breakers of one plugin, one for each session, so that no client can switch it off for another.

    Args:
        failures: as for `Breaker`.
        rest: as for `Breaker`.
        clock: as for `Breaker`.
    """

    KEPT = 1_000
    """sessions whose failures are remembered; beyond that, those that failed longest ago are forgotten"""

    def __init__(self, failures: int, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._make: Callable[[], Breaker] = partial(Breaker, failures, rest, clock)
        self._sessions: OrderedDict[str, Breaker] = OrderedDict()
        self.total = 0
        """failures since the start"""

    def of(self, session: str) -> Breaker:
        """The breaker of a session."""
        return self._sessions.get(session) or self._make()

    @property
    def reason(self) -> str:
        """Why it rests in the session in which it failed last, for people; "" when it does not rest anywhere."""
        return next((reason for each in reversed(self._sessions.values()) if (reason := each.reason)), "")

    def succeed(self, session: str) -> None:
        """Note a success in a session."""
        self._sessions.pop(session, None)

    def fail(self, session: str, reason: str) -> None:
        """Note a failure in a session."""
        self.total += 1
        breaker = self._sessions[session] = self.of(session)
        self._sessions.move_to_end(session)
        breaker.fail(reason)
        while len(self._sessions) > self.KEPT:
            self._sessions.popitem(last=False)
