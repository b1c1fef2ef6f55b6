"""The clause of a sentence that asks for something at a time; the others only say why, or what it is called."""

from __future__ import annotations

import re

__all__ = ["asking_clause", "repaired"]

EDGE = re.compile(
    r"\s*[,，、。;；!！]\s*|\.\s+|\s*[–—]\s*|\s+-\s+|\s+(?=(?:because|cuz|cos|coz|'cause|since i"
    r"|so (?:that )?(?:i|we)(?:'\w+)?"
    r"|as (?:i|we)(?:'\w+)?|i've got|i got|i have to|we've got)\b)",
    re.IGNORECASE,
)
REASON = re.compile(r"(?:because|cuz|cos|coz|'cause|since|so|as|i've got|i got|i have to|we've got)\b", re.IGNORECASE)
"""how a clause begins that only says why"""
SIGNS = re.compile("[⏰⏱]")
ONLY_TIME = re.compile(r"(?:(?:on|at|for|just|only) )*⏰(?: (?:only|please|love|dear|mate))*", re.IGNORECASE)
ELSE = re.compile(
    r"[?？]|[吗么]$|\b(?:not|no|never|nothing|don't|won't|remind|alarms?|timers?|wake|set|cancel|stop|delete|add|put|order|track"
    r"|send|buy|write|read|tell|show|what|how|why|when|where|who|which|can you|could you|will you|would you"
    r"|and|or|but|also|then|note|spell|convert|flip|roll|pick|please)\b|\d"
    r"|别|不(?!了|够|住)|没|取消|提醒|闹钟|订单|清单|几[点个天]|什么|怎么|哪|查|加[到上]|记[住下一]|帮我|告诉|顺便|另外|还有|然后|再|算|换",
    re.IGNORECASE,
)
"""what a clause that only says why does not hold"""
MOST = 5
"""clauses of a sentence that is looked at"""
AGAINST = re.compile(
    r"[\s,.;–—-]*\b(?:no[\s,]+wait|wait[\s,]+no|oh no|no[\s,]+actually|actually|hang on|hold on|scratch that"
    r"|on second thoughts?"
    r"|wait|no)\b[\s,.]+|[\s，,]*(?:哦不|不对|等等|等一下|算了|不行|不是)[\s，,]*",
    re.IGNORECASE,
)
"""takes back what was said before it"""
THEREFORE = re.compile(
    r"(?:^|[\s,]+)(?:so|then|therefore|better|rather)\b(?:[\s,]+(?:make it|make that|set it|let's say|at|for|to|it's))*"
    r"|\bmake (?:it|that)\b(?: (?:at|for))?|[，,]?(?:所以)?(?:还是|那就?|改成?|就)(?=.*[点半刻时])",
    re.IGNORECASE,
)
"""before what is meant after all"""


def asking_clause(masked: str) -> str:
    """The one clause with a time or a length of time, where the others ask for nothing and forbid nothing; or "".

    Args:
        masked: a sentence with signs for its times, as `said.masked` makes it.
    """
    clauses = [clause for clause in EDGE.split(masked) if clause.strip()]
    if not 1 < len(clauses) <= MOST:
        return ""
    timed = [clause for clause in clauses if SIGNS.search(clause) and not REASON.match(clause)]
    meant = [clause for clause in timed if not ONLY_TIME.fullmatch(clause)]
    others = [clause for clause in clauses if clause not in timed]
    if len(meant) != 1 or any(SIGNS.search(clause) for clause in others):
        return ""
    return "" if any(ELSE.search(clause) and not REASON.match(clause) for clause in others) else meant[0].strip()


def repaired(text: str) -> tuple[str, str] | None:
    """What was asked before it was taken back, and what is meant instead: ("wake me at 7", "6:15"); None without that.

    "Wake me at 7, no wait, the train goes at 7:30 so 6:15": what stands before "so" is a reason. The second part may be
    empty, where the first was put right already.
    """
    taken_back = AGAINST.search(text)
    if taken_back is None or not text[: taken_back.start()].strip():
        return None
    after = text[taken_back.end() :]
    therefore = list(THEREFORE.finditer(after))
    if not therefore:
        return None
    return text[: taken_back.start()].strip(), after[therefore[-1].end() :].strip(" ,，")
