"""Answers decided requests: starts, resumes or cancels dialogues, and says what was not done and why."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from assistant.dialogue import phrases
from assistant.dialogue.clarification import Clarifications
from assistant.dialogue.coverage import left_out
from assistant.dialogue.decided import DECLINED, KNOWN_THING, Decided, with_words
from assistant.dialogue.manager import DialogueManager
from assistant.dialogue.reference import named_instead, refers_back, talked_about
from assistant.dialogue.tool_calls import ToolCalls
from assistant.errors import PluginError
from assistant.intents.slots import extract_slots
from assistant.language import language_of
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.types import OUT_OF_SCOPE, Decision, Reply, Turn
from assistant.understanding.consent import read_consent
from assistant.understanding.entities.finding import find_entities
from assistant.understanding.tokens import is_han, words_of

__all__ = ["Answerer", "named_for"]

HALF = 0.5
"""confidence from which an intent is more likely than not"""
UNSURE = 0.8
"""confidence below which what the model takes a turn for is asked of `answer_unsure` first"""
LEAST_LIKELY = 0.1
"""confidence from which an intent is tried after another plugin had nothing to do"""
TIMED = frozenset({"duration", "time", "datetime"})
"""kinds of values that say when something is to happen"""


class Answerer:
    """Answers decided requests.

    Args:
        plugins: answer intents.
        dialogues: questions that plugins wait for.
        clarifications: questions of the assistant's own.
        tools: what plugins may call while they answer.
    """

    def __init__(
        self,
        plugins: PluginManager,
        dialogues: DialogueManager,
        clarifications: Clarifications,
        tools: ToolCalls,
    ) -> None:
        self._plugins, self._dialogues, self._clarifications = plugins, dialogues, clarifications
        self._tools = tools

    async def answer(self, parts: list[Decided], notices: list[str]) -> Reply:
        """Answers all requests of a turn, in order, with one reply.

        Args:
            parts: at least one; one that its plugin declines and another serves is replaced.
            notices: gets a line for each plugin that failed.
        """
        session = parts[0].turn.session
        if any(part.by_model for part in parts):
            self._clarifications.close(session)
        replies: list[Reply] = []
        # Only an answer to an open question lets what waits behind it begin.
        waits = any(part.decision.source in ("dialogue", "set aside") for part in parts)
        parts[:] = self._timed_first(parts)
        for place, part in enumerate(parts):
            intent = self._plugins.intent(part.decision.intent)
            if replies and intent is not None and intent.plugin == parts[place - 1].decision.plugin:
                part = parts[place] = _named_before(part, replies[-1])
            if intent is not None and self._is_timed(part) and _answers(parts[-1]) and place < len(parts) - 1:
                # "A double helix, and set a timer": the clock runs while the questions go on.
                begun = self._dialogues.digress(intent, part.turn, _slots(intent, part), ask_again=False)
                replies.append(await self._answer(begun, part.turn, notices))
                continue
            if replies and replies[-1].follow_up and intent is not None and _may_act(intent, part):
                if _answers(part):  # what was asked before is open again later
                    continue
                self._dialogues.queue(intent, part.turn, _slots(intent, part))
                waits = True
                continue
            answered = self._served(part, notices, alone=len(parts) == 1)
            reply = await self._answer(answered, part.turn, notices)
            if reply.data.get("declined"):
                parts[place], reply = await self._elsewhere(part, reply, notices, alone=len(parts) == 1)
            reply = self._with_left_out(parts[place], reply)
            if part.decision.outcome == "clarify" and len(parts) == 1 and not reply.follow_up:
                # A plugin answered instead of the question which intent is meant: the next words answer no question.
                parts[place] = replace(part, decision=replace(part.decision, outcome="out_of_scope", options=()))
            replies.append(reply)
            self._plugins.live.close(session)
        turn = parts[0].turn
        while waits and not replies[-1].follow_up and self._dialogues.waiting.queued(session):
            replies.append(await self._answer(self._dialogues.begin_queued(turn), turn, notices))
        waiting = self._dialogues.waiting.queued_words(session) if waits else []
        if waiting:
            replies.append(Reply(phrases.next_request(waiting), follow_up=True))
        # A question asked on the way is asked again by the part after it, so only the last one is shown.
        last = max(index for index, reply in enumerate(replies) if reply.follow_up) if _asks(replies) else len(replies)
        shown = [reply for i, reply in enumerate(replies) if not reply.follow_up or i >= last - bool(waiting)]
        return shown[0] if len(shown) == 1 else _joined(shown)

    def _timed_first(self, parts: Sequence[Decided]) -> list[Decided]:
        """Moves requests for a given time before the answer to a question that would delay them."""
        if not parts or not _answers(parts[0]):
            return list(parts)
        timed = [part for part in parts[1:] if self._is_timed(part)]
        others = [part for part in parts[1:] if not self._is_timed(part)]
        return [*timed, parts[0], *others] if not others else list(parts)

    def _is_timed(self, part: Decided) -> bool:
        intent = self._plugins.intent(part.decision.intent)
        if intent is None or _answers(part) or not _may_act(intent, part):
            return False
        words = part.turn.utterance
        return any(entity.kind in TIMED for entity in find_entities(words, language_of(words)))

    async def _answer(self, answered: Awaitable[Reply], turn: Turn, notices: list[str]) -> Reply:
        try:
            return await answered
        except PluginError as error:
            notices.append(str(error))
            return Reply(phrases.plugin_failed(error.plugin, error.reason, turn.utterance))

    def _another(self, part: Decided) -> Decided | None:
        """Returns the likeliest intent of another plugin, for a request that its plugin cannot serve; None for none."""
        made, declined = part.decision, self._plugins.intent(part.decision.intent)
        if declined is None or not part.by_model:
            return None
        for each in made.candidates:
            intent = self._plugins.intent(each.intent)
            if intent is None or each.confidence < LEAST_LIKELY or intent.plugin == made.plugin:
                continue
            if intent.may_act and not declined.may_act:  # it was never asked whether the words let anything act
                return None
            decision = replace(made, intent=each.intent, confidence=each.confidence)
            return replace(part, decision=decision)
        return None

    async def _elsewhere(
        self, part: Decided, reply: Reply, notices: list[str], *, alone: bool
    ) -> tuple[Decided, Reply]:
        """Answer a request that its plugin declined: from files, a language model or another plugin."""
        intent = self._plugins.intent(part.decision.intent)
        began = part.decision.source not in ("dialogue", "set aside")
        if alone and began and intent is not None and not intent.may_act:
            made = replace(part.decision, source=DECLINED)
            found = await self._plugins.answer_unsure(part.turn, made, notices)
            found = found or await self._plugins.answer_fallback(part.turn, made, notices)
            if found is not None:
                part = replace(part, decision=replace(made, intent=OUT_OF_SCOPE, outcome="out_of_scope"))
                return part, self._dialogues.with_open_question(part.turn.session, found)
        if (other := self._another(part)) is None:
            return part, reply
        return other, await self._answer(self._served(other, notices, alone=True), other.turn, notices)

    async def _served(self, part: Decided, notices: list[str], *, alone: bool) -> Reply:
        turn, decision = part.turn, part.decision
        intent = self._plugins.intent(decision.intent)
        if decision.source == "dialogue":
            return await self._dialogues.resume(turn.session, turn, directs=part.directs)
        if decision.source in ("withdrawn", "answer", "kept"):
            return await self._met(turn, decision, notices)
        if decision.source == "set aside":
            question = self._dialogues.waiting.wake(turn.session, turn.utterance)
            if question is not None:
                return question
        if decision.outcome == "clarify" and alone:
            return await self._otherwise(part, decision.options, notices) or self._clarify(turn, part)
        if decision.outcome != "answer" and not alone:
            cannot = await self._plugins.answer_unsure(turn, decision, notices)
            return cannot or Reply(phrases.not_served(turn.utterance))
        if intent is None or decision.outcome == "out_of_scope":
            reply = await self._plugins.answer_fallback(turn, decision, notices)
            reply = reply or Reply(phrases.not_understood(turn.utterance))
            if (proposal := self._tools.taken_proposal(turn.session)) is not None:
                what = named_for(proposal.intent, language_of(turn.utterance))
                what += f" ({proposal.shown})" if proposal.shown else ""
                consent = phrases.shall_i(what.replace("\n", " "), turn.utterance)
                asked = await self._dialogues.propose(proposal.intent, proposal.turn, proposal.slots, consent)
                text, speech = f"{reply.text}\n{asked.text}", f"{reply.spoken} {asked.spoken}"
                return replace(reply, text=text, speech=speech, follow_up=True)
            return self._dialogues.with_open_question(turn.session, reply)
        unsure = decision.confidence < UNSURE
        if alone and part.by_model and (unsure or await self._names_another_thing(intent, turn)):
            known = await self._otherwise(part, [intent.name], notices)
            if known is not None:
                return self._dialogues.with_open_question(turn.session, known)
        slots = _slots(intent, part)
        about = self._plugins.intent(intent.about) if part.obstacle in ("asked", "able", "how") else None
        # What is also asked for by itself, "which timers are there", says nothing of how to set one.
        state = about is not None and any(
            each.handler is about.handler and each.examples for each in self._plugins.intents
        )
        if about is not None and not (part.obstacle in ("able", "how") and state):
            return await self._dialogues.digress(about, turn, slots)
        if part.obstacle is not None:
            return self._not_done(part, intent)
        # A plugin that outranks the model is not a digression: after an alarm nothing else matters.
        begin = self._dialogues.start if self._plugins.recognizes(intent.plugin) else self._dialogues.digress
        return await begin(intent, turn, slots)

    async def _met(self, turn: Turn, decision: Decision, notices: list[str]) -> Reply:
        """Returns the reply to a refusal, or to an answer without a question, unless a plugin can answer it.

        After an emergency "no ambulance" is more than a refusal.
        """
        heard = read_consent(turn.utterance)
        known = None if heard != "other" else await self._plugins.answer_unsure(turn, decision, notices)
        if known is not None:
            return known
        if decision.source == "kept":
            return Reply(phrases.nothing_open("kept", turn.utterance))
        if decision.source == "answer":
            return Reply(phrases.nothing_open("no" if heard == "other" else heard, turn.utterance))
        return self._dialogues.with_open_question(turn.session, Reply(phrases.not_done("refused", "", turn.utterance)))

    async def _names_another_thing(self, intent: Intent, turn: Turn) -> bool:
        """Returns whether a question is about a thing unknown to its plugin, which knows its things by name."""
        if intent.may_act or intent.plugin not in self._plugins.implemented_by("knows"):
            return False
        usual = _words_in(tuple(intent.examples))
        named = any(
            len(word.text) > 3 or is_han(word.text) for word in words_of(turn.utterance) if word.text not in usual
        )
        return named and intent.plugin not in await self._plugins.knowing(turn)

    async def _otherwise(self, part: Decided, likely: Sequence[str], notices: list[str]) -> Reply | None:
        """Returns another plugin's answer in place of the likely intents.

        Nothing stands in for one that is urgent, is more likely than not of a plugin that recognises its own turns, or
        whose plugin knows a thing that was named.
        """
        if part.decision.source == KNOWN_THING:
            return None
        intents = list(filter(None, map(self._plugins.intent, likely)))
        lead = intents[0] if intents and part.decision.confidence >= HALF else None
        if any(each.urgent for each in intents) or (lead is not None and self._plugins.recognizes(lead.plugin)):
            return None
        return await self._plugins.answer_unsure(part.turn, part.decision, notices)

    def _with_left_out(self, part: Decided, reply: Reply) -> Reply:
        """Adds to a reply the parts of the request that it does not cover: the second of two times, a code."""
        intent, made = self._plugins.intent(part.decision.intent), part.decision
        if intent is None or made.outcome != "answer" or part.obstacle or reply.follow_up:
            return reply
        missing = left_out(
            part.turn.utterance,
            reply,
            _slots(intent, part),
            datetime.fromtimestamp(part.turn.at),
            acted=bool(intent.acts),
        )
        if not missing:
            return reply
        note = phrases.left_out(missing, part.turn.utterance)
        return replace(reply, text=f"{reply.text}\n{note}", speech=f"{reply.spoken} {note}")

    def _not_done(self, part: Decided, intent: Intent) -> Reply:
        """Says that an intent did not act; offers it where the user may have wanted it."""
        turn, obstacle = part.turn, part.obstacle
        assert obstacle is not None
        named = _example_for if obstacle in ("able", "how") else named_for
        what = named(intent, language_of(turn.utterance))
        reply = Reply(phrases.not_done(obstacle, what, turn.utterance))
        if obstacle in ("asked", "told"):
            self._clarifications.ask(turn, [intent.name])
            reply = replace(reply, follow_up=True)
        return self._dialogues.with_open_question(turn.session, reply)

    def _clarify(self, turn: Turn, part: Decided) -> Reply:
        intents = [intent for name in part.decision.options if (intent := self._plugins.intent(name))]
        self._clarifications.ask(turn, [intent.name for intent in intents])
        if len(intents) < 2:
            return Reply(phrases.tell_me_more(turn.utterance, bool(turn.images)), follow_up=True)
        named = [named_for(intent, language_of(turn.utterance)) for intent in intents]
        return Reply(phrases.clarify(named, turn.utterance), follow_up=True)


def named_for(intent: Intent, language: str) -> str:
    """An intent in a language: its summary, or an example if the language is not English."""
    return intent.summary if language == "en" else _example_for(intent, language)


def _named_before(part: Decided, reply: Reply) -> Decided:
    """A request with the thing that the reply before it, in the same turn, was about: "… and can it go back"."""
    things = talked_about(reply.data)
    if not things or not refers_back(part.turn.utterance):
        return part
    return replace(part, turn=with_words(part.turn, named_instead(part.turn.utterance, things[0])))


def _example_for(intent: Intent, language: str) -> str:
    """A sentence that asks for an intent, in a language; its summary where it has none."""
    plain = [each for each in intent.examples if "{" not in each and language_of(each) == language]
    # "Set a timer" would be asked for how long.
    counts = any(slot.kind in (timedelta, datetime, int, float) for slot in intent.slots)
    whole = [each for each in plain if counts and re.search(r"[1-9]", each)]
    return next(iter(whole or plain), intent.summary)


@lru_cache(64)
def _words_in(examples: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.text for example in examples for word in words_of(example))


def _may_act(intent: Intent, part: Decided) -> bool:
    return intent.may_act and part.obstacle is None and part.decision.outcome == "answer"


def _answers(part: Decided) -> bool:
    """Returns whether a part answers the open question, rather than leaves it."""
    return part.decision.source == "dialogue" and part.directs is None


def _slots(intent: Intent, part: Decided) -> dict[str, Any]:
    return {**extract_slots(intent, part.turn.utterance), **part.decision.slots}


def _asks(replies: Sequence[Reply]) -> bool:
    return any(reply.follow_up for reply in replies)


def _joined(replies: Sequence[Reply]) -> Reply:
    """Several replies as one; the data of each stay apart under "parts"."""
    return Reply(
        "\n".join(reply.text for reply in replies),
        speech=" ".join(reply.spoken for reply in replies),
        attachments=tuple(path for reply in replies for path in reply.attachments),
        data={"parts": [dict(reply.data) for reply in replies]},
        follow_up=any(reply.follow_up for reply in replies),
    ).about(*(thing for reply in reversed(replies) for thing in talked_about(reply.data)))
