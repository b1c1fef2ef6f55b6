"""Decisions of the intent model about whole turns and parts of them, with typos corrected and follow-ups resolved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.dialogue.acts import carries_on
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.decided import Decided, even_shares, with_words
from assistant.dialogue.hesitating import Hesitating, KnowsPictures
from assistant.dialogue.leaning import surer
from assistant.dialogue.pending_questions import PendingQuestions
from assistant.dialogue.reference import named_beside, named_instead, offered, refers_back, talked_about, undone_by
from assistant.encoders.runner import ModelRunner
from assistant.intents.exact import follows
from assistant.intents.follow_ups import joined_words
from assistant.plugins.api import Exchange
from assistant.plugins.manager import PluginManager
from assistant.storage import History, StoredTurn
from assistant.types import OUT_OF_SCOPE, Decision, Encoding, Turn
from assistant.understanding.consent import read_consent

__all__ = ["DecisionModel", "ModelDecisions"]

SURE = 0.8
"""confidence from which words with the thing that they leave out are for its plugin"""
CLEAR = 0.97
"""confidence from which words that point back are clear without what they point to"""
REMEMBERED = 3
"""turns before this one whose things "it" may mean"""


class DecisionModel(KnowsPictures, Protocol):
    """Makes one decision of everything that was typed, said and shown."""

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        """Decide; quick, called on the models' thread."""
        ...

    def in_context(self, alone: Decision, joint: Decision, last: str, encodings: Sequence[Encoding]) -> Decision:
        """Decide a text that may depend on the turn before."""
        ...

    def respell(self, text: str) -> str:
        """Correct the typos of a request."""
        ...


