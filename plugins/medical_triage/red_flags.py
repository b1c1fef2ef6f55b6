"""Emergencies and crises in a sentence, told apart from questions, stories and figures of speech."""

from __future__ import annotations

import re
from typing import Literal

from .facts import Facts, plain, read_facts
from .rules import Rule, matching

__all__ = ["Alarm", "about_oneself", "alarm_of", "red_flags"]

Alarm = Literal["", "emergency", "crisis_support"]

LONGEST = 4000
"""characters that are looked at; a long letter is not searched to its end on every turn"""

SENTENCE = re.compile(r"(?<!\d)[.!?;](?!\d)|[\n。！？；]|\b(?:but|however)\b|但是?|可是|不过")

ASKED_IN_GENERAL = re.compile(
    r"^\W*(?:(?:please|hi|hello|hey|ok|so|can you|could you|would you|i want to|id like to|help me)\W+)*"
    r"(?:explain|define|describe|summari[sz]e|translate|teach|quiz|write|spell|compare|tell me (?:about|what|how|why)|"
    r"(?:learn|know|understand|read|study)(?: \w+){0,3} (?:about|what|how|why)|"
    r"what(?:s| is| are| was| were| does| do| causes?| happens)|whats|who|when was|why (?:do|does|is|are)|"
    r"how (?:do|does|is|are|can|to|common|many|much|long)|is (?:it|there|a|an)\b|are (?:there|heart|stroke)|does|do (?:heart|people|you|most)|"
    r"can (?:a|an|people|you|stress|heart|cold|one)|which|difference between|meaning of|definition of|signs of|symptoms of|causes of|"
    r"risk of|first aid for|essay|article|an? (?:essay|article|story|poem|quiz))\b"
)
SOMEONE_NOW = re.compile(
    r"\b(?:(?:i|we) (?:\w+ )?(?:have|had|having|am|feel|felt|got|cant|cannot|just|keep|took|woke|think|might|want|dont)|im|ive|"
    r"(?:he|she|they) (?:\w+ )?(?:has|have|is|are|was|cant|cannot|isnt|wont|just|keeps|took|collapsed|fell|says|said|wants|looks)|hes|shes|theyre|"
    r"(?:my|our|his|her) (?:\w+ )?(?:\w+ )?(?:has|have|is|are|hurts?|aches?|cant|cannot|isnt|wont|just|keeps|took|collapsed|fell|feels|says|said|wants|had|looks|went|turned)|"
    r"(?:do|does|am|is|are|should|could|can|will) (?:i|he|she|my \w+)\b(?! (?:explain|define|learn)))\b"
)
CHINESE_GENERAL = re.compile(
    r"什么是|是什么(?!情况|问题|病)|解释|介绍一?下|定义|翻译|作文|怎么预防|如何预防|有哪些症状|的症状|的原因|科普|历史|区别|讲讲|考考|急救知识"
)
FIGURATIVE = re.compile(
    r"\bg(?:ave|ive|iving|ives) (?:me|us|him|her|everyone|my \w+) (?:a|another|an absolute|a small|a mini|such a) ?(?:\w+ )?(?:heart attack|stroke|seizure|heart failure)"
    r"|\b(?:nearly|almost|practically) (?:had|got|gave|having|died|choked)\b(?! (?:to death|again))"
    r"|heart attack (?:when|after) (?:i |she |he )?(?:saw|seeing|read|opened|heard|looked)"
    r"|stroke of (?:luck|genius|midnight|a pen|the pen|inspiration)|\b(?:brush|key|back|breast|pen) ?strokes?\b"
    r"|\bdying (?:to|for|of (?:laughter|boredom|curiosity|embarrassment|hunger))|\bdied (?:laughing|of laughter)"
    r"|\b(?:is|are|was) killing me\b|\bkill(?:ing|ed)? (?:time|two birds|the (?:mood|engine|process))|\bkill myself laughing"
    r"|\b(?:took|takes|take|taking) (?:my|your) breath away|\bbleeding (?:edge|heart)\b|\bheart (?:bleeds|stopped when|skipped)"
    r"|\b(?:phone|laptop|computer|battery|app|server|website|screen|program|router|tv|car|engine|printer|game|economy|market|bridge|building|company|tent|shelf)"
    r"(?: \w+){0,3} (?:is |has |have |was |keeps |just )?(?:unresponsive|not respond\w*|isnt respond\w*|wont (?:respond|wake)|dead|died|dying|collapsed|choking|crashed)"
    r"|\bchok(?:ed|ing|es)? (?:up|under pressure|in the (?:final|exam|game))|\bdrowning in (?:\w+ )?(?:work|homework|debt|emails?|paperwork|bills)"
    r"|\bseizure of (?:\w+ )?(?:assets|goods|property|power)|\bhungry i could die|\bdie of (?:embarrassment|laughter|boredom|shame|cringe)"
    r"|\b(?:crushed|crushing) (?:it|on|defeat)\b|\bparalyzed by (?:choice|indecision)|\bover my dead body\b"
    r"|吓(?:得|出|死).{0,6}心脏病|(?:差点|险些).{0,4}(?:心脏病|中风|吓)|笑死|累死|饿死|气死|热死|烦死|困死|忙死|无聊死|想死你|羞死|急死"
)
STORY = re.compile(
    r"\b(?:in (?:the|a|this|my|that) (?:\w+ )?(?:movie|film|book|novel|story|show|series|episode|game|video game|play|song|scene|chapter|essay|dream)|"
    r"(?:movie|film|book|novel|story|song|lyrics|character|episode|documentary|headline|newspaper|article|lesson|homework|exam question)s?\b.{0,40}\b(?:about|where|who|called|says|on)|"
    r"suicide squad|heart attack grill|translate)\b|小说|电影|电视剧|歌词|故事里|剧情|游戏里"
)
LONG_AGO = re.compile(
    r"\b(?:(?:\d+|few|two|three|several|many|some) (?:years?|months?|decades?) ago|(?:last|previous) (?:year|month|summer|winter|spring|autumn|christmas)|"
    r"in (?:19|20)\d\d|when (?:i|he|she) was (?:a |an |young|little|\d+)|history of|used to (?:have|get)|once had|as a (?:child|kid|teenager)|"
    r"died of|passed away|years back|recovered from|survived)\b|去年|前年|年前|小时候|以前(?:得|有)过|去世"
)
STILL = re.compile(
    r"\b(?:now|today|tonight|again|currently|still|this morning|right now|at the moment|ever since|just)\b|现在|今天|又|刚"
)
HYPOTHETICAL = re.compile(
    r"\b(?:if|when|in case|whenever|suppose) (?:someone|somebody|a person|anyone|people|you|one|a (?:child|baby|man|woman|patient))\b|如果有人|假如"
)
NOT_CRISIS = re.compile(
    r"\b(?:not|never|nor|no longer|isnt|arent|wasnt) (?:\w+ )?suicidal|\b(?:dont|do not|would never|will never|wont|never|not going to|am not|im not|"
    r"doesnt) (?:\w+ ){0,2}?(?:kill|hurt|harm|cut|die|hang|suicid\w*)|suicide (?:prevention|rates?|statistics|note in)|没有?(?:想)?自杀|不想死|不会自杀"
)


