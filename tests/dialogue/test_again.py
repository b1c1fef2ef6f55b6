"""A turn whose process is killed (SIGKILL) at any moment is sent again: the same answers, and each effect once."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OpenShop = Callable[[Path], Any]

LIFE = """
TURNS = {"t1": "return it", "t2": "1042", "t3": "the first one", "t4": "yes"}

async def live(folder, intent, dialogues, log):
    done = folder / "done.json"
    answered = json.loads(done.read_text()) if done.exists() else {}
    for name, text in TURNS.items():
        if name in answered:
            continue
        turn = Turn(session="s", text=text, id=name)
        again = await dialogues.answer_again(turn)
        if again is not None:
            reply = again[1]
        elif dialogues.waiting.pending("s"):
            reply = await dialogues.resume("s", turn)
        else:
            reply = await dialogues.start(intent, turn, {})
        moment("answered " + name)
        answered[name] = reply.text
        done.write_text(json.dumps(answered))
"""

ANSWERS = {
    "t1": "Which order?",
    "t2": "Why?",
    "t3": "Shall I send the label?",
    "t4": "return it: ticket 1042, label broken, True",
}
EFFECTS = ["ticket 1042", "label broken"]


def answers(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "done.json").read_text())
    return found


@pytest.mark.faults
@pytest.mark.slow
def test_sent_again_after_a_kill_at_any_moment_a_turn_has_its_answer_and_its_effect_once(
    tmp_path: Path, shop_in: OpenShop
) -> None:
    shop = shop_in(tmp_path / "whole")
    code, moments, _ = shop.live()
    assert (code, answers(shop.folder), shop.effects()) == (0, ANSWERS, EFFECTS)
    assert len(moments) >= 26
    for number, moment in enumerate(moments, 1):
        shop = shop_in(tmp_path / f"killed {number}")
        assert shop.live(killed_at=number)[0] == -signal.SIGKILL, moment
        assert shop.live()[0] == 0, moment
        assert answers(shop.folder) == ANSWERS, moment
        assert shop.effects() == EFFECTS, moment
