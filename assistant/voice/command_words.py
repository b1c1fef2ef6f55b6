"""Words that the voice loop itself reacts to: stop, go on, backchannels, wake words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = ["only_backchannel", "says_go_on", "says_silence", "says_stop", "without_wake_word"]

_SILENCE = (
    r"stop(?: it| that| talking| speaking| now| there)?|(?:be |keep )?quiet|silence|shut up|s?hush|"
    r"(?:that(?: i|'|’)?s )?enough(?: of that)?|halt|shush|"
    r"停(?:止|下|一下|下来)?|别(?:再)?说(?:话)?|不要(?:再)?说(?:话)?|安静(?:点|一点)?|闭嘴|够|住口|打住|"
    r"stopp|ruhe|sei (?:still|ruhig)|still|genug|hör auf|schluss|"
    r"arr[êe]te[zr]?|tais[- ]toi|taisez[- ]vous|(?:ça )?suffit|assez|alto|para|basta(?: así)?|silencio|cállate|detente|"
    r"ferma(?:ti)?|zitt[oa]|silenzio|smettila|chega|pare|silêncio|cala(?:[- ]te)?|stil|genoeg|hou op|dość|"
    r"cisza|przestań|стоп|хватит|тихо|замолчи|dur|yeter|sus|やめて|止めて|ストップ|静かに|もういい|"
    r"그만|멈춰|조용히(?: 해)?|توقف|كفى|اسكت|หยุด|เงียบ"
)
"""asks for silence, whatever else is open"""
_GO_ON = (
    r"go on|continue|carry on|keep (?:going|talking)|resume|go ahead|where were (?:we|you)|"
    r"继续(?:说|讲|吧)?|接着(?:说|讲)|往下(?:说|讲)|weiter|mach weiter|sprich weiter|contin[uú][ae]z?|vas-y|sigue|"
    r"prosigue|vai avanti|ga (?:door|verder)|mów dalej|продолжай(?:те)?|дальше|devam(?: et)?|続けて|계속(?:해)?"
)
"""asks for the rest of a reply that was cut"""
_DISMISSAL = r"cancel(?: that)?|never ?mind|forget (?:it|that)|算|取消"
_POLITE = (
    r"please|now|okay|ok|no|hey|oh|just|thanks|thank you|bitte|s'?il (?:te|vous) pla[îi]t|por favor|per favore|"
    r"alsjeblieft|proszę|пожалуйста|请|好|好了|吧|了|啦|啊|一下"
)
_FILLERS = re.compile(rf"(?:{_POLITE})", re.IGNORECASE)
_BACKCHANNEL = re.compile(
    r"(?:mm-hmm|mhm|mm|hmm?|uh-huh|uh|huh|yeah|yes|yep|okay|ok|right|sure|aha|ah|oh|wow|great|nice|cool|嗯|哦|好|好的|对|是)"
)
SIMILARITY = 0.72
"""how like a wake word the first words must be spelt: recognition writes "Jarvis," and "okay, Naboo" """


def says_stop(text: str, names: Iterable[str] = ()) -> bool:
    """Returns whether a text only asks for silence, or ends it; the assistant's `names` may stand in it."""
    return _only(text, rf"{_SILENCE}|{_DISMISSAL}", names)


def says_silence(text: str, names: Iterable[str] = ()) -> bool:
    """Returns whether a text asks for silence and nothing else, politely or by name."""
    return _only(text, _SILENCE, names)


def says_go_on(text: str, names: Iterable[str] = ()) -> bool:
    """Returns whether a text asks to go on and nothing else."""
    return _only(text, _GO_ON, names)


def _only(text: str, wish: str, names: Iterable[str]) -> bool:
    # "Stop. Stop! Stop!" is still one wish.
    parts = [part.strip() for part in re.split(r"[.,!¡?。！？，、\n]+", text) if part.strip()]
    called = {word.lower() for name in names for word in (name, name.split()[-1])}
    wishes = [part for part in parts if part.lower() not in called and not _FILLERS.fullmatch(part)]
    polite = rf"(?:{_POLITE}|{'|'.join(map(re.escape, called))})" if called else rf"(?:{_POLITE})"
    whole = re.compile(rf"(?:{polite}\s*)*(?:{wish})(?:\s*(?:{polite}|{wish}))*", re.IGNORECASE)
    return bool(wishes) and all(whole.fullmatch(part) for part in wishes)


def only_backchannel(text: str) -> bool:
    """Returns whether a text only shows attention: "mm-hmm", "okay"."""
    words = re.findall(r"[\w'-]+", text.lower())
    return bool(words) and all(_BACKCHANNEL.fullmatch(word) for word in words)


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
