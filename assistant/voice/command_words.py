"""Words that the voice loop itself reacts to: stop, backchannels, broken-off sentences, wake words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = ["is_open", "only_backchannel", "says_stop", "without_wake_word"]

_STOP = re.compile(
    r"(?:(?:please|okay|ok|no|hey)[ ,]*)?"
    r"(?:stop(?: it| talking| speaking| that)?|(?:be )?quiet|silence|shut up|hush|enough|that(?: i|')s enough|"
    r"cancel(?: that)?|never ?mind|forget it)"
    r"(?:[ ,]*(?:please|now))?",
    re.IGNORECASE,
)
_FILLERS = frozenset({"okay", "ok", "please", "no", "hey", "好", "好了", "请"})
_BACKCHANNEL = re.compile(
    r"(?:mm-hmm|mhm|mm|hmm?|uh-huh|uh|huh|yeah|yes|yep|okay|ok|right|sure|aha|ah|oh|wow|great|nice|cool|嗯|哦|好|好的|对|是)"
)
_STOP_ZH = re.compile(r"(?:请)?(?:停|停止|停下|停一下|别说了|不要说了|安静|闭嘴|够了|算了|取消)[吧了]?")
_OPEN = re.compile(
    r"(?:\b(?:a|an|the|my|your|this|that|and|or|but|of|to|in|on|at|for|with|from|by|is|are|was|if|because|about|"
    r"please|um|uh|er|i|i'd|i'm|would|could|can|want|like)|,|-|\.\.\.|…|和|或者|还有|但是|因为|如果|,|、)$",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:what|who|whose|which|where|when|why|how)\b.*\w+\s(?:is|are|was|like)\.$",
    re.IGNORECASE,
)
"""an indirect question that ends as it may: "explain what a prime number is." """
SIMILARITY = 0.72
"""how like a wake word the first words must be spelt: recognition writes "Jarvis," and "okay, Naboo" """


def says_stop(text: str) -> bool:
    """Whether a text asks for silence and nothing else."""
    # "Stop. Stop! Stop!" is still one wish.
    parts = [part.strip() for part in re.split(r"[.,!?。！？，\n]+", text) if part.strip()]
    wishes = [part for part in parts if part.lower() not in _FILLERS]
    return bool(wishes) and all(_STOP.fullmatch(part) or _STOP_ZH.fullmatch(part) for part in wishes)


def only_backchannel(text: str) -> bool:
    """Whether a text only shows attention: "mm-hmm", "okay"."""
    words = re.findall(r"[\w'-]+", text.lower())
    return bool(words) and all(_BACKCHANNEL.fullmatch(word) for word in words)


def is_open(text: str) -> bool:
    """Whether a sentence breaks off in the middle: "turn on the", "and"."""
    if _ASKED.search(text.strip()):
        return False
    return bool(_OPEN.search(text.strip().rstrip(".") if not text.strip().endswith("...") else text.strip()))


def without_wake_word(text: str, words: Iterable[str]) -> str:
    """Removes a wake word, however it is spelt, from the beginning of a transcript."""
    for word in words:
        for length in (len(word.split()), 1):
            wanted = " ".join(word.split()[-length:])
            found = re.match(rf"\W*((?:[\w']+\W+){{0,{length - 1}}}[\w']+)(\W*)", text)
            if found and _alike(found.group(1), wanted):
                rest = text[found.end() :].strip()
                return rest[:1].upper() + rest[1:]
    return text


def _alike(said: str, word: str) -> bool:
    said = re.sub(r"[^\w ]", "", said.lower())
    return difflib.SequenceMatcher(None, " ".join(said.split()), word.lower()).ratio() >= SIMILARITY
