"""Groups the clauses of a turn into the requests that are decided and answered one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.understanding.consent import read_consent
from assistant.understanding.entities.finding import find_entities
from assistant.understanding.exceptions import REMOVES, with_exception
from assistant.understanding.negation import declines
from assistant.understanding.request_forms import asks_within, has_question_form, joints
from assistant.understanding.splitting import changes_subject, drops_what_was_said, without_announcement
from assistant.understanding.tokens import words_of
from assistant.understanding.types import Act, Clause, Understanding

__all__ = [
    "ANSWERS",
    "CONVERSATION_ACTS",
    "MAIN_ACTS",
    "Request",
    "answer_apart",
    "reworded",
    "split_requests",
    "without_dropped",
    "without_withdrawn",
]

MAIN_ACTS: frozenset[Act] = frozenset({"request", "question"})
"""acts that want an answer of their own"""
ANSWERS: frozenset[Act] = frozenset({"yes", "no", "hedge"})
"""acts that answer a question of the assistant's"""
TAKES_BACK: frozenset[Act] = frozenset({"no", "stop", "undo", "hedge", "correction", "request"})
"""acts that may withdraw what was asked for before; "I don't like it" gives a reason instead"""
CONVERSATION_ACTS: frozenset[Act] = frozenset({"stop", "undo", "repeat", "human", "help"})
"""acts that direct the conversation itself"""


@dataclass(frozen=True)
class Request:
    """A part of a turn that is decided and answered on its own."""

    text: str
    """the words of its clauses, in order"""
    clauses: tuple[Clause, ...]
    """at least one"""

    @property
    def lead(self) -> Clause:
        """The clause that says what is wanted: the first request, question or call for a person, else the first."""
        for act in ("request", "question", "human"):  # "all these questions! get me a person"
            for clause in self.clauses:
                if clause.act == act:
                    return clause
        return self.clauses[0]


def split_requests(understanding: Understanding) -> tuple[Request, ...]:
    """Groups clauses into requests, in the order in which they were said; empty for a turn without clauses.

    Every request, question and act of conversation begins a request of its own. A statement or a correction belongs to
    the request before it, or to the first one when it comes before all of them; an answer that comes first ("yes, and
    where is the other one?") stands alone, and what says that it is about something else does so, too ("by the way").
    Social clauses count only when a turn holds nothing else.
    """
    told = [_asking(_removing(_introducing(clause))) for clause in understanding.clauses]
    clauses = [clause for clause in told if clause.act != "social"] or told
    groups: list[list[Clause]] = []
    leading: list[Clause] = []
    for clause in clauses:
        asked = Request("", tuple(groups[-1])).lead if groups else clause
        if asked.act == clause.act == "request" and (spared := with_exception(asked.text, clause.text)):
            mended = replace(asked, text=spared, end=clause.end)
            groups[-1] = [mended if each is asked else each for each in groups[-1]]
        elif clause.act in MAIN_ACTS | CONVERSATION_ACTS:
            apart = changes_subject(clause.text) or all(each.act in ANSWERS for each in leading)
            if leading and apart:
                groups.append(leading)
                leading = []
            groups.append([*leading, clause])
            leading = []
        elif changes_subject(clause.text):
            groups += [leading] if leading else []
            leading = [clause]
        elif groups and not leading:
            groups[-1].append(clause)
        else:
            leading.append(clause)
    if leading:
        groups.append(leading)
    return tuple(Request(_joined(group), tuple(group)) for group in groups)


def without_dropped(understanding: Understanding) -> str:
    """A turn's words without what was told and dropped: "they crackle, never mind that, is my hose coming?".

    What only announces a question is left out, too: "one last thing, …".
    """
    clauses, kept = understanding.clauses, list[str]()
    for at, clause in enumerate(clauses):
        told = bool(kept) and clauses[at - 1].act == "statement" and at < len(clauses) - 1
        if told and drops_what_was_said(clause.text):
            kept.pop()
        elif all(each.act == "social" for each in clauses[:at]):
            kept.append(without_announcement(clause.text))
        else:
            kept.append(clause.text)
    return understanding.text if kept == [clause.text for clause in clauses] else " ".join(kept)


def reworded(requests: Sequence[Request], text: str) -> str:
    """A turn's text, with what a request leaves as it is put as an exception, where something is."""
    verbatim = all(clause.text.strip() in text for request in requests for clause in request.clauses)
    return text if verbatim else " ".join(request.text for request in requests)


