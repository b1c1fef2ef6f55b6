"""Runs one turn with a language model: asks it, calls its tools, and marks its words as its own, piece by piece."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import PurePath

from assistant import Reply, Services, Turn, UserError
from assistant.plugins.tools import Tool

from .calling import Calling, message_of, offered
from .messages import Material, cited, gather, messages_of
from .models import Model, chosen
from .wording import Language, asked_in, say

__all__ = ["answer", "answer_off", "rests"]

REST = 60.0
"""seconds a model that did not answer in time is left alone"""
TOOLS = 10
"""most tools that are offered"""
MOST_SAID = 16_000
"""characters of an answer"""


_FORGED = re.compile(r"(^[ \t]*)\[(?!\d{1,2}\])", re.MULTILINE)
_OPEN = re.compile(r"^[ \t]*\[\d{0,2}\Z", re.MULTILINE)


@dataclass
class _Rest:
    until: float = 0.0
    """monotonic seconds"""


_rest = _Rest()


def rests() -> bool:
    """Returns whether the model is paused because it did not answer in time."""
    return time.monotonic() < _rest.until


def answer_off(language: Language) -> Reply:
    """Say what would answer if a model were set up."""
    return Reply(say("off", language), speech=say("off_speech", language))


async def answer(turn: Turn, services: Services, *, tools: bool) -> AsyncGenerator[Reply | str, None]:
    """The model's answer, marked as its own; nothing when no model is set up.

    Args:
        tools: offer it what other plugins can do.

    Raises:
        UserError: it could not be asked, or broke off; one line that says why.
    """
    options = services.options
    model = chosen(options)
    if model is None:
        return
    language = asked_in(turn.utterance)
    passages = options["passages"] == "always" or (options["passages"] == "here" and not model.host)
    material = await gather(
        turn, services, turns=int(options["turns"]), passages=passages, pictures=bool(options["pictures"])
    )
    calling = Calling(services.tools(turn.session), int(options["tools"]) if tools and model.takes_tools else 0)
    talk = _Talk(model, material, calling, language)
    try:
        async with aclosing(talk.pieces()) as pieces:
            async for piece in pieces:
                yield piece
    except TimeoutError as error:
        _rest.until = time.monotonic() + REST
        raise UserError(
            f"The language model did not answer within {options['seconds']:g} s; it is not asked for {REST:g} s."
        ) from error


class _Talk:
    """The exchange of a model and its tools in one turn."""

    def __init__(self, model: Model, material: Material, calling: Calling, language: Language) -> None:
        self._model, self._material, self._calling, self._language = model, material, calling, language
        self._said = ""
        self._held = ""
        """the beginning of a line that may be a citation or a forged mark"""
        self._name = ""

    async def pieces(self) -> AsyncGenerator[Reply | str, None]:
        """The whole answer, with its marks."""
        messages = messages_of(self._material)
        tools = await self._calling.tools.list(TOOLS) if self._calling.most else []
        rounds = self._calling.most + 2
        for number in range(rounds):
            before = self._said
            async for piece in self._round(messages, tools if not self._calling.spent else []):
                yield piece
            calls = self._calling.taken()
            if not calls:
                break
            if number == rounds - 1 or self._calling.spent:
                yield Reply(f"\n[{say('looped', self._language, n=self._calling.used)}]\n", speech=" ")
                break
            messages.append(message_of(self._said[len(before) :], calls))
            for call in calls:
                shown, result = await self._calling.carry_out(call)
                start = "" if not self._said or self._said.endswith("\n") else "\n"
                self._said += f"{start}{shown}\n"
                yield Reply(f"{start}{shown}\n", speech=" ")
                messages.append(result)
        if not self._said.strip():
            raise UserError(say("silent", self._language, model=self._shown_name()))
        yield self._mark()

    async def _round(self, messages: list[dict[str, object]], tools: list[Tool]) -> AsyncGenerator[Reply | str, None]:
        self._held = ""
        async with aclosing(self._model.ask(messages, offered(tools))) as chunks:
            async for chunk in chunks:
                self._name = chunk.model or self._name
                self._calling.take(chunk.calls)
                text = self._unmarked(chunk.text if self._said else chunk.text.lstrip())
                if not text:
                    continue
                if not self._said:
                    yield Reply("", speech=say("lead", self._language))
                self._said += text
                yield text
                if len(self._said) > MOST_SAID:
                    raise UserError(f"it said more than {MOST_SAID:,} characters")
        if rest := self._rest():
            self._said += rest
            yield rest

    def _rest(self) -> str:
        """Returns the text held back, at the end of the stream."""
        rest, self._held = self._held.replace("[", "· ["), ""
        return rest

    def _unmarked(self, text: str) -> str:
        """The model's words, in which no line begins as the assistant's own marks do; [1] still cites a passage."""
        text, self._held = self._held + text, ""
        starts = not self._said or self._said.endswith("\n")
        # What comes after a bracket tells whether it cites.
        if (bracket := _OPEN.search(text)) and (bracket.start() or starts):
            text, self._held = text[: bracket.start()], bracket[0]
        return _FORGED.sub(lambda found: found[0] if found.start() == 0 and not starts else f"{found[1]}· [", text)

    def _shown_name(self) -> str:
        return PurePath(self._name or self._model.name).name.removesuffix(".gguf") or self._model.host

    def _mark(self) -> Reply:
        """The lines below the answer: sources, the model's name, and the host that got the user's words."""
        lines = cited(self._said, self._material.passages)
        if self._material.shortened:
            lines.append(f"[{say('shortened', self._language, n=len(self._material.words))}]")
        name, host = self._shown_name(), self._model.host
        key = "sent" if host else "here" if self._model.takes_tools else "installed"
        what = self._material.told(self._language)
        lines.append(f"[{say(key, self._language, model=name, host=host, what=what)}]")
        data = {"language_model": name, **({"sent_to": host} if host else {})}
        return Reply("\n\n" + "\n".join(lines), speech=" ", data=data)
