"""The first lines of a conversation: what may be said, and what is open."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from assistant.language import Language, language_of, system_language

if TYPE_CHECKING:
    from assistant.app import App

__all__ = ["open_matters", "welcome"]

SHOWN = 3
"""sentences of as many plugins, others every day"""
WORDS: dict[Language, tuple[str, str, str]] = {
    "en": ("Say for example: {}", "Drop a picture or a recording into the line; /help lists the commands.", "“{}”"),
    "zh": ("可以这样说：{}", "把图片或录音拖进来也行；/help列出命令。", "“{}”"),
}


def welcome(app: App, today: date | None = None) -> list[str]:
    """Three sentences to try, in the language of the user's terminal, and where help is."""
    language = _language()
    offered = [
        [sentence for sentence in info.welcome if language_of(sentence) == language]
        for info in app.plugins.infos
        if info.status == "active"
    ]
    offered = [sentences for sentences in offered if sentences]
    day = (today or date.today()).toordinal()
    chosen = [offered[(day + at) % len(offered)] for at in range(min(SHOWN, len(offered)))]
    said, more, quoted = WORDS[language]
    shown = ("、" if language == "zh" else " · ").join(quoted.format(each[day % len(each)]) for each in chosen)
    return [*([said.format(shown)] if shown else []), more]


def open_matters(app: App, session: str) -> str:
    """What was begun in a session and left, in one line; "" for nothing."""
    summaries = {intent.name: intent.summary.rstrip(".") for intent in app.plugins.intents}
    names = dict.fromkeys(app.dialogues.waiting.set_aside(session))
    left = [summaries[name] for name in names if name in summaries]
    if not left:
        return ""
    if _language() == "zh":
        return f"还没办完：{'；'.join(left)}。说“继续刚才的”就能接着办。"
    return f"Left open: {'; '.join(left)}. “Go back to what we began” takes it up."


def _language() -> Language:
    return "zh" if system_language().startswith("zh") else "en"
