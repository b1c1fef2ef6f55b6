"""An archive of pictures with confirmed findings, and what is said of those that are alike."""

import asyncio
import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from PIL import Image

from assistant import Picture, UserError
from assistant.testing import FakeServices, PluginUnderTest, load_plugin
from plugins.medical_triage.archive import add_folder, forget, held, measure_agreement, similar_cases

run = asyncio.run
BROWN, PINK, GREY = (150, 90, 60), (240, 170, 160), (120, 120, 120)


def picture(colour: tuple[int, int, int], dot: int = 0) -> Image.Image:
    image = Image.new("RGB", (160, 120), colour)
    image.paste((20, 20, 20), (40, 40, 40 + dot, 40 + dot))
    return image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clinic"
    for finding, colour in (("nevus", BROWN), ("eczema", PINK), ("fracture", GREY)):
        (place / finding).mkdir(parents=True)
        for number in range(2):
            picture(colour, 10 * number + 5).save(place / finding / f"{number}.png")
    (place / "nevus" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")
    (place / "readme.txt").write_text("no picture")
    return place


@pytest.fixture
def services(tmp_path: Path) -> FakeServices:
    return FakeServices(data_dir=tmp_path / "kept")


def test_folders_name_the_findings_and_broken_files_are_named(folder: Path, services: FakeServices) -> None:
    added = run(add_folder(services, folder))
    assert (added.pictures, added.changed) == (6, 6)
    assert [name for name, _ in added.unread] == ["nevus/broken.png"]
    assert run(add_folder(services, folder)).changed == 0
    assert run(held(services)) == {str(folder / name): 2 for name in ("eczema", "fracture", "nevus")}
    (folder / "eczema" / "0.png").unlink()
    assert run(add_folder(services, folder)).pictures == 5
    assert run(forget(services, folder / "nevus")) == 2
    assert run(forget(services, None)) == 3
    assert run(held(services)) == {}


def test_a_table_gives_findings_notes_and_cases(folder: Path, services: FakeServices, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(
        'file,diagnosis,notes,patient\nnevus/0.png,nevus,"flat, since childhood",a\nnevus/1.png,nevus,,a\n'
        "eczema/0.png,,,b\n",
        "utf-8",
    )
    added = run(add_folder(services, folder, table))
    assert added.pictures == 2
    reasons = dict(added.unread)
    assert "no finding" in reasons["eczema/0.png"]
    assert "does not name it" in reasons["eczema/1.png"]
    (case,) = run(similar_cases(Picture(picture(BROWN, 5)), "skin", services)) or []  # one patient, one case
    assert case.metadata["notes"] == "flat, since childhood"


@pytest.mark.parametrize(
    ("labels", "said"),
    [("picture,notes\na,b\n", "columns file and finding"), ("", "it has nothing"), (None, "cannot be read")],
)
def test_a_table_that_cannot_be_used_is_one_line(
    folder: Path, services: FakeServices, tmp_path: Path, labels: str | None, said: str
) -> None:
    table = tmp_path / "labels.csv"
    if labels is not None:
        table.write_text(labels, "utf-8")
    with pytest.raises(UserError, match=said):
        run(add_folder(services, folder, table))
    with pytest.raises(UserError, match="is not a folder"):
        run(add_folder(services, tmp_path / "none"))
    with pytest.raises(UserError, match="no pictures"):
        run(add_folder(services, Path(__file__).parent / "conversations"))


@pytest.fixture(scope="module")
def plugin() -> PluginUnderTest:
    return load_plugin(Path(__file__).parent.parent)


def test_reviews_tell_of_similar_cases_of_the_same_kind_and_give_no_verdict(
    plugin: PluginUnderTest, folder: Path, services: FakeServices
) -> None:
    def review(text: str, intent: str, colour: tuple[int, int, int]) -> str:
        return plugin.ask(text, intent=intent, pictures=[Picture(picture(colour, 5))], services=services).text

    assert "archive" not in review("look at this mole", "review_skin", BROWN)
    run(add_folder(services, folder))
    skin = review("look at this mole", "review_skin", BROWN)
    assert "nevus (0.png, similarity 1.00)" in skin
    assert "fracture" not in skin
    assert "says nothing about this one" in skin
    assert "I can't tell from a picture what it is" in skin
    assert "fracture" in review("look at this x-ray", "review_xray", GREY)
    assert "档案" in review("看看这颗痣", "review_skin", BROWN)
    assert "Nothing in your archive is similar" in review("look at this mole", "review_skin", (0, 0, 255))


def test_agreement_is_measured_beside_chance(folder: Path, services: FakeServices) -> None:
    run(add_folder(services, folder))
    measured = run(measure_agreement(services, "skin"))
    assert (measured.pictures, measured.same) == (4, 4)
    assert measured.chance == pytest.approx(1 / 3)
    assert measured.findings == {"eczema": 2, "nevus": 2}


def test_the_commands_work(assistant: Callable[..., Result], tmp_path: Path) -> None:
    assert "is empty" in assistant("triage", "archive", "status").stdout
    missing = assistant("triage", "archive", "add", str(tmp_path / "none"))
    assert missing.exit_code == 1
    assert missing.stderr.strip().endswith("name the folder of the pictures")
    assert "--all" in assistant("triage", "archive", "remove").stderr


@pytest.mark.data
@pytest.mark.models
@pytest.mark.skipif("ASSISTANT_DATA" not in os.environ, reason="ASSISTANT_DATA names no folder with data")
def test_similar_skin_photos_share_their_finding_more_often_than_by_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.app import App

    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    data = Path(os.environ["ASSISTANT_DATA"])
    xrays = data / "img_xray_clinical_notes"
    table = tmp_path / "xrays.csv"
    with (xrays / "manifest.csv").open(encoding="utf-8", newline="") as file, table.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["file", "finding", "case"])
        writer.writerows([row["file"], row["finding"], row["doi"] + row["url"]] for row in csv.DictReader(file))

    async def measured() -> None:
        app = await App.open()
        try:
            services = app.services_for("medical_triage")
            skin = data / "img_skin_ham10000"
            await add_folder(services, skin, skin / "manifest.csv", "skin")
            await add_folder(services, xrays, table, "xray")
            found = await measure_agreement(services, "skin")
            assert found.same / found.pictures > 2 * found.chance
            assert found.near / found.pictures > 0.8
            chests = await measure_agreement(services, "xray")
            print(f"\nX-rays: {chests.same / chests.pictures:.3f}, by chance {chests.chance:.3f}")
            assert chests.same / chests.pictures > chests.chance
        finally:
            await app.close()

    run(measured())
