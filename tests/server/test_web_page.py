"""The web page in a headless Chromium, with a fake microphone and camera from files: a real server and a real voice.

Only the models are small (`tests/server/conftest.py`): every recording is heard as "please echo sound".
"""

import asyncio
import os
import shutil
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.speech import Synthesizer
from assistant.types import Reply

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.async_api", reason="needs the extra [browser]")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("there is no Chromium: install it, or name it in CHROMIUM", allow_module_level=True)

expect = playwright.expect
Serve = Callable[..., Any]
SECONDS = 15_000
expect.set_options(timeout=SECONDS)  # a busy machine keeps a page waiting
FOCUSED = "() => document.activeElement.ariaLabel ?? document.activeElement.innerText"
VIOLATIONS = "async () => (await axe.run()).violations.map(v => [v.impact, v.id, v.nodes[0].html])"
TOO_WIDE = (
    "() => ['html', '#scroll', '#panel-body'].filter(e => (e = document.querySelector(e)).scrollWidth > e.clientWidth)"
)
PAINT = """() => new Promise((painted) => new PerformanceObserver((entries, observer) => {
    const [first] = entries.getEntriesByName("first-contentful-paint");
    if (first) { observer.disconnect(); painted(first.startTime); }
}).observe({ type: "paint", buffered: true }))"""


def soon(seconds: float) -> datetime:
    return (datetime.now() + timedelta(seconds=seconds)).astimezone()


def recording(path: Path, *parts: float | str) -> Path:
    """A WAV of sentences and of seconds of silence between them, for a microphone."""
    import soundfile

    voice = Synthesizer("hibari")
    sound = [
        voice.recording(part).samples if isinstance(part, str) else np.zeros(int(part * 16_000), np.float32)
        for part in parts
    ]
    soundfile.write(path, np.concatenate(sound), 16_000, subtype="PCM_16")
    return path


class Wire:
    """A connection between browser and server that can be cut."""

    def __init__(self, port: int) -> None:
        self.whole, self._to = True, port
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self) -> None:
        self.whole = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def close(self) -> None:
        self.cut()
        assert self._server is not None
        self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.transport.abort()
            return
        other_reader, other = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers += [writer, other]
        await asyncio.gather(self._copy(reader, other), self._copy(other_reader, writer), return_exceptions=True)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while content := await reader.read(65_536):
                writer.write(content)
                await writer.drain()
        finally:
            writer.close()


class Browser:
    """A page that is logged in; what went wrong in it fails the test."""

    def __init__(self, page: Any, server: Any, url: str) -> None:
        self.page, self.server, self.url = page, server, url
        self.problems: list[str] = []
        self.sound = 0
        """bytes of replies that came over the WebSocket"""
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if "Content Security" in line.text else None)
        page.on("websocket", lambda socket: socket.on("framereceived", self._came))

    def _came(self, frame: Any) -> None:
        self.sound += len(frame) if isinstance(frame, bytes) else 0

    async def log_in(self) -> None:
        code = (await self.server.client().post("/v1/web/codes")).json()["code"]
        await self.page.goto(f"{self.url}/web/#{code}")
        await expect(self.page.locator("#ideas button").first).to_be_visible(timeout=SECONDS)

    async def say(self, text: str) -> None:
        await self.page.fill("#say", text)
        await self.page.keyboard.press("Enter")

    async def answers(self, count: int, seconds: float = 20) -> list[str]:
        await expect(self.page.locator(".answer .under")).to_have_count(count, timeout=1000 * seconds)
        found: list[str] = await self.page.locator(".answer .words").all_inner_texts()
        return found


@asynccontextmanager
async def browsing(server: Any, microphone: Path | None = None, url: str = "", **look: Any) -> AsyncIterator[Browser]:
    options = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    options += ["--autoplay-policy=no-user-gesture-required"]
    options += [f"--use-file-for-fake-audio-capture={microphone}%noloop"] if microphone else []
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=options)
        context = await chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, "locale": "en-GB", **look})
        await context.grant_permissions(["microphone", "camera"])
        browser = Browser(await context.new_page(), server, url or server.url)
        try:
            await browser.log_in()
            yield browser
            assert browser.problems == []
        finally:
            await chromium.close()


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