def about_oneself(sentence: str) -> bool:
    """Whether a sentence can be about somebody here and now: no lesson, story, joke or old history.

    Args:
        sentence: one sentence as `facts.plain` returns it.
    """
    if FIGURATIVE.search(sentence) or STORY.search(sentence):
        return False
    if CHINESE_GENERAL.search(sentence):
        return False
    if LONG_AGO.search(sentence) and not STILL.search(sentence):
        return False
    someone = SOMEONE_NOW.search(sentence)
    if HYPOTHETICAL.search(sentence) and not someone:
        return False
    return bool(someone) or not ASKED_IN_GENERAL.search(sentence)


def _told(text: str) -> str:
    """The sentences of a text that can be about somebody here and now."""
    sentences = (part.strip() for part in SENTENCE.split(plain(text[:LONGEST])))
    return ". ".join(sentence for sentence in sentences if sentence and about_oneself(sentence))


def red_flags(text: str) -> tuple[Facts, list[Rule]]:
    """What a text tells of somebody here and now, and the red-flag rules that hold for it."""
    facts = read_facts(_told(text))
    return facts, matching(facts, red_flags_only=True)


def alarm_of(text: str) -> Alarm:
    """The intent that must answer before any score is looked at; "" for none."""
    facts, found = red_flags(text)
    if "self_harm" in facts.present and not NOT_CRISIS.search(plain(text)):
        # A life in acute danger comes first: who has taken the tablets needs the ambulance before a talk.
        acute = any(rule.id in ("overdose", "severe_bleeding", "unconscious", "severe_wound") for rule in found)
        return "emergency" if acute else "crisis_support"
    return "emergency" if found else ""
