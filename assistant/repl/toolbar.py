"""The line below the prompt: models, plugins, attachments, time of the last answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.formatted_text import StyleAndTextTuples

if TYPE_CHECKING:
    from assistant.repl.conversation import Conversation

__all__ = ["toolbar"]

DIVIDER = ("class:toolbar", " · ")


def toolbar(conversation: Conversation) -> StyleAndTextTuples:
    """The toolbar's text."""
    parts = [_models(conversation)]
    if conversation.loader.app is not None:
        parts += _plugins(conversation)
    if waiting := conversation.waiting:
        files = "file" if waiting == 1 else "files"
        parts.append(("class:toolbar.waiting", f"{waiting} {files} attached"))
    if conversation.latency_ms is not None:
        parts.append(("class:toolbar", f"{conversation.latency_ms:.0f} ms"))
    if conversation.speak:
        parts.append(("class:toolbar", "speaking"))
    if conversation.session != "default":
        parts.append(("class:toolbar", conversation.session))
    shown: StyleAndTextTuples = [("class:toolbar", " ")]
    for part in parts:
        shown += [part] if len(shown) == 1 else [DIVIDER, part]
    return shown


def _models(conversation: Conversation) -> tuple[str, str]:
    loader = conversation.loader
    if loader.state == "ready" and not loader.download:
        return ("class:toolbar.ready", "models ready")
    if loader.state == "failed":
        return ("class:toolbar.failed", "models failed")
    return ("class:toolbar.busy", f"{loader.doing[:1].lower()}{loader.doing[1:]}…")


def _plugins(conversation: Conversation) -> list[tuple[str, str]]:
    working, failing = conversation.plugin_state
    parts = [("class:toolbar", f"{working} plugin{'s' * (working != 1)}")]
    if failing:
        parts.append(("class:toolbar.failed", f"failed: {', '.join(failing[:3])}{', …' * (len(failing) > 3)}"))
    return parts
