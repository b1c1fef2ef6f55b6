"""Screenshots of the web page: a spoken question, a picture with its heat map, a timer that rings.

::

    python -m tests.server.screenshots LINK FOLDER    # the link that `assistant web --no-open` prints
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.drawings import draw_things
from tests.server.browser import CHROMIUM, expect, playwright, recording

DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
DARK: dict[str, Any] = {"color_scheme": "dark"}
LOOKS = {"desktop": DESK, "dark": DESK | DARK, "phone": PHONE, "phone-dark": PHONE | DARK}
expect.set_options(timeout=90_000)
OPTIONS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


async def say(page: Any, text: str) -> None:
    answered = await page.locator(".answer .under").count()
    await page.fill("#say", text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".answer .under")).to_have_count(answered + 1)


async def scenes(page: Any, picture: Path, path: str) -> None:
    async def shoot(name: str) -> None:
        await asyncio.sleep(0.4)  # what slides is there
        await page.screenshot(path=f"{path}-{name}.png")

    await page.evaluate("localStorage.removeItem('session')")
    await page.reload()
    await expect(page.locator("#ideas button").first).to_be_visible()
    await shoot("welcome")
    await page.click("#handsfree")
    await expect(page.locator(".mine .words")).to_be_visible()
    await shoot("spoken-question")
    await expect(page.locator(".answer .under")).to_have_count(1)
    await shoot("spoken-answer")
    await page.click("#handsfree")
    await page.set_input_files("#file", str(picture))
    await say(page, "What is in this picture?")
    await page.locator(".under button").nth(2).click()
    await expect(page.locator(".why canvas")).to_be_visible()
    await page.locator(".why").scroll_into_view_if_needed()
    await page.locator(".why canvas").scroll_into_view_if_needed()
    await shoot("picture-with-heat-map")
    await say(page, "Set a pasta timer for 2 seconds")
    await expect(page.locator(".ring")).to_be_visible()
    await shoot("timer-that-rings")
    await page.locator(".ring button").click()


async def shoot_all(link: str, folder: Path) -> None:
    kept: Any = None
    with tempfile.TemporaryDirectory() as made:
        heard = recording(Path(made) / "question.wav", 3.0, "How far is five miles in kilometres?", 30)
        draw_things(np.random.default_rng(7))[0].save(picture := Path(made) / "picture.png")
        sound = f"--use-file-for-fake-audio-capture={heard}%noloop"
        async with playwright.async_playwright() as driver:
            for name, look in LOOKS.items():
                chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=[*OPTIONS, sound])
                context = await chromium.new_context(locale="en-GB", storage_state=kept, **look)
                await context.grant_permissions(["microphone"])
                page = await context.new_page()
                await page.goto(link)
                await expect(page.locator("#ideas button").first).to_be_visible()
                kept = await context.storage_state()
                await scenes(page, picture, str(folder / name))
                await chromium.close()


if __name__ == "__main__":
    asyncio.run(shoot_all(sys.argv[1], Path(sys.argv[2])))
