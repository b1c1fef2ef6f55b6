"""The web page's login, files and what it asks of the server, without a browser."""

import asyncio
import io
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.datastructures import Headers

from assistant.server.tokens import Clients
from assistant.server.web.login import CODE_SECONDS, COOKIE_SECONDS, WebLogin, cookie_name
from assistant.server.web.routes import SHOWN_SETTINGS
from assistant.settings import data_dir
from assistant.types import Reply

Serve = Callable[..., Any]
STATIC = Path("assistant/server/web/static").resolve()


async def cookie_of(server: Any, name: str = "app") -> dict[str, str]:
    """Returns the cookie of a browser that has logged in through a link."""
    code = (await server.client(name).post("/v1/web/codes")).json()["code"]
    answer = await server.client("").post("/v1/web/login", json={"code": code})
    assert answer.status_code == 204
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_a_link_works_once_and_its_cookie_is_kept_from_scripts_and_other_sites(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            code = (await server.client().post("/v1/web/codes")).json()["code"]
            first = await server.client("").post("/v1/web/login", json={"code": code})
            again = await server.client("").post("/v1/web/login", json={"code": code})
            told = first.headers["set-cookie"]
            assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(re.split(r";\s*", told))
            assert "Secure" not in told
            assert (again.status_code, again.json()["code"]) == (403, "link_used")
            cookie = {"Cookie": told.partition(";")[0]}
            assert (await server.client("").get("/v1/sessions", headers=cookie)).json() == []
            assert (await server.client("").post("/v1/web/codes")).status_code == 401

    asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "method"),
    [
        ({"Origin": "https://evil.example"}, "GET"),
        ({"Origin": "http://127.0.0.1:1"}, "POST"),  # another port of this machine, whose pages are "same site"
        ({"Origin": "null"}, "POST"),
        ({"Sec-Fetch-Site": "cross-site"}, "GET"),
        ({"Sec-Fetch-Site": "same-site"}, "GET"),
        ({}, "POST"),  # a form of an old browser
        ({"Host": "evil.example"}, "GET"),  # a name that was bent to this machine
        ({"Host": "evil.example", "Origin": "http://evil.example"}, "POST"),
    ],
)
def test_the_cookie_counts_for_the_page_itself_only(serving: Serve, headers: dict[str, str], method: str) -> None:
    async def run() -> None:
        async with serving() as server:
            cookie = await cookie_of(server)
            given = {**cookie, **headers}
            if "Host" in headers:
                given["Cookie"] = f"assistant={cookie['Cookie'].partition('=')[2]}"
            answer = await server.client("").request(method, "/v1/web/settings", headers=given)
            assert answer.status_code in (401, 403, 421)

    asyncio.run(run())


def test_a_cookie_ends_with_its_time_its_token_and_a_changed_letter() -> None:
    now = [1_000_000.0]
    login = WebLogin(Clients({"app": "a-token-of-the-tests"}), lambda: now[0])
    host = "127.0.0.1:8420"
    assert login.client_of_code(login.new_code("app")) == "app"
    other = WebLogin(Clients({"app": "a-token-of-the-tests"}), lambda: now[0])
    assert other.client_of_code(login.new_code("app")) == "app", "of another replica"
    cookie = login.cookie("app", host)
    assert login.client_of_code(cookie) is None
    assert login.client_of_code(login.cookie("app", "link")) is None

    def client_of(login: WebLogin, cookie: str | None) -> str | None:
        headers = {"host": host, "cookie": f"{cookie_name(host)}={cookie}", "origin": f"http://{host}"}
        return login.client_of("POST", Headers(headers))

    assert client_of(login, cookie) == "app"
    assert client_of(login, f"{cookie}0") is None
    assert client_of(login, str(cookie).replace("app", "ann")) is None
    assert client_of(login, "") is None
    assert client_of(WebLogin(Clients({"app": "another-token-of-it"})), cookie) is None
    now[0] += COOKIE_SECONDS + 1
    assert client_of(login, cookie) is None
    late = login.new_code("app")
    now[0] += CODE_SECONDS + 1
    assert login.client_of_code(late) is None
    for wrong in ("", ".", "...", "app.x.9999999999.", late.replace(".", "..")):
        assert login.client_of_code(wrong) is None


