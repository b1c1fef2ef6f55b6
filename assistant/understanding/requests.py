"""Groups the clauses of a turn into the requests that are decided and answered one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.understanding.types import Act, Clause, Understanding

__all__ = ["CONVERSATION_ACTS", "Request", "split_requests"]

MAIN_ACTS: frozenset[Act] = frozenset({"request", "question"})
"""acts that want an answer of their own"""
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
        """The clause that says what is wanted: the first request, else the first question, else the first clause."""
        for act in ("request", "question"):
            for clause in self.clauses:
                if clause.act == act:
                    return clause
        return self.clauses[0]


def split_requests(understanding: Understanding) -> tuple[Request, ...]:
    """Groups clauses into requests, in the order in which they were said; empty for a turn without clauses.

    Every request, question and act of conversation begins a request of its own. A statement, a correction or an
    answer belongs to the request before it, or to the first one when it comes before all of them. Social clauses
    count only when a turn holds nothing else.
    """
    clauses = [clause for clause in understanding.clauses if clause.act != "social"] or list(understanding.clauses)
    groups: list[list[Clause]] = []
    leading: list[Clause] = []
    for clause in clauses:
        if clause.act in MAIN_ACTS | CONVERSATION_ACTS:
            groups.append([*leading, clause])
            leading = []
        elif groups:
            groups[-1].append(clause)
        else:
            leading.append(clause)
    if leading:
        groups.append(leading)
    return tuple(Request(_joined(group), tuple(group)) for group in groups)


def _joined(clauses: Iterable[Clause]) -> str:
    texts = [clause.text.strip() for clause in clauses]
    return " ".join(text for text in texts if text)
