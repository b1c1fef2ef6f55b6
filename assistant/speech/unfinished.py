"""Whether words break off: "turn on the", "I would like to return", "where is my".

Rules name the ends that are sure. A logistic regression over the last words and the first ones, which has learned from
requests and all their beginnings (`assistant train endings`), knows of other English words how likely they end here.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.types import FloatArray

__all__ = ["BUCKETS", "WEIGHTS", "ending_features", "how_unfinished", "likely_ends"]

WEIGHTS = Path(__file__).parent / "weights" / "endings.safetensors"
BUCKETS = 1 << 14
SURELY, PERHAPS = 0.06, 0.12
"""probabilities of an end below which a request surely, or perhaps, goes on: of requests by authors who taught it
nothing, 0.2 and 0.8 % are less likely to end"""
_ENGLISH = re.compile(r"[a-z']+|\d+")

_LACKS = re.compile(
    r"\b(?:a|an|the|my|your|our|their|its|every|some|and|or|but|because|if|unless|than|whether|of|into|between|"
    r"(?:want|like|need|going|trying|love|have|able|how|remind me|help me|ask you) to|remind me too|"
    r"i'd|i'm|i am|i have|i've|you're|"
    r"(?:and|if|so|when|because|that) i|(?:i|you|we|they) (?:would|could|will|should|may|might|must)|"
    r"(?:what|where|who|when|how)(?:'s| is| are| was| were| much is| many| long is| far is)|"
    r"(?:would|could|can|will) (?:you|i|we)(?: please)?|"
    r"(?:is|are|was|do|does|did) (?:the|my|a|an)|number|called|named|um|uh|er|hmm)$"
    r"|[,、，:：]$|\.\.\.$|…$|[-–—]$",
    re.IGNORECASE,
)
"""ends where a sentence cannot end"""
_VERBS = (
    r"return|exchange|cancel|order|buy|get|find|see|have|add|put|remove|delete|change|update|move|set|start|book|"
    r"bring|give|send|show(?: me)?|tell(?: me)?|teach me|call|text|email|ask|check|track|trace|look (?:at|for|up)|"
    r"search(?: for)?|play|open|close|read(?: me)?|write|translate|define|explain|describe|compare|convert|calculate|"
    r"multiply|divide|subtract|spell|pronounce|remind me(?: to| of| about)?|turn (?:on|off|up|down)|switch (?:on|off)|"
    r"know(?: about)?|learn(?: about)?|ask about|talk (?:about|to)|speak (?:to|with)|complain about|pay(?: for)?|"
    r"replace|repair|fix|make|create|use|take|wear|reserve|schedule|rename|save|store|share|choose|pick|prefer|report|"
    r"claim|apply for|sign up for|subscribe to|unsubscribe from|wake me(?: up)? at|ask me about|note(?: down)? that|"
    r"remember that|report that|say"
)
"""verbs that need an object"""
_VERB = re.compile(
    r"(?:^|[,;.] |\b(?:to|can|could|would|should|will|must|please|you|and|let me|let's|now|then|i|we|just|also)\s)"
    rf"(?:{_VERBS})$",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"^(?:please )?(?:cancel|start|close|open|call|save|play|pay)$", re.IGNORECASE)
_WHOLE = re.compile(
    r"\b(?:what|who|whose|which|where|when|why|how)\b.+\b(?:to|do|can|could|should|would|i|you|we|they)\b.*$",
    re.IGNORECASE,
)
"""questions whose object comes first: "what should I buy" """
_LACKS_ZH = re.compile(
    r"(?:(?<!好)(?<!是)的|和|跟|或者|还是|还有|但是|因为|如果|把|给|在|从|到|对|比|被|让|想|要|想要|需要|打算|我|你|帮我|请|请问|告诉我|提醒我|"
    r"一个|一件|这个|那个|什么时候|我的|是|有|叫|问一下|[改换变设译转算][成为到]|[寄送发搬退]到|"
    r"(?:我?(?:想|要|想要|需要|可以|能)|帮我|请|给我)(?:退|换|买|查|找|看|订|点|加|改|寄|听|问|知道|了解|设|设置|打开|关闭|关掉|播放|"
    r"翻译|计算|比较|说明|添加|删除|取消一下|发|写|读|放|拿))$"
)
_GOAL = re.compile(r"^(?!.*\b(?:what|who|which|where)\b).*\b(?:for|with|from|by|about|at)$", re.IGNORECASE)
_ENDS = re.compile(
    r"^(?:what|how|who|where|when|why)(?:'s| is| are| was| were)$"
    r"|\b(?:what|who|whose|which|where|how)\b.*\b(?:is|are|was|were|of)$"
    r"|\b(?:what|who|whose|which|where|when|why|how)\b.*\b(?:can|could|should|would|will|must|do|does|did|shall|to)\b.*$",
    re.IGNORECASE,
)
"""questions that may end so: "who is the author of", "what should I buy" """
_ASKS_ON = re.compile(r"\b(?:in|on|at|for|with|from|to|of|how (?:many|much|long|far|old|often))$", re.IGNORECASE)
"""ends of questions that may go on"""
_MILD = re.compile(
    r"\b(?:this|that|to|in|on|at|for|with|from|by|about|is|are|was|would|could|can|want|like|need|so|then|not)$",
    re.IGNORECASE,
)
"""ends where a sentence seldom ends"""
_ASKED = re.compile(
    r"\b(?:what|who|whose|which|where|when|why|how)\b.*\w+\s(?:is|are|was|like|to|for|from|about)$", re.IGNORECASE
)
"""an indirect question that ends as it may: "explain what a prime number is" """

_ASKS_OF = re.compile(
    r"\bhow (?:long|much|many|far|often)\b.*\b(?:takes?|needs?|costs?|like|want|have) to$"
    r"|^(?:which|how many|how much) of (?:my|the|your|our|these|those)(?: \w+)?$"
    r"|\b(?:weather|time is it|temperature|population)(?: like)? in$"
    r"|(?:\d|%|percent|half|third|quarter|fifth|tenth|root|sum|product|average|price|cost|rid|instead) of$"
    r"|\b(?:an?|the|my|your|our|their|every)$"
    r"|\b(?:remember|note|know|knew|say|said|told|think|hope|forget) that (?:my|the|our|his|her|your|their) \w+$"
    r"|^how (?:far|long|much|many|old)\b.* (?:from|to|until|till|between)$"
    r"|\b(?:know|remember|tell me|show me|find out|check|see|wondering) "
    r"(?:who|what|where|when|why|how|which|whether|if)$"
    r"|^is there (?:a|any|no) (?:way|chance|reason|need|place) (?:to|for|that|of)$"
    r"|^(?:can|could|may|will|would) (?:i|you|we)\b(?!.*\b(?:wh\w+|how|\w+(?:one|body|thing))\b).* "
    r"(?:for|with|from|to|about|of)$",
    re.IGNORECASE,
)
"""requests that still need what they are about"""
_STATES = re.compile(
    r"^(?!.*\b(?:what|who|which|where|how|when|why)\b).*\b(?:"
    r"(?:number|name|address|code|question|problem|size|date|reason|birthday|password|thing|point|ask|say|know) is"
    r"|(?:bought|ordered|received|paid|arrived|delivered|happened|started|came|sent)(?: it| them| this| that)? "
    r"(?:on|in|at|from|by|to)"
    r"|(?:'d|would) rather(?: \w+)?"
    r"|^(?:please )?(?:add|put|send|move|change|give|bring|take|forward|deliver) (?!(?:it|them|that|this) \w+$).+ "
    r"(?:to|into|in)"
    r"|(?:live[sd]?|living|work(?:s|ed|ing)?|born|stay(?:s|ed|ing)?|stud(?:y|ies|ied|ying)|based) in)$",
    re.IGNORECASE,
)
"""statements that still need what they state"""
_WHO_DID = re.compile(r"^who \w+(?:ed|ote|ade|ilt|ang|ew|ook)$|^(?:add|put|send) .+ too$", re.IGNORECASE)
_SHORT_ANSWER = re.compile(
    r"^(?:that(?:'s| is)|this is|it's) (?:all|everything|what)\b.*|^[这那它]是.*的$|"
    r"^(?:yes|no|yeah|sure|of course)\W+(?:i|you|we|they|he|she|it) "
    r"(?:am|is|are|was|were|do|does|did|have|would|can|could|will)$"
    r"|\b(?:do not|don't|did not|didn't|does not|doesn't) (?:want|need|have|like) to$",
    re.IGNORECASE,
)


def how_unfinished(text: str) -> Literal["", "perhaps", "surely"]:
    """Returns how surely a sentence goes on: its request lacks an object, or it ends as no sentence does.

    Recognition ends what it hears with a full stop or a question mark, so that the latter says little.
    """
    known = _by_rules(text.strip())
    words = _ENGLISH.findall(text.lower())
    if known != "" or len(words) < 2 or not text.isascii():
        return known or ""
    likely = likely_ends(words)
    return "surely" if likely < SURELY else "perhaps" if likely < PERHAPS else ""


def likely_ends(words: list[str]) -> float:
    """The probability, 0 to 1, that a request that begins with English words in small letters ends with them."""
    weights = _weights()
    score = weights["weight"][ending_features(words)].sum() + weights["bias"][0]
    return float(1 / (1 + np.exp(-score)))


def ending_features(words: list[str]) -> list[int]:
    """Numbers, below `BUCKETS`, of what the first, the last and so many words show; (9,)."""
    words = ["0" if word.isdigit() else word for word in words]
    first, last, count = words[0], words[-1], len(words)
    shown = (
        last,
        " ".join(["", *words][-2:]),
        " ".join(["", "", *words][-3:]),
        f"{first}…{last}",
        f"{first} {words[1] if count > 1 else ''}…{last}",
        f"{first} {words[1] if count > 1 else ''}…",
        f"{min(count, 9)}",
        f"…{last[-3:]}",
        f"{first} {min(count, 6)}",
    )
    return [zlib.crc32(f"{number} {each}".encode()) % BUCKETS for number, each in enumerate(shown)]


@cache
def _weights() -> dict[str, FloatArray]:
    from safetensors.numpy import load_file

    return {name: array.astype(np.float32) for name, array in load_file(WEIGHTS).items()}


def _by_rules(text: str) -> Literal["", "perhaps", "surely"] | None:
    """What the rules say; None where the words have surely ended."""
    if text.endswith(("!", "！")):
        return None
    asks = text.endswith(("?", "？"))
    words = text.rstrip(".。?？ ")
    if _SHORT_ANSWER.search(words):
        return None
    if _COMMAND.search(words):
        return "perhaps" if words.lower().startswith("please") else None
    if _ASKS_OF.search(words) or _STATES.search(words):
        return "surely"
    if _WHO_DID.search(words):
        return "perhaps"
    if asks and (_LACKS.search(words) or _VERB.search(words)) and not _ENDS.search(words):
        return "surely"
    if asks:
        return "perhaps" if _ASKS_ON.search(words) else ""
    if _LACKS.search(text):
        return "surely"
    if _ASKED.search(words):
        return None
    if _LACKS.search(words) or _GOAL.search(words) or _LACKS_ZH.search(words):
        return "surely"
    if _VERB.search(words) and not _WHOLE.search(words):
        return "surely"
    return "perhaps" if _MILD.search(words) else ""
