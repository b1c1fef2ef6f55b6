"""Recognises statements about a person's health, which are kept only after a yes."""

from __future__ import annotations

import re

from assistant import AssistantError, Services

__all__ = ["about_health", "surely_about_health"]

SURELY = re.compile(
    r"allerg|asthma|diabet|epilep|cancer|tumou?r|disease|illness|syndrome|disorder|infect|virus|hiv\b|aids\b|hepatit|covid"
    r"|pregnan|miscarr|abort|contracept|medic(?:in|at)|pill|tablet|dose|insulin|antibiotic|prescri|vaccin|drug|steroid"
    r"|\bmg\b|therap|psychiatr|psycholog|hospital|hospice|clinic|ward\b|surger|operation|transplant|diagnos|chronic|symptom"
    r"|blood|heart (?:attack|condition|failure)|pressure|stroke|seizure|migraine|depress|anxi|autis|adhd|bipolar|schizo"
    r"|dementia|alzheimer|parkinson|anorex|bulimi|addict|alcoholic|rehab|suicid|self-harm|disab|wheelchair|handicap|deaf|blind"
    r"|intoleran|coeliac|celiac|anaphyla|epipen|pacemaker|dialysis|kidney|liver|thyroid|arthrit|sclerosis|crohn|colitis"
    r"|\bsick\b|\bill\b|\bhurts?\b|\bpain\b|doctor|nurse|patient|weigh|\bbmi\b"
    r"|过敏|哮喘|糖尿病|癫痫|癌|肿瘤|病|症|炎|感染|病毒|艾滋|怀孕|孕|流产|避孕|药|片剂|剂量|胰岛素|抗生素|处方|疫苗|手术|移植|诊断"
    r"|血压|血型|血糖|心脏|中风|抑郁|焦虑|自闭|精神|住院|医院|医生|残疾|轮椅|聋|盲|不耐受|透析|肾|肝|甲状腺|疼|痛|体重|戒酒|自杀",
    re.IGNORECASE,
)
HEALTH = (
    "I have a chronic disease",
    "I take medicine every day",
    "I am allergic to penicillin",
    "I had an operation last year",
    "I am pregnant",
    "my blood pressure is high",
    "I suffer from depression",
    "my mother has cancer",
    "my blood type is O negative",
    "I cannot eat gluten, it makes me ill",
)
OTHER = (
    "my name is Anna",
    "I live in Leeds",
    "my locker number is 42",
    "I parked the car on level three",
    "my favourite colour is blue",
    "the key is under the mat",
    "my sister lives in Lima",
    "I work as a teacher",
    "my meeting is on Friday",
    "I like jazz and hiking",
    "my shoe size is 43",
    "the wifi password is on the fridge",
)
MARGIN = 0.08
"""by how much a statement must be more like other things than like health to count as harmless"""


def surely_about_health(text: str) -> bool:
    """Whether words name an illness, a medicine or the like."""
    return bool(SURELY.search(text))


async def about_health(text: str, services: Services) -> bool:
    """Whether a statement is, or may be, about a person's health; in doubt it is."""
    if surely_about_health(text):
        return True
    try:
        vectors = await services.encode_text([text, *HEALTH, *OTHER])
    except AssistantError:
        return True
    scores = vectors[1:] @ vectors[0]
    return float(scores[: len(HEALTH)].max()) + MARGIN > float(scores[len(HEALTH) :].max())
