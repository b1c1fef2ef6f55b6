"""Circuit breakers: what fails several times in a row is not called for a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Breakers"]


@dataclass
class _Failures:
    in_a_row: int = 0
    last: str = ""
    """why it failed last"""
    open_until: float = 0.0


class Breakers:
    """The breakers of one plugin, one for each session, so that no client can switch it off for another.

    One opens after `failures` failures in a row, and lets one attempt through after `rest` seconds: a success closes
    it, a failure opens it for another rest.

    Args:
        failures: at least 1.
        clock: monotonic seconds.
    """

    KEPT = 1_000
    """sessions whose failures are remembered; beyond that, those that failed longest ago are forgotten"""

    def __init__(self, failures: int, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed, self._rest, self._clock = failures, rest, clock
        self._sessions: OrderedDict[str, _Failures] = OrderedDict()
        self.total = 0
        """failures since the start"""

    def reason(self, session: str | None = None) -> str:
        """Why it rests in a session, or (None) in the one in which it failed last; "" when it does not."""
        if session is None:
            return next((reason for each in reversed(self._sessions) if (reason := self.reason(each))), "")
        failed = self._sessions.get(session, _Failures())
        remaining = failed.open_until - self._clock()
        if failed.in_a_row < self._allowed or remaining <= 0:
            return ""
        times = f"{failed.in_a_row} failures in a row" if failed.in_a_row > 1 else "a failure"
        return f"rests for {remaining:.0f} s after {times}: {failed.last}"

    def succeed(self, session: str) -> None:
        """Note a success in a session: the row of failures ends."""
        self._sessions.pop(session, None)

    def fail(self, session: str, reason: str) -> None:
        """Note a failure in a session."""
        self.total += 1
        failed = self._sessions.setdefault(session, _Failures())
        self._sessions.move_to_end(session)
        failed.in_a_row, failed.last = failed.in_a_row + 1, reason
        if failed.in_a_row >= self._allowed:
            failed.open_until = self._clock() + self._rest
        while len(self._sessions) > self.KEPT:
            self._sessions.popitem(last=False)
