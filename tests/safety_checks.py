"""The shipped safety checks, loaded once in a process: they keep nothing of what they read but their last findings."""

from functools import cache

from assistant.safety import SafetyChecks


class _KeptOpen(SafetyChecks):
    def close(self) -> None:
        """Stay, for the next test."""


shared_safety = cache(_KeptOpen)
"""folder of shipped plugins → its checks; stands in for `assistant.app.SafetyChecks`"""
