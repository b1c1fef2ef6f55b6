"""Decides new requests: the whole turn, or part by part if its parts mean different intents or one is clear alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from assistant.dialogue.decided import Decided, certain, with_words
from assistant.dialogue.model_decisions import ModelDecisions
from assistant.dialogue.permitting import obstacle_of
from assistant.dialogue.pieces import MOST_REQUESTS, PieceDecider
from assistant.dialogue.request_acts import SURE_ACT, Asked, is_request, only_tells, refuses
from assistant.intents.exact import ExactExamples
from assistant.intents.own_examples import OwnExamples
from assistant.language import detect_language, language_of
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.types import OUT_OF_SCOPE, Decision, Encoding, Turn
from assistant.understanding.entities.finding import find_entities
from assistant.understanding.entities.identifiers import identifier_spans
from assistant.understanding.model import BY_RULE
from assistant.understanding.negation import declines
from assistant.understanding.request_forms import (
    able_to,
    asks_within,
    comes_on_top,
    how_to,
    wants_to_be_told,
    with_reference,
    without_lead,
)
from assistant.understanding.requests import ANSWERS, MAIN_ACTS, Request, without_withdrawn
from assistant.understanding.tokens import words_of

__all__ = ["RequestDecider", "lead_of"]

LIKELY, LIKELY_TO_ACT = 0.2, 0.4
"""confidence from which a part that is not clear alone is taken for what the turn's other parts are about"""
SHORT_QUESTION = 4
"""words of a question up to which it may only close the words before it"""
MOST_LIKELY = 2
"""intents that words may be for which direct the conversation by their form"""
OFFERED = 0.15
"""confidence from which a statement that names a time or a length is asked about"""
TIMED = {"duration": timedelta, "time": datetime, "datetime": datetime, "date": datetime}
"""the kind of slot that takes an entity"""
_COLON = re.compile(r"[:：](?!\d)")
WEAK_PART = 0.5
"""confidence below which one part of a turn is no reason to answer it alone, where the turn as a whole means nothing"""


