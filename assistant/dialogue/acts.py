"""Recognises remarks about the conversation itself: cancel, repeat, go back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.types import Turn
from assistant.understanding.consent import says_drop

__all__ = ["carries_on", "says_again", "says_cancel", "says_go_back"]

_LEFT = (
    r"(?:cancel(?: (?:it|that|this))?|never ?mind|nvm|forget (?:it|that|about it)|quit|abort|drop it|leave it(?: be)?"
    r"|(?:it |that )?(?:doesn'?t|don'?t|does not|do not) matter|no matter|skip it|don'?t bother"
    r"|stop(?: (?:it|that|this|now|here))*|(?:can|could) we stop(?: (?:it|this|now|here))*"
    r"|let'?s (?:stop|not|leave it|forget it)|i (?:do not|don'?t) want to(?: any ?more)?|i'?d rather not|not now"
    r"|(?:that'?s|thats) (?:all|it)|i'?m (?:done|finished)|nothing (?:else|more)"
    r"|another time|(?:maybe )?later|(?:i(?:'?ll| will)? )?keep (?:it|them)|(?:that'?s )?enough)"
)
_LEFT_HAN = (
    r"(?:算了吧?|取消吧?|不用了|停|停止|停下|停一下|别弄了|不要了|不弄了|不退了|以后再说|当我没(?:说|问)(?:过)?"
    r"|没事了?|不说了|不问了)"
)
"""ways of leaving what is open; several may follow one another"""
_CANCEL = re.compile(
    r"(?:(?:please|oh|well|no|nah|nope|ok|okay|hm+|wait|sorry|actually|just|ah|ugh|meh|thanks|thank you)[\s,.]+)*"
    rf"{_LEFT}(?:[\s,.]+(?:just |please )*{_LEFT})*(?:,? (?:please|then|thanks|thank you|for now))?"
    rf"|(?:那|还是|哎呀?|唉)*[，,]?{_LEFT_HAN}(?:[，,。\s]*(?:就)?{_LEFT_HAN})*"
    r"|.{0,10}?(?:不想?|不要|别)再?(?:玩|答|考|学|测|继续|弄|搞|聊|问)(?:了|下去)了?吧?"
    r"|キャンセル"
)
_AGAIN = re.compile(
    r"(?:(?:sorry|excuse me|please|hm+)[\s,]+)*"
    r"(?:what(?: was that)?|pardon|huh|come again|what did you (?:say|ask)|once (?:more|again)"
    r"|(?:(?:can|could|would) you )?(?:please )?"
    r"(?:repeat(?: that| it| the question)?|say (?:that|it) again|ask (?:me )?again)"
    r"|i (?:didn'?t|did not) (?:catch|hear|get) (?:that|you|it)|(?:say that )?again)(?:,? (?:please|again))?"
    r"|wie bitte|(?:(?:sagen? (?:sie )?)?das )?noch ?(?:ein)?mal(?: bitte)?"
    r"|wiederholen? (?:sie )?(?:das|die frage)(?: bitte)?"
    r"|(?:什么|啥|没听清|(?:请)?再(?:说|问)一(?:遍|次))|もう一度(?:お願いします)?"
)
_GO_BACK = re.compile(
    r"(?:ok(?:ay)?|so|now|right|please|lets|can we|could we|i want to|id like to|[\s,])*"
    r"(?:(?:go|get|come|going|move) back to (?:my|the|that|our|what)\b.*|back to (?:my|the|that|our)\b.*|where were we"
    r"|(?:continue|resume|finish|carry on|go on) (?:with )?(?:my|the|that|our|what we)\b.*)"
    r"|(?:(?:gehen|machen) wir )?(?:zurück zu|weiter mit) (?:meine|unsere|der|dem)[rmn]?\b.*"
    r"|(?:我们)?(?:回到|继续|接着)(?:说|做|办)?(?:刚才|之前|我的|那个).*|说回.*"
)
_CARRIES_ON = re.compile(
    r"(?:and|also|what about|how about|same (?:for|with)|now|then|next)\b(?:\W+[\w'-]+){1,7}"
    r"|(?:the|my) [\w' -]{2,40} (?:too|as well|also)|(?:no,? )?(?:the|that|this) other(?: one| item| order| thing)?"
    r"|(?:那|还有|另外).{1,12}|.{1,12}呢",
)


def says_cancel(turn: Turn, choices: Sequence[str] = ()) -> bool:
    """Returns whether the user wants to leave it; not when the word is one of the choices that were offered."""
    said = _bare(turn)
    offered = said in (choice.lower() for choice in choices)
    return not offered and (bool(_CANCEL.fullmatch(said)) or says_drop(turn.utterance))


def says_again(turn: Turn) -> bool:
    """Returns whether the user did not catch what was asked ("what?", "say that again", 再说一遍)."""
    return bool(_AGAIN.fullmatch(_bare(turn)))


def says_go_back(turn: Turn) -> bool:
    """Returns whether the user wants to take up again what was set aside ("go back to my return", 继续刚才的退货)."""
    return bool(_GO_BACK.fullmatch(_bare(turn).replace("'", "")))


def carries_on(turn: Turn) -> bool:
    """Returns whether a few words ask the same of another thing ("and the lamp?", "the phone too", 那台灯呢)."""
    return bool(_CARRIES_ON.fullmatch(_bare(turn)))


def _bare(turn: Turn) -> str:
    """The words in lower case, with straight quotes and single spaces, stripped."""
    return " ".join(turn.utterance.lower().replace("’", "'").split()).strip(" .!?,。！？，")
