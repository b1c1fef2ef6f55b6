"""Decides turns while a question is open: they answer it, cancel it, or both."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from assistant.dialogue.acts import says_cancel
from assistant.dialogue.decided import KNOWN_THING, Decided, certain, with_words
from assistant.dialogue.model_decisions import ModelDecisions
from assistant.dialogue.pending_questions import PendingQuestions
from assistant.dialogue.questions import Question
from assistant.dialogue.request_acts import SHORTEST_REQUEST, SURE_ACT, is_request, refuses
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.types import Decision, Encoding, Turn
from assistant.understanding.consent import read_bare_answer, read_consent
from assistant.understanding.entities.finding import find_entities
from assistant.understanding.entities.identifiers import identifier_spans
from assistant.understanding.negation import declines
from assistant.understanding.request_forms import asks_within, comes_on_top, has_question_form, joints, without_lead
from assistant.understanding.requests import ANSWERS, MAIN_ACTS, Request, answer_apart
from assistant.understanding.tokens import words_of

__all__ = ["OpenQuestionDecider"]

CHANGE_OF_SUBJECT = 0.6
"""how sure a new request must be to leave a question open that waits for another kind of answer"""
ANOTHER_MATTER = 0.9
"""how sure a request to another plugin must be to leave open a question that any words could answer"""
CLEAR_QUESTION = 0.75
"""how sure a question to another plugin must be that comes behind an answer"""
CONDITION = re.compile(
    r"\b(?:but|though|although|however|if|unless|once|provided|as long as|only|except)\b"
    r"|但|不过|可是|如果|除非|只要|只有|要是|等|([行好成]|可以)是\1",
    re.IGNORECASE,
)
"""what makes a yes depend on something"""
CORRECTS = re.compile(r"\b(?:not|should be|instead of|rather than)\b|不是|应该是|改成", re.IGNORECASE)
"""what puts a part of what is to be confirmed right: "yes, but number 8, not 6" """


def _asks(request: Request, least: float = 0.0) -> bool:
    """Returns whether a request is a question, as surely as that, or asks to be told something."""
    return (request.lead.act == "question" and request.lead.confidence >= least) or asks_within(request.text)


def _yes_on_condition(text: str, asked: str) -> bool:
    """Returns whether the text agrees only on a condition: "yes, if I get all of it back", 好啊，等我收到再说."""
    found = CONDITION.search(text)
    return found is not None and read_consent(text[: found.start()], asked=asked) == "yes"


def _joint(before: str, after: str, text: str) -> str:
    """Returns the words between two pieces of a text, with the second piece: "and also put …"."""
    return text[text.index(before) + len(before) : text.rindex(after)] + after


OF_THIS = re.compile(
    r"\b(?:will|would|can|could|must|should|is|does) (?:i|it|this|that)\b|\bdo i (?:get|have to|need|pay)\b"
    r"|(?:我|它|这样?)?(?:会|能|可以|要|需要).{0,12}(?:吗|多久|多少|什么时候)",
    re.IGNORECASE,
)
"""a question about what is to be confirmed, and not about anything else"""


class OpenQuestionDecider:
    """Decides turns of sessions in which a plugin waits for an answer.

    Args:
        models: the intent model's decisions.
        plugins: declare intents.
        pending: questions that plugins wait for.
        each: decides requests one by one; the last argument holds the words before them.
        permitted: adds what keeps an intent from acting on a request.
    """

    def __init__(
        self,
        models: ModelDecisions,
        plugins: PluginManager,
        pending: PendingQuestions,
        each: Callable[[Turn, Sequence[Request], str], Awaitable[list[Decided]]],
        permitted: Callable[[Decided, Request | None], Decided],
    ) -> None:
        self._models, self._plugins, self._pending = models, plugins, pending
        self._each, self._permitted = each, permitted

    async def decide(
        self, turn: Turn, encodings: Sequence[Encoding], requests: Sequence[Request], pending: str
    ) -> tuple[Decided, ...]:
        """Decide a turn while a question of the intent `pending` is open; at least one decision."""
        answer = Decided(certain(pending, "dialogue", turn), turn, turn, encodings)
        question = self._pending.open_question(turn.session)
        if left := await self._left(answer, requests, question):
            return left
        if question is not None and question.confirms:
            return await self._confirmation(answer, requests, question)
        if apart := await self._apart(answer, requests):
            return apart
        if refuses(requests) and self._changes(pending):
            return (replace(answer, directs="stop"),)
        freely = self._pending.takes_any_words(turn.session)
        leaves = freely and len(turn.utterance.encode()) >= SHORTEST_REQUEST and not says_cancel(turn)
        lead = requests[-1] if requests else None
        fits = self._pending.fits(turn) and not leaves
        asks = lead is not None and (
            _asks(lead, SURE_ACT) or (lead.lead.act == "question" and has_question_form(lead.text))
        )
        if fits and not is_request(lead) and not asks:
            return (answer,)
        known = self._plugins.recognizes(pending.partition(".")[0])
        if asks and not (fits or known) and (followed := await self._followed(answer)) is not None:
            return (followed,)
        decided = await self._whole(turn, encodings, lead)
        if fits:  # "remind me at 8 to call her" holds a number, and is no answer to "how strong is it?"
            looks = asks and decided.decision.intent != pending and not self._changes(decided.decision.intent)
            elsewhere = looks or decided.decision.plugin != pending.partition(".")[0]
            named = looks and decided.decision.source == KNOWN_THING
            sure = named or decided.decision.confidence >= CHANGE_OF_SUBJECT
            surely = decided.decision.outcome == "answer" and sure
            return (self._permitted(decided, lead),) if elsewhere and surely else (answer,)
        if self._leaves(lead, decided.decision, pending, freely=freely):
            return (self._permitted(decided, lead),)
        return (decided,) if freely and self._is_no_answer(lead, decided.decision, pending) else (answer,)

    async def _followed(self, answer: Decided) -> Decided | None:
        """Decides a question about the topic before the open question: "how long left?", of a timer."""
        intent = await self._models.following(answer.turn)
        asks = intent and not self._changes(intent)
        return await self._models.example(answer.turn, answer.encodings, intent) if asks else None

    async def _whole(self, turn: Turn, encodings: Sequence[Encoding], lead: Request | None) -> Decided:
        """A turn as one request; without what leads to it where it is not clear with that: 等等，先告诉我……."""
        decided = await self._models.whole(turn, encodings)
        led = without_lead(turn.utterance)
        if lead is None or decided.decision.outcome == "answer" or led == turn.utterance:
            return decided
        return (await self._each(turn, [Request(led, (replace(lead.lead, text=led),))], ""))[0]

    async def _left(
        self, answer: Decided, requests: Sequence[Request], question: Question | None
    ) -> tuple[Decided, ...]:
        """Splits a cancellation from the request behind it: "forget it, when does the backpack come"."""
        turn, confirms = answer.turn, question is not None and question.confirms
        if len(requests) != 1 or (question is not None and question.mentioned(turn.utterance)):
            return ()
        for before, after in joints(turn.utterance):
            leaves = says_cancel(with_words(turn, before)) or (confirms and read_consent(before) == "no")
            if not leaves or declines([word.text for word in words_of(after)]):
                continue
            wanted = Request(after, (replace(requests[0].lead, text=after, polarity="positive"),))
            last = (await self._each(turn, [wanted], before))[0]
            made = last.decision
            if made.outcome == "answer" and max(made.confidence, made.source == KNOWN_THING) >= CHANGE_OF_SUBJECT:
                return (replace(answer, turn=with_words(turn, before), directs="stop"), last)
        return ()

    async def _apart(self, answer: Decided, requests: Sequence[Request]) -> tuple[Decided, ...]:
        """Splits an answer from a request for another plugin: "hang on, what's 15 % of 80"; () if there is none."""
        turn, pending = answer.turn, answer.decision.intent
        requests = await self._with_wish(turn, answer_apart(requests))
        before = requests[:-1]
        words = " ".join(each.text.strip() for each in before)
        left = says_cancel(with_words(turn, words)) or any(each.lead.act == "stop" for each in before)
        if not before or not (left or requests[-1].lead.act in MAIN_ACTS):
            return ()
        last = (await self._each(turn, requests[-1:], words))[0]
        made, plugin = last.decision, pending.partition(".")[0]
        asked = left or requests[-1].lead.act == "question" or is_request(requests[-1])
        if not asked and made.source != "example":
            return ()
        stops = left or (refuses(before) and self._changes(pending))
        # "They crackle. Oh, and is my hose coming today?" asks the same plugin about something else.
        asks = requests[-1].lead.act == "question" and not self._changes(made.intent)
        least = CLEAR_QUESTION if asks and made.plugin != plugin else ANOTHER_MATTER
        sure = made.source in ("example", KNOWN_THING) or made.confidence >= (CHANGE_OF_SUBJECT if left else least)
        elsewhere = stops or asks or made.plugin != plugin
        if made.outcome != "answer" or not sure or made.intent == pending or not elsewhere:
            return ()
        waits = all(each.lead.act in ANSWERS - {"yes", "no"} for each in before)  # "no" is an answer
        if not stops and (waits or read_consent(words) == "unsure"):
            return (last,)
        return (replace(answer, turn=with_words(turn, words), directs="stop" if stops else None), last)

    async def _with_wish(self, turn: Turn, requests: Sequence[Request]) -> Sequence[Request]:
        """The requests, the last clause of a single one apart where it surely asks: 声音小，明早七点叫我."""
        if len(requests) != 1:
            return requests
        clauses = requests[0].clauses
        if len(clauses) == 1:  # "they hum and also put matches on my list"
            cut = next(
                (pieces for pieces in joints(requests[0].text) if comes_on_top(_joint(*pieces, requests[0].text))), None
            )
            clauses = tuple(replace(clauses[0], text=words, act="statement") for words in cut or ())
        if len(clauses) < 2 or clauses[0].act != "statement":
            return requests
        *told, last = clauses
        wish = Request(last.text, (replace(last, act="request"),))
        made = (await self._each(turn, [wish], ""))[0].decision
        if made.source != "example":
            return requests
        return [Request(" ".join(each.text.strip() for each in told), tuple(told)), wish]

    def _is_no_answer(self, request: Request | None, decision: Decision, pending: str) -> bool:
        """Whether words are surely a request, though for nothing that is known: a timer answers no test question.

        "Call me on 13800138000" says how to be reached.
        """
        if request is not None and any(each.kind in ("phone", "email") for each in find_entities(request.text)):
            return False
        known = self._plugins.recognizes(pending.partition(".")[0])
        return decision.outcome == "out_of_scope" and is_request(request) and not known

    async def _confirmation(
        self, answer: Decided, requests: Sequence[Request], question: Question
    ) -> tuple[Decided, ...]:
        """Decides the answer to a question whose yes changes something: only complete answers count."""
        turn = answer.turn
        consent = read_consent(turn.utterance, asked=question.text)
        doubts = consent == "unsure" and read_bare_answer(turn.utterance, question.text) == "unsure"
        first, rest = (requests[0] if requests else None), requests[1:]
        if consent == "no" and first is not None and rest and not refuses(rest):  # "no, leave it. wake me at seven"
            others = [each for each in await self._each(turn, rest, first.text) if each.decision.outcome == "answer"]
            if others and read_consent(first.text, asked=question.text) == "no":
                return (replace(answer, turn=with_words(turn, first.text)), *others)
        if consent in ("yes", "no") or doubts or (turn.images and not turn.utterance.strip()):
            return (answer,)
        clear = first is not None and read_consent(first.text, asked=question.text) in ("yes", "no")
        free = consent != "unsure" and not CONDITION.search(turn.utterance)  # "yes, but pay it to another account"
        if consent not in ("question", "no") and _yes_on_condition(turn.utterance, question.text):
            named = question.mentioned(turn.utterance)  # "yes, once A1001 is here" is not about A1001
            waits = named and not CORRECTS.search(turn.utterance)
            return (replace(answer, directs="hedge") if waits else answer,)
        if first is not None and clear and free and rest and not refuses(rest):  # "yes, and where is my other order?"
            others = await self._each(turn, rest, first.text)
            asked = [p.decision for p, each in zip(others, rest, strict=False) if each.lead.act == "question"]
            if any(made.outcome != "answer" or made.plugin == answer.decision.plugin for made in asked):
                return tuple(others)  # "yes, and to which card does it go?" is first answered, and asked again
            return (replace(answer, turn=with_words(turn, first.text)), *others)
        asks = consent == "question" or (first is not None and _asks(first))
        if question.mentioned(turn.utterance):  # "no, A1007": but "where is A1007?" wants something else
            decided = await self._models.whole(turn, answer.encodings)
            other = decided.decision.outcome == "answer" and not self._changes(decided.decision.intent)
            return (decided,) if asks and other else (answer,)
        if len(requests) > 1 and any(request.lead.act == "request" for request in requests):
            parts = await self._each(turn, requests, "")
            if all(
                each.decision.outcome == "answer" and each.decision.intent != answer.decision.intent for each in parts
            ):
                return tuple(parts)
        if asks and (followed := await self._followed(answer)) is not None:
            return (followed,)
        decided = await self._models.whole(turn, answer.encodings)
        decided = self._permitted(decided, first)
        waiting = self._plugins.intent(answer.decision.intent)
        same = waiting is not None and decided.decision.plugin == waiting.plugin
        of_this = same and waiting is not None and bool(waiting.about) and not identifier_spans(turn.utterance)
        if asks and of_this and waiting is not None and await self._of_this(turn, waiting, decided.decision):
            # "Will I get the money back?" is about what is to be confirmed.
            words = f"{self._pending.words(turn.session)} {turn.utterance}".strip()
            made = replace(decided.decision, intent=waiting.name, outcome="answer", options=())
            return (replace(decided, decision=made, turn=with_words(turn, words), obstacle="asked"),)
        sure = decided.decision.source == KNOWN_THING or decided.decision.confidence >= CHANGE_OF_SUBJECT
        leaves = decided.decision.outcome == "answer" and sure
        if leaves and (asks or decided.decision.intent != answer.decision.intent):
            return (decided,)
        return (answer,)

    async def _of_this(self, turn: Turn, waiting: Intent, decision: Decision) -> bool:
        """Returns whether a question is about what is to be confirmed: or names no thing of its own."""
        if OF_THIS.search(turn.utterance):
            return True
        intent = self._plugins.intent(decision.intent)
        shared = intent is not None and {slot.name for slot in intent.slots} & {slot.name for slot in waiting.slots}
        return bool(shared) and waiting.plugin not in await self._plugins.knowing(turn)

    def _leaves(self, request: Request | None, decision: Decision, pending: str, *, freely: bool) -> bool:
        # Any words may answer a free question, so only a clear request to another plugin leaves it, or a question.
        least = ANOTHER_MATTER if freely and not is_request(request) else CHANGE_OF_SUBJECT
        # "What do plants need?" may be the answer; "wait, first tell me where it is" is none.
        other = not freely or decision.plugin != pending.partition(".")[0]
        other = other or (
            request is not None and (asks_within(request.text) or without_lead(request.text) != request.text)
        )
        named = decision.source == KNOWN_THING and request is not None and _asks(request) and other
        answers = request is not None and request.lead.act in ANSWERS  # "go on" is no goodbye
        least = max(least, ANOTHER_MATTER) if answers else least
        sure = decision.outcome == "answer" and (named or decision.confidence >= least)
        return sure and not (freely and self._related(request, decision, pending))

    def _related(self, request: Request | None, decision: Decision, pending: str) -> bool:
        """Returns whether a decision belongs to what is asked already, so that the turn may be its answer."""
        plugin = pending.partition(".")[0]
        asks = request is not None and request.lead.act in ("question", "request")
        if asks and not self._plugins.recognizes(plugin):
            return decision.intent == pending
        return decision.plugin == plugin

    def _changes(self, name: str) -> bool:
        intent = self._plugins.intent(name)
        return intent is not None and intent.may_act
