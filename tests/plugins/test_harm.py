"""Whatever a plugin does, it is reported by name, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import PluginError, UserError
from assistant.plugins.plugin import Breakers
from assistant.types import OUT_OF_SCOPE, Decision, Turn

Build = Callable[..., Any]


SOON = "timeout=0.5"


def handler(body: str, head: str = "def act()", manifest: str = "timeout=20") -> str:
    """A plugin with one intent, `act`; its time is long, so that a busy machine fails nothing but what is to fail."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return (
        "import asyncio, os, sys, time\n"
        "from assistant import Manifest, Reply, UserError, hookimpl\n"
        f"MANIFEST = Manifest({manifest})\n"
        f"{head}:\n{lines}\n"
        "@hookimpl\n"
        "def register_intents(register):\n"
        "    register(act, examples=['act'])\n"
    )


def reason_of(loaded: Any, name: str = "bad.act") -> str:
    async def fail() -> str:
        with pytest.raises(PluginError) as caught:
            await loaded.answer(name)
        return caught.value.reason

    return str(loaded.run(fail()))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("async def act()", "await asyncio.sleep(60)"),
        ("def act()", "time.sleep(2)"),
        ("async def act()", "time.sleep(2)"),
    ],
    ids=["hangs", "blocks a thread", "blocks its event loop"],
)
def test_silent_plugin_is_given_up_and_delays_nobody(build: Build, greeter: str, head: str, body: str) -> None:
    loaded = build({"bad": handler(body, head, SOON), "good": greeter})

    async def both() -> None:
        assert (await loaded.answer("good.hello")).text == "hello"
        stuck = asyncio.create_task(loaded.answer("bad.act"))
        await asyncio.sleep(0.02)  # it is stuck now
        assert (await loaded.answer("good.hello")).text == "hello"
        assert not stuck.done(), "the other one waited for it"
        with pytest.raises(PluginError, match=r"did not answer within 0\.5 s"):
            await stuck

    loaded.run(both())
    assert loaded.failures == [("bad", "bad.act", "did not answer within 0.5 s")]


def test_plugin_that_blocked_its_loop_gets_a_fresh_one(build: Build) -> None:
    body = handler("if wait: time.sleep(1.5)\nreturn 'awake'", "async def act(wait: bool = False)", SOON)
    loaded = build({"bad": body}, trusted=("bad",))

    async def twice() -> str:
        with pytest.raises(PluginError):
            await loaded.answer("bad.act", wait=True)
        return (await loaded.answer("bad.act")).text

    assert loaded.run(twice()) == "awake"


def test_plugin_whose_threads_all_hang_rests_until_they_come_back(build: Build, tmp_path: Path) -> None:
    free = tmp_path / "free"
    body = handler(f"while not os.path.exists({str(free)!r}): time.sleep(0.01)\nreturn 'back'", manifest="timeout=0.05")
    loaded = build({"bad": body}, failures=99, trusted=("bad",))

    async def many() -> str:
        for _ in range(3):
            with pytest.raises(PluginError, match="did not answer"):
                await loaded.answer("bad.act")
        with pytest.raises(PluginError) as caught:
            await loaded.answer("bad.act")
        status = loaded.info("bad").status
        free.touch()
        async with asyncio.timeout(30):
            while loaded.info("bad").status != "active":  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return f"{status}: {caught.value.reason}"

    assert loaded.run(many()) == "resting: rests until 3 calls that hang come back"


