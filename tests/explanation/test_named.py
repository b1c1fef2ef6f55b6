"""Words that name a thing are looked for in the picture, and found where it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.encoders.factory import create_encoders
from assistant.evaluation.pointing_game import drawn_things, measure_pointing
from assistant.explanation.named import find_named
from assistant.settings import Settings
from assistant.types import Picture, Turn

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def encoders() -> dict[str, Any]:
    return {encoder.name: encoder for encoder in create_encoders(Settings())}


def found(encoders: dict[str, Any], text: str, reader: str, image: Image.Image) -> Any:
    turn = Turn(text=text, images=(Picture(image),))
    seen = encoders["efficientnet-lite0"].encode(turn.images)
    return find_named(turn, [*encoders[reader].encode([text]), *seen], encoders)


def test_attention_lands_on_what_is_named_wherever_it_is(encoders: dict[str, Any]) -> None:
    rows = {row.metric.partition(": ")[2]: row for row in measure_pointing(drawn_things(6, 11), encoders, "drawn")}
    assert rows["as a multiple of the share of the area"].value > 3
    landed = rows["attention lands on what is named"]
    assert landed.value > rows["lands there when another thing is named"].value + 30


def test_a_heat_is_given_only_where_words_name_something_that_is_there(encoders: dict[str, Any]) -> None:
    scene = drawn_things(1, 3)[0].image
    english = found(encoders, "is the umbrella wet?", "bert", scene)
    assert [heat.thing for heat in english] == ["umbrella"]
    assert [heat.thing for heat in found(encoders, "气球在哪里", "use", scene)] == ["balloon"]
    for text, image in (("what is this?", scene), ("is the banana ripe?", scene), ("is the umbrella wet?", GREY)):
        assert found(encoders, text, "bert", image) == (), text


GREY = Image.fromarray(np.full((200, 200, 3), 128, np.uint8))
