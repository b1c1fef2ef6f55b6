"""Every hook a plugin may implement, grouped by the moment it is called.

Mark an implementation with ``@assistant.hookimpl``. A hook may name fewer parameters than listed here. Hook wrappers
are refused. A plugin of the user's or of a package is called in a process of its own, its hooks too, unless the setting
``plugins.trusted`` names it: the process calls `startup` first and `shutdown` last, and a process that was lost is
followed by a new one. `register_commands` alone needs that setting.

An answer, of a handler or of `answer_fallback`, may be an async iterator of `str` and `Reply` pieces. They are shown
and said as they come, the next is taken when the one before was; the plugin's time-out and the longest reply hold for
the whole. When it raises after its first piece, what came stays, marked as cut off.

The API has a version, `assistant.API_VERSION`, and a plugin may name the one it was written for: ``Manifest(api=2)``.
What is added does not change the version. What is renamed keeps its old name for one version, with a warning that says
what to write. What is removed changes the version; a plugin that still has it is loaded for the rest, and loading,
``plugins list`` and ``plugins check`` say in one line what to use instead (`assistant.plugins.removed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from assistant.plugins.api import Answer, Register, Services
    from assistant.types import Decision, Reply, Turn

__all__ = ["PROJECT", "TURN_HOOKS", "hookimpl", "hookspec"]

PROJECT = "assistant"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

TURN_HOOKS = (
    "check_safety",
    "examine",
    "recognize_intent",
    "knows",
    "answer_unsure",
    "answer_fallback",
    "startup",
    "shutdown",
)
"""Hooks that may be `async`: awaited one by one, each under its own timeout."""


# Once, at the start. Sync.


@hookspec
def register_intents(register: Register) -> None:
    """Declare intents by calling ``register(handler, examples=[…])``. Called once per plugin."""


@hookspec
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add commands: ``assistant NAME …`` and ``/NAME …`` in the conversation. Called once per plugin.

    One marked ``@click.pass_obj`` gets a `CommandContext`, through which it may use the plugin's services.
    A group called ``evaluate`` or ``mcp`` adds its commands to that of the assistant.
    """


# While it runs. Sync, and quick.


@hookspec
def intents_changed() -> Any:
    """Returns whether the intents differ from those that `register_intents` declared; it is then called again.

    Asked after `startup` and before each turn, of plugins that run in the program itself. For intents that are known
    only while it runs, such as the tools of a server.
    """


# While it runs. Sync or async; each awaited under its own timeout.


@hookspec
def startup(services: Services) -> Any:
    """Called once before the first turn. A plugin whose `startup` fails is left out."""


@hookspec
def shutdown() -> Any:
    """Called once at the end, also after an error."""


@hookspec
def examine(options: Mapping[str, Any]) -> str | None:
    """Check the plugin's settings for ``assistant doctor``; returns the finding in one line.

    Called without the plugin's services, for shipped and trusted plugins; None or "" says nothing. A `UserError` says
    what to mend.
    """


# Each turn. Sync or async; each awaited under its own timeout; one that fails is skipped and reported.


@hookspec
def check_safety(words: str) -> Reply | str | None:
    """Answer words that tell of danger, before everything else of the turn. First awaited non-None wins.

    It gets the words alone, typed or as they were heard: no services, no history. ``Reply(intent="NAME.INTENT")`` says
    which intent the reply stands for. Nothing can replace or change the reply.

    A shipped plugin's check is a plain function in the file ``safety.py`` of its folder. It is loaded without the rest
    of the plugin, also when that is turned off, and called without a deadline, before the checks of all other plugins.
    """


@hookspec
def recognize_intent(turn: Turn) -> Decision | None:
    """Decide a turn before the model does. The decision with the highest confidence wins.

    A confidence below 1 is doubt: words that surely are for another plugin are then for that one. Below 0.8 an open
    question takes the words, and below 0.5 they are for whatever else they mean.
    """


@hookspec
def knows(turn: Turn, services: Services) -> bool | None:
    """Returns whether the text names a thing of the plugin's own: an item of an order, a timer by its name.

    Asked only where the model hesitates: "cancel the grinder" is for the plugin that alone knows a grinder. It must
    only look.
    """


@hookspec
def answer_unsure(turn: Turn, decision: Decision, services: Services) -> Reply | str | None:
    """Answer a turn about which the model hesitates: before the user is asked which of several things is meant, and
    before an intent answers that is not likely enough (``decision.outcome`` tells which).

    First awaited non-None wins. It must only answer, never act. A `UserError` raised on purpose is shown as a notice.
    """


@hookspec
def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Answer | None:
    """Answer a turn that belongs to no intent. First awaited non-None wins; an iterator without pieces counts as None.

    A `UserError` raised on purpose is shown as a notice, and the next plugin is asked.
    """
