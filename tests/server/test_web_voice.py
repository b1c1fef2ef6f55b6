"""Speech on the web page, in a headless Chromium with a fake microphone, heard as "please echo sound"."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from assistant.types import Reply
from tests.server.browser import SECONDS, browsing, expect, recording, soon

pytestmark = pytest.mark.browser
Serve = Callable[..., Any]


def test_a_spoken_question_gets_a_spoken_answer(serving: Serve, tmp_path: Path) -> None:
    microphone = recording(tmp_path / "question.wav", 0.8, "Where is my order, please?", 30)

    async def run() -> None:
        async with serving() as server, browsing(server, microphone) as browser:
            await browser.page.click("#talk")
            await expect(browser.page.locator(".mine .words")).to_have_text("please echo sound", timeout=SECONDS)
            (answer,) = await browser.answers(1)
            assert answer.startswith("please echo sound|0.")
            await expect(browser.page.locator("#heard")).to_have_text("Speaking…", timeout=SECONDS)
            await expect(browser.page.locator("#voice")).to_be_hidden(timeout=SECONDS)
            assert browser.sound > 20_000  # "Said."
            assert await browser.page.locator(".shares").inner_text() == "Words 100 %"

    asyncio.run(run())


def test_speaking_into_a_reply_interrupts_it(serving: Serve, tmp_path: Path) -> None:
    microphone = recording(tmp_path / "interruption.wav", 6, "Please stop that and echo this.", 30)
    tale = (
        "This is a long tale. " + "It goes on and on, and it does not seem to end at all, however long one waits. " * 6
    )

    async def run() -> None:
        async with serving() as server, browsing(server, microphone) as browser:
            page, scheduler = browser.page, server.app_state.app.scheduler
            await page.click("#handsfree")
            await expect(page.locator("#heard")).to_have_text("I’m listening. Just speak.", timeout=SECONDS)
            scheduler.schedule.put("shop", "k", "http/app/x", Reply(tale), soon(0.2))
            scheduler.changed()
            await expect(page.locator("#heard")).to_have_text("Speaking…", timeout=SECONDS)
            (answer,) = await browser.answers(1)  # the tale alone would last half a minute
            assert answer.startswith("please echo sound|0.")
            await page.click("#handsfree")
            await expect(page.locator("#handsfree")).to_have_attribute("aria-pressed", "false")

    asyncio.run(run())


def test_a_reply_that_is_read_aloud_is_silenced_by_its_button_and_by_escape(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            await browser.say("please echo " + "all of this, which takes quite some time to be said, " * 3)
            await browser.answers(1)
            for silence in ("button", "key"):
                await browser.page.get_by_role("button", name="Read aloud").click()
                await expect(browser.page.locator("#heard")).to_have_text("Speaking…", timeout=SECONDS)
                await (browser.page.click("#hush") if silence == "button" else browser.page.keyboard.press("Escape"))
                await expect(browser.page.locator("#voice")).to_be_hidden(timeout=1000)

    asyncio.run(run())


def test_a_question_about_a_picture(serving: Serve, tmp_path: Path) -> None:
    Image.new("RGB", (3000, 2000), "teal").save(tmp_path / "photo.png")

    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            page = browser.page
            await page.set_input_files("#file", str(tmp_path / "photo.png"))
            await expect(page.locator("#attached img")).to_have_count(1)
            await browser.say("please echo")
            assert (await browser.answers(1))[0].startswith("please echo|1.")
            await page.click("#camera")
            await page.click("text=Take the picture")
            await expect(page.locator("#attached img")).to_have_count(1, timeout=SECONDS)
            await browser.say("please echo it")
            assert (await browser.answers(2))[1].startswith("please echo it|1.")
            await page.reload()
            await browser.answers(2)
            await expect(page.locator(".mine img")).to_have_count(2)
            assert (
                await page.locator(".mine img").first.evaluate("image => image.decode().then(() => image.naturalWidth)")
                == 320
            )

    asyncio.run(run())


def test_a_picture_goes_with_what_is_spoken_and_stop_ends_hands_free(serving: Serve, tmp_path: Path) -> None:
    microphone = recording(tmp_path / "question.wav", 2, "Where is my order, please?", 30)
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "photo.png")

    async def run() -> None:
        async with serving() as server, browsing(server, microphone) as browser:
            page = browser.page
            await page.set_input_files("#file", str(tmp_path / "photo.png"))
            await expect(page.locator("#attached img")).to_have_count(1)
            await page.click("#handsfree")
            (answer,) = await browser.answers(1)
            assert answer.startswith("please echo sound|1.")
            await expect(page.locator(".mine img")).to_have_count(1)
            await expect(page.locator("#attached img")).to_have_count(0)
            await expect(page.locator("#heard")).to_have_text("I’m listening. Just speak.", timeout=SECONDS)
            await page.click("#hush")
            await expect(page.locator("#handsfree")).to_have_attribute("aria-pressed", "false")
            await expect(page.locator("#voice")).to_be_hidden()

    asyncio.run(run())
