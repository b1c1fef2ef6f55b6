"""A process is killed (SIGKILL) at every step of a dialogue: it goes on where it was, and nothing happens twice."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OpenShop = Callable[[Path], Any]

LIFE = """
ANSWERS = {"Which order?": "1042", "Why?": "the first one", "Shall I send the label?": "yes"}

async def live(folder, intent, dialogues, log):
    said = (await dialogues.recover("s") or [None])[-1] or dialogues.waiting.question("s")
    if said is None and not log.story("s"):
        said = await dialogues.start(intent, Turn(session="s", text="return it"), {})
    while said is not None:
        tell(said=said.text)
        if not said.follow_up:
            break
        said = await dialogues.resume("s", Turn(session="s", text=ANSWERS[said.text]))
"""

DONE = "return it: ticket 1042, label broken, True"
QUESTIONS = ["Which order?", "Why?", "Shall I send the label?"]


@pytest.mark.faults
def test_killed_at_every_step_it_goes_on_with_everything_known_and_each_effect_once(
    tmp_path: Path, shop_in: OpenShop
) -> None:
    code, moments, told = shop_in(tmp_path / "whole").live()
    assert code == 0
    assert told == [*QUESTIONS, DONE]
    assert len(moments) >= 22  # before and after: open, 3 asked, 3 answered, 2 effects, their 2 records, close
    for number, moment in enumerate(moments, 1):
        shop = shop_in(tmp_path / f"killed {number}")
        code, _, before = shop.live(killed_at=number)
        assert code == -signal.SIGKILL, moment
        code, _, after = shop.live()
        assert code == 0, moment
        if moment == "after close":  # it was over; only the last words were not shown any more
            assert after == []
            continue
        assert after[-1] == DONE, moment
        # The question that was open is asked again; one whose answer was recorded never is.
        answered = sum(m == "after answered" for m in moments[:number])
        assert after[:-1] == QUESTIONS[answered:], moment
        assert before == QUESTIONS[: len(before)], moment
        assert shop.effects() == ["ticket 1042", "label broken"], moment
