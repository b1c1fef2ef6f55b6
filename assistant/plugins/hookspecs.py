"""Every hook a plugin may implement, grouped by the moment it is called.

Mark an implementation with ``@assistant.hookimpl``. A hook may name fewer parameters than listed here.
Hook wrappers are refused on turn hooks, since they cannot see what an awaited implementation returns.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from assistant.encoders.encoder import Encoder
    from assistant.events import Event
    from assistant.fusion.strategy import FusionStrategy
    from assistant.plugins.api import Register, Services
    from assistant.types import AudioClip, Decision, Picture, Reply, Turn

__all__ = ["PROJECT", "TURN_HOOKS", "hookimpl", "hookspec"]

PROJECT = "assistant"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

TURN_HOOKS = (
    "prepare_turn",
    "recognize_intent",
    "answer_fallback",
    "prepare_reply",
    "track_event",
    "startup",
    "shutdown",
)
"""Hooks that may be `async`: awaited one by one, each under its own timeout."""


# Once, at the start. Sync.


@hookspec
def register_intents(register: Register) -> None:
    """Declare intents by calling ``register(handler, examples=[…])``. Called once per plugin."""


@hookspec
def register_encoders(register: Callable[[Encoder], None]) -> None:
    """Add encoders by calling ``register(encoder)``; one with a known name replaces it. Called once per plugin."""


@hookspec
def register_inputs(register: Callable[[str, Callable[..., Awaitable[Picture | AudioClip]]], None]) -> None:
    """Add a source with ``register(name, capture)``: `capture` awaits one picture or clip. Called once per plugin.

    ``/input NAME`` in the conversation attaches what it captures.
    """


@hookspec
def register_outputs(register: Callable[[str, Callable[[Reply], Awaitable[None]]], None]) -> None:
    """Add a way to deliver replies with ``register(name, deliver)``. Called once per plugin.

    ``/output NAME`` in the conversation delivers the last one.
    """


@hookspec
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add commands: ``assistant NAME …`` and ``/NAME …`` in the conversation. Called once per plugin.

    One marked ``@click.pass_obj`` gets a `CommandContext`, through which it may use the plugin's services.
    A group called ``evaluate`` adds its commands to ``assistant evaluate``.
    """


@hookspec(firstresult=True)
def create_fusion(name: str) -> FusionStrategy | None:
    """The fusion strategy of that name, or None. Stops at the first non-None result."""


# While it runs. Sync or async; each awaited under its own timeout.


@hookspec
def startup(services: Services) -> Any:
    """Called once before the first turn. A plugin whose `startup` fails is left out."""


@hookspec
def shutdown() -> Any:
    """Called once at the end, also after an error."""


# Each turn. Sync or async; each awaited under its own timeout; one that fails is skipped and reported.


@hookspec
def prepare_turn(turn: Turn) -> Turn | None:
    """Change a turn before anything else sees it. A chain: each gets what the one before returned; None keeps it."""


@hookspec
def recognize_intent(turn: Turn) -> Decision | None:
    """Decide a turn before the model does, for what must outrank any score. First awaited non-None wins."""


@hookspec
def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | str | None:
    """Answer a turn that belongs to no intent. First awaited non-None wins.

    A `UserError` raised on purpose is shown as a notice, and the next plugin is asked.
    """


@hookspec
def prepare_reply(turn: Turn, reply: Reply) -> Reply | None:
    """Change a reply before it is shown and stored. A chain: each gets what the one before returned; None keeps it."""


@hookspec
def track_event(event: Event) -> Any:
    """Hear every event. All are called; results are ignored."""
