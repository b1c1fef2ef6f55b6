"""``assistant train pictures``: a folder of small drawings becomes a file that tells its kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.errors import InputError
from assistant.fusion.picture_kinds import read_detector, roots, write_detector
from assistant.training.picture_kinds import EVERYDAY, OTHER, everyday_samples, fit_folder, read_folder
from assistant.types import Encoding, Modality, Picture


class ColourEncoder:
    """Stands for the vision encoder: the mean colour of a picture, along three directions that no photograph takes."""

    name = "efficientnet-lite0"
    modality: Modality = "image"
    dimension = 1280

    def load(self) -> None:
        pass

    def encode(self, inputs: Sequence[Picture]) -> list[Encoding]:
        return [self._encode(picture) for picture in inputs]

    def _encode(self, picture: Picture) -> Encoding:
        row = np.full(1280, 0.01, np.float32)
        row[[3, 500, 1200]] = np.asarray(picture.image, np.float32).mean(axis=(0, 1)) / 25
        return Encoding("image", self.name, row[None], np.ones(1, np.bool_), row)


class PhraseEncoder:
    name = "bert"
    modality: Modality = "text"
    dimension = 384

    def load(self) -> None:
        pass

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        rows = [np.random.default_rng(len(text)).normal(size=384).astype(np.float32) for text in inputs]
        return [Encoding("text", "bert", row[None], np.ones(1, np.bool_), row) for row in rows]


def quiet(step: str, done: int, total: int) -> None:
    pass


Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Puts pictures of about one colour into a sub-folder."""
    rng = np.random.default_rng(0)

    def draw(kind: str, colour: tuple[int, int, int], count: int = 8) -> Path:
        folder = tmp_path / "pictures" / kind
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            shade = np.clip(np.array(colour) + rng.integers(-20, 20, 3), 0, 255).astype(np.uint8)
            Image.fromarray(np.broadcast_to(shade, (8, 8, 3)).copy()).save(folder / f"{index}.png")
        return tmp_path / "pictures"

    return draw


def test_held_out_pictures_are_told_apart_and_the_file_knows_the_phrases(draw: Draw, tmp_path: Path) -> None:
    draw("red-tiles", (230, 20, 20))
    folder = draw("blue_tiles", (20, 20, 230))
    (folder / "red-tiles" / "phrases.txt").write_text("a cracked tile\n\n a red tile \n")
    found = read_folder(folder, ColourEncoder(), quiet)
    detector, report = fit_folder(found, PhraseEncoder())
    found_and_false = [row.value for row in report.rows]
    assert [row.metric for row in report.rows][::2] == ["blue_tiles (8): recognized", "red-tiles (8): recognized"]
    assert found_and_false[::2] == [100, 100]
    assert all(share < 2 for share in found_and_false[1::2])
    assert f"beside {sum(map(len, everyday_samples().vectors.values()))} everyday pictures" in report.data
    write_detector(tmp_path / "tiles.safetensors", detector)
    again = read_detector(tmp_path / "tiles.safetensors")
    assert [kind.phrases for kind in again.kinds] == [
        ("blue tiles", "a picture of blue tiles"),
        ("a cracked tile", "a red tile"),
    ]
    reddish = ColourEncoder().encode([Picture(Image.new("RGB", (8, 8), (200, 40, 40)))])[0].pooled
    odds = again.log_odds(reddish)[0]
    assert odds[1] > max(odds[0], 0)


def test_pictures_of_other_things_are_not_taken_for_a_kind(draw: Draw) -> None:
    draw("blue", (20, 20, 230))
    folder = draw(OTHER, (20, 230, 20))
    found = read_folder(folder, ColourEncoder(), quiet)
    greens = found.vectors[OTHER]
    with_other, report = fit_folder(found, PhraseEncoder())
    assert [kind.name for kind in with_other.kinds] == ["blue"]
    everyday = sum(map(len, everyday_samples().vectors.values())) + len(greens)
    assert f"beside {everyday} everyday pictures" in report.data
    assert (with_other.log_odds_of_roots(greens) < 0).all()


def test_broken_pictures_are_skipped_and_counted(draw: Draw) -> None:
    folder = draw("blue", (20, 20, 230), 3)
    (folder / "blue" / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (folder / "blue" / "notes.txt").write_text("not a picture")
    found = read_folder(folder, ColourEncoder(), quiet)
    assert len(found.vectors["blue"]) == 3
    assert len(found.skipped) == 2
    assert "broken.jpg" in found.skipped[0]


def test_folders_that_cannot_work_say_why_in_one_line(draw: Draw, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="has no sub-folder of a kind"):
        read_folder(tmp_path / "empty", ColourEncoder(), quiet)
    with pytest.raises(InputError, match="is not a folder"):
        read_folder(tmp_path / "file", ColourEncoder(), quiet)
    folder = draw("single", (20, 20, 230), 1)
    with pytest.raises(InputError, match="single holds too few readable pictures: 1; a kind needs 2"):
        read_folder(folder, ColourEncoder(), quiet)


def test_only_other_is_no_kind(draw: Draw) -> None:
    with pytest.raises(InputError, match="has no sub-folder of a kind"):
        read_folder(draw(OTHER, (20, 230, 20)), ColourEncoder(), quiet)


def test_everyday_pictures_come_with_the_package() -> None:
    samples = everyday_samples()
    assert tuple(sorted(samples.vectors)) == tuple(sorted(EVERYDAY))
    for rows in samples.vectors.values():
        assert len(rows) >= 50
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-2)
        np.testing.assert_allclose(roots(np.square(rows)), rows, atol=1e-2)
