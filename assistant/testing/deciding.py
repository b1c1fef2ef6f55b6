"""What the real models make of turns, without answering them: for a plugin's held-out sentences and pictures."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Sequence
from pathlib import Path

from assistant.app import App
from assistant.messages import Decision, Encoding, Turn

__all__ = ["decide_all", "opens", "read_sentences"]


def read_sentences(path: str | Path) -> list[tuple[str, str]]:
    """Intent and sentence of every line of a TOML file: ``intent = ["sentence", …]``.

    Args:
        path: the file. Its sentences must not be among the intent's examples: they are what nobody tuned on.
    """
    listed: dict[str, list[str]] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    return [(intent, sentence) for intent, sentences in listed.items() for sentence in sentences]


def decide_all(turns: Sequence[Turn]) -> list[Decision]:
    """One decision per turn, by today's models over the intents of all plugins; nothing is answered or stored.

    Raises:
        ModelUnavailable: the weights are not there.
    """

    async def run() -> list[Decision]:
        app = await App.open()
        try:
            await app.wait_ready()
            return [await _decided(app, turn) for turn in turns]
        finally:
            await app.close()

    return asyncio.run(run())


async def _decided(app: App, turn: Turn) -> Decision:
    notices: list[str] = []
    transcript, encodings = await app.senses.listen(turn, notices)
    words: list[Encoding] = await app.senses.read(turn.text, "text", notices)
    heard = await app.senses.read(transcript.text if transcript else "", "audio", notices)
    seen = await app.senses.look(turn.images, notices) if turn.images else []
    said = Turn(turn.session, " ".join(filter(None, (transcript.text if transcript else "", turn.text))), turn.audio)
    first = await app.plugins.recognize_intent(said)
    return first or await app.senses.call(app.model.decide, [*encodings, *words, *heard, *seen])


def opens(decision: Decision, intent: str) -> bool:
    """Whether a decision leads to an intent: at once, or as one of the things the user is asked to choose from."""
    return decision.intent == intent if decision.outcome == "answer" else intent in decision.options
