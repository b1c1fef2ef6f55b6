"""Jobs that chat clients give to the model behind its user's back: a title for the chat, tags, suggestions.

They quote the conversation, with its requests, so they must never be taken as a turn. Open WebUI sends them as a user
message that begins with "### Task:" and holds the chat between <chat_history> tags; its answer is JSON.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["task_answer"]

_TASK = re.compile(r"\s*#+\s*Task:.*<chat_history>(?P<chat>.*)</chat_history>", re.DOTALL | re.IGNORECASE)
_KEY = re.compile(r'\{\s*"(\w+)"\s*:\s*(\[?)')
_FIRST = re.compile(r"^\s*user:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
TITLE = 40
"""characters of a title"""


def task_answer(text: str) -> str | None:
    """The answer to such a job; None for what a user says.

    A title is the beginning of the user's first message; of all else there is nothing to offer.
    """
    if (task := _TASK.match(text)) is None:
        return None
    if (asked := _KEY.search(text)) is None:
        return ""
    first = _FIRST.search(task["chat"])
    title = " ".join(first[1].split()) if first and asked[1] == "title" else ""
    if len(title) > TITLE:
        title = title[:TITLE].rpartition(" ")[0] or title[:TITLE]
    value: Any = [] if asked[2] else title.rstrip(" .,;:?!。，？！")
    return json.dumps({asked[1]: value}, ensure_ascii=False)
