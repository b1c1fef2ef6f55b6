"""HTTPS with the user's own certificate: made as the page says, and what is told where it cannot be used."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.cli.web import new_link
from assistant.errors import SettingsError
from assistant.server.server import Address
from assistant.server.tls import tls_files, trusting
from assistant.settings import Serve as Limits
from tests.server.conftest import TOKENS

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")

ServeFixture = Callable[..., Any]
PAGE = Path("assistant/server/web/README.md").resolve()


def certificate(folder: Path) -> Limits:
    """A certificate of one's own, made by the command of the page."""
    (command,) = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("openssl")]
    folder.mkdir()
    subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True)
    return Limits(tls_certificate=str(folder / "cert.pem"), tls_key=str(folder / "key.pem"))


def test_the_page_s_certificate_serves_page_api_and_microphones(serving: ServeFixture, tmp_path: Path) -> None:
    from websockets.asyncio.client import connect

    limits = certificate(tmp_path / "one")
    trusted = trusting(limits)
    assert trusted is not None

    async def run() -> None:
        async with serving(tls_certificate=limits.tls_certificate, tls_key=limits.tls_key) as server:
            assert server.url.startswith("https://")
            at = Address("127.0.0.1", int(server.url.rpartition(":")[2]), secure=True)
            token = TOKENS["app"]
            link = await asyncio.to_thread(new_link, at, token, limits)
            assert link is not None
            assert link.startswith(f"{server.url}/web/#")
            named = Limits(**{**limits.model_dump(), "hosts": ("*.example", "home.example")})
            other = await asyncio.to_thread(new_link, replace(at, host="0.0.0.0"), token, named)
            assert other is not None
            assert other.startswith(f"https://home.example:{at.port}/web/#")
            import httpx

            async with httpx.AsyncClient(base_url=server.url, verify=trusted, timeout=30) as browser:
                body = {"code": link.partition("#")[2]}
                login = await browser.post("/v1/web/login", json=body)
                assert "secure" in login.headers["set-cookie"].lower()
                assert (await browser.get("/web/")).status_code == 200
                bearer = {"Authorization": f"Bearer {token}"}
                answer = await browser.post("/v1/turns", json={"text": "please echo"}, headers=bearer)
                assert answer.json()["reply"]["text"].startswith("please echo|0")
            microphone = connect(
                f"wss{server.url[5:]}/v1/listen", ssl=trusted, additional_headers={"Authorization": f"Bearer {token}"}
            )
            async with microphone as socket:
                await socket.send(json.dumps({"type": "start", "mode": "push_to_talk"}))
                assert json.loads(await socket.recv())["type"] == "ready"

    asyncio.run(run())


def test_a_certificate_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    one, other = certificate(tmp_path / "one"), certificate(tmp_path / "other")
    locked = tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "ec", "-in", one.tls_key, "-aes128", "-passout", "pass:abcd", "-out", str(locked)],
        check=True,
        capture_output=True,
    )
    (tmp_path / "text.pem").write_text("a text")
    wrong = {
        "needs both": Limits(tls_certificate=one.tls_certificate),
        "Cannot read .*nowhere.pem: No such file": Limits(tls_certificate=str(tmp_path / "nowhere.pem"), tls_key="x"),
        "does not belong to": Limits(tls_certificate=one.tls_certificate, tls_key=other.tls_key),
        "without a password": Limits(tls_certificate=one.tls_certificate, tls_key=str(locked)),
        "cannot be read with": Limits(tls_certificate=str(tmp_path / "text.pem"), tls_key=one.tls_key),
        "Cannot read": Limits(tls_certificate=one.tls_certificate, tls_key=str(tmp_path)),
    }
    for told, limits in wrong.items():
        with pytest.raises(SettingsError, match=told) as found:
            tls_files(limits)
        assert "\n" not in str(found.value)
    assert tls_files(Limits()) == {}
