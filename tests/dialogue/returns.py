"""A plugin that takes returns, and a user at its dialogues."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PIL import Image

from assistant.bus import Bus
from assistant.dialogue.manager import DialogueManager
from assistant.events import Event
from assistant.plugins.manager import PluginManager
from assistant.settings import load_settings
from assistant.storage import Attachments, Database, DialogueLog
from assistant.types import Picture, Reply, Turn

SHOP = '''
from datetime import date
from assistant import Manifest, Picture, hookimpl

MANIFEST = Manifest(timeout=0.5)

async def give_back(turn, dialogue, reason: str = "none"):
    """Return an order."""
    number = await dialogue.ask("Which order?", kind=int)
    photo = await dialogue.ask("May I see it?", kind=Picture)
    ticket = await dialogue.once("ticket", lambda: open_ticket(number))
    sure = await dialogue.ask("Shall I send the label?", kind=bool, speech="The label?")
    await dialogue.once("label", send_label)
    return f"{turn.text}: {number}, {photo.image.size}, {reason}, ticket {ticket['id']}, {sure}"

def open_ticket(number):
    note(f"ticket {number}")
    return {"id": 7, "on": date(2026, 1, 2)}

async def send_label():
    note("label")

def note(line):
    with open(FILE, "a") as file:
        file.write(line + "\\n")

def needs(day: date, size: str):
    """Book a parcel."""
    return f"{size} on {day}"

@hookimpl
def register_intents(register):
    register(give_back, examples=["return it"])
    register(needs, examples=["book a parcel"])
'''


class Counter:
    """A shop's assistant that can be shut and opened again; what is on disk stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heard: list[Event] = []
        self.effects = folder / "effects"
        self.trusted = ["shop", "odd"]
        (folder / "plugins").mkdir(exist_ok=True)
        self.write(SHOP)

    def write(self, code: str, name: str = "shop") -> None:
        code = f"FILE = {str(self.effects)!r}\n{textwrap.dedent(code)}"
        (self.folder / "plugins" / f"{name}.py").write_text(code)

    def open(self, **options: Any) -> DialogueManager:
        bus = Bus()
        bus.listen(self.heard.append)
        settings = {"folder": str(self.folder / "plugins"), "trusted": self.trusted}
        self.plugins = PluginManager(load_settings({"plugins": settings}), bus)
        self.plugins.load()
        log = DialogueLog(Database(f"sqlite:///{self.folder / 'log.sqlite3'}"))
        return DialogueManager(log, Attachments(self.folder / "pictures"), self.plugins, bus, **options)

    def run(self, story: Callable[[DialogueManager], Coroutine[Any, Any, Any]], **options: Any) -> Any:
        async def live() -> Any:
            dialogues = self.open(**options)
            try:
                return await story(dialogues)
            finally:
                await dialogues.close()
                await self.plugins.shutdown()

        return asyncio.run(live())

    async def start(self, dialogues: DialogueManager, name: str = "shop.give_back", **slots: Any) -> Reply:
        intent = next(intent for intent in self.plugins.intents if intent.name == name)
        return await dialogues.start(intent, say("return it"), slots)


def say(text: str = "", *pictures: Picture) -> Turn:
    return Turn(session="s", text=text, images=pictures)


PHOTO = Picture(Image.new("RGB", (6, 4), "red"))


ANSWERS = [say("number 1042"), say("here", PHOTO), say("yes please")]


DONE = "return it: 1042, (6, 4), broken, ticket 7, True"