def test_the_page_is_served_without_a_token_and_may_fetch_from_here_only(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            stranger = server.client("")
            page = await stranger.get("/web/")
            policy = page.headers["content-security-policy"]
            assert page.status_code == 200
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert page.headers["x-content-type-options"] == "nosniff"
            for name in re.findall(r'(?:src|href)="([\w.-]+)', page.text):
                assert (await stranger.get(f"/web/{name}")).status_code == 200
            for name in ("../routes.py", "%2e%2e/routes.py", "..%2f..%2ftokens.py", "/etc/passwd"):
                assert (await stranger.get(f"/web/{name}")).status_code in (401, 404)
            leading = await stranger.get("/", headers={"Accept": "text/html"})
            assert (leading.status_code, leading.headers["location"]) == (307, "/web/")

    asyncio.run(run())


def test_the_page_is_small_and_holds_no_inline_script_style_or_foreign_address() -> None:
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 200_000
    for path in files:
        text = path.read_text("utf-8").replace("http://www.w3.org/", "")
        assert not re.search(r"https?://", text), path
        if path.suffix == ".html":
            assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", text)
        if path.suffix == ".js":
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)


def test_all_languages_have_the_same_words_and_every_word_is_used() -> None:
    words = {path.stem: json.loads(path.read_text("utf-8")) for path in (STATIC / "text").glob("*.json")}
    known = re.search(r"KNOWN = (\[.*\])", (STATIC / "words.js").read_text("utf-8"))
    assert known is not None
    assert sorted(json.loads(known[1])) == sorted(words)
    english = words["en"]
    for other in words.values():
        assert english.keys() == other.keys()
        for key, text in english.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", other[key])), key
    told = "".join(path.read_text("utf-8") for path in STATIC.glob("*.*s*") if path.suffix in (".js",))
    told += (STATIC / "index.html").read_text("utf-8")
    named = set(re.findall(r'(?<![\w.])t\("(\w+)"|data-t(?:-\w+)?="(\w+)"', told))
    missing = {one or other for one, other in named} - english.keys()
    assert not missing
    made = ("share_", "place_", "idle_", "loop_", "status_", "may_", "set_", "theme_", "begins_")
    known = {*SHOWN_SETTINGS, "timer", "alarm"}
    unused = [key for key in english if f'"{key}"' not in told and not key.startswith(made) and key not in known]
    assert unused == []
    assert set(SHOWN_SETTINGS) <= english.keys()


