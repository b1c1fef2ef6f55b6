"""Decides what each request of a turn is for. The first that applies decides:

1. a plugin recognises the turn (what must outrank any score; what it recognises in doubt yields to words that surely
   are for another plugin);
2. the turn points back to what the last replies were about: "cancel it";
3. it directs the conversation itself: stop, undo, repeat, a person, help;
4. it is a yes to what the last reply offered, or an answer to no question: "ok", "wait";
5. the words are an example of one intent, word for word, an intent says that they mean it (`matches`), or the user has
   said what they are meant for; or an intent says so of words after what was said before them (`follows`);
6. they answer the question that is open, or leave it (`assistant.dialogue.open_question`);
7. the intent model, request by request where a turn makes several; what it hesitates about is for the plugin that
   alone knows a thing that was named (`knows`).

An intent that changes something acts only on a request of the user's own, in the affirmative, for now; see
`assistant.understanding.permission`. Deciding changes nothing: the pipeline decides turns here, and so do explanations
and the early guess about words that are still being said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from assistant.dialogue.acts import says_again, says_cancel, says_go_back
from assistant.dialogue.decided import Decided, certain, with_words
from assistant.dialogue.joined import joined
from assistant.dialogue.model_decisions import ModelDecisions
from assistant.dialogue.open_question import OpenQuestionDecider
from assistant.dialogue.pending_questions import PendingQuestions
from assistant.dialogue.permitting import obstacle_of
from assistant.dialogue.request_acts import SURE_ACT, is_request, only_tells, refuses
from assistant.intents.exact import ExactExamples
from assistant.intents.own_examples import OwnExamples
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.types import OUT_OF_SCOPE, Decision, Encoding, Turn
from assistant.understanding.consent import read_bare_answer, read_consent
from assistant.understanding.entities.identifiers import identifier_spans
from assistant.understanding.requests import (
    ANSWERS,
    CONVERSATION_ACTS,
    MAIN_ACTS,
    Request,
    split_requests,
    with_reference,
    without_lead,
    without_withdrawn,
)
from assistant.understanding.types import Act, Understanding

__all__ = ["Decider"]

LIKELY_ACT = 0.4
"""the same while a question is open, which is then left or asked again"""
DIRECTIONS = CONVERSATION_ACTS | {"hedge"}
"""acts that say how to go on with an open question, rather than answer it"""
LIKELY = 0.2
"""confidence from which a part that is not clear alone is taken for what the turn's other parts are about"""
WEAK_PART = 0.5
"""confidence below which one part of a turn is no reason to answer it alone, where the turn as a whole means nothing"""
ELSEWHERE = 0.85
"""confidence from which the intent model overrules what a plugin recognises in doubt"""
INTERRUPTS, DOUBTED = 0.8, 0.5
"""confidence below which an open question goes before what a plugin recognises, or whatever else the words mean does"""
BRIEF = 6
"""words of a turn that is an example and may point back all the same"""
MOST_REQUESTS = 6
"""requests of one turn that are decided one by one"""


