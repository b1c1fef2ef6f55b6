"""Decides a request piece by piece: the clear piece, the wish beside a refusal, one request for each order."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace

from assistant.dialogue.decided import KNOWN_THING, Decided, certain, with_words
from assistant.dialogue.request_acts import Asked, is_request
from assistant.language import language_of
from assistant.plugins.api import Intent
from assistant.types import OUT_OF_SCOPE, Turn
from assistant.understanding.entities.finding import find_entities
from assistant.understanding.entities.identifiers import identifier_spans
from assistant.understanding.negation import declines
from assistant.understanding.request_forms import joints
from assistant.understanding.requests import MAIN_ACTS, Request
from assistant.understanding.tokens import words_of
from assistant.understanding.types import Polarity

__all__ = ["MOST_REQUESTS", "PieceDecider"]

SURE_WHOLE, CLEAR_ALONE = 0.9, 0.7
"""confidence of a turn as a whole below which a request in it is taken instead, and from which it is clear enough"""
CLEAR_PIECE = 0.75
"""confidence from which one of two pieces of a turn that means nothing as a whole is answered"""
OF_ITS_OWN, FEWEST_REFUSED = 4, 2
"""words, or Chinese characters, of a piece that names an order and may ask for something of its own; the same where one
of the pieces refuses: "don't cancel A1002, cancel A1007" """
MOST_REQUESTS = 6
"""requests of one turn that are decided one by one; further ones are named as not answered"""
POINTS = re.compile(
    r"\b(?:it|its|that|this|these|those|them|they|he|she|him|her|there|so)\b|[他她它这那]", re.IGNORECASE
)
"""points to a thing that other words name"""
_SAYS = MAIN_ACTS | {"statement"}


class PieceDecider:
    """Decides a request by its pieces.

    Args:
        each: decides requests one by one; the last argument holds the words before them.
        intent: the intent of a name; None for a name that is not known.
        knowing: the plugins that know a thing which the words of a turn name.
        asked: how an intent's own examples ask for it.
    """

    def __init__(
        self,
        each: Callable[[Turn, Sequence[Request], str], Awaitable[list[Decided]]],
        intent: Callable[[str], Intent | None],
        knowing: Callable[[Turn], Awaitable[Collection[str]]],
        asked: Callable[[Intent], Asked],
    ) -> None:
        self._each, self._intent, self._knowing, self._asked = each, intent, knowing, asked

    async def clear_alone(self, turn: Turn, request: Request, whole: Decided) -> tuple[Decided, ...]:
        """Decides the piece that is clear by itself: "thanks, what's my name?", 今儿礼拜几 我都过糊涂了.

        Of two things at a joint the one that is clear, and the other as what is not served.
        """
        lead = request.lead
        alone = [request.text] if request.text.strip() != turn.utterance.strip() else []
        if lead.act in MAIN_ACTS and len(request.clauses) > 1:
            alone.append(lead.text)
        for words in alone:
            (part,) = await self._each(turn, [Request(words, (lead,))], "")
            if part.decision.outcome != "answer":
                continue
            rest = "".join(each.text for each in request.clauses if each is not lead and each.time != "past")
            # What is clear is read best without the words around it, unless these name a number, a day, an order.
            sure = part.decision.source == "example" or part.decision.confidence >= CLEAR_ALONE
            brief = sure and not POINTS.search(words) and not find_entities(rest, language_of(turn.utterance))
            return (part if brief or words == request.text else replace(part, turn=with_words(turn, request.text)),)
        if whole.decision.outcome == "out_of_scope" and is_request(request):
            for pieces in joints(request.text)[:MOST_REQUESTS]:
                parts = await self._each(turn, [Request(words, (replace(lead, text=words),)) for words in pieces], "")
                made = [part.decision for part in parts]
                clear = [each for each in made if each.outcome == "answer" and each.confidence >= CLEAR_PIECE]
                if len(clear) == 1 and any(each.outcome == "out_of_scope" for each in made):
                    return tuple(parts)
        return ()

    async def each_of_its_own(self, turn: Turn, request: Request) -> tuple[Decided, ...]:
        """Two requests read as one, each about an order of its own: A1002帮我取消，A1007的地址改成……; () otherwise."""
        if len(identifier_spans(turn.utterance)) < 2 or request.lead.act != "request":
            return ()
        for pieces in joints(turn.utterance)[:MOST_REQUESTS]:
            declined = [declines([word.text for word in words_of(words)]) for words in pieces]
            least = FEWEST_REFUSED if any(declined) else OF_ITS_OWN
            if not all(identifier_spans(words) and len(words_of(words)) >= least for words in pieces):
                continue
            polarities: list[Polarity] = ["negative" if each else "positive" for each in declined]
            leads = [replace(request.lead, text=w, polarity=p) for w, p in zip(pieces, polarities, strict=True)]
            parts = await self._each(turn, [Request(lead.text, (lead,)) for lead in leads], "")
            told = [
                Decided(certain(OUT_OF_SCOPE, "withdrawn", part.turn), part.turn, part.turn)
                if no and part.decision.outcome != "answer"
                else part
                for part, no in zip(parts, declined, strict=True)
            ]
            kinds = {(part.decision.intent, part.obstacle) for part in told}
            if all(part.decision.outcome == "answer" for part in told) and len(kinds) > 1:
                return tuple(told)
        return ()

    async def beside_refusal(self, turn: Turn, request: Request, whole: Decided) -> Decided | None:
        """Decides the wish beside a refusal: "I'm not cancelling anything, just tell me where it is"; else None."""
        refused = [each for each in request.clauses if each.polarity == "negative" and each.act in _SAYS]
        rest = tuple(each for each in request.clauses if each.polarity == "positive" and each.act in _SAYS)
        sources = ("model", "in context", KNOWN_THING)
        if not refused or not rest or whole.decision.source not in sources or whole.decision.outcome == "out_of_scope":
            return None
        wanted = Request(" ".join(each.text.strip() for each in rest), rest)
        (alone,) = await self._each(turn, [wanted], refused[0].text)
        made, intent = alone.decision, self._intent(alone.decision.intent)
        if intent is None or made.outcome != "answer" or (intent.may_act and not is_request(wanted)):
            return None
        points = POINTS.search(wanted.text) is not None
        if made.intent == whole.decision.intent and (points or intent.may_act):
            return None
        if made.source not in ("example", KNOWN_THING) and made.confidence < CLEAR_ALONE:
            return None
        return replace(alone, turn=with_words(turn, request.text)) if points else alone

    async def without_remarks(self, turn: Turn, request: Request, whole: Decided) -> Decided | None:
        """A request behind a remark, where it is at least as clear alone: "I had an operation once. wake me at eight".

        A remark that names a number or a day, or that the request points back to, is a part of it.
        """
        lead, made = request.lead, whole.decision
        remarks = [each for each in request.clauses if each is not lead]
        told = all(each.act == "statement" for each in remarks) and lead.act in MAIN_ACTS
        if not remarks or not told or made.source not in ("model", "in context") or POINTS.search(lead.text):
            return None
        rest = "".join(each.text for each in remarks if each.time != "past")
        if find_entities(rest, language_of(turn.utterance)):
            return None
        (alone,) = await self._each(turn, [Request(lead.text, (lead,))], "")
        sure = alone.decision.source == "example" or made.confidence < SURE_WHOLE
        sure = sure and alone.decision.confidence >= min(made.confidence, CLEAR_ALONE)
        intent = self._intent(alone.decision.intent)
        if not sure or alone.decision.outcome != "answer" or intent is None or self._asked(intent).by_telling:
            return None  # "I'm Priya, I live with my gran" tells two things
        if rest and alone.decision.plugin in await self._knowing(with_words(turn, rest)):  # 耳机不喜欢，我要退货
            return alone if alone.decision.plugin in await self._knowing(with_words(turn, lead.text)) else None
        return alone