def test_a_conversations_question_timers_and_history_are_its_clients_own(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            client, other = server.client(), server.client("other")
            schedule = server.app_state.app.scheduler.schedule
            due = (datetime.now() + timedelta(hours=1)).astimezone()
            schedule.put("shop", "tea 1", "http/app/kitchen", Reply("Tea."), due)
            await client.post("/v1/turns", json={"text": "please buy it", "session": "kitchen"})
            state = (await client.get("/v1/web/state?session=kitchen")).json()
            assert (state["question"]["text"], state["question"]["kind"]) == ("How many?", "int")
            assert [(timer["plugin"], timer["key"], timer["text"]) for timer in state["timers"]] == [
                ("shop", "tea 1", "Tea.")
            ]
            assert (await other.get("/v1/web/state?session=kitchen")).json()["timers"] == []
            assert (await other.delete("/v1/web/timers/shop/tea%201")).status_code == 404
            assert (await client.delete("/v1/web/timers/shop/tea%201")).status_code == 204
            assert schedule.next_due() is None
            assert [turn["said"] for turn in (await client.get("/v1/web/history?q=BUY")).json()] == ["please buy it"]
            assert (await other.get("/v1/web/history?q=buy")).json() == []

    asyncio.run(run())


def test_a_numbered_question_and_one_that_wants_a_yes_offer_their_answers() -> None:
    from assistant.dialogue.questions import Question
    from assistant.server.web.routes import _question

    def said(question: Question) -> list[tuple[str, str]]:
        return [(option["label"], option["say"]) for option in _question(question)["options"]]

    assert said(Question("Which?\n  1. the red one\n  2. the blue one")) == [
        ("the red one", "1"),
        ("the blue one", "2"),
    ]
    assert said(Question("In 2026.\n  3. of May\nWhen?")) == []
    assert said(Question("Which?", choices=("red", "blue"))) == [("red", "red"), ("blue", "blue")]
    assert said(Question("Refund it?", "bool", confirms=True)) == [("Yes", "Yes"), ("No", "No")]
    assert said(Question("要退款吗？", "bool")) == [("是", "是"), ("否", "否")]


def test_pictures_that_were_shown_come_small_and_to_their_client_only(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            file = io.BytesIO()
            Image.new("RGB", (900, 600), "navy").save(file, "PNG")
            form = {"files": {"image": ("p.png", file.getvalue())}, "data": {"text": "please echo", "session": "s"}}
            turn = (await server.client().post("/v1/turns", **form)).json()["turn"]
            small = await server.client().get(f"/v1/web/turns/{turn}/pictures/0")
            assert Image.open(io.BytesIO(small.content)).size == (320, 213)
            for address, client in (
                (f"{turn}/pictures/1", "app"),
                (f"{turn}/pictures/0", "other"),
                ("x/pictures/0", "app"),
            ):
                assert (await server.client(client).get(f"/v1/web/turns/{address}")).status_code == 404
            told = (await server.client().get(f"/v1/web/turns/{turn}/explanation")).json()
            assert (told["intent"], told["contributions"]["text"]) == ("shop.echo", 1.0)
            assert (await server.client("other").get(f"/v1/web/turns/{turn}/explanation")).status_code == 404
            forged = await server.client().get("/v1/web/library/picture?path=/etc/passwd&signature=00")
            assert forged.status_code == 404

    asyncio.run(run())


def test_plugins_are_listed_with_what_they_may_do(serving: Serve) -> None:
    async def run() -> None:
        async with serving() as server:
            found = {info["name"]: info for info in (await server.client().get("/v1/web/plugins")).json()}
            assert {"name": "shop.buy", "summary": "Buy something.", "acts": True} in found["shop"]["intents"]
            chinese = (await server.client().get("/v1/web/plugins?language=zh")).json()
            assert ("日常", "active") in [(info["title"], info["status"]) for info in chinese]
            assert found["dice"]["status"] == "disabled"
            assert all(isinstance(info["try"], dict) for info in found.values()), "sentences to try, by language"
            names = [row["name"] for row in (await server.client().get("/v1/web/settings")).json()]
            assert "voice.wake_words" in names

    asyncio.run(run())


@pytest.fixture
def library_models() -> Any:
    """The real models, loaded while the cache is the user's."""
    from assistant.loading import create_models
    from assistant.settings import load_settings

    models = create_models(load_settings(), keep_encodings=False)
    models.embed_texts(["a text"])
    return models


@pytest.mark.models
def test_a_document_that_is_dropped_is_in_the_library_or_refused_in_one_line(
    library_models: Any, serving: Serve
) -> None:
    from assistant.retrieval.library.library import Library

    async def run() -> None:
        async with serving() as server:
            client, app = server.client(), server.app_state.app
            app._library = added = Library(app.settings, library_models)

            async def drop(name: str, content: bytes) -> Any:
                return await client.post("/v1/web/documents", params={"name": name}, content=content, timeout=60)

            wrong = {
                "song.exe": b"MZ",
                "nothing.md": b"",
                "spaces.txt": b"  \n ",
                "cut.pdf": b"%PDF-1.4 and no more",
                "..": b"a",
                "long.txt": b"word " * 100_000,
            }
            for name, content in wrong.items():
                answer = await drop(name, content)
                assert answer.status_code in (400, 413), (name, answer.text)
                assert "\n" not in answer.json()["error"]
            assert "library add" in (await drop("long.txt", wrong["long.txt"])).json()["error"]
            assert (await server.client("").post("/v1/web/documents?name=a.txt", content=b"a")).status_code == 401
            assert list((data_dir() / "dropped").iterdir()) == []
            answer = await drop("../../报告.txt", "今天下雨，会议改到周五。".encode("gb18030"))
            assert answer.json() == {"name": "报告.txt", "missing": ""}
            assert sum(added.status().items.values()) == 1

    asyncio.run(run())


def test_the_command_makes_a_link_where_a_server_runs_and_says_what_is_wrong_where_not(serving: Serve) -> None:
    from assistant.cli.web import new_link
    from assistant.errors import SettingsError
    from assistant.server.server import Address, listen_at
    from assistant.settings import Serve as Plain

    plain = Plain()

    async def run() -> None:
        async with serving() as server:
            host, _, port = server.url.rpartition("//")[2].partition(":")
            address = Address(host, int(port))
            link = await asyncio.to_thread(new_link, address, "a-token-of-the-tests", plain)
            assert str(link).startswith(f"{server.url}/web/#")
            at = "https://home.example/"
            elsewhere = await asyncio.to_thread(new_link, address, "a-token-of-the-tests", plain, at)
            assert str(elsewhere).startswith("https://home.example/web/#")
            with pytest.raises(SettingsError, match="other tokens"):
                await asyncio.to_thread(new_link, address, "a-wrong-token-of-it", plain)

        async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"SSH-2.0-server\r\n")
            writer.close()

        other = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        with pytest.raises(SettingsError, match="Another program"):
            await asyncio.to_thread(new_link, Address("127.0.0.1", other.sockets[0].getsockname()[1]), "t", plain)
        other.close()

    asyncio.run(run())
    listening, free = listen_at(Address("127.0.0.1", 0))
    listening.close()
    assert new_link(free, "a-token-of-the-tests", plain) is None