def test_another_language_rewrites_the_conversation_and_is_kept(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            page = browser.page
            await browser.say("please echo it")
            await browser.answers(1)
            await page.click("[data-open=settings]")
            await page.select_option("#set-theme", "dark")
            await page.select_option("#set-language", "zh")
            await page.locator("#set-speak").check()
            for _ in ("at once", "after a reload"):
                await expect(page.locator(".under button").first).to_have_text("为什么？", timeout=SECONDS)
                await expect(page.locator("#title")).to_have_text("please echo it")
                await expect(page.locator(":root")).to_have_attribute("data-theme", "dark")
                await page.reload()
            await page.click("[data-open=settings]")
            await expect(page.locator("#set-speak")).to_be_checked()

    asyncio.run(run())


def test_a_reload_in_the_middle_of_a_question_loses_nothing_and_does_nothing_twice(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            await browser.say("please slow, 2.5 seconds")
            await asyncio.sleep(0.8)
            await browser.page.reload()
            await expect(browser.page.locator(".thinking")).to_be_visible(timeout=SECONDS)
            assert await browser.answers(1) == ["At last."]
            assert server.effects() == ["slow begins", "slow ends"]

    asyncio.run(run())


def test_an_open_question_is_there_after_a_reload_and_answered_by_a_button_or_words(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            await browser.say("please buy it")
            assert await browser.answers(1) == ["How many?"]
            await browser.page.reload()
            assert await browser.answers(1) == ["How many?"]
            await browser.say("3")
            assert (await browser.answers(2))[1] == "You bought 3."

    asyncio.run(run())


def test_a_connection_that_is_lost_comes_back_and_the_question_is_asked_once(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            wire = Wire(int(server.url.rpartition(":")[2]))
            async with browsing(server, url=await wire.open()) as browser:
                await browser.say("please slow, 1.5 seconds")
                await asyncio.sleep(0.7)
                wire.cut()
                await expect(browser.page.locator("#link")).to_be_visible(timeout=SECONDS)
                wire.whole = True
                assert await browser.answers(1) == ["At last."]
                await expect(browser.page.locator("#link")).to_be_hidden()
                assert server.effects() == ["slow begins", "slow ends"]
                wire.cut()
                await browser.say("please echo")
                await asyncio.sleep(1)
                wire.whole = True
                assert (await browser.answers(2))[1].startswith("please echo|0.")
            wire.close()

    asyncio.run(run())


def test_a_timer_counts_down_rings_until_it_is_stopped_and_can_be_taken_back(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            page, scheduler = browser.page, server.app_state.app.scheduler
            for key, text, seconds in (("tea", "Tea is ready.", 2.5), ("eggs", "Eggs are ready.", 60)):
                scheduler.schedule.put("shop", key, "http/app/x", Reply(text), soon(seconds), insistent=True)
            scheduler.changed()
            await browser.say("please echo")
            await expect(page.locator("#timers li")).to_have_count(2, timeout=SECONDS)
            ring = page.locator(".ring")
            await expect(ring).to_have_attribute("role", "alert", timeout=SECONDS)
            await expect(ring).to_contain_text("Tea is ready.")
            assert "Tea is ready." in await page.title()
            await expect(page.locator("#timers li")).to_have_count(1, timeout=SECONDS)
            await ring.get_by_role("button", name="Stop").click()
            await expect(ring).to_have_count(0)
            await page.get_by_role("button", name="Cancel: Eggs are ready.").click()
            await expect(page.locator("#timers li")).to_have_count(0)
            assert scheduler.schedule.next_due() is None

    asyncio.run(run())


def test_what_rings_far_away_shows_its_time_and_notices_that_repeat_are_one(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            page, scheduler = browser.page, server.app_state.app.scheduler
            due = soon(3 * 3600)
            tea = Reply("Tea.", data={"kind": "timer", "name": ""})
            scheduler.schedule.put("shop", "tea", "http/app/x", tea, soon(2 * 3600))
            scheduler.schedule.put("shop", "mum", "http/app/x", Reply("Call mum."), due)
            scheduler.changed()
            await browser.say("please echo")
            chips = page.locator("#timers li")
            await expect(chips.filter(has_text="Timer")).to_contain_text("1:59:")
            await expect(chips.filter(has_text="Call mum.")).to_contain_text(due.strftime("%H:%M"))
            await page.evaluate(
                """async () => {
                    const { toast } = await import("./dom.js");
                    for (const late of [1.0, 1.4, 2.1]) toast(`${late} s behind.`);
                    for (const word of ["one", "two", "three"]) toast(word);
                }"""
            )
            assert await page.locator(".toast").all_inner_texts() == ["one", "two", "three"]

    asyncio.run(run())


def test_a_link_that_was_used_or_a_cookie_that_is_wrong_shows_how_to_log_in(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            page = browser.page
            code = (await server.client().post("/v1/web/codes")).json()["code"]
            await server.client("").post("/v1/web/login", json={"code": code})
            await page.context.clear_cookies()
            await page.goto("about:blank")
            await page.goto(f"{browser.url}/web/#{code}")
            await expect(page.get_by_role("heading", name="Please log in")).to_be_visible(timeout=SECONDS)
            assert "#" not in page.url
            await expect(page.locator("#composer")).to_be_hidden()

    asyncio.run(run())


def test_everything_is_reached_by_keyboard_and_the_history_is_searched(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            page = browser.page
            await browser.say("please echo the first")
            await browser.answers(1)
            await page.get_by_role("button", name="New conversation").focus()
            await page.keyboard.press("Enter")
            await expect(page.locator("#say")).to_be_focused()
            await browser.say("please echo the second")
            await browser.answers(1)
            names: tuple[str, ...] = (
                "Search",
                "Library",
                "Plugins",
                "Settings",
                "Delete",
                "Why",
                "Read aloud",
                "Add pictures",
                "Take",
            )
            names += ("Hands-free", "Talk")
            await page.locator(".skip").focus()
            reached = []
            for _ in range(40):
                await page.keyboard.press("Tab")
                reached.append(await page.evaluate(FOCUSED))
            assert [name for name in names if not any(each.startswith(name) for each in reached)] == []
            await page.fill("#find", "FIRST")
            await expect(page.locator("#sessions button")).to_have_count(1)
            await page.locator("#sessions button").press("Enter")
            assert (await browser.answers(1))[0].startswith("please echo the first|")
            await page.get_by_role("button", name="Delete this conversation").click()
            await page.locator("#panel .warn").click()
            await expect(page.locator("#welcome")).to_be_visible()
            await page.fill("#find", "")
            await expect(page.locator("#sessions button")).to_have_count(1)

    asyncio.run(run())


@pytest.mark.parametrize("look", [("light", 1280, "en-GB"), ("dark", 390, "zh-CN")], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(serving: Serve, look: tuple[str, int, str]) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="needs the extra [browser]")
    source = (Path(axe.__file__).parent / "axe.min.js").read_text("utf-8")
    scheme, width, language = look

    async def found(page: Any, where: str) -> list[str]:
        await page.evaluate(source)
        told = await page.evaluate(VIOLATIONS)
        assert await page.evaluate(TOO_WIDE) == [], where
        return [f"{where}: {each}" for each in told if each[0] in ("serious", "critical", "moderate")]

    async def run() -> None:
        sizes: dict[str, Any] = {
            "viewport": {"width": width, "height": 844},
            "color_scheme": scheme,
            "locale": language,
        }
        async with serving() as server, browsing(server, **sizes) as browser:
            page = browser.page
            problems = await found(page, "welcome")
            await browser.say("please echo " + "a-very-long-word-" * 20)
            await browser.answers(1)
            await page.locator(".under button").first.click()
            await expect(page.locator(".why")).to_be_visible()
            server.app_state.app.scheduler.schedule.put(
                "shop", "k", "http/app/x", Reply("Tea."), soon(0.1), insistent=True
            )
            server.app_state.app.scheduler.changed()
            await expect(page.locator(".ring")).to_be_visible(timeout=SECONDS)
            problems += await found(page, "conversation")
            await page.locator(".ring button").click()
            for panel in ("plugins", "settings", "library"):
                if width < 800:
                    await page.click("#menu")
                    await asyncio.sleep(0.3)
                    problems += await found(page, "menu")
                await page.click(f"[data-open={panel}]")
                await expect(page.locator("#panel-body > *").first).to_be_visible()
                problems += await found(page, panel)
                await page.keyboard.press("Escape")
            assert problems == []

    asyncio.run(run())


def test_the_page_paints_quickly_and_asks_nobody_else(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server, browsing(server) as browser:
            page, asked, bare = browser.page, [], f"{browser.url}/bare"
            await page.route(bare, lambda route: route.fulfill(body="<p>A line.", content_type="text/html"))
            page.on("request", lambda request: asked.append(request.url))
            paints: dict[str, list[float]] = {"page": [], "bare": []}
            for _ in range(9):
                await page.goto(bare)
                paints["bare"].append(await page.evaluate(PAINT))
                await page.goto(f"{browser.url}/web/")
                await expect(page.locator("#ideas button").first).to_be_visible(timeout=SECONDS)
                paints["page"].append(await page.evaluate(PAINT))
            painted = {name: statistics.median(times) for name, times in paints.items()}
            print("first contentful paint, median of 9, ms:", painted, "goal: 300")
            # On a busy machine even a page of one line takes long.
            assert painted["page"] < max(300, 4 * painted["bare"])
            assert [url for url in asked if not url.startswith((server.url, "blob:"))] == []

    asyncio.run(run())
