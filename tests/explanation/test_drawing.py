"""One picture tells it all, whatever the turn held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.errors import InputError
from assistant.explanation import Explanation, Heat, Moment, Passage, Word
from assistant.explanation.drawing import draw, save
from assistant.explanation.drawing.canvas import AGAINST, FOR, shade
from assistant.explanation.drawing.panels import spread
from assistant.explanation.sounds import place_words
from assistant.types import AudioClip, Candidate, Decision, Picture, Transcript, Turn

CANDIDATES = (Candidate("clinic.look_at_a_very_long_named_spot_on_the_skin", 0.7), Candidate("shop.damage", 0.2))
DECISION = Decision(CANDIDATES[0].intent, 0.7, "answer", CANDIDATES, contributions={"text": 0.4, "image": 0.6})
WORDS = Passage("text", "is it bad", (Word("is", 0, 2, 0.1), Word("it", 3, 5, -0.4), Word("bad", 6, 9, 2.0)))


def pixels(image: Image.Image) -> set[tuple[int, ...]]:
    return {tuple(pixel) for pixel in np.asarray(image).reshape(-1, 3).tolist()}


def test_words_are_shaded_by_what_they_weigh() -> None:
    drawn = pixels(draw(Explanation(DECISION, DECISION.intent, (WORDS,)), Turn(text=WORDS.text)))
    assert {shade(2.0, 2.0), shade(-0.4, 2.0), shade(0.1, 2.0)} <= drawn
    assert shade(2.0, 2.0)[0] > shade(2.0, 2.0)[2], "orange speaks for"
    assert shade(-0.4, 2.0)[0] < shade(-0.4, 2.0)[2], "blue speaks against"
    assert FOR != AGAINST


def test_the_heat_glows_where_the_grid_is_high_and_nowhere_outside_its_box() -> None:
    grid = np.zeros((7, 7), np.float32)
    grid[0, 6] = 3.0
    heat = spread(Heat(0, grid, (0.25, 0.0, 0.75, 1.0)), (200, 100))
    assert heat.shape == (100, 200)
    assert heat[:10, 143:149].min() > 0.8
    assert heat[:, :50].max() == heat[:, 150:].max() == 0.0
    assert heat[60:, :].max() < 0.05


def test_everything_at_once_fits_on_the_sheet() -> None:
    clip = AudioClip(np.sin(np.linspace(0, 900, 16_000)).astype(np.float32))
    pictures = (Picture(Image.new("RGB", (3000, 20), "red")), Picture(Image.new("RGB", (20, 3000), "blue")))
    heats = (Heat(0, np.ones((7, 7), np.float32)), Heat(1, -np.ones((7, 7), np.float32)))
    said = Passage("audio", "look " * 300, tuple(Word("look", 5 * i, 5 * i + 4, 1.0) for i in range(300)))
    moments = tuple(Moment("look", i / 300, (i + 1) / 300, 1.0) for i in range(300))
    explanation = Explanation(DECISION, DECISION.intent, (WORDS, said), heats, moments)
    sheet = draw(explanation, Turn(text="is it bad", images=pictures, audio=clip))
    assert sheet.width == 1200
    assert sheet.height < 4000


def test_a_decision_without_parts_is_drawn_too() -> None:
    nothing = Explanation(Decision("shop.order", 1.0, "answer", source="dialogue"), "")
    assert draw(nothing, Turn(text="42")).size[0] == 1200


def test_words_stand_under_their_sound() -> None:
    """Half a second of silence, a second of sound, half a second of silence, a second of sound."""
    loud, still = np.sin(np.linspace(0, 6000, 16_000)).astype(np.float32), np.zeros(8_000, np.float32)
    clip = AudioClip(np.concatenate([still, loud, still, loud]))
    words = Passage(
        "audio", "broken screen.", (Word("broken", 0, 6, 2.0), Word("screen", 7, 13, 1.0), Word(".", 13, 14, 0))
    )
    heard = Transcript("broken screen.", "en", segments=((0.0, 3.0, "broken screen."),))
    first, second = place_words(words, heard, clip)
    assert (first.start, first.end) == pytest.approx((0.5, 1.5), abs=0.05)
    assert (second.start, second.end) == pytest.approx((2.0, 3.0), abs=0.05)


def test_a_silent_or_empty_clip_places_nothing_wrongly() -> None:
    words = Passage("audio", "hm", (Word("hm", 0, 2, 1.0),))
    for clip in (AudioClip(np.zeros(0, np.float32)), AudioClip(np.zeros(1600, np.float32))):
        for moment in place_words(words, Transcript("hm", "en", segments=((0.0, 1.0, "hm"),)), clip):
            assert 0.0 <= moment.start <= moment.end


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    explanation = Explanation(DECISION, DECISION.intent, (WORDS,))
    with pytest.raises(InputError, match="is not a picture's name"):
        save(explanation, Turn(text="x"), tmp_path / "heat.txt")
    with pytest.raises(InputError, match="Cannot write"):
        save(explanation, Turn(text="x"), tmp_path / "nowhere" / "heat.png")
