"""Tests that memory for pictures is bounded while a request is answered, and freed after it."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistant.server.concurrency_limiter import PixelBudget

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

Serve = Callable[..., AbstractAsyncContextManager[Any]]
MB = 2**20


def resident() -> float:
    """MB of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB


def peak(*, anew: bool = False) -> float:
    """MB of this process that were in memory at most, since it was last asked anew."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def blank(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def test_eight_blank_pictures_of_40_megapixels_are_refused_before_any_is_decoded(serving: Serve) -> None:
    files = [("image", (f"{number}.png", blank(8000, 5000), "image/png")) for number in range(8)]

    async def story() -> tuple[int, str, float]:
        async with serving() as server:
            client = server.client()
            await client.post("/v1/turns", data={"text": "please echo"}, files=[("image", blank(64, 64))])
            before = peak(anew=True)
            answer = await client.post("/v1/turns", data={"text": "please echo"}, files=files)
            return answer.status_code, answer.json()["error"], peak() - before

    status, said, more = asyncio.run(story())
    assert status == 413
    assert "320 million pixels together, more than 80" in said
    assert more < 40


@pytest.mark.slow
def test_pictures_that_are_taken_are_given_back(serving: Serve) -> None:
    async def story() -> tuple[list[int], float]:
        async with serving() as server:
            client = server.client()
            before, statuses = resident(), []
            for number in range(8):
                file = ("image", (f"{number}.png", blank(6000, 5000 + number), "image/png"))
                data = {"text": "please echo", "session": f"s{number}"}
                statuses.append((await client.post("/v1/turns", data=data, files=[file])).status_code)
            return statuses, resident() - before

    statuses, more = asyncio.run(story())
    assert statuses == [200] * 8
    assert more < 150, "eight pictures of 30 megapixels are 720 MB"


def test_pictures_of_turns_in_hand_wait_for_room_in_the_order_in_which_they_came() -> None:
    budget, seen, held = PixelBudget(100), [], [0]

    async def turn(name: str, pixels: int) -> None:
        async with budget.room(pixels):
            held[0] += pixels
            assert held[0] <= 100 or held[0] == pixels
            seen.append(name)
            await asyncio.sleep(0.01)
            held[0] -= pixels

    async def story() -> None:
        left = asyncio.create_task(turn("left", 90))
        turns = [asyncio.create_task(turn(name, size)) for name, size in (("a", 80), ("b", 80), ("c", 10), ("d", 300))]
        await asyncio.sleep(0.005)
        turns[0].cancel()
        await asyncio.gather(left, *turns, return_exceptions=True)

    asyncio.run(story())
    assert seen == ["left", "b", "c", "d"]


@pytest.mark.bench
@pytest.mark.models
@pytest.mark.timeout(3600)
def test_300_turns_with_photos_of_16_megapixels_stay_within_300_mb_of_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.app import App
    from assistant.inputs.image_file import decode_picture
    from assistant.settings import cache_dir
    from assistant.types import Turn

    weights = cache_dir()
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    (tmp_path / "cache").symlink_to(weights)

    gray = Image.linear_gradient("L").resize((4624, 3468))

    def photo(number: int) -> bytes:
        file = io.BytesIO()
        shifts = (number * 37, number * 91, number * 53)
        bands = [gray.point([(value + shift) % 256 for value in range(256)]) for shift in shifts]
        Image.merge("RGB", bands).save(file, "JPEG")
        return file.getvalue()

    async def story() -> list[float]:
        app, used = await App.open(), []
        for number in range(310):
            picture = decode_picture(photo(number))
            turn = Turn(session=f"s{number % 100}", text="what do you make of this", images=(picture,))
            await app.respond(turn)
            del picture, turn
            if number >= 9:
                used.append(resident())
        await app.close()
        return used

    used = asyncio.run(story())
    print(f"start {used[0]:.0f} MB, most {max(used):.0f}, end {used[-1]:.0f}")
    assert max(used) - used[0] < 300