@pytest.mark.parametrize(
    ("body", "head", "reason"),
    [
        ("return 1 / 0", "def act()", "bad.py:5: ZeroDivisionError: division by zero"),
        ("raise KeyError('x')", "async def act()", "bad.py:5: KeyError: 'x'"),
        ("sys.exit(3)", "def act()", "bad.py:5: raised SystemExit 3"),
        ("sys.exit(3)", "async def act()", "bad.py:5: raised SystemExit 3"),
        ("raise StopIteration", "def act()", "bad.py:5: raised StopIteration"),
        ("raise asyncio.CancelledError", "async def act()", "RuntimeError: cancelled itself"),
        ("return 6", "def act()", "act returned int; return str or Reply"),
        ("return None", "async def act()", "act returned NoneType; return str or Reply"),
        ("return '  '", "def act()", "act returned an empty answer"),
        ("return Reply(7)", "def act()", "act returned a Reply whose text is int; it must be str"),
        ("return await services.open_picture('x')", "async def act(services)", 'needs capabilities=("files",)'),
        ("return str(services.data_dir)", "def act(services)", 'needs capabilities=("files",)'),
        (
            "return await services.record(1)",
            "async def act(services)",
            "Services.record was removed in API 2:",
        ),
        ("return await services.recordd(1)", "async def act(services)", "Services has no 'recordd'"),
        ("return await services.read_text()", "async def act(services)", "read_text(): missing a required argument"),
    ],
)
def test_broken_answer_is_a_clear_error(build: Build, body: str, head: str, reason: str) -> None:
    loaded = build({"bad": handler(body, head)})
    assert reason in reason_of(loaded)
    assert [failure[:2] for failure in loaded.failures] == [("bad", "bad.act")]


@pytest.mark.parametrize("trusted", [(), ("bad",)])
def test_error_meant_for_the_user_passes_and_is_no_failure(build: Build, trusted: tuple[str, ...]) -> None:
    body = "raise UserError('The form has no signature; sign it first.')"
    loaded = build({"bad": handler(body)}, failures=1, trusted=trusted)

    async def ask() -> None:
        with pytest.raises(UserError, match=r"^The form has no signature; sign it first\.$") as caught:
            await loaded.answer("bad.act")
        assert not isinstance(caught.value, PluginError)

    loaded.run(ask())
    assert (loaded.failures, loaded.info("bad").status) == ([], "active")


def test_flood_of_text_is_cut_and_says_so(build: Build) -> None:
    loaded = build({"bad": handler("return '\\0x' * 5_000_000")})
    text = loaded.run(loaded.answer("bad.act")).text
    assert len(text) < 20_100
    assert "\0" not in text
    assert text.endswith("(cut: the answer had 10,000,000 characters)")


def test_breaker_opens_after_failures_in_a_row_and_heals(build: Build) -> None:
    loaded = build(
        {"bad": handler("if fail: raise OSError('down')\nreturn 'up'", "def act(fail: bool = True)")}, rest=60
    )

    async def story() -> list[str]:
        told = []
        for fail, wait in [(True, 0), (True, 0), (False, 0), (True, 0), (True, 0), (True, 0), (False, 30), (False, 31)]:
            loaded.clock.now += wait
            try:
                told.append((await loaded.answer("bad.act", fail=fail)).text)
            except PluginError as error:
                told.append("rests" if "rests for" in error.reason else "fails")
        return told

    assert loaded.run(story()) == ["fails", "fails", "up", "fails", "fails", "fails", "rests", "up"]
    assert loaded.info("bad").failures == 5


def test_breaker_opens_again_when_the_first_try_after_the_rest_fails(build: Build) -> None:
    loaded = build({"bad": handler("raise OSError('down')")}, failures=2, rest=60)

    async def story() -> list[str]:
        told = []
        for wait in (0, 0, 61, 1):
            loaded.clock.now += wait
            with pytest.raises(PluginError) as caught:
                await loaded.answer("bad.act")
            told.append(caught.value.reason[:9])
        return told

    assert loaded.run(story()) == ["bad.py:5:", "bad.py:5:", "bad.py:5:", "rests for"]
    assert loaded.info("bad").status == "resting"
    assert "rests for 59 s after 3 failures in a row: bad.py:5: OSError: down" in loaded.info("bad").reason


