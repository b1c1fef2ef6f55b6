"""Decides the intent of each request of a turn. The first that applies decides:

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

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.dialogue.acts import says_again, says_cancel, says_go_back
from assistant.dialogue.decided import KNOWN_THING, Decided, certain, with_words
from assistant.dialogue.joined import joined
from assistant.dialogue.model_decisions import ModelDecisions
from assistant.dialogue.new_requests import RequestDecider, lead_of
from assistant.dialogue.open_question import OpenQuestionDecider
from assistant.dialogue.pending_questions import PendingQuestions
from assistant.dialogue.request_acts import SURE_ACT, Asked, is_request
from assistant.intents.own_examples import OwnExamples
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.types import OUT_OF_SCOPE, Decision, Encoding, Turn
from assistant.understanding.consent import read_bare_answer, read_consent
from assistant.understanding.request_forms import joints, without_lead
from assistant.understanding.requests import CONVERSATION_ACTS, MAIN_ACTS, Request, reworded, split_requests
from assistant.understanding.types import Understanding

__all__ = ["Decider"]

LIKELY_ACT = 0.4
"""the same while a question is open, which is then left or asked again"""
DIRECTIONS = CONVERSATION_ACTS | {"hedge"}
"""acts that say how to go on with an open question, rather than answer it"""
ELSEWHERE = 0.85
"""confidence from which the intent model overrules what a plugin recognises in doubt"""
INTERRUPTS, DOUBTED = 0.8, 0.5
"""confidence below which an open question goes before what a plugin recognises, or whatever else the words mean does"""
BRIEF = 6
"""words of a turn that is an example and may point back all the same"""


_ASKS = re.compile(r"\W*(?:(?:so|and|but|ok)\W+)*(?:can|could|may|will|is|are|does|do) (?!you\b)", re.IGNORECASE)
"""asks about a thing, and directs nothing: "so can A1007 still go back" """
_SAYS_NO = re.compile(r"\W*(?:(?:h+m+|u+m+|oh|er+|ah)\W+)*(?:no|nah|nope)\b|\W*[嗯呃哦]*\W*不(?!是|对)", re.IGNORECASE)
"""says no before anything else: "no, leave it" is not about a timer, as "leave it" may be"""


class Decider:
    """Decides turns.

    Args:
        models: the intent model's decisions.
        plugins: some recognise their turns themselves; all declare intents.
        pending: questions that plugins wait for.
        asked: how an intent's own examples ask for it.
        own: sentences of the user's own, with what each is meant for.
        asks: whether words surely ask for something to be done.
    """

    def __init__(
        self,
        models: ModelDecisions,
        plugins: PluginManager,
        pending: PendingQuestions,
        asked: Callable[[Intent], Asked],
        own: OwnExamples,
        asks: Callable[[str], bool],
    ) -> None:
        self._asks = asks
        self._models, self._plugins, self._pending = models, plugins, pending
        self._new = RequestDecider(models, plugins, asked, own)
        self._exact, self._permitted, self.learn = self._new.exact, self._new.permitted, self._new.learn
        self._open_question = OpenQuestionDecider(models, plugins, pending, self._new.each, self._new.permitted)

    async def look_up(self, turn: Turn) -> None:
        """Look the words up among the examples ahead of `decide`, which then need not wait for it."""
        await self._exact(turn)

    async def decide(self, turn: Turn, encodings: Sequence[Encoding], said: Understanding) -> tuple[Decided, ...]:
        """Decide a turn, request by request, in the order in which they were `said`; at least one decision.

        Raises:
            QueueFull: too many calls of models wait already.
            DeadlineExceeded: the model took too long.
        """
        pending = self._pending.pending(turn.session)
        recognised = await self._plugins.recognize_intent(turn)
        # A plugin that waits for an answer and knows its own subject in it has been answered, not asked something new.
        known = recognised is not None and recognised.intent != pending
        if known and recognised is not None and not await self._surely_elsewhere(turn, encodings, recognised):
            return (Decided(recognised, turn, turn, encodings),)
        requests = split_requests(said)
        if (put := reworded(requests, turn.utterance)) != turn.utterance:
            turn = with_words(turn, put)
        directed, exact = self._directs(turn, requests, pending), await self._exact(turn)
        led = with_words(turn, without_lead(turn.utterance))
        if not (exact or turn.images) and led.utterance != turn.utterance and (exact := await self._exact(led)):
            turn = led  # "hold on, set a timer for 5 minutes"
        free = not (pending or turn.images)
        # "Again" may be an example of repeating what was said, and throws the dice again after dice.
        if free and (not exact or self._serves_direction(exact)) and (follows := await self._models.following(turn)):
            return (await self._models.example(turn, encodings, follows),)
        if free and (undone := await self._undone(turn, requests)) is not None:
            return (undone,)
        brief = len(turn.utterance.split()) <= BRIEF  # "jot this down: …" says itself what "this" is
        if free and (brief or not exact) and (pointed := await self._pointed(turn, requests)) is not None:
            return (pointed,)
        # Words may look like a call for help and be an example: "what do you know about me".
        if directed is not None and not (exact and requests[0].lead.act == "help"):
            if beside := await self._asked_beside(turn, requests, pending):
                directed = replace(directed, turn=with_words(turn, requests[-1].text))
            return (*beside, directed)
        asked = any(map(is_request, requests))  # 我想取消那个订单 answers nothing
        if free and not (exact or asked) and (answered := await self._answered(turn)) is not None:
            return (answered,)
        if exact and self._changes(exact) and self._tells(turn, requests):
            heard = await self._open_question.decide(turn, encodings, requests, pending)
            return heard if len(heard) > 1 else (Decided(certain(pending, "dialogue", turn), turn, turn, encodings),)
        intents = self._plugins.intents
        if free and len(requests) == 1 and (how := await self._new.how(turn, requests[0])) is not None:
            return (how,)
        if free and exact and (several := await self._new.beside(turn, requests, exact)):
            return several
        if free and (two := await joined(turn, exact, self._exact, self._models, intents, requests, self._asks)):
            lead = None if two[0].decision.source == "command" else lead_of(requests)
            return tuple(self._permitted(each, lead) for each in two)
        # "None of that. How much is 18 times 7?" answers what is open, too, and so does "no, and add soap to my list".
        parts = sum(len(request.clauses) for request in requests) > 1 or joints(turn.utterance)
        answers = bool(pending and parts and not self._new.is_example(turn.utterance))
        if exact and answers and self._changes(exact):
            decided = await self._open_question.decide(turn, encodings, requests, pending)
            both = len(decided) > 1 and any(part.decision.intent == exact for part in decided)
            # A bare "no" before a wish may be no answer: "no, remind me at eight".
            if both and (self._changes(pending) or read_bare_answer(decided[0].turn.utterance) == "other"):
                return decided
            answers = False
        if exact and not answers:
            return (await self._models.example(turn, encodings, exact),)
        if pending:
            return await self._open_question.decide(turn, encodings, requests, pending)
        return await self._new.decide(turn, encodings, requests)

    async def _surely_elsewhere(self, turn: Turn, encodings: Sequence[Encoding], recognised: Decision) -> bool:
        """Returns whether words that a plugin recognises in doubt surely are for another one."""
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
        if clause.act == "undo" and _ASKS.match(clause.text):
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

    async def _undone(self, turn: Turn, requests: Sequence[Request]) -> Decided | None:
        """Decides an undo: the intent that the last reply named for it."""
        lead = requests[0].lead if len(requests) == 1 else None
        if lead is None or lead.act != "undo" or lead.confidence < SURE_ACT or _ASKS.match(lead.text):
            return None
        words = await self._models.undone(turn)
        part = (
            await self._new.each(turn, [Request(words, (replace(lead, text=words, act="request"),))]) if words else []
        )
        return part[0] if part and part[0].decision.outcome == "answer" else None

    async def _asked_beside(self, turn: Turn, requests: Sequence[Request], pending: str) -> tuple[Decided, ...]:
        """Decides what a plugin surely does before a person is fetched: 水管怎么还没到，另外我要找人工."""
        acts = [request.lead.act for request in requests]
        if pending or turn.images or acts[1:] != ["human"] or acts[0] not in MAIN_ACTS:
            return ()
        part = (await self._new.each(turn, requests[:1]))[0]
        sure = part.decision.source in ("example", KNOWN_THING) or part.decision.confidence >= ELSEWHERE
        return (part,) if sure and part.decision.outcome == "answer" else ()

    def _tells(self, turn: Turn, requests: Sequence[Request]) -> bool:
        """Returns whether words only tell something where any words answer the open question: "my name is Anna"."""
        told = all(each.lead.act == "statement" for each in requests) and not self._new.is_example(turn.utterance)
        return told and self._pending.takes_any_words(turn.session)

    async def _pointed(self, turn: Turn, requests: Sequence[Request]) -> Decided | None:
        """Decides a request that points back to the last replies: "cancel it", of a timer."""
        if len(requests) != 1 or requests[0].lead.act in ("repeat", "human") or says_again(turn):
            return None
        about = await self._models.about_last(turn, self._exact)
        if about is None or (requests[0].lead.act == "undo" and self._undoes(about.decision.plugin)):
            return None
        return self._permitted(about, requests[0])

    def _undoes(self, plugin: str) -> bool:
        return any(each.plugin == plugin and each.directs == "undo" for each in self._plugins.intents)

    async def _answered(self, turn: Turn) -> Decided | None:
        """Decides a yes to the last reply's offer, or an answer without a question: "ok", "no thanks", "wait"."""
        consent = read_consent(turn.utterance)
        if consent not in ("yes", "no", "unsure"):
            return None
        if consent != "no" and (accepted := await self._models.accepted(turn)) is not None:
            return accepted
        bare = read_bare_answer(turn.utterance) in ("yes", "no", "unsure")
        bare = bare and (not says_cancel(turn) or bool(_SAYS_NO.match(turn.utterance)))
        return Decided(certain(OUT_OF_SCOPE, "answer", turn), turn, turn, by_model=True) if bare else None

    def _serves_direction(self, name: str) -> bool:
        intent = self._plugins.intent(name)
        return intent is not None and intent.directs is not None

    def _changes(self, name: str) -> bool:
        intent = self._plugins.intent(name)
        return intent is not None and intent.may_act
