import numpy as np
import pytest

from assistant.fusion.strategy import FusionOutput
from assistant.intents.decision_policy import apply_policy
from assistant.types import Decision

NAMES = ("shop.order", "shop.person", "school.quiz")


def decide(probabilities: list[float], ours: float) -> Decision:
    logits = np.log(np.array(probabilities, np.float32))
    fused = FusionOutput(logits, np.array([1, 0, 0], np.float32), np.zeros(0, np.float32))
    return apply_policy(NAMES, fused, ours, 0.0, 0.3, 3, {"text": 1.0}, ())


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
