"""Finding, importing and registering: what fails to load is listed with its reason and leaves nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.types import Reply, Turn

Build = Callable[..., Any]

REGISTER = """
from typing import Literal, Optional
from datetime import date
from assistant import Manifest, hookimpl
{handler}
@hookimpl
def register_intents(register):
    register({call})
"""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import no_such_thing", "bad.py:1: ModuleNotFoundError: No module named 'no_such_thing'"),
        ("x = 1\n\ndef f(:\n", "bad.py:3: SyntaxError: invalid syntax"),
        ("raise SystemExit(2)", "bad.py:1: raised SystemExit 2"),
        ("x = 1\nx.y.z", "bad.py:2: AttributeError: 'int' object has no attribute 'y'"),
        ("import time\ntime.sleep(1.5)", "took longer than 0.7 s to load"),
        ("a = '\\x00'".replace("\\x00", "\0"), "SyntaxError: source code string cannot contain null bytes"),
        (
            "from assistant import hookimpl\n@hookimpl\ndef regster_intents(register): pass",
            "there is no hook regster_intents; did you mean register_intents?",
        ),
        ("def register_intents(register): pass", "register_intents is not marked: put @hookimpl above it"),
        (
            "from assistant import hookimpl\n@hookimpl(wrapper=True)\ndef prepare_turn(turn): return (yield)",
            "prepare_turn is a hook wrapper; implement the hook itself",
        ),
        (
            "from assistant import hookimpl\n@hookimpl\ndef prepare_turn(trun): pass",
            "prepare_turn takes a parameter 'trun'; it may take: turn",
        ),
        (
            "from assistant import hookimpl\n@hookimpl\nasync def register_intents(register): pass",
            "register_intents must be a plain def, not an async def",
        ),
        ("MANIFEST = {'title': 'x'}", "MANIFEST must be a Manifest(…), not dict"),
        (
            "from assistant import Manifest\nMANIFEST = Manifest(capabilities=('camara',))",
            "unknown capability 'camara'; did you mean camera?",
        ),
        (
            "from assistant import Manifest\nMANIFEST = Manifest(timeout=0)",
            "timeout must be a number of seconds above 0",
        ),
    ],
)
def test_plugin_that_cannot_be_loaded_is_listed_with_its_reason(
    build: Build, greeter: str, code: str, reason: str
) -> None:
    house = build({"bad": code, "good": greeter}, load_timeout=0.7)
    assert house.info("bad").status == "failed"
    assert reason in house.info("bad").reason
    assert "\n" not in house.info("bad").reason
    assert [(plugin, where) for plugin, where, _ in house.failures] == [("bad", "load")]
    assert house.run(house.answer("good.hello")) == Reply("hello")


@pytest.mark.parametrize(
    ("handler", "call", "reason"),
    [
        ("def f(): ''", "f", "f has no examples"),
        ("def f(): ''", "f, examples='do it'", "examples must be a list of strings, such as examples=['do it']"),
        ("def f(): ''", "f, examples=['ok', ' ']", "examples holds ' ', which is not a sentence"),
        ("def f(): ''", "f, examples=['ok', 5]", "examples holds 5, which is not a sentence"),
        ("def f(): ''", "f, examples=['do {it}']", "unknown slot {it} in an example; it has no slots"),
        ("def f(sides: int): ''", "f, examples=['{side}']", "its slots are sides; did you mean sides?"),
        ("def f(): ''", "f, examples=['do {it']", "unbalanced braces"),
        ("def f(x: list[int]): ''", "f, examples=['x']", "slot x cannot be list[int]; use str, int, float, bool"),
        ("def f(x: 'Missing'): ''", "f, examples=['x']", "cannot read its annotations: name 'Missing'"),
        ("def f(*x): ''", "f, examples=['x']", "*x cannot be a slot; name each value"),
        ("def f(dialogue): ''", "f, examples=['x']", "names dialogue, so it must be an async def"),
        ("def f(): yield 1", "f, examples=['x']", "f yields; an answer is returned"),
        ("f = 5", "f, examples=['x']", "register() needs a function, not int"),
        ("f = lambda: ''", "f, examples=['x']", "cannot be called '<lambda>'"),
        ("def f(): ''", "f, examples=['x'], name='a.b'", "cannot be called 'a.b'"),
        ("def f(): ''", "f, exampels=['x']", "unexpected keyword argument 'exampels'"),
        ("def f(): ''", "f, examples=['x'], looks_like=['y'], picture_kinds='no.safetensors'", "there is no file"),
        ("def f(): ''", "f, examples=['x'], picture_kinds='no.safetensors'", "picture_kinds needs looks_like"),
        ("def f(it: str): ''", "f, examples=['{it}'], slot_values={'ti': ['x']}", "names 'ti', no slot of it; did you"),
        ("def f(it: str): ''", "f, examples=['{it}'], slot_values={'it': 'x'}", "slot_values['it'] must be a list of"),
    ],
)
def test_intent_that_cannot_work_fails_with_file_and_line(build: Build, handler: str, call: str, reason: str) -> None:
    house = build({"bad": REGISTER.format(handler=handler, call=call)})
    assert reason in house.info("bad").reason
    assert house.info("bad").reason.startswith("bad.py:8: ")


def test_failed_registration_leaves_nothing_half_alive(build: Build, greeter: str) -> None:
    half = greeter + (
        "    raise OSError('lost')\n@hookimpl\ndef prepare_turn(turn):\n    raise SystemExit\n"
        "@hookimpl\ndef answer_fallback():\n    return 'half alive'\n"
    )
    house = build({"half": half})
    assert house.manager.intents == ()
    assert house.run(house.manager.prepare_turn(Turn(text="x"))).text == "x"
    assert house.run(house.manager.answer_fallback(Turn(text="x"), None)) is None
    assert house.info("half").reason == "half.py:12: OSError: lost"


def test_schema_is_read_off_the_function(build: Build) -> None:
    code = REGISTER.format(
        handler=(
            "def book(where: str, day: date, seats: int = 2, price: Optional[float] = None, "
            "meal: Literal['none', 'vegan'] = 'none', late=False, turn=None) -> str:\n"
            '    """Book a table.\n\n    More words.\n    """'
        ),
        call="book, examples=['book {where}', 'book {where} '], looks_like=['a menu'], name='reserve'",
    )
    intent = build({"table": code}).intent("table.reserve")
    assert (intent.summary, intent.plugin) == ("Book a table.", "table")
    assert (intent.examples, intent.looks_like) == (("book {where}",), ("a menu",))
    assert [(s.name, s.kind.__name__, s.required, s.default, s.choices) for s in intent.slots] == [
        ("where", "str", True, None, ()),
        ("day", "date", True, None, ()),
        ("seats", "int", False, 2, ()),
        ("price", "float", False, None, ()),
        ("meal", "str", False, "none", ("none", "vegan")),
        ("late", "bool", False, False, ()),
    ]


def test_picture_kinds_are_a_file_beside_the_plugin(build: Build) -> None:
    call = "f, examples=['x'], looks_like=['a tile'], picture_kinds='tiles.safetensors'"
    code = REGISTER.format(handler="def f(): ''", call=call)
    intent = build({"tiles": code, "plugins/tiles.safetensors": "read when it is needed"}).intent("tiles.f")
    assert intent.picture_kinds.read_text() == "read when it is needed"


def test_slots_have_the_typical_values_that_a_plugin_gives(build: Build) -> None:
    call = "f, examples=['go to {where}'], slot_values={'where': ['the sea', 'the lake']}"
    (slot,) = build({"trip": REGISTER.format(handler="def f(where: str): ''", call=call)}).intent("trip.f").slots
    assert slot.typical == ("the sea", "the lake")


def test_folder_plugin_imports_its_own_modules_and_two_never_clash(build: Build) -> None:
    def plugin(word: str) -> dict[str, str]:
        init = "from assistant import hookimpl\nfrom .words import WORD\ndef say(): return WORD\n"
        init += "@hookimpl\ndef register_intents(register):\n    register(say, examples=['say'])\n"
        return {
            f"plugins/{word}/__init__.py": init,
            f"plugins/{word}/words.py": f"WORD = {word!r}",
            f"plugins/{word}/tests/test_{word}.py": "raise SystemExit('tests are not part of a plugin')",
        }

    house = build(plugin("left") | plugin("right"))
    assert [info.name for info in house.manager.infos] == ["left", "right"]
    assert (house.run(house.answer("left.say")).text, house.run(house.answer("right.say")).text) == ("left", "right")
    assert "words" not in sys.modules


def test_plugin_named_like_a_package_hides_nothing(build: Build, greeter: str) -> None:
    house = build({"json": greeter})
    import json

    assert json.loads("[1]") == [1]
    assert house.run(house.answer("json.hello")).text == "hello"


def test_own_plugin_replaces_the_shipped_one_and_says_so(build: Build, greeter: str) -> None:
    house = build({"shipped/dice.py": greeter.replace('"hello"', '"shipped"'), "dice": greeter})
    statuses = {info.origin: (info.status, info.reason) for info in house.manager.infos}
    assert statuses["user"] == ("active", "")
    assert statuses["shipped"][0] == "disabled"
    assert "plugins/dice.py, which has the same name" in statuses["shipped"][1]
    assert house.run(house.answer("dice.hello")).text == "hello"
    assert len(house.manager.intents) == 1


def test_disabled_plugin_is_not_imported_but_described(build: Build, tmp_path: Path) -> None:
    trace = tmp_path / "imported"
    house = build({"off": f'"""Off duty."""\nopen({str(trace)!r}, "w")'}, disabled=("off",))
    assert (house.info("off").status, house.info("off").summary) == ("disabled", "Off duty.")
    assert "assistant plugins enable off" in house.info("off").reason
    assert not trace.exists()


def test_badly_named_files_are_reported_and_private_ones_ignored(build: Build, greeter: str) -> None:
    house = build({"plugins/My-Plugin.py": greeter, "plugins/_private.py": "1/0", "plugins/conftest.py": "1/0"})
    assert [(info.name, info.status) for info in house.manager.infos] == [("My-Plugin", "failed")]
    assert "use lower-case letters" in house.info("My-Plugin").reason


def test_folder_without_init_is_reported(build: Build) -> None:
    house = build({"plugins/lost/code.py": "x = 1"})
    assert "there is no" in house.info("lost").reason
    assert house.info("lost").reason.endswith("lost/__init__.py")


def test_installed_package_offers_a_plugin(
    build: Build, greeter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "weather_plugin-1.0.dist-info").mkdir(parents=True)
    (site / "weather_plugin-1.0.dist-info" / "METADATA").write_text("Name: weather-plugin\nVersion: 1.0\n")
    (site / "weather_plugin-1.0.dist-info" / "entry_points.txt").write_text(
        "[assistant.plugins]\nweather = weather_plugin\nbroken = weather_plugin_missing\n"
    )
    (site / "weather_plugin.py").write_text(greeter)
    monkeypatch.syspath_prepend(str(site))
    house = build({})
    info = house.info("weather")
    assert (info.origin, info.status, info.intents) == ("package", "active", ("weather.hello",))
    assert "No module named 'weather_plugin_missing'" in house.info("broken").reason
    assert house.run(house.answer("weather.hello")).text == "hello"


def test_inputs_outputs_encoders_commands_and_fusion_are_collected(build: Build) -> None:
    code = """
    import click, numpy as np
    from assistant import Encoding, Manifest, hookimpl

    MANIFEST = Manifest(timeout=0.1)

    class Loudness:
        name, modality, dimension = "loudness", "audio", 1
        def load(self): pass
        def encode(self, inputs): return []

    class Sum:
        name = "sum"
        def fuse(self, evidence): return None

    async def doorbell(seconds=1.0):
        return f"{seconds} s of bell"

    async def stuck(reply):
        import time; time.sleep(0.3)

    @hookimpl
    def register_encoders(register): register(Loudness())
    @hookimpl
    def register_inputs(register): register("doorbell", doorbell)
    @hookimpl
    def register_outputs(register): register("stuck", stuck)
    @hookimpl
    def register_commands(register): register(click.Command("ring"))
    @hookimpl
    def create_fusion(name): return Sum() if name == "sum" else None
    """
    house = build({"bell": code, "bad": "from assistant import hookimpl\n@hookimpl\ndef create_fusion(name): 1/0"})
    manager = house.manager
    assert [encoder.name for encoder in manager.encoders] == ["loudness"]
    assert [command.name for command in manager.commands] == ["ring"]
    assert (manager.create_fusion("sum").name, manager.create_fusion("max")) == ("sum", None)
    assert [failure[:2] for failure in house.failures] == [("bad", "create_fusion")] * 2
    assert house.run(manager.inputs["doorbell"](seconds=2)) == "2 s of bell"
    with pytest.raises(Exception, match=r"bell: did not answer within 0\.1 s"):
        house.run(manager.outputs["stuck"](Reply("x")))
