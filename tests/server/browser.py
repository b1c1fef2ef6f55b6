"""A headless Chromium for tests of the web page, with a fake microphone and camera from files."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.speech import Synthesizer

playwright = pytest.importorskip("playwright.async_api", reason="needs the extra [browser]")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("there is no Chromium: install it, or name it in CHROMIUM", allow_module_level=True)

expect = playwright.expect
Serve = Callable[..., Any]
SECONDS = 15_000
expect.set_options(timeout=SECONDS)  # a busy machine keeps a page waiting


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
