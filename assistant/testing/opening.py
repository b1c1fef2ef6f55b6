"""Decides turns with the real models, without answering them: for a plugin's held-out sentences and pictures."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assistant.app import App
from assistant.types import Decision, Turn, new_id

__all__ = ["check_sentences", "check_spoken", "decide_all", "opens", "read_sentences"]


def read_sentences(path: str | Path) -> list[tuple[str, str]]:
    """Intent and sentence of every line of a TOML file: ``intent = ["sentence", …]``.

    The sentences must not be among the intent's examples: nothing was tuned on them.
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
            app.start_loading(text_only=True)  # speech and picture models, for turns that need them
            await app.wait_ready()
            # Each turn is a conversation of its own: what one leaves open must not swallow the next.
            return [await app.considering.decide(replace(turn, session=f"check-{new_id()}")) for turn in turns]
        finally:
            await app.close()

    return asyncio.run(run())


def opens(decision: Decision, intent: str) -> bool:
    """Returns whether a decision leads to an intent: at once, or as one of the choices offered to the user."""
    return decision.intent == intent if decision.outcome == "answer" else intent in decision.options


def check_sentences(path: str | Path, plugin: str, least: float) -> None:
    """Asserts that a plugin's intents open from a file's sentences, each intent from at least half of its own.

    The file names intents without the plugin; `least` is the share of all sentences, 0 to 1, that must open theirs.

    Raises:
        AssertionError: too few do, or a sentence is among the examples; lists those that do not.
    """
    _check([(f"{plugin}.{intent}", sentence) for intent, sentence in read_sentences(path)], least, spoken=False)


def check_spoken(path: str | Path, plugin: str, least: float) -> None:
    """Like `check_sentences`, for the first two English sentences of each intent, said by the voice."""
    english: dict[str, list[str]] = {}
    for intent, sentence in read_sentences(path):
        english.setdefault(f"{plugin}.{intent}", []).extend([sentence] if sentence.isascii() else [])
    chosen = [(intent, sentence) for intent, sentences in english.items() for sentence in sentences[:2]]
    _check(chosen, least, spoken=True)


def _check(rows: Sequence[tuple[str, str]], least: float, *, spoken: bool) -> None:
    decisions = decide_all([_said(sentence) if spoken else Turn(text=sentence) for _, sentence in rows])
    missed = [
        f"{intent}: {sentence!r} → {decision.intent} ({decision.outcome})"
        for (intent, sentence), decision in zip(rows, decisions, strict=True)
        if not opens(decision, intent)
    ]
    told = f"{len(rows) - len(missed)} of {len(rows)} open; not these:\n" + "\n".join(missed)
    assert len(missed) <= (1 - least) * len(rows), told
    for intent in {intent for intent, _ in rows}:
        own = sum(each == intent for each, _ in rows)
        assert 2 * sum(line.startswith(f"{intent}:") for line in missed) <= own, told


def _said(sentence: str) -> Turn:
    from assistant.speech import Synthesizer, join_clips

    return Turn(audio=join_clips(list(Synthesizer().stream(sentence))))
