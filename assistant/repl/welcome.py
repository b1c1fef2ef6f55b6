"""The first lines of a conversation: what may be said, and what is open."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from assistant.language import language_of, say, screen_language

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["open_matters", "welcome"]

SHOWN = 3
"""sentences of as many plugins, others every day"""


def welcome(app: App, today: date | None = None) -> list[str]:
    """Three sentences to try, in the language of the user's terminal, and where help is."""
    language = screen_language()
    offered = [
        [sentence for sentence in info.welcome if language_of(sentence) == language]
        for info in app.plugins.infos
        if info.status == "active"
    ]
    offered = [sentences for sentences in offered if sentences]
    day = (today or date.today()).toordinal()
    chosen = [offered[(day + at) % len(offered)] for at in range(min(SHOWN, len(offered)))]
    quoted = (say("quoted", language, words=each[day % len(each)]) for each in chosen)
    shown = say("welcome_between", language).join(quoted)
    return [*([say("welcome", language, examples=shown)] if shown else []), say("welcome_more", language)]


def open_matters(app: App, session: str) -> str:
    """What was begun in a session and left, in one line; "" for nothing."""
    summaries = {intent.name: intent.summary.rstrip(".") for intent in app.plugins.intents}
    names = dict.fromkeys(app.dialogues.waiting.set_aside(session))
    left = [summaries[name] for name in names if name in summaries]
    if not left:
        return ""
    language = screen_language()
    return say("left_open", language, requests=say("semicolon", language).join(left))
