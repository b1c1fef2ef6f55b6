"""Recognises statements about a person's health, which are kept only after a yes."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from assistant import AssistantError, Services, UserError
from assistant.fusion.modality_logits import log_softmax
from assistant.intents.logistic import fit_logistic
from assistant.types import FloatArray

__all__ = ["WEIGHTS", "about_health", "fit", "surely_about_health"]

WEIGHTS = Path(__file__).parent / "health.safetensors"
TOLD = Path(__file__).parent / "cases" / "told.jsonl"
STRENGTH = 3.0
"""C of the regression, of 1, 3 and 10 the one that told most apart when each fifth was judged by the others"""
LEAST = 0.3
"""probability from which a statement is about health: 86 % of those that are reach it or say so by a word, and 6 % of
the others (`assistant memory fit`)"""
FOLDS = 5

SURELY = re.compile(
    r"allerg|asthma|diabet|epilep|cancer|tumou?r|disease|illness|syndrome|disorder|infect|virus|\bhiv\b|\baids\b|hepatit|covid"
    r"|pregnan|miscarr|abort|contracept|medic(?:in|at)|pill|tablet|dose|insulin|antibiotic|prescri|vaccin|drug|steroid"
    r"|\bmg\b|therap|psychiatr|psycholog|hospital|hospice|clinic|ward\b|surger|operation|transplant|diagnos|chronic|symptom"
    r"|\bblood(?!y)|heart (?:attack|condition|failure)|pressure|stroke|seizure|migraine|depress|anxi|autis|adhd|bipolar"
    r"|schizo|dementia|alzheimer|parkinson|anorex|bulimi|addict|alcoholic|rehab|suicid|self-harm|disab|wheelchair|handicap|deaf"
    r"|blind|intoleran|coeliac|celiac|anaphyla|epipen|pacemaker|dialysis|kidney|\bliver\b|thyroid|arthrit|sclerosis|crohn|colitis"
    r"|\bsick\b|\bill\b|\bhurts?\b|\bpain\b|doctor|nurse|patient|weigh|\bbmi\b"
    r"|过敏|哮喘|糖尿病|癫痫|癌|肿瘤|病|症|炎|感染|病毒|艾滋|怀孕|孕|流产|避孕|药|片剂|剂量|胰岛素|抗生素|处方|疫苗|手术|移植|诊断"
    r"|血压|血型|血糖|心脏|中风|抑郁|焦虑|自闭|精神|住院|医院|医生|残疾|轮椅|聋|盲|不耐受|透析|肾|肝|甲状腺|疼|痛|体重|戒酒|自杀",
    re.IGNORECASE,
)


def surely_about_health(text: str) -> bool:
    """Returns whether the text names an illness, a medicine or the like."""
    return bool(SURELY.search(text))


async def about_health(text: str, services: Services) -> bool:
    """Returns whether a statement is or may be about a person's health; without the encoder it may be."""
    if surely_about_health(text):
        return True
    try:
        vectors = await services.encode_text([text])
    except AssistantError:
        return True
    return bool(_probabilities(vectors, _weights())[0] >= LEAST)


@cache
def _weights() -> FloatArray:
    weights: FloatArray = load_file(WEIGHTS)["weights"]
    return weights


def _probabilities(vectors: FloatArray, weights: FloatArray) -> FloatArray:
    """Of (n, d) statements, how probably each is about health, (n,)."""
    shares: FloatArray = np.exp(log_softmax(vectors @ weights[:-1] + weights[-1])[:, 1])
    return shares


async def fit(services: Services) -> tuple[float, float]:
    """Fit and write the weights (513, 2), float32, to the statements of a source checkout.

    Returns:
        of the statements that are about health, and of the others, the share taken to be, by weights that were fitted
        to four fifths without them.
    """
    try:
        told = [json.loads(line) for line in TOLD.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise UserError(f"Fitting needs the statements of a source checkout: {error}") from error
    vectors = await services.encode_text([each["said"] for each in told])
    labels = np.array([int(each["health"]) for each in told])
    fold = np.arange(len(labels)) * FOLDS // len(labels)  # who tells several things tells them one after the other
    probable = np.empty(len(labels), np.float32)
    for number in range(FOLDS):
        held = fold == number
        probable[held] = _probabilities(vectors[held], fit_logistic(vectors[~held], labels[~held], 2, STRENGTH))
    save_file({"weights": fit_logistic(vectors, labels, 2, STRENGTH)}, WEIGHTS)
    taken = (probable >= LEAST) | np.array([surely_about_health(each["said"]) for each in told])
    return float(taken[labels == 1].mean()), float(taken[labels == 0].mean())
