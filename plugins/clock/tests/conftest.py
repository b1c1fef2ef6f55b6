"""A user, the plugin, and a clock that is set by hand; today is Monday, 30 November 2026."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant import Turn
from assistant.outputs.schedule import Scheduled
from assistant.testing import FakeServices, PluginUnderTest, load_plugin

MONDAY = datetime(2026, 11, 30, 9, 0)


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Desk:
    """A user, a plugin and a clock that is set by hand."""

    def __init__(self, plugin: PluginUnderTest) -> None:
        self.plugin, self.now, self.count = plugin, MONDAY, 0
        self.services = FakeServices(clock=lambda: self.now.timestamp(), options={"snooze": 9})

    def ask(self, intent: str, text: str, *answers: str, session: str = "default") -> str:
        self.count += 1
        turn = Turn(session=session, text=text, at=self.now.timestamp(), id=f"turn{self.count}")
        return self.plugin.ask(intent=intent, turn=turn, answers=answers, services=self.services).text

    def wait(self, **span: float) -> list[str]:
        """Advances the clock and returns what rings, in order."""
        until, rung = self.now + timedelta(**span), []
        while (due := self.services.schedule.next_due()) is not None and due <= until.timestamp():
            self.now = max(self.now, datetime.fromtimestamp(due))
            rung += self.services.ring()
        self.now = until
        return rung

    @property
    def entries(self) -> list[Scheduled]:
        return [each for each in self.services.schedule.find("test", "default", most=100_000) if each.due]


@pytest.fixture
def desk(plugin: PluginUnderTest) -> Desk:
    return Desk(plugin)