class RequestDecider:
    """Decides requests that answer no open question.

    Args:
        models: the intent model's decisions.
        plugins: declare the intents.
        asked: how an intent's own examples ask for it.
        own: sentences of the user's own, with what each is meant for.
    """

    def __init__(
        self, models: ModelDecisions, plugins: PluginManager, asked: Callable[[Intent], Asked], own: OwnExamples
    ) -> None:
        self._models, self._plugins, self._asked, self._own = models, plugins, asked, own
        self._pieces = PieceDecider(self.each, self._plugins.intent, plugins.knowing, asked)
        self._examples: tuple[Sequence[Intent], ExactExamples] = ((), ExactExamples(()))

    def learn(self) -> None:
        """Read the examples of all intents, if they have changed."""
        intents = tuple(self._plugins.intents)
        if self._examples[0] != intents:
            self._examples = (intents, ExactExamples(intents))

    async def exact(self, turn: Turn) -> str:
        """Returns the intent that a turn surely means; text typed beside a recording says what to do with it."""
        self.learn()
        if not turn.images and self._plugins.intent(own := self._own.find(turn.utterance)):
            return own
        find, said = self._examples[1].find, dict.fromkeys((turn.utterance, turn.text))
        found = (find(words) for words in said if words)
        exact = await asyncio.to_thread(lambda: next(filter(None, found), ""))
        looks = exact.partition(".")[0] in self._looking()
        # Beside a picture words may only point; those that ask of any picture do not: "what does this say". Without
        # one, only what is an example word for word asks for a picture.
        sure = looks if turn.images else not looks or self._examples[1].holds(turn.utterance)
        return exact if sure else ""

    def is_example(self, text: str) -> bool:
        """Returns whether words are an example of an intent, word for word; called after `exact`."""
        return self._examples[1].holds(text)

    def _looking(self) -> set[str]:
        """The plugins that take any picture."""
        return {intent.plugin for intent in self._plugins.intents if intent.any_picture}

    async def decide(
        self, turn: Turn, encodings: Sequence[Encoding], requests: Sequence[Request]
    ) -> tuple[Decided, ...]:
        """One decision for the whole turn, or one for each of its requests where they want different things."""
        kept = without_withdrawn(requests)
        if len(kept) < len(requests):
            others = await self.each(turn, kept) if kept else []
            return (Decided(certain(OUT_OF_SCOPE, "withdrawn", turn), turn, turn), *others)
        wanted = [request for request in requests if request.lead.act not in ANSWERS] or list(requests)
        corrects = len(wanted) == 1 and wanted[0].lead.act == "correction"
        exact = self.exact if len(wanted) == 1 else None
        tells = all(request.lead.act == "statement" for request in wanted)
        whole = await self._models.whole(turn, encodings, corrects=corrects, tells=tells, exact=exact)
        if turn.images:
            return (self.permitted(whole, lead_of(wanted)),)
        if len(wanted) > 1 and (parts := await self._several(turn, wanted, whole)):
            return parts
        if len(wanted) == 1 and (apart := await self._pieces.each_of_its_own(turn, wanted[0])):
            return apart
        if whole.decision.outcome != "answer" and len(wanted) == 1:
            if directed := self._directed(whole, wanted[0]):
                return (directed,)
            if refuses(wanted) or self._declined(wanted[0], whole.decision):
                return (Decided(certain(OUT_OF_SCOPE, "withdrawn", turn), turn, turn),)
            if parts := await self._pieces.clear_alone(turn, wanted[0], whole):
                return parts
        if len(wanted) == 1 and (beside := await self._pieces.beside_refusal(turn, wanted[0], whole)) is not None:
            return (beside,)
        if len(wanted) == 1 and (alone := await self._pieces.without_remarks(turn, wanted[0], whole)) is not None:
            return (alone,)
        if len(requests) == 1 and (offered := self._offered(requests[0], whole)) is not None:
            return (offered,)
        if len(requests) == 1:
            whole = self._told(turn, requests[0], whole)
        if whole.decision.source == "answer" and await self._models.may_undo(turn):
            whole = replace(whole, decision=replace(whole.decision, source="kept"))
        return (self.permitted(whole, lead_of(wanted)),)

    def _declined(self, request: Request, made: Decision) -> bool:
        """Returns whether a wish is that nothing be done which the options do: "I'd not like to see it cancelled"."""
        acts = [intent.may_act for name in made.options if (intent := self._plugins.intent(name))]
        lead = request.lead
        negative = lead.act == "statement" and lead.polarity == "negative"
        return negative and bool(acts) and all(acts) and declines([word.text for word in words_of(lead.text)])

    async def how(self, turn: Turn, request: Request) -> Decided | None:
        """Answers how to have something done, "how do I set a timer", or whether it can be: "can you set alarms?"."""
        able = able_to(turn.utterance)
        wish = able or how_to(turn.utterance)
        if not wish or turn.images:
            return None
        (part,) = await self.each(turn, [Request(wish, (replace(request.lead, text=wish, act="request"),))])
        made, names = part.decision, part.decision.options or (part.decision.intent,)
        likely = [intent for name in names if (intent := self._plugins.intent(name)) is not None]
        if made.outcome == "out_of_scope" or len({intent.plugin for intent in likely}) != 1:
            return None
        intent = next((each for each in likely if each.may_act), likely[0])
        if not (_speaks_of(intent, wish) if able else intent.may_act and made.outcome == "answer"):
            return None
        made = replace(made, intent=intent.name, outcome="answer", options=())
        return replace(part, decision=made, turn=turn, obstacle="able" if able else "how")

    async def beside(self, turn: Turn, requests: Sequence[Request], exact: str) -> tuple[Decided, ...]:
        """Returns the requests of a turn that surely means one intent, if one of them is for another plugin.

        "Cancel the mugs and put soap on my list" is no thing for a list alone. () for any other turn: what stands
        behind the sure request may be its content, unless it says that it comes on top ("then tell me …").
        """
        tasks = [request for request in requests if request.lead.act in MAIN_ACTS]
        mended = any(clause.act == "correction" for request in requests for clause in request.clauses)
        quoted = _COLON.search(requests[0].text) if requests else None  # 总结：…… holds a text, whatever that asks for
        if len(tasks) < 2 or len(tasks) < len(requests) or mended or quoted or refuses(requests):
            return ()
        parts = await self.each(turn, tasks)
        made = [part.decision for part in parts]
        on_top = all(comes_on_top(each.text) or asks_within(each.text) or _surely_asks(each) for each in tasks[1:])
        unserved = [task for task, each in zip(tasks, made, strict=True) if each.outcome != "answer"]
        if not all(map(wants_to_be_told, (each.text for each in unserved))) or exact not in [m.intent for m in made]:
            return ()
        # A plugin may take two of its own intents together: an alarm and a reminder.
        first = self._plugins.intent(exact)
        holds = first is not None and first.may_act and not on_top
        others = [
            each
            for each, task in zip(made, tasks, strict=True)
            if each.intent != exact and not (each.plugin == exact.partition(".")[0] and (holds or _closes(task, turn)))
        ]
        # "Remind me at six to call mum, and wake me at seven": each has a time of its own.
        timed = [
            each
            for each, task in zip(made[1:], tasks[1:], strict=True)
            if each.intent != exact and each.source == "example" and _names_time(task.text)
        ]
        others += timed if _names_time(tasks[0].text) else []
        content = made[0].intent == exact and holds and not unserved and not timed
        return () if content or not others else tuple(parts)

    async def _several(self, turn: Turn, wanted: Sequence[Request], whole: Decided) -> tuple[Decided, ...]:
        """The requests of a turn, one by one; () where the turn is better answered as a whole."""
        parts = await self.each(turn, wanted)
        least = WEAK_PART if whole.decision.outcome == "out_of_scope" else 0.0
        served = [part.decision for part in parts if part.decision.outcome == "answer"]
        answered = {made.intent for made in served if made.confidence >= least or made.source != "model"}
        pairs = list(zip(parts, wanted, strict=False))
        unserved = any(part.decision.outcome == "out_of_scope" and is_request(request) for part, request in pairs)
        apart = whole.decision.outcome != "answer" or refuses(wanted) or unserved or _differ(parts)
        if len(answered) < 2 and not (answered and apart):
            return ()
        # What only tells something, or is not to be done, needs no answer of its own where it has none.
        named = (request.lead.act in MAIN_ACTS and not refuses([request]) for request in wanted)
        told = [part for part, name in zip(parts, named, strict=False) if name or part.decision.outcome == "answer"]
        done = {part.decision.intent for part in told if part.obstacle is None}
        # "No steps, please: 3x = 9" says how to answer, and refuses nothing.
        return tuple(part for part in told if part.obstacle != "refused" or part.decision.intent not in done)

    def _directed(self, whole: Decided, request: Request) -> Decided | None:
        """Decides a directive (stop, help, undo, …) by its form, in a language without a learned reader."""
        made = whole.decision
        likely = [self._plugins.intent(each.intent) for each in made.candidates[:MOST_LIKELY]]
        served = next((each for each in likely if each is not None and each.directs == request.lead.act), None)
        if served is None:
            return None
        return replace(whole, decision=replace(made, intent=served.name, outcome="answer", options=()))

    def _offered(self, request: Request, whole: Decided) -> Decided | None:
        """Decides a statement with a time or duration that may be a request, to ask about it: "pasta's in, 9 mins"."""
        lead, made = request.lead, whole.decision
        best = made.candidates[0] if made.candidates and made.source == "model" else None
        intent = self._plugins.intent(best.intent) if best is not None else None
        if best is None or intent is None or not intent.may_act or made.outcome != "out_of_scope":
            return None
        if lead.act != "statement" or lead.time == "past" or best.confidence < OFFERED:
            return None
        words = whole.turn.utterance
        kinds = {TIMED.get(entity.kind) for entity in find_entities(words, language_of(words))}
        if not any(slot.kind in kinds for slot in intent.slots):
            return None
        return replace(whole, decision=replace(made, intent=intent.name, outcome="answer", options=()), obstacle="told")

    def _told(self, turn: Turn, request: Request, whole: Decided) -> Decided:
        """Replaces the decision about a single clause that requests nothing: a statement, or a stop of nothing."""
        lead, made = request.lead, whole.decision
        likeliest = self._plugins.intent(made.candidates[0].intent) if made.candidates else None
        by_telling = likeliest is not None and self._asked(likeliest).by_telling
        means = bool(detect_language(turn.utterance, ""))  # "asdkj qweoi" holds no common word, and tells nothing
        if means and only_tells(request, whole, self._plugins.warns, by_telling):  # "the bus was freezing today"
            told = replace(made, intent=OUT_OF_SCOPE, outcome="out_of_scope", options=(), source="statement")
            return replace(whole, decision=told)
        if made.outcome != "answer" and lead.act == "stop" and lead.confidence >= SURE_ACT:  # "shush"
            return Decided(certain(OUT_OF_SCOPE, "answer", turn), turn, turn, by_model=True)
        if means and made.outcome == "out_of_scope" and lead.act == "statement" and lead.confidence != BY_RULE:
            return replace(whole, decision=replace(made, source="statement"))
        return whole

    async def each(self, turn: Turn, requests: Sequence[Request], before: str = "") -> list[Decided]:
        """Decide requests one by one; "it" in one means what those before it named."""
        parts = []
        for request in requests[:MOST_REQUESTS]:
            words = with_reference(without_lead(request.text), before)
            part = with_words(turn, words)
            exact = await self.exact(part)
            known = Decided(certain(exact, "example", part), part, part)
            parts.append(known if exact else await self._models.part(part))
            before = f"{before} {words}"
        if len(requests) > MOST_REQUESTS:  # what is too much is named, not dropped
            rest = with_words(turn, " ".join(request.text.strip() for request in requests[MOST_REQUESTS:]))
            parts.append(Decided(Decision(OUT_OF_SCOPE, 1.0, "out_of_scope"), rest, rest))
        plugins = {part.decision.plugin for part in parts if part.decision.outcome == "answer"}
        likely = [self._likeliest(part, plugins) for part in parts]
        permitted = [self.permitted(part, request) for part, request in zip(likely, requests, strict=False)]
        return self._with_context(permitted)

    def _with_context(self, parts: Sequence[Decided]) -> list[Decided]:
        """Returns the parts; those that change nothing get the unserved words before them, which may name the thing."""
        told: list[Decided] = []
        unserved = ""
        for part in parts:
            intent = self._plugins.intent(part.decision.intent)
            served = intent is not None and part.decision.outcome == "answer" and part.obstacle is None
            if served and intent is not None and not intent.may_act and unserved:
                part = replace(part, turn=with_words(part.turn, f"{unserved} {part.turn.utterance}"))
            unserved = "" if served else f"{unserved} {part.turn.utterance}".strip()
            told.append(part)
        return told

    def _likeliest(self, part: Decided, plugins: Collection[str]) -> Decided:
        """Decides an unclear part as the likeliest intent of a plugin that another part is for.

        What changes something must be likely by itself.
        """
        made = part.decision
        known = (self._plugins.intent(each.intent) for each in made.candidates[:1] if each.confidence >= LIKELY)
        sure = made.candidates[0].confidence >= LIKELY_TO_ACT if made.candidates else False
        best = next((each for each in known if each and each.plugin in plugins and (sure or not each.may_act)), None)
        if made.outcome == "answer" or best is None:
            return part
        return replace(part, decision=replace(made, intent=best.name, outcome="answer", options=()))

    def permitted(self, decided: Decided, request: Request | None) -> Decided:
        """Returns the decision, with the reason why its intent may not act on the request."""
        intent = self._plugins.intent(decided.decision.intent)
        if request is None or intent is None or decided.decision.outcome != "answer":
            return decided
        return replace(decided, obstacle=obstacle_of(decided.decision, request, intent, self._asked))


