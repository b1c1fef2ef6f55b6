"""Finds the person that a complaint is about, so that another person begins another case."""

from __future__ import annotations

import re

from .facts import plain, read_facts

__all__ = ["begins_another_case"]

PEOPLE = {
    "child": r"child|kid|son|daughter|baby|toddler|infant|newborn|little (?:one|boy|girl)|boy|girl|twins?",
    "grandmother": r"grand(?:mother|ma|mum)|gran|nan|granny",
    "grandfather": r"grand(?:father|pa|dad)",
    "mother": r"mother|mum|mom|mummy",
    "father": r"father|dad|daddy",
    "partner": r"husband|wife|partner|boyfriend|girlfriend|fiancee?",
    "sibling": r"brother|sister",
    "other": r"friend|neighbou?r|colleague|uncle|aunt|cousin|flatmate|roommate|boss|teacher|student|patient",
}
CHINESE = {
    "child": "孩子|宝宝|儿子|女儿|小孩|婴儿",
    "grandmother": "奶奶|外婆|姥姥",
    "grandfather": "爷爷|外公|姥爷",
    "mother": "妈妈|母亲|我妈",
    "father": "爸爸|父亲|我爸",
    "partner": "丈夫|妻子|老公|老婆|男朋友|女朋友",
    "sibling": "哥哥|弟弟|姐姐|妹妹",
    "other": "朋友|邻居|同事|叔叔|阿姨",
}
HAPPENS = (
    r"(?:has (?!had|always|a history)|is (?!\d|pregnant|about|nearly|almost|here|with me|helping|a\b|an\b)|fell|feels"
    r"|swallowed|hurts?|got|cut|burn(?:ed|t)|hit|cant|ate|drank|keeps|cries|vomit\w*|threw|broke|twisted|choked"
    r"|banged|scalded|began|started)"
)
NAMED = {
    key: re.compile(rf"\b(?:my|our|the|a|his|her) (?:\w+ ){{0,2}}?(?:{words})\b|{CHINESE[key]}")
    for key, words in PEOPLE.items()
}
TOLD = {
    key: re.compile(
        rf"\b(?:my|our) (?:\w+ ){{0,2}}?(?:{words})(?:s (?:\w+ ){{0,2}}?\w+)? (?:just |now |also |suddenly )?{HAPPENS}"
        rf"|(?:{CHINESE[key]})(?:刚才|刚刚|现在|也|突然)*(?:摔|吞|发烧|咳|吐|疼|痛|头|肚|烫|割|撞|拉)"
    )
    for key, words in PEOPLE.items()
}


SELF = re.compile(
    r"\b(?:(?:and|also|as for|what about) me\b"
    r"|i (?:also |too |now |even |just )?(?:have|feel|got|ve got|caught|keep)\b"
    r"(?! (?:given|taken|no|bought|measured|called|tried|noticed|seen|checked|put)\b)"
    r"|(?:ive|im) (?:also |too |now )?"
    r"(?:got|feeling|having|coughing|vomiting|bleeding|dizzy|sick|sore|itchy|feverish|throwing)\b"
    rf"|my (?:own )?(?!(?:\w+ )?(?:{'|'.join(PEOPLE.values())})\b)"
    r"\w+ (?:hurts?|aches?|itch\w*|is (?:sore|swollen|numb)))"
    r"|我自己|我本人|还有我|至于我|我也|我这边"
)
"""where a user begins to speak of themselves"""
CLAUSE = re.compile(
    r"[.;!?。！？；\n]|,(?! i\b)|，(?!我)|\b(?:but|because|for (?:her|him|them)|about (?:her|him|them))\b"
)


INTRODUCED = {
    key: re.compile(
        rf"(?:^|[.;!?。！？；，,\n])\W*(?:(?:and|but|so|ok|okay|also|now|next|then|thanks|thank you|yes|no|oh)\W+)*"
        rf"(?:(?:its|it is|this (?:one )?is|thats|what|how|another question|one more|there is|i have a question"
        rf"|i also worry|im asking|i ask)"
        rf"(?: now| also)? )?(?:about |for |as for |with )?"
        rf"(?:my|our) (?:\w+ ){{0,2}}?(?:{words})(?: too)?(?=\W*$|\W*,|\W+(?:he|she|they|it|who)\b)"
        rf"|(?:说说|问问|看看|轮到|换|帮|还有|那|另外|现在(?:是|说)?)(?:下|一下|个)?(?:我们?)?(?:的)?(?:{CHINESE[key]})"
        rf"|我(?:们)?(?:家)?的?(?:{CHINESE[key].replace('我', '')})(?:也|最近|今天|昨天|这两天)*"
        rf"(?:不舒服|不太舒服|难受|病了|有|是)"
        rf"|(?:^|[。！？；\n])\W*(?:还有|那|另外|现在|对了|再说)?\W*(?:我(?:们)?(?:家)?的?)?(?:{CHINESE[key]})[，, ]"
    )
    for key, words in PEOPLE.items()
}
"""where a new person is introduced: "now my son, he's six" """
BESIDE = re.compile(
    r"\b(?:had|used to|always|says|said|thinks|told|asks?|wants|is here|is with me|helps?"
    r"|when (?:he|she) was)\b"
    r"|说|觉得(?:我|是)|以前|得过|在(?:旁|身)边|陪"
)
"""mentions a person who is with the patient, or was ill once"""


def _brought_up(key: str, text: str) -> bool:
    """Returns whether a reply introduces a person whom it is then about."""
    found = INTRODUCED[key].search(text)
    if not found or BESIDE.search(text[found.end() :]):
        return False
    after = text[found.start() :]
    asked = re.search(r"\b(?:what|how|now|next|as for|this one)\b|说说|问问|看看|轮到|换|那|另外", found[0])
    return bool(asked) or bool(read_facts(after).present - {"well"})


def _tells_of_oneself(told: str, reply: str) -> bool:
    """Returns whether a reply to questions about another person names a symptom of the speaker."""
    if not any(pattern.search(told) for pattern in NAMED.values()) or SELF.search(told):
        return False
    parts = (CLAUSE.split(reply[found.start() :])[0] for found in SELF.finditer(reply))
    return any(read_facts(part).present - {"unwell"} for part in parts)


def begins_another_case(told: str, reply: str) -> bool:
    """Returns whether a reply is about a person whom the complaint did not name."""
    text, known = plain(reply), plain(told)
    another = any(
        (pattern.search(text) or _brought_up(key, text)) and not NAMED[key].search(known)
        for key, pattern in TOLD.items()
    )
    return another or _tells_of_oneself(known, text)
