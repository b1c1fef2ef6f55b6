"""One question to a language model, with the conversation so far, and its answer clearly marked."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant import Exchange, Reply, Services, Turn, UserError, language_of

from .endpoint import Endpoint, Message
from .installed import ask_installed

__all__ = ["SYSTEM", "ask_model"]

SYSTEM = (
    "You are the last resort of a local assistant: you get only what its own plugins could not answer. Answer in the "
    "language of the user, in at most five sentences, in plain words. Say so when you do not know. You cannot see "
    "orders, tickets, pictures or files, and you do not diagnose: send medical questions to a doctor."
)
MOST_SECONDS = 120.0
REST = 60.0
"""seconds a model that did not answer in time is left alone"""
MOST_CHARS = 4000
"""of one message that is sent"""

MARKS = {
    "en": ("{answer}\n\n[Answered by the language model {model}. It can be wrong.]", "A language model says: {answer}"),
    "zh": ("{answer}\n\n[由语言模型 {model} 回答，可能有误。]", "语言模型说：{answer}"),
}


@dataclass
class _Rest:
    until: float = 0.0
    """monotonic seconds"""


_rest = _Rest()


async def ask_model(turn: Turn, services: Services) -> Reply | None:
    """The model's answer, marked as its own; None when no model is set up or there are no words to send.

    Raises:
        UserError: it could not be asked; one line that says why.
    """
    options = services.options
    model = str(options["model"])
    if not (options["url"] or model) or not turn.utterance.strip() or time.monotonic() < _rest.until:
        return None
    earlier = await services.conversation(turn.session, int(options["turns"])) if options["turns"] > 0 else []
    messages = messages_of(turn.utterance, earlier)
    ask = _asker(str(options["url"]), model, str(options["key_variable"]), min(options["seconds"], MOST_SECONDS))
    try:
        async with asyncio.timeout(min(options["seconds"], MOST_SECONDS) + 1):
            answer, spoke = await asyncio.to_thread(ask, messages)
    except TimeoutError as error:
        _rest.until = time.monotonic() + REST
        raise UserError(
            f"The language model did not answer within {options['seconds']:g} s; it rests for {REST:g} s."
        ) from error
    shown, said = MARKS[language_of(turn.utterance)]
    return Reply(
        shown.format(answer=answer, model=spoke), speech=said.format(answer=answer), data={"language_model": spoke}
    )


def messages_of(words: str, earlier: Sequence[Exchange]) -> list[Message]:
    """The messages to send: the system's, the conversation so far, and the user's words."""
    messages: list[Message] = [{"role": "system", "content": SYSTEM}]
    for each in earlier:
        if each.text:
            messages.append({"role": "user", "content": each.text[:MOST_CHARS]})
            messages.append({"role": "assistant", "content": each.reply[:MOST_CHARS]})
    return [*messages, {"role": "user", "content": words[:MOST_CHARS]}]


def _asker(url: str, model: str, variable: str, seconds: float) -> Callable[[list[Message]], tuple[str, str]]:
    if not url:
        return lambda messages: (ask_installed(model, messages), model)
    return Endpoint(url, model, os.environ.get(variable, "") if variable else "", variable, seconds).ask