def lead_of(requests: Sequence[Request]) -> Request | None:
    """Returns the request that says whether a turn may act: the first sure request, else the first question."""
    sure = (each for each in requests if each.lead.act == "request" and each.lead.confidence >= SURE_ACT)
    others = (each for act in ("question", "request") for each in requests if each.lead.act == act)
    return next(sure, None) or next(others, None) or (requests[0] if requests else None)


def _differ(parts: Sequence[Decided]) -> bool:
    """Returns whether requests for one intent differ: one asks not to do it, or each names a thing of its own."""
    answered = [part for part in parts if part.decision.outcome == "answer"]
    named = [part.turn.utterance[a:b] for part in answered for a, b in identifier_spans(part.turn.utterance)[:1]]
    return len({part.obstacle for part in answered}) > 1 or len(set(named)) == len(answered) > 1


def _surely_asks(request: Request) -> bool:
    return request.lead.act == "question" and request.lead.confidence >= SURE_ACT


def _names_time(words: str) -> bool:
    return any(entity.kind in TIMED for entity in find_entities(words, language_of(words)))


def _closes(request: Request, turn: Turn) -> bool:
    """Returns whether a few words only ask what those before them lead to: "300 g for 4, we are 7, how many g"."""
    words = [word.text for word in words_of(request.text)]
    before = [word.text for word in words_of(turn.utterance.partition(request.text)[0])]
    return request.lead.act == "question" and 0 < len(words) <= SHORT_QUESTION and words[-1] in before


def _speaks_of(intent: Intent, wish: str) -> bool:
    """Returns whether an intent's examples name what a wish is about: "alarms" of "set alarms"."""
    examples = "\n".join(intent.examples).casefold()
    things = [word.text for word in words_of(wish)]
    if wish.isascii():
        return any(re.search(rf"\b{re.escape(thing.removesuffix('s'))}", examples) for thing in things[1:])
    return any(first + second in examples for first, second in pairwise(things))
