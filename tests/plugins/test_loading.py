"""Finding, importing and registering: what fails to load is listed with its reason and leaves nothing behind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.plugins.removed import RENAMED
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
            "from assistant import hookimpl\n@hookimpl(wrapper=True)\ndef recognize_intent(turn): return (yield)",
            "recognize_intent is a hook wrapper; implement the hook itself",
        ),
        (
            "from assistant import hookimpl\n@hookimpl\ndef recognize_intent(trun): pass",
            "recognize_intent takes a parameter 'trun'; it may take: turn",
        ),
        (
            "from assistant import hookimpl\n@hookimpl\nasync def register_intents(register): pass",
            "register_intents must be a plain def, not an async def",
        ),
        ("MANIFEST = {'title': 'x'}", "MANIFEST must be a Manifest(…), not dict"),
        (
            "from assistant import Manifest\nMANIFEST = Manifest(capabilities=('netwrok',))",
            "unknown capability 'netwrok'; did you mean network?",
        ),
        (
            "from assistant import Manifest\nMANIFEST = Manifest(translations={'zh': '看'})",
            "translations must map a language to a title and a summary",
        ),
        (
            "from assistant import Manifest\nMANIFEST = Manifest(timeout=0)",
            "timeout must be a number of seconds above 0, at most 3600",
        ),
        (
            "from assistant import Manifest\nMANIFEST = Manifest(api=3)",
            "it needs plugin API 3, and this assistant has 2; update the assistant",
        ),
    ],
)
def test_plugin_that_cannot_be_loaded_is_listed_with_its_reason(
    build: Build, greeter: str, code: str, reason: str
) -> None:
    loaded = build({"bad": code, "good": greeter}, load_timeout=0.7 if "0.7 s" in reason else 20)
    assert loaded.info("bad").status == "failed"
    assert reason in loaded.info("bad").reason
    assert "\n" not in loaded.info("bad").reason
    assert [(plugin, where) for plugin, where, _ in loaded.failures] == [("bad", "load")]
    assert loaded.run(loaded.answer("good.hello")) == Reply("hello")


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
        ("def f(): yield 1", "f, examples=['x']", "f yields, so it must be an async def"),
        ("f = 5", "f, examples=['x']", "register() needs a function, not int"),
        ("f = lambda: ''", "f, examples=['x']", "cannot be called '<lambda>'"),
        ("def f(): ''", "f, examples=['x'], name='a.b'", "cannot be called 'a.b'"),
        ("def f(): ''", "f, examples=['x'], acts='no'", "acts must be True or False, not 'no'"),
        ("def f(): ''", "f, exampels=['x']", "unexpected keyword argument 'exampels'"),
        ("def f(): ''", "f, examples=['x'], looks_like=['y'], picture_kinds='no.safetensors'", "there is no file"),
        ("def f(): ''", "f, examples=['x'], picture_kinds='no.safetensors'", "picture_kinds needs looks_like"),
        (
            "def f(it: str): ''",
            "f, examples=['{it}'], slot_values={'ti': ['x']}",
            "'ti', which is not one of its slots; did",
        ),
        ("def f(it: str): ''", "f, examples=['{it}'], slot_values={'it': 'x'}", "slot_values['it'] must be a list of"),
    ],
)
def test_intent_that_cannot_work_fails_with_file_and_line(build: Build, handler: str, call: str, reason: str) -> None:
    loaded = build({"bad": REGISTER.format(handler=handler, call=call)})
    assert reason in loaded.info("bad").reason
    assert loaded.info("bad").reason.startswith("bad.py:8: ")


def test_failed_registration_leaves_nothing_half_alive(build: Build, greeter: str) -> None:
    half = greeter + (
        "    raise OSError('lost')\n@hookimpl\ndef recognize_intent(turn):\n    raise SystemExit\n"
        "@hookimpl\ndef answer_fallback():\n    return 'half alive'\n"
    )
    loaded = build({"half": half})
    assert loaded.manager.intents == ()
    assert loaded.run(loaded.manager.recognize_intent(Turn(text="x"))) is None
    assert loaded.run(loaded.manager.answer_fallback(Turn(text="x"), None)) is None
    assert loaded.info("half").reason == "half.py:12: OSError: lost"


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

    loaded = build(plugin("left") | plugin("right"))
    assert [info.name for info in loaded.manager.infos] == ["left", "right"]
    assert (loaded.run(loaded.answer("left.say")).text, loaded.run(loaded.answer("right.say")).text) == (
        "left",
        "right",
    )
    assert "words" not in sys.modules


def test_plugin_named_like_a_package_hides_nothing(build: Build, greeter: str) -> None:
    loaded = build({"json": greeter})
    import json

    assert json.loads("[1]") == [1]
    assert loaded.run(loaded.answer("json.hello")).text == "hello"


def test_own_plugin_replaces_the_shipped_one_and_says_so(build: Build, greeter: str) -> None:
    loaded = build({"shipped/dice.py": greeter.replace('"hello"', '"shipped"'), "dice": greeter})
    statuses = {info.origin: (info.status, info.reason) for info in loaded.manager.infos}
    assert statuses["user"] == ("active", "")
    assert statuses["shipped"][0] == "disabled"
    assert "plugins/dice.py, which has the same name" in statuses["shipped"][1]
    assert loaded.run(loaded.answer("dice.hello")).text == "hello"
    assert len(loaded.manager.intents) == 1


def test_disabled_plugin_is_not_imported_but_described(build: Build, tmp_path: Path) -> None:
    trace = tmp_path / "imported"
    loaded = build({"off": f'"""Off duty."""\nopen({str(trace)!r}, "w")'}, disabled=("off",))
    assert (loaded.info("off").status, loaded.info("off").summary) == ("disabled", "Off duty.")
    assert "assistant plugins enable off" in loaded.info("off").reason
    assert not trace.exists()


def test_badly_named_files_are_reported_and_private_ones_ignored(build: Build, greeter: str) -> None:
    loaded = build({"plugins/My-Plugin.py": greeter, "plugins/_private.py": "1/0", "plugins/conftest.py": "1/0"})
    assert [(info.name, info.status) for info in loaded.manager.infos] == [("My-Plugin", "failed")]
    assert "use lower-case letters" in loaded.info("My-Plugin").reason


def test_folder_without_init_is_reported(build: Build) -> None:
    loaded = build({"plugins/lost/code.py": "x = 1"})
    assert "there is no" in loaded.info("lost").reason
    assert loaded.info("lost").reason.endswith("lost/__init__.py")


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
    loaded = build({})
    info = loaded.info("weather")
    assert (info.origin, info.status, info.intents) == ("package", "active", ("weather.hello",))
    assert "No module named 'weather_plugin_missing'" in loaded.info("broken").reason
    assert loaded.run(loaded.answer("weather.hello")).text == "hello"


OLD = """
from assistant import Manifest, hookimpl