class ModelDecisions:
    """Asks the intent model.

    Args:
        runner: runs the encoders and the intent model.
        model: the intent model.
        plugins: declare the intents.
        pending: questions that plugins wait for.
        clarifications: questions of the assistant's own.
        history: what was asked for before.
    """

    def __init__(
        self,
        runner: ModelRunner,
        model: DecisionModel,
        plugins: PluginManager,
        pending: PendingQuestions,
        clarifications: Clarifications,
        history: History,
    ) -> None:
        self._runner, self._model, self._plugins = runner, model, plugins
        self._pending, self._clarifications, self._history = pending, clarifications, history
        self._hesitating = Hesitating(plugins, model)

    async def whole(
        self,
        turn: Turn,
        encodings: Sequence[Encoding],
        *,
        corrects: bool = False,
        tells: bool = False,
        exact: Callable[[Turn], Awaitable[str]] | None = None,
    ) -> Decided:
        """Decide a turn from its encodings; it may answer the assistant's own question, or carry on the turn before.

        Args:
            turn: what the user did.
            encodings: of its words and pictures.
            corrects: it repairs what was said before ("no, the other one"), and so asks for the same again.
            tells: it asks for nothing by its form.
            exact: finds the intent of which words are an example; then words may leave out what was talked about.

        Raises:
            QueueFull: too many calls of models wait already.
            DeadlineExceeded: the model took too long.
        """
        decided = await self._decide(turn, encodings)
        if not decided.by_model:
            return decided
        decided = await self._in_context(self._about(decided), tells=tells)
        if (decided.decision.outcome == "answer" or decided.decision.source == "in context") and not corrects:
            return decided
        brief = await self._of_last(decided, exact) if exact is not None else None
        return brief or await self._carry_on(decided, corrects=corrects)

    async def example(self, turn: Turn, encodings: Sequence[Encoding], intent: str) -> Decided:
        """Decide a turn whose words are an example of an intent; the model still says which words count."""
        decided = await self._decide(turn, encodings)
        made = replace(decided.decision, intent=intent, confidence=1.0, outcome="answer", options=(), source="example")
        return self._about(replace(decided, decision=made))

    async def _in_context(self, decided: Decided, *, tells: bool) -> Decided:
        """Returns the decision in the context of the turn before, if it is surer: "and the other one", after an order.

        Beside a picture or an open question words stand alone, and so they do after a plugin that recognises its own
        turns: what was said of one complaint is not to be taken for another.
        """
        turn, alone = decided.turn, decided.decision
        if turn.images or alone.source != "model" or self._pending.pending(turn.session):
            return decided
        last = await self._last(turn)
        if last is None or not (last.text and last.data) or self._plugins.recognizes(last.intent.partition(".")[0]):
            return decided  # after "thanks" there is nothing to lean on
        both = await self.part(with_words(turn, joined_words(last.text, turn.utterance)))
        made = await self._runner.call(self._model.in_context, alone, both.decision, last.intent, decided.encodings)
        acts = any(intent.may_act for intent in self._plugins.intents if intent.name == made.intent)
        return replace(decided, decision=surer(alone, made, acts=acts, tells=tells))

    def _about(self, decided: Decided) -> Decided:
        """The decision as the answer to the assistant's own question, if one is open: the earlier turn joins it."""
        decision, about = self._clarifications.resolve(decided.turn, decided.decision)
        return replace(decided, decision=decision, turn=about)

    async def about_last(self, turn: Turn, exact: Callable[[Turn], Awaitable[str]]) -> Decided | None:
        """Decide words that point back with what was talked about in place of the pronoun: "cancel it", of a timer.

        None unless these words then are surely for the plugin that talked about it, and more surely than for another.

        Args:
            turn: what the user did.
            exact: finds the intent of which words are an example; "" for none.
        """
        topic = await self._topic(turn) if refers_back(turn.utterance) else None
        if topic is None:
            return None
        plugin, best = topic.intent.partition(".")[0], None
        several = "parts" in topic.data  # several plugins answered
        for thing in talked_about(topic.data):
            decided = await self.part(named := with_words(turn, named_instead(turn.utterance, thing)))
            made = decided.decision
            if meant := await exact(named):
                made = replace(made, intent=meant, confidence=1.0, outcome="answer", options=())
                decided = replace(decided, decision=made)
            fits = made.outcome == "answer" and (several or made.intent.partition(".")[0] == plugin)
            if fits and (best is None or made.confidence > best.decision.confidence):
                best = decided
        if best is None:
            return None
        alone = (await self.part(turn)).decision
        elsewhere = alone.outcome == "answer" and alone.plugin != plugin
        if elsewhere and alone.confidence > max(best.decision.confidence, CLEAR):
            return None
        return replace(best, decision=replace(best.decision, source="pointed back"))

    async def _of_last(self, decided: Decided, exact: Callable[[Turn], Awaitable[str]]) -> Decided | None:
        """Decide brief words with the thing that they leave out: "add sunscreen", of a list; "stop", of a timer.

        None unless they then are an example of an intent of the plugin that talked about it, or surely for it where
        the words alone were likeliest for it too.
        """
        turn, topic = decided.turn, await self._topic(decided.turn)
        if topic is None or turn.images or self._pending.pending(turn.session):
            return None
        plugin, alone = topic.intent.partition(".")[0], decided.decision.candidates[:1]
        likely = any(each.intent.partition(".")[0] == plugin for each in alone)
        for thing in talked_about(topic.data)[:2]:
            for words in named_beside(turn.utterance, thing):
                named = with_words(turn, words)
                meant, made = await exact(named), None
                if not meant and likely:
                    made = (await self.part(named)).decision
                    meant = made.intent if made.outcome == "answer" and made.confidence >= SURE else ""
                if meant.partition(".")[0] == plugin:
                    made = made or replace(decided.decision, confidence=1.0)
                    made = replace(made, intent=meant, outcome="answer", options=(), source="pointed back")
                    return replace(decided, decision=made, turn=named)
        return None

    async def following(self, turn: Turn) -> str:
        """Returns the intent that claims a text as a follow-up to the last reply; "" for none.

        Of several, that of the plugin that answered last.
        """
        turns = await self._turns(turn, REMEMBERED + 1)
        told = [each for each in turns if each.id != turn.id and each.status == "answered"]
        if not told or told[-1].outcome == "clarify":
            return ""
        before = [
            Exchange(each.text or each.transcript or "", each.reply, each.intent, each.outcome, each.data)
            for each in told[-REMEMBERED:]
        ]
        meant = [each.name for each in self._plugins.intents if follows(each, turn.utterance, before)]
        spoke = [each.intent.partition(".")[0] for each in reversed(before)]
        newest = (name for plugin in spoke for name in meant if name.partition(".")[0] == plugin)
        return next(newest, meant[0] if meant else "")

    async def _topic(self, turn: Turn) -> StoredTurn | None:
        """Returns the last turn whose reply names its topic."""
        turns = await self._turns(turn, REMEMBERED + 1)
        return next((each for each in reversed(turns) if each.id != turn.id and talked_about(each.data)), None)

    async def undone(self, turn: Turn) -> str:
        """Returns the request that undoes the last action of a conversation; "" if none is known."""
        intents = {intent.name: intent for intent in self._plugins.intents}
        for each in reversed(await self._turns(turn, REMEMBERED + 1)):
            intent = intents.get(each.intent)
            if each.id != turn.id and each.outcome == "answer" and intent is not None and intent.acts:
                return undone_by(each.data)
        return ""

    async def may_undo(self, turn: Turn) -> bool:
        """Returns whether the turn before this one did something that can be taken back."""
        last = await self._last(turn)
        done = {intent.name: intent for intent in self._plugins.intents if intent.acts}
        if last is None or last.outcome != "answer" or last.intent not in done:
            return False
        undoes = {each.plugin for each in self._plugins.intents if each.directs == "undo"}
        return bool(undone_by(last.data)) or done[last.intent].plugin in undoes

    async def accepted(self, turn: Turn) -> Decided | None:
        """Decide a yes to what the last reply offered; None where it offered nothing, or several things."""
        last = await self._last(turn)
        words = offered(last.reply) if last is not None else ""
        if read_consent(turn.utterance, asked=words) != "yes":
            return None
        nothing = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", contributions=even_shares(turn))
        chosen, about = self._clarifications.resolve(turn, nothing)
        if chosen.outcome == "answer":
            return Decided(chosen, about, turn, by_model=True)
        decided = await self.part(with_words(turn, words)) if words else None
        return decided if decided is not None and decided.decision.outcome == "answer" else None

    async def part(self, turn: Turn) -> Decided:
        """Decide one request of a turn, from its words alone; see `whole`."""
        encodings = await self._runner.read(turn.utterance, "text" if turn.text else "audio", [])
        return await self._decide(turn, encodings)

    async def _decide(self, turn: Turn, encodings: Sequence[Encoding]) -> Decided:
        if not any(encoding.text or encoding.modality == "image" for encoding in encodings):
            nothing = Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", contributions=even_shares(turn), out_of_scope=1.0)
            return Decided(nothing, turn, turn, encodings)
        decision = await self._runner.call(self._model.decide, encodings)
        decided = Decided(decision, turn, turn, encodings, by_model=True)
        decided = decided if decision.outcome == "answer" else await self._without_slips(decided)
        return await self._hesitating.settled(decided)

    async def _without_slips(self, decided: Decided) -> Decided:
        """Decides the text without its slips of the tongue, if the text as it stands decides nothing."""
        turn = decided.turn
        text = await self._runner.call(self._model.respell, turn.utterance)
        if turn.images or text == turn.utterance:
            return decided
        encodings = await self._runner.read(text, "text" if turn.text else "audio", [])
        again = await self._runner.call(self._model.decide, encodings)
        if again.outcome == "out_of_scope":
            return decided
        return replace(decided, decision=again, basis=with_words(turn, text), encodings=encodings)

    async def _carry_on(self, decided: Decided, *, corrects: bool) -> Decided:
        """Resolves words that say little on their own, such as "and the lamp?", to the last request."""
        turn = decided.turn
        if not (corrects or carries_on(turn)) or self._pending.pending(turn.session):
            return decided
        last = await self._last(turn)
        if last is None or last.outcome != "answer":
            return decided
        if self._plugins.recognizes(last.intent.partition(".")[0]):
            return decided  # what was said of one complaint is not to be taken for another
        made = decided.decision
        if made.outcome == "answer" and made.plugin != last.intent.partition(".")[0] and made.confidence >= SURE:
            return decided  # "make it half an hour", after an alarm that came with a refusal
        meant = replace(made, intent=last.intent, confidence=1.0, outcome="answer", options=())
        return replace(decided, decision=replace(meant, source="carried on"))

    async def _turns(self, turn: Turn, most: int) -> list[StoredTurn]:
        """The last turns of a session."""
        if self._history.is_quick(turn.session, most):
            return self._history.turns(turn.session, most)
        return await asyncio.to_thread(self._history.turns, turn.session, most)

    async def _last(self, turn: Turn) -> StoredTurn | None:
        """Returns the turn before this one; None if it belonged to no intent."""
        turns = await self._turns(turn, 2)
        last = next((each for each in reversed(turns) if each.id != turn.id), None)
        known = last is not None and any(intent.name == last.intent for intent in self._plugins.intents)
        return last if known else None