def answer_apart(requests: Sequence[Request]) -> Sequence[Request]:
    """Tells what answers an open question from the request behind it, where both were read as one.

    "They crackle, oh and is my hose coming today?" tells and asks; "forget it, wake me at seven" stops and asks.
    """
    if len(requests) != 1:
        return requests
    clauses = requests[0].clauses
    for before, after in joints(requests[0].text) if len(clauses) == 1 else ():
        if has_question_form(after) and not has_question_form(before):
            clauses = (replace(clauses[0], text=before, act="statement"), replace(clauses[0], text=after))
            break
    clauses = tuple(replace(c, act="question") if has_question_form(c.text) else c for c in clauses)
    lead = clauses.index(Request(requests[0].text, clauses).lead)
    told = all(clause.act in ANSWERS | {"statement"} for clause in clauses[:lead])
    cut = lead if told else 0
    cut = 1 if clauses[0].act == "stop" and len(clauses) > 1 else cut
    parts = (clauses[:cut], clauses[cut:]) if cut else (clauses,)
    return [Request(_joined(part), tuple(part)) for part in parts]


def without_withdrawn(requests: Sequence[Request]) -> list[Request]:
    """The requests that still stand: "cancel A1002, no, forget it" takes back what was asked for before it."""
    kept: list[Request] = []
    for request in requests:
        asked = [each for each in kept if each.lead.act == "request"]
        behind = request.clauses[request.clauses.index(request.lead) + 1 :]
        if asked and _takes_back(request.lead, " ".join(each.text for each in asked)):
            kept = [each for each in kept if each not in asked]
        elif request.lead.act != "request" or not any(_takes_back(clause, request.lead.text) for clause in behind):
            kept.append(request)
    return kept


def _takes_back(clause: Clause, before: str) -> bool:
    if clause.act == "correction" and find_entities(clause.text, "zh"):  # 哦不对，二十五分钟 names another value
        return False
    if clause.act not in TAKES_BACK or (_UNNEEDED.search(clause.text) and REMOVES.search(before)):
        return False
    consent = read_consent(clause.text, asked=before)
    return consent == "no" or (consent == "unsure" and (clause.polarity == "negative" or clause.act == "stop"))


_UNNEEDED = re.compile(
    r"\b(?:don'?t|do not|won'?t be|no longer|not) (?:\w+ )?(?:need|want|use|using|needing|fancy)\b"
    r"|用不[上着到]|不需要|不想要|没用|不(?:做|去|吃|喝|买|用|要|看|煮|学|玩)了",
    re.IGNORECASE,
)
"""why something is removed: "bin the camping list, don't need it any longer" """


def _removing(clause: Clause) -> Clause:
    """A request to remove something whose negation is about what it removes, or about what stays, as no refusal.

    红烧肉那个取消，不做了 says why, "cancel all that hasn't been sent" says which, "…, keep the mugs" what stays.
    """
    if clause.act != "request" or clause.polarity != "negative" or clause.scope == "nothing":
        return clause
    *first, last = re.split("[,，;；]", clause.text)
    rest, text = clause.text, clause.text
    if what := ",".join(first):
        text = with_exception(what, last) or text
        rest = what if text != clause.text or _UNNEEDED.match(last.strip()) else rest
    removes = REMOVES.search(rest) and (rest != clause.text or _NOT_YET.search(rest))
    if not removes or declines([word.text for word in words_of(rest)]):
        return clause
    return replace(clause, polarity="positive", text=text)


_NOT_YET = re.compile(r"\b(?:has|have|had|is|are|was|were|do|does|did)(?:n'?t| not)\b|\bnot\b|没|未|不", re.IGNORECASE)


def _joined(clauses: Iterable[Clause]) -> str:
    texts = [clause.text.strip() for clause in clauses]
    return " ".join(text for text in texts if text)


def _introducing(clause: Clause) -> Clause:
    """A greeting that goes on to say who speaks, as a statement of that: "hi im priya"."""
    found = _INTRODUCES.match(clause.text) if clause.act == "social" else None
    return replace(clause, text=clause.text[found.end() :], act="statement") if found else clause


_INTRODUCES = re.compile(
    r"\W*(?:(?:hi|hello|hey|good (?:morning|evening|afternoon|day))(?: there| all| everyone)?|[你您]好|嗨|哈喽|早上好)"
    r"[\s,.!，。！]*(?=(?:i'?m|i am|my name(?:'?s| is)|this is|call me)\s+\w|(?:我是|我叫|我姓)\S)",
    re.IGNORECASE,
)


def _asking(clause: Clause) -> Clause:
    """A statement that asks to be told something as a question: "I only want to know if it was sent"."""
    asks = asks_within(clause.text) or (changes_subject(clause.text) and has_question_form(clause.text))
    told = clause.act == "statement" and clause.polarity == "positive"
    return replace(clause, act="question") if told and asks else clause
