"""A user's request to a tool: permission, a yes where it may change something, the call, and the reply."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant import Dialogue, Reply, Services, Turn, UserError, language_of
from assistant.folders import write_private
from assistant.types import new_id

from .arguments import to_json
from .examples import request_of
from .results import LONGEST, plain_result, spoken
from .wording import choices_in, said, shown_arguments

if TYPE_CHECKING:
    from .servers import Servers, ToolIntent

__all__ = ["handler_of"]

Answer = Callable[..., Coroutine[Any, Any, Reply]]
HERE = new_id()
"""this run of the program"""
KEPT_RESULTS = 20


def handler_of(intent: ToolIntent, servers: Servers) -> Answer:
    """A handler whose name, docstring and parameters are the tool's."""

    async def answer(turn: Turn, dialogue: Dialogue, services: Services, **slots: Any) -> Reply:
        return await _Request(intent, servers, turn, dialogue, services, slots).answered()

    given = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind)
        for name, kind in {"turn": Turn, "dialogue": Dialogue, "services": Services}.items()
    ]
    slots = [
        inspect.Parameter(
            each.slot,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=each.annotation,
            default=inspect.Parameter.empty if each.required else None,
        )
        for each in intent.arguments
    ]
    answer.__name__ = intent.name
    described = [f"    {each.slot}: {each.description}" for each in intent.arguments if each.description.rstrip(".")]
    answer.__doc__ = "\n".join([f"{request_of(intent.tool)}.", *(["", "Args:", *described] if described else [])])
    answer.__annotations__ = {each.name: each.annotation for each in (*given, *slots)}
    setattr(answer, "__signature__", inspect.Signature([*given, *slots]))  # noqa: B010
    return answer


class _Request:
    """One request to one tool."""

    def __init__(
        self,
        intent: ToolIntent,
        servers: Servers,
        turn: Turn,
        dialogue: Dialogue,
        services: Services,
        slots: dict[str, Any],
    ) -> None:
        self._tool, self._servers, self._dialogue, self._services = intent.tool, servers, dialogue, services
        self._arguments = {**self._tool.fixed, **to_json(list(intent.arguments), slots)}
        self._language = language_of(turn.utterance)

    async def answered(self) -> Reply:
        """The reply.

        Raises:
            UserError: the server failed; one line.
        """
        if refused := await self._refused():
            return refused
        if not self._tool.reads_only:
            listed = shown_arguments(self._arguments, self._language)
            if not await self._dialogue.ask(self._said("confirm", arguments=listed), kind=bool):
                return Reply(self._said("not_done"))
            begun = await self._dialogue.once("begun", lambda: HERE)
            result: dict[str, Any] = await self._dialogue.once("called", partial(self._acted, begun))
        else:
            result = await self._called()
        return self._reply(result)

    async def _refused(self) -> Reply | None:
        """Asks for permission; the reply when it is not given."""
        known = self._servers.permissions.of(self._tool)
        # What was asked once is asked again from the journal after a restart, whatever has been kept since.
        first = await self._dialogue.once("permission", lambda: known or "ask")
        if first == "never" or known == "never":
            return Reply(self._said("forbidden"))
        if first == "always" and known == "always":
            return None
        acts = self._said("reads" if self._tool.reads_only else "acts")
        what = "permit_changed" if self._servers.permissions.changed(self._tool) else "permit"
        choices = choices_in(self._language)
        answer = await self._dialogue.ask(self._said(what, acts=acts), choices=choices)
        if answer == choices[0]:
            return None
        self._servers.permissions.set(self._tool, "always" if answer == choices[1] else "never")
        return None if answer == choices[1] else Reply(self._said("never"))

    async def _acted(self, begun: str) -> dict[str, Any]:
        """Calls a tool that may change something: once, also when the program was killed in the middle."""
        if begun != HERE:
            raise UserError(self._said("interrupted"))
        return await self._called()

    async def _called(self) -> dict[str, Any]:
        connection = self._servers.connections.get(self._tool.server)
        if connection is None:
            raise UserError(f"The MCP server {self._tool.server} is no longer in the settings.")
        return plain_result(await connection.call(self._tool, self._arguments))

    def _reply(self, result: dict[str, Any]) -> Reply:
        chinese, text = self._language == "zh", str(result["text"])
        source, data = self._said("from"), {"mcp": {"server": self._tool.server, "tool": self._tool.name}}
        attached: list[Any] = [base64.b64decode(each) for each in result["pictures"]]
        if result["failed"]:
            told = self._said("failed", text=text[:LONGEST] or "?")
            return Reply(told, speech=spoken(told, self._tool, chinese=chinese), data={**data, "failed": True})
        if not text:
            return Reply(self._said("empty"), attachments=tuple(attached), data=data)
        shown = text
        if len(text) > LONGEST:
            attached.append(self._kept(text))
            shown = text[:LONGEST] + self._said("cut", size=result["size"])
        speech = spoken(text, self._tool, chinese=chinese)
        return Reply(f"{shown}\n{source}", speech=speech, attachments=tuple(attached), data=data)

    def _kept(self, text: str) -> str:
        """Keeps a long result in a file, and of such files the last ones."""
        folder = self._services.data_dir / "results"
        path = folder / f"{self._tool.server}-{new_id()}.txt"
        write_private(path, lambda file: file.write(text.encode()))
        for old in sorted(folder.glob("*.txt"), key=lambda each: each.stat().st_mtime)[:-KEPT_RESULTS]:
            old.unlink(missing_ok=True)
        return str(path)

    def _said(self, what: str, **values: Any) -> str:
        return said(what, self._language, self._tool, **values)
