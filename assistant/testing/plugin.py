"""Loads and runs one plugin in a test, as the assistant does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from assistant.bus import Bus
from assistant.errors import PluginError
from assistant.events import PluginFailed
from assistant.intents.slots import extract_slots, missing_slots, slot_question
from assistant.plugins.api import Intent, Services
from assistant.plugins.discovery import source_at
from assistant.plugins.manager import PluginManager
from assistant.plugins.plugin import PluginInfo, load_source
from assistant.settings import Settings, load_settings
from assistant.testing.fakes import FakeDialogue, FakeServices, words_of
from assistant.types import OUT_OF_SCOPE, Decision, Picture, Reply, Turn

__all__ = ["PluginUnderTest", "load_plugin"]

T = TypeVar("T")


class PluginUnderTest:
    """One plugin, loaded as the assistant loads it. See `load_plugin`."""

    def __init__(self, manager: PluginManager, failures: list[PluginFailed]) -> None:
        self.manager = manager
        """all hooks, for those who want to call them"""
        self.failures = failures
        """every failure that was reported"""

    @property
    def info(self) -> PluginInfo:
        """The plugin in ``assistant plugins list``."""
        return self.manager.infos[0]

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The registered intents."""
        return self.manager.intents

    def intent(self, name: str) -> Intent:
        """An intent by its name, with or without the plugin's.

        Raises:
            KeyError: it has none of that name.
        """
        for intent in self.intents:
            if name in (intent.name, intent.name.partition(".")[2]):
                return intent
        raise KeyError(f"{name}; there are {', '.join(intent.name for intent in self.intents)}")

    def guess(self, text: str) -> Intent:
        """The intent whose examples share the most words with a text (the assistant itself uses its models)."""

        def likeness(example: str) -> float:
            said, known = words_of(text), words_of(example)
            return len(said & known) / max(1, len(said | known))

        return max(self.intents, key=lambda intent: max(likeness(example) for example in intent.examples))

    def ask(
        self,
        text: str = "",
        *,
        intent: str = "",
        pictures: Sequence[Picture] = (),
        answers: Sequence[str | Picture] = (),
        services: Services | None = None,
        turn: Turn | None = None,
        **slots: Any,
    ) -> Reply:
        """Let the plugin answer.

        Args:
            intent: which intent is meant; guessed from the text when empty.
            answers: what the user answers to the plugin's questions, in order.
            turn: instead of text and pictures.
            slots: values of slots; those not given are read from the text, or asked for.

        Raises:
            PluginError: the plugin failed.
            AssertionError: it asked more than there are answers.
        """
        turn = turn or Turn(session="test", text=text, images=tuple(pictures))
        meant = self.intent(intent) if intent else self.guess(turn.utterance)
        return self._run(self._answer(meant, turn, FakeDialogue(answers), slots), services)

    def fall_back(self, text: str = "", *, services: Services | None = None, turn: Turn | None = None) -> Reply | None:
        """Calls the plugin's `answer_fallback` with a turn that belongs to no intent."""
        turn = turn or Turn(session="test", text=text)
        decision = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", out_of_scope=1.0)
        return self._run(self.manager.answer_fallback(turn, decision), services)

    def recognize(self, turn: Turn, *, services: Services | None = None) -> Decision | None:
        """Calls the plugin's `recognize_intent` with a turn."""
        return self._run(self.manager.recognize_intent(turn), services)

    def _run(self, call: Awaitable[T], services: Services | None) -> T:
        given = services or FakeServices()

        async def run() -> T:
            await self.manager.startup(lambda info: given)
            if self.info.status == "failed":
                raise PluginError(self.info.name, self.info.reason)
            try:
                return await call
            finally:
                await self.manager.shutdown()

        return asyncio.run(run())

    async def _answer(self, intent: Intent, turn: Turn, dialogue: FakeDialogue, slots: Mapping[str, Any]) -> Reply:
        filled = {**extract_slots(intent, turn.utterance), **slots}
        for slot in missing_slots(intent, filled):
            filled[slot.name] = await dialogue.ask(slot_question(intent, slot), kind=slot.kind, choices=slot.choices)
        return await self.manager.answer(intent, turn, filled, dialogue)


def load_plugin(path: str | Path, settings: Settings | None = None, *, isolated: bool = False) -> PluginUnderTest:
    """Load a plugin's file or folder, as the assistant would.

    Args:
        path: the file or folder.
        settings: the user's by default.
        isolated: in a process of its own, with the limits that the assistant sets; otherwise in the test's own process,
            where a test can look into it.

    Raises:
        PluginError: it cannot be loaded; says why, with file and line.
    """
    settings = settings or load_settings()
    bus = Bus()
    failures: list[PluginFailed] = []
    bus.listen(lambda event: failures.append(event) if isinstance(event, PluginFailed) else None)
    manager = PluginManager(settings, bus)
    plugin = load_source(source_at(Path(path)), settings, isolated=isolated)
    manager.add(plugin)
    if plugin.status != "active":
        raise PluginError(plugin.name, plugin.reason)
    return PluginUnderTest(manager, failures)
