"""Counts unseen requests that reach their intent: 5 in English and 5 in Chinese for each."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from pathlib import Path

import pytest

from assistant import Assistant, Turn

REQUESTS = Path(__file__).parent / "requests"
NOTHING = "none"
ALIKE = {"dice.roll_die": "everyday.pick_at_random"}
"""intents that do the same"""


async def shares(half: str) -> dict[tuple[str, bool], float]:
    """Of each language, the share decided rightly: of requests for an intent, and of sentences that none serves."""
    right: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    async with Assistant() as assistant:
        await assistant.app.wait_ready()
        for line in (REQUESTS / f"{half}.jsonl").read_text("utf-8").splitlines():
            case = json.loads(line)
            decision = await assistant.app.considering.decide(Turn(text=case["text"], session=case["text"][:40]))
            found = (
                decision.intent if decision.outcome == "answer" else NOTHING if decision.outcome != "clarify" else ""
            )
            found, wanted = (ALIKE.get(name, name) for name in (found.replace(".about_", "."), case["intent"]))
            right[case["lang"], case["intent"] != NOTHING].append(found == wanted)
    return {key: sum(hits) / len(hits) for key, hits in right.items()}


@pytest.mark.slow
@pytest.mark.parametrize("half", ["development", "held_out"])
def test_requests_reach_their_intent(half: str) -> None:
    found = asyncio.run(shares(half))
    print(
        {
            f"{language}, {'an intent' if served else 'none'}": f"{share:.1%}"
            for (language, served), share in found.items()
        }
    )
    assert found["en", True] >= 0.82
    assert found["zh", True] >= 0.82
    assert found["en", False] >= 0.6
    assert found["zh", False] >= 0.6
