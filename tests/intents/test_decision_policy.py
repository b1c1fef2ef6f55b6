import numpy as np
import pytest

from assistant.fusion.strategy import FusionOutput
from assistant.intents.decision_policy import apply_policy
from assistant.types import Decision

NAMES = ("shop.order", "shop.person", "school.quiz")


def decide(probabilities: list[float], ours: float, pointing: float = 0.0, floor: float = 0.3) -> Decision:
    logits = np.log(np.array(probabilities, np.float32))
    fused = FusionOutput(logits, np.array([1, 0, 0], np.float32), np.zeros(0, np.float32))
    return apply_policy(NAMES, fused, ours, pointing, floor, 3, {"text": 1.0}, ())


def test_a_clear_lead_is_answered() -> None:
    decision = decide([0.9, 0.06, 0.04], ours=0.95)
    assert (decision.outcome, decision.intent) == ("answer", "shop.order")


def test_a_lead_that_is_hardly_believed_is_asked_about() -> None:
    decision = decide([0.6, 0.25, 0.15], ours=0.55)
    assert decision.outcome == "clarify"
    assert decision.options == ("shop.order", "shop.person")


@pytest.mark.parametrize("ours", [0.1, 0.49])
def test_what_is_nobody_s_business_is_not_answered(ours: float) -> None:
    assert decide([0.9, 0.06, 0.04], ours=ours).outcome == "out_of_scope"


def test_an_intent_far_behind_is_not_worth_a_question_however_low_the_floor() -> None:
    assert decide([0.85, 0.1, 0.05], ours=0.95, floor=0.01).outcome == "answer"
    assert decide([0.7, 0.2, 0.1], ours=0.95, floor=0.01).options == ("shop.order", "shop.person")


def test_words_that_only_point_at_nothing_known_are_asked_about_without_options() -> None:
    decision = decide([0.9, 0.06, 0.04], ours=0.3, pointing=0.9)
    assert (decision.outcome, decision.options) == ("clarify", ())
