"""Settles uncertain decisions: by urgency, by the picture, or by the plugin that knows a named thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from assistant.dialogue.decided import KNOWN_THING, Decided
from assistant.plugins.manager import PluginManager
from assistant.types import Encoding

__all__ = ["Hesitating", "KnowsPictures"]

BY_PICTURE = 0.9
"""share of a decision from which a picture alone made it: to show something is not to ask for a change"""
KNOWN_KIND = 0.5
"""probability from which a picture is of some kind that plugins know"""
SURE = 0.8
"""confidence from which a decision stands even if another plugin knows the named thing"""
LIKELY_THING, CLEARLY = 0.12, 1.3
"""confidence from which an intent is likely whose plugin knows a thing that was named, and how far ahead it is clear"""
AHEAD, FAR = 0.65, 3.0
"""confidence from which the likeliest intent is not asked about, and how many times as likely as the next it must be:
of 15 such questions about requests of other authors, 14 offered the right one first"""
MOST_OPTIONS = 3
WEAK = 0.3
"""confidence below which words hardly mean an intent, beside as much probability that they mean none"""


class KnowsPictures(Protocol):
    """Knows the kinds of pictures that plugins bring."""

    def picture_kinds(self, encodings: Sequence[Encoding]) -> dict[str, float]:
        """Returns the probability of each picture kind, 0 to 1."""
        ...


class Hesitating:
    """Settles uncertain decisions.

    Args:
        plugins: declare the intents, and some know the things that words name.
        model: says how probable each kind of picture is that plugins bring.
    """

    def __init__(self, plugins: PluginManager, model: KnowsPictures) -> None:
        self._plugins, self._model = plugins, model

    async def settled(self, decided: Decided) -> Decided:
        """Returns the decision, settled if something says which intent is meant; else unchanged."""
        return await self._by_things(self._shown(self._urgent(decided)))

    async def _by_things(self, decided: Decided) -> Decided:
        """Gives an unsure turn to the plugin that alone knows a thing in it: "cancel the grinder"."""
        made, turn = decided.decision, decided.turn
        likely = [each for each in made.candidates if each.confidence >= LIKELY_THING]
        sure = made.outcome == "answer" and made.confidence >= SURE
        if sure or turn.images or not likely:
            return decided
        knowing = await self._plugins.knowing(turn)
        if made.outcome == "answer":
            known = made.intent.partition(".")[0] in knowing
            return replace(decided, decision=replace(made, source=KNOWN_THING)) if known else decided
        own = [each for each in likely if each.intent.partition(".")[0] in knowing]
        if not own or len({each.intent.partition(".")[0] for each in own}) > 1:
            return decided
        if len(own) == 1 or own[0].confidence >= CLEARLY * own[1].confidence:
            made = replace(made, intent=own[0].intent, confidence=own[0].confidence, outcome="answer", options=())
            return replace(decided, decision=replace(made, source=KNOWN_THING))
        options = tuple(each.intent for each in own[:MOST_OPTIONS])
        made = replace(made, intent=own[0].intent, confidence=own[0].confidence, outcome="clarify", options=options)
        return replace(decided, decision=made)

    def _urgent(self, decided: Decided) -> Decided:
        """Gives an unsure turn to an urgent intent, one far ahead, or a plugin that recognises its own turns."""
        made = decided.decision
        ahead = made.confidence >= AHEAD and len(made.candidates) > 1
        ahead = ahead and made.confidence >= FAR * made.candidates[1].confidence and bool(made.options)
        if made.outcome == "clarify" and (ahead or self._told_apart(made.options)):
            return replace(decided, decision=replace(made, intent=made.options[0], outcome="answer", options=()))
        urgent = [intent for intent in self._plugins.intents if intent.urgent and intent.name in made.options]
        if made.outcome != "clarify" or not urgent:
            return decided
        others = tuple(name for name in made.options if name not in {intent.name for intent in urgent})
        if others and all(self._plugins.recognizes(intent.plugin) for intent in urgent):
            made = replace(made, intent=others[0], options=others if len(others) > 1 else ())
            return replace(decided, decision=made if made.options else replace(made, outcome="answer"))
        return replace(decided, decision=replace(made, intent=urgent[0].name, outcome="answer", options=()))

    def _told_apart(self, options: Sequence[str]) -> bool:
        """Returns whether intents belong to one plugin that tells them apart itself, and all of them act, or none."""
        plugins = {name.partition(".")[0] for name in options}
        acting = {intent.may_act for intent in self._plugins.intents if intent.name in options}
        return len(plugins) == len(acting) == 1 and self._plugins.tells_apart(*plugins)

    def _shown(self, decided: Decided) -> Decided:
        """Decides a picture that comes alone, or with words that only point at it or hardly say what is wanted."""
        made, turn = decided.decision, decided.turn
        takes = next((intent for intent in self._plugins.intents if intent.any_picture), None)
        if takes is None or not turn.images:
            return decided
        alone = made.outcome == "out_of_scope" and not turn.utterance.strip()
        # Of a question which intent is meant, what belongs to the same plugin as `takes` fits the picture too.
        fitting = next((name for name in made.options if name.partition(".")[0] == takes.plugin), "")
        if alone or (made.outcome == "clarify" and self._hardly_meant(decided, fitting)):
            sure = max(made.out_of_scope, 1.0 - made.confidence)
            made = replace(made, intent=fitting or takes.name, confidence=sure, outcome="answer", options=())
        elif (
            made.outcome == "answer" and made.contributions.get("image", 0.0) >= BY_PICTURE and self._acts(made.intent)
        ):
            made = replace(made, outcome="clarify", options=(made.intent, takes.name))
        return replace(decided, decision=made)

    def _hardly_meant(self, decided: Decided, fitting: str) -> bool:
        """Returns whether a choice between intents would offer little that fits the picture better than `fitting`."""
        made = decided.decision
        if not made.options:  # the words only point
            return True
        if sum(self._model.picture_kinds(decided.encodings).values()) >= KNOWN_KIND:
            return False
        return bool(fitting) or (made.confidence < WEAK and made.out_of_scope >= WEAK)

    def _acts(self, name: str) -> bool:
        return any(intent.acts for intent in self._plugins.intents if intent.name == name)