HOOKS = """
import asyncio, time
from assistant import hookimpl

@hookimpl
async def recognize_intent(turn):
    {recognize}

@hookimpl
def answer_fallback(turn, decision):
    {fallback}
"""

POLITE = HOOKS.format(
    recognize="await asyncio.sleep(0)",  # an async None is no answer
    fallback="return 'at your service'",
)


@pytest.mark.parametrize("bad", ["raise RuntimeError('boo')", "return 42", "time.sleep(0.3)"])
def test_hook_that_fails_is_skipped_and_the_others_are_called(build: Build, bad: str) -> None:
    rude = (
        HOOKS.format(recognize=bad, fallback=bad)
        + "\nfrom assistant import Manifest\nMANIFEST = Manifest(timeout=0.1)\n"
    )
    loaded = build({"a_rude": rude, "b_polite": POLITE}, hook_timeout=0.1, failures=99)
    turn, decision = Turn(text="hi"), Decision(OUT_OF_SCOPE, 1.0, "out_of_scope")

    async def both() -> tuple[Any, str]:
        decided = await loaded.manager.recognize_intent(turn)
        return decided, (await loaded.manager.answer_fallback(turn, decision)).text

    assert loaded.run(both()) == (None, "at your service")
    assert [failure[:2] for failure in loaded.failures] == [
        ("a_rude", "recognize_intent"),
        ("a_rude", "answer_fallback"),
    ]


CHECKS = """
import asyncio
from assistant import hookimpl

def act() -> str:
    return "done"

@hookimpl
def register_intents(register):
    register(act, examples=["act"], acts=False)

@hookimpl
async def check_safety(words):
    await asyncio.sleep(0.4)
    return __name__.rpartition(".")[2]
"""


def test_shipped_checks_are_left_to_the_safety_room_and_a_user_s_check_has_its_time(build: Build) -> None:
    hers = CHECKS.replace('return __name__.rpartition(".")[2]', 'return "Leave!" if "danger" in words else None')
    loaded = build({"shipped/ours.py": CHECKS, "hers": hers}, hook_timeout=20)

    async def story() -> tuple[Any, Any]:
        check = loaded.manager.check_safety
        return await check("all is well", "s"), await check("danger", "s")

    calm, alarm = loaded.run(story())
    assert calm is None, "the shipped check is not called here"
    assert (alarm[0], alarm[1].text) == ("hers", "Leave!")


@pytest.mark.parametrize(("place", "decides"), [("shipped/slow", True), ("slow", False)])
def test_a_shipped_hook_has_two_seconds_however_short_the_setting(build: Build, place: str, decides: bool) -> None:
    code = CHECKS.replace("check_safety(words)", "recognize_intent(turn)").replace(
        'return __name__.rpartition(".")[2]', 'return Decision("slow.act", 1.0, "answer")'
    )
    loaded = build(
        {f"{place}.py" if "/" in place else place: "from assistant import Decision\n" + code}, hook_timeout=0.1
    )
    decision = loaded.run(loaded.manager.recognize_intent(Turn(session="s", text="x")))
    assert (decision is not None) is decides


def test_a_plugin_that_could_not_start_is_asked_nothing_more(build: Build) -> None:
    fails = "@hookimpl\ndef startup(services):\n    raise OSError('no licence')\n"
    loaded = build({"bad": CHECKS + fails}, trusted=["bad"], hook_timeout=1.0)

    async def story() -> list[str]:
        return loaded.manager.implemented_by("check_safety") + [
            hook.plugin_name for hook in loaded.manager._hooks.hook.check_safety.get_hookimpls()
        ]

    assert loaded.run(story()) == []
    assert loaded.info("bad").status == "failed"


def test_only_the_sessions_that_failed_last_are_remembered() -> None:
    breakers = Breakers(1, 60.0)
    for number in range(Breakers.KEPT + 1):
        breakers.fail(str(number), "out of paper")
    assert breakers.reason("0") == ""
    assert breakers.reason("1") != ""
