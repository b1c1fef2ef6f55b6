"""Emergencies and crises, answered before anything else of a turn; the core loads this file without the plugin.

It imports what reads words, and nothing that needs the assistant's services, storage or models.
"""

from __future__ import annotations

from assistant import Reply, hookimpl

from .alarms import alarm_reply

__all__ = ["check_safety"]


@hookimpl
def check_safety(words: str) -> Reply | None:
    """The emergency answer or the crisis answer to the words of a turn; None where neither is needed."""
    return alarm_reply(words)