MANIFEST = Manifest(capabilities=("camera", "files"))

def hello() -> str:
    return "hello"

@hookimpl
def register_intents(register):
    register(hello, examples=["say hello"])

@hookimpl
def prepare_turn(turn):
    1 / 0

@hookimpl
def register_encoders(register):
    1 / 0
"""


def test_plugin_of_an_older_api_gets_one_line_for_each_thing_removed_and_works_for_the_rest(build: Build) -> None:
    loaded = build({"old": OLD})
    info = loaded.info("old")
    assert info.status == "active"
    lines = [note.partition(":")[0] for note in info.notes]
    assert lines == [
        f"{gone} was removed in API 2" for gone in ("prepare_turn", "register_encoders", "capability camera")
    ]
    assert [event.text for event in loaded.heard] == [f"Plugin old: {note}" for note in info.notes]
    assert loaded.run(loaded.answer("old.hello")).text == "hello"


def test_renamed_names_still_come_from_the_package_with_a_warning_that_says_what_to_write() -> None:
    import assistant

    for old, new in RENAMED.items():
        with pytest.warns(DeprecationWarning, match=f"assistant.{old} is now assistant.{new}; write {new}"):
            assert getattr(assistant, old) is getattr(assistant, new)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        assistant.Nonsense  # noqa: B018


DECLARING = """
    from assistant import Manifest, hookimpl

    MANIFEST = Manifest(tells_apart=True, welcome=("Look at this.",), translations={"zh": ("看", "看图片。")})

    def look() -> str:
        return "seen"

    @hookimpl
    def register_intents(register):
        register(look, examples=["look at this"], any_picture=True, urgent=True, matches=lambda words: True)
"""


@pytest.mark.parametrize("trusted", [[], ["viewer"]], ids=["in a process of its own", "in the program"])
def test_a_plugin_is_known_by_all_it_declares_wherever_it_runs(build: Build, trusted: list[str]) -> None:
    loaded = build({"viewer": DECLARING}, trusted=trusted)
    intent = loaded.intent("viewer.look")
    assert (intent.any_picture, intent.urgent, intent.matches is not None) == (True, True, bool(trusted))
    assert loaded.manager.tells_apart("viewer")
    assert loaded.info("viewer").welcome == ("Look at this.",)
    assert loaded.info("viewer").translations == {"zh": ("看", "看图片。")}
    assert [note.partition(";")[0] for note in loaded.info("viewer").notes] == (
        [] if trusted else ["viewer.look: matches= and follows= have no effect in a process of its own"]
    )
