"""The controls: the same turns with a modality lost, or exchanged for another turn's."""

from __future__ import annotations

import numpy as np

from assistant.evaluation.labelled import EncodedTurn, LabelledTurn, conditions
from assistant.types import Encoding, Modality


def turn(label: str, number: int, *modalities: Modality) -> EncodedTurn:
    vector = np.full((1, 2), number, np.float32)
    encodings = tuple(Encoding(m, m, vector, np.ones(1, np.bool_), vector[0]) for m in modalities)
    return EncodedTurn(LabelledTurn("said", label), encodings)


TURNS = [
    *(turn(label, number, "text", "image") for number, label in enumerate("aabbcc")),
    turn("a", 7, "text"),
    turn("b", 8, "image"),
]


def test_words_alone_need_no_controls() -> None:
    assert [c.name for c in conditions([turn("a", 1, "text")], "attention")] == ["attention"]


def test_each_modality_is_measured_alone_missing_and_shuffled() -> None:
    found = {c.name: c.turns for c in conditions(TURNS, "attention")}
    assert {name: len(turns) for name, turns in found.items()} == {
        "attention": 8,
        "text only": 7,
        "image only": 7,
        "complete turns": 6,
        "text missing": 6,
        "image missing": 6,
        "image shuffled": 6,
    }
    assert all(turn.modalities == ("text",) for turn in found["text only"])
    assert all(turn.modalities == ("text",) for turn in found["image missing"])
    assert all(turn.modalities == ("image",) for turn in found["text missing"])


def test_a_shuffled_picture_is_that_of_a_turn_with_another_label() -> None:
    owners = dict(enumerate("aabbcc"))
    for seed in range(5):
        shuffled = {c.name: c.turns for c in conditions(TURNS, "attention", seed)}["image shuffled"]
        for original, turn in zip(TURNS, shuffled, strict=False):
            own, shown = (next(e for e in turn.encodings if e.modality == m) for m in ("text", "image"))
            assert own is original.encodings[0], "the words stay"
            assert owners[int(shown.pooled[0])] != turn.row.label
        numbers = sorted(int(e.pooled[0]) for t in shuffled for e in t.encodings if e.modality == "image")
        assert numbers == list(range(6)), "each picture is shown once"