class Decider:
    """Decides turns.

    Args:
        models: the intent model's decisions.
        plugins: some recognise their turns themselves; all declare intents.
        pending: questions that plugins wait for.
        acts_of: the acts in which an intent's own examples ask for it.
        own: sentences of the user's own, with what each is meant for.
    """

    def __init__(
        self,
        models: ModelDecisions,
        plugins: PluginManager,
        pending: PendingQuestions,
        acts_of: Callable[[Intent], frozenset[Act]],
        own: OwnExamples,
    ) -> None:
        self._own = own
        self._models, self._plugins, self._pending, self._acts_of = models, plugins, pending, acts_of
        self._examples: tuple[Sequence[Intent], ExactExamples] = ((), ExactExamples(()))
        self._open_question = OpenQuestionDecider(models, plugins, pending, self._each, self._permitted)

    async def decide(self, turn: Turn, encodings: Sequence[Encoding], said: Understanding) -> tuple[Decided, ...]:
        """Decide a turn, request by request, in the order in which they were `said`; at least one decision.

        Raises:
            QueueFull: too many calls of models wait already.
            DeadlineExceeded: the model took too long.
        """
        pending = self._pending.pending(turn.session)
        recognised = await self._plugins.recognize_intent(turn)
        # A plugin that waits for an answer and knows its own subject in it has been answered, not asked anew.
        known = recognised is not None and recognised.intent != pending
        if known and recognised is not None and not await self._surely_elsewhere(turn, encodings, recognised):
            return (Decided(recognised, turn, turn, encodings),)
        requests = split_requests(said)
        directed, exact = self._directs(turn, requests, pending), await self._exact(turn)
        led = with_words(turn, without_lead(turn.utterance))
        if not (exact or turn.images) and led.utterance != turn.utterance and (exact := await self._exact(led)):
            turn = led  # "hold on, set a timer for 5 minutes"
        free = not (pending or turn.images)
        # "Again" may be an example of repeating what was said, and throws the dice again after dice.
        if free and (not exact or self._serves_direction(exact)) and (follows := await self._models.following(turn)):
            return (await self._models.example(turn, encodings, follows),)
        brief = len(turn.utterance.split()) <= BRIEF  # "jot this down: …" says itself what "this" is
        if free and (brief or not exact) and (pointed := await self._pointed(turn, requests)) is not None:
            return (pointed,)
        # Words may look like a call for help and be an example: "what do you know about me".
        if directed is not None and not (exact and requests[0].lead.act == "help"):
            return (directed,)
        if free and not exact and (answered := await self._answered(turn)) is not None:
            return (answered,)
        if exact and self._tells(turn, requests):
            return (Decided(certain(pending, "dialogue", turn), turn, turn, encodings),)
        if free and (two := await joined(turn, exact, self._exact, self._models, self._plugins.intents, requests)):
            lead = None if two[0].decision.source == "command" else _lead(requests)
            return tuple(self._permitted(each, lead) for each in two)
        if exact:
            return (await self._models.example(turn, encodings, exact),)
        if pending:
            return await self._open_question.decide(turn, encodings, requests, pending)
        return await self._requests(turn, encodings, requests)

    async def _surely_elsewhere(self, turn: Turn, encodings: Sequence[Encoding], recognised: Decision) -> bool:
        """Whether words that a plugin recognises in doubt surely are for another one."""
        plugin = recognised.plugin
        if recognised.confidence == 1.0:
            return False
        possible, exact = recognised.confidence < DOUBTED, await self._exact(turn)
        if (possible and exact) or (recognised.confidence < INTERRUPTS and self._pending.pending(turn.session)):
            return True
        if exact:
            return exact.partition(".")[0] != plugin
        made = (await self._models.whole(turn, encodings)).decision
        if possible:
            return made.outcome != "out_of_scope"
        return made.outcome == "answer" and made.plugin != plugin and made.confidence >= ELSEWHERE

    # The conversation itself

    def _directs(self, turn: Turn, requests: Sequence[Request], pending: str) -> Decided | None:
        """Stop, undo, repeat, a person and help, when the turn says nothing else; also "back to my return"."""
        if says_go_back(turn) and (left := pending or next(iter(self._pending.set_aside(turn.session)), "")):
            return Decided(certain(left, "set aside", turn), turn, turn)
        clauses = [request.lead for request in requests]
        person = next((clause for clause in clauses if clause.act == "human" and clause.polarity == "positive"), None)
        # "That's too hard, I don't want to play any more": the rest only says why.
        stops = [clause for clause in clauses if clause.act == "stop"] if pending else []
        told = all(clause.act in ("stop", "statement", "hedge", "social", "no") for clause in clauses)
        clause = person or (clauses[0] if len(clauses) == 1 else stops[0] if stops and told else None)
        sure = LIKELY_ACT if pending else SURE_ACT
        if clause is None or clause.act not in DIRECTIONS or clause.confidence < sure or turn.images:
            return None
        if clause.act == "hedge":
            waits = self._changes(pending) and self._pending.takes_any_words(turn.session)
            return Decided(certain(pending, "dialogue", turn), turn, turn, directs="hedge") if waits else None
        if clause.act == "repeat" and pending and not says_again(turn):
            question = self._pending.open_question(turn.session)
            if question is not None and question.confirms:  # asked what is meant, it says that it needs a yes or no
                return None
        plugin = pending.partition(".")[0]
        serving = [each for each in self._plugins.intents if each.directs == clause.act]
        best = next((each for each in serving if each.plugin == plugin), serving[0] if serving else None)
        if clause.act in ("stop", "repeat") and pending:
            return Decided(certain(pending, "dialogue", turn), turn, turn, directs=clause.act)
        return Decided(certain(best.name, "command", turn), turn, turn) if best else None

    def _tells(self, turn: Turn, requests: Sequence[Request]) -> bool:
        """Whether words only tell something where any words answer the open question: "my name is Anna"."""
        told = all(each.lead.act == "statement" for each in requests) and not self._examples[1].holds(turn.utterance)
        return told and self._pending.takes_any_words(turn.session)

    async def _exact(self, turn: Turn) -> str:
        """The intent that a turn surely means; what is typed beside a recording says what to do with it."""
        intents = tuple(self._plugins.intents)
        if self._examples[0] != intents:
            self._examples = (intents, ExactExamples(intents))
        if not turn.images and self._intent(own := self._own.find(turn.utterance)):
            return own
        find, said = self._examples[1].find, dict.fromkeys((turn.utterance, turn.text))
        found = (find(words) for words in said if words)
        exact = await asyncio.to_thread(lambda: next(filter(None, found), ""))
        looks = exact.partition(".")[0] in self._looking()
        # Beside a picture words may only point; those that ask of any picture do not: "what does this say". Without
        # one, only what is an example word for word asks for a picture.
        sure = looks if turn.images else not looks or self._examples[1].holds(turn.utterance)
        return exact if sure else ""

    def _looking(self) -> set[str]:
        """The plugins that take any picture."""
        return {intent.plugin for intent in self._plugins.intents if intent.any_picture}

    async def _pointed(self, turn: Turn, requests: Sequence[Request]) -> Decided | None:
        """What points back to what the last replies were about: "cancel it", of a timer."""
        if len(requests) != 1 or requests[0].lead.act in ("repeat", "human") or says_again(turn):
            return None
        about = await self._models.about_last(turn, self._exact)
        if about is None or (requests[0].lead.act == "undo" and self._undoes(about.decision.plugin)):
            return None
        return self._permitted(about, requests[0])

    def _undoes(self, plugin: str) -> bool:
        return any(each.plugin == plugin and each.directs == "undo" for each in self._plugins.intents)

    async def _answered(self, turn: Turn) -> Decided | None:
        """A yes to what the last reply offered, or an answer to no question: "ok", "no thanks", "wait"."""
        consent = read_consent(turn.utterance)
        if consent not in ("yes", "no", "unsure"):
            return None
        if consent != "no" and (accepted := await self._models.accepted(turn)) is not None:
            return accepted
        bare = read_bare_answer(turn.utterance) in ("yes", "no", "unsure") and not says_cancel(turn)
        return Decided(certain(OUT_OF_SCOPE, "answer", turn), turn, turn, by_model=True) if bare else None

    # New requests

    async def _requests(
        self, turn: Turn, encodings: Sequence[Encoding], requests: Sequence[Request]
    ) -> tuple[Decided, ...]:
        """One decision for the whole turn, or one for each of its requests where they want different things."""
        kept = without_withdrawn(requests)
        if len(kept) < len(requests):
            others = await self._each(turn, kept) if kept else []
            return (Decided(certain(OUT_OF_SCOPE, "withdrawn", turn), turn, turn), *others)
        wanted = [request for request in requests if request.lead.act not in ANSWERS] or list(requests)
        corrects = len(wanted) == 1 and wanted[0].lead.act == "correction"
        exact = self._exact if len(wanted) == 1 else None
        whole = await self._models.whole(turn, encodings, corrects=corrects, exact=exact)
        if len(wanted) > 1 and not turn.images:
            parts = await self._each(turn, wanted)
            least = WEAK_PART if whole.decision.outcome == "out_of_scope" else 0.0
            served = [part.decision for part in parts if part.decision.outcome == "answer"]
            answered = {made.intent for made in served if made.confidence >= least or made.source != "model"}
            unserved = any(
                part.decision.outcome == "out_of_scope" and is_request(request)
                for part, request in zip(parts, wanted, strict=False)
            )
            apart = whole.decision.outcome != "answer" or refuses(wanted) or unserved or _differ(parts)
            if len(answered) > 1 or (answered and apart):
                # What only tells something, or is not to be done, needs no answer of its own where it has none.
                named = (request.lead.act in MAIN_ACTS and not refuses([request]) for request in wanted)
                pairs = zip(parts, named, strict=False)
                return tuple(part for part, name in pairs if name or part.decision.outcome == "answer")
        if whole.decision.outcome != "answer" and len(wanted) == 1 and refuses(wanted):
            return (Decided(certain(OUT_OF_SCOPE, "withdrawn", turn), turn, turn),)
        if whole.decision.outcome != "answer" and len(wanted) == 1 and not turn.images:  # "thanks, what's my name?"
            parts = await self._each(turn, wanted) if wanted[0].text.strip() != turn.utterance.strip() else []
            if parts and parts[0].decision.outcome == "answer":
                return tuple(parts)
        lead = _lead(wanted)
        if len(requests) == 1 and only_tells(requests[0], whole, self._plugins.warns):  # "the bus was freezing today"
            made = replace(whole.decision, intent=OUT_OF_SCOPE, outcome="out_of_scope", options=())
            return (replace(whole, decision=replace(made, source="statement")),)
        if len(requests) == 1 and whole.decision.outcome != "answer" and not turn.images:
            if (
                requests[0].lead.act == "stop" and requests[0].lead.confidence >= SURE_ACT
            ):  # "shush", and nothing is open
                return (Decided(certain(OUT_OF_SCOPE, "answer", turn), turn, turn, by_model=True),)
            if requests[0].lead.act == "statement" and whole.decision.outcome == "out_of_scope":
                whole = replace(whole, decision=replace(whole.decision, source="statement"))
        return (self._permitted(whole, lead),)

    async def _each(self, turn: Turn, requests: Sequence[Request], before: str = "") -> list[Decided]:
        """Decide requests one by one; "it" in one means what those before it named."""
        parts = []
        for request in requests[:MOST_REQUESTS]:
            words = with_reference(without_lead(request.text), before)
            part = with_words(turn, words)
            exact = await self._exact(part)
            known = Decided(certain(exact, "example", part), part, part)
            parts.append(known if exact else await self._models.part(part))
            before = f"{before} {words}"
        plugins = {part.decision.plugin for part in parts if part.decision.outcome == "answer"}
        likely = [self._likeliest(part, plugins) for part in parts]
        permitted = [self._permitted(part, request) for part, request in zip(likely, requests, strict=False)]
        return self._with_context(permitted)

    def _with_context(self, parts: Sequence[Decided]) -> list[Decided]:
        """Parts that change nothing, with the words before them that have no answer: these may name what is meant."""
        told: list[Decided] = []
        unserved = ""
        for part in parts:
            intent = self._intent(part.decision.intent)
            served = intent is not None and part.decision.outcome == "answer" and part.obstacle is None
            if served and intent is not None and not intent.may_act and unserved:
                part = replace(part, turn=with_words(part.turn, f"{unserved} {part.turn.utterance}"))
            unserved = "" if served else f"{unserved} {part.turn.utterance}".strip()
            told.append(part)
        return told

    def _likeliest(self, part: Decided, plugins: Collection[str]) -> Decided:
        """A part that is not clear alone, as the likeliest thing of a plugin that another part is for.

        What changes something must be likely by itself.
        """
        made = part.decision
        known = (self._intent(each.intent) for each in made.candidates[:1] if each.confidence >= LIKELY)
        sure = made.candidates[0].confidence >= LIKELY_ACT if made.candidates else False
        best = next((each for each in known if each and each.plugin in plugins and (sure or not each.may_act)), None)
        if made.outcome == "answer" or best is None:
            return part
        return replace(part, decision=replace(made, intent=best.name, outcome="answer", options=()))

    def _permitted(self, decided: Decided, request: Request | None) -> Decided:
        """The decision, with what keeps its intent from acting on the request."""
        intent = self._intent(decided.decision.intent)
        if request is None or intent is None or decided.decision.outcome != "answer":
            return decided
        return replace(decided, obstacle=obstacle_of(decided.decision, request, intent, self._acts_of))

    def _serves_direction(self, name: str) -> bool:
        intent = self._intent(name)
        return intent is not None and intent.directs is not None

    def _changes(self, name: str) -> bool:
        intent = self._intent(name)
        return intent is not None and intent.may_act

    def _intent(self, name: str) -> Intent | None:
        return next((intent for intent in self._plugins.intents if intent.name == name), None)


def _lead(requests: Sequence[Request]) -> Request | None:
    """The request that says whether a turn as a whole may act: the first sure request, else the first question."""
    sure = (each for each in requests if each.lead.act == "request" and each.lead.confidence >= SURE_ACT)
    others = (each for act in ("question", "request") for each in requests if each.lead.act == act)
    return next(sure, None) or next(others, None) or (requests[0] if requests else None)


def _differ(parts: Sequence[Decided]) -> bool:
    """Whether requests for one intent differ: one asks not to do it, or each names a thing of its own."""
    answered = [part for part in parts if part.decision.outcome == "answer"]
    named = [part.turn.utterance[a:b] for part in answered for a, b in identifier_spans(part.turn.utterance)[:1]]
    return len({part.obstacle for part in answered}) > 1 or len(set(named)) == len(answered) > 1
