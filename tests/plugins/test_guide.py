"""The snippets of the plugin guide run as they are printed."""

import re
import runpy
from pathlib import Path

import pytest

from assistant.testing import load_plugin

GUIDE = Path(__file__).parents[2] / "plugins" / "README.md"
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL))
SNIPPETS = dict(re.findall(r"<!-- example: (\w+) -->\n```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in SNIPPETS.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_the_smallest_plugin_is_the_shipped_one() -> None:
    assert SNIPPETS["dice"] == (GUIDE.parent / "dice.py").read_text("utf-8")


def test_the_test_passes(folder: Path) -> None:
    runpy.run_path(str(folder / "test.py"))


def test_a_table_is_reserved_after_a_yes(folder: Path) -> None:
    plugin = load_plugin(folder / "table.py")
    said = plugin.ask(
        "reserve a table for 10 on Friday at 19:00", answers=["in the garden", "yes"], intent="reserve_table"
    )
    assert said.text.startswith("Reserved: a table in the garden for 10, ")
    assert said.text.endswith("Friday at 19:00.")


def test_no_table_without_a_yes(folder: Path) -> None:
    plugin = load_plugin(folder / "table.py")
    assert "nothing" in plugin.ask("book a table on Friday at 19:00", answers=["no"], intent="reserve_table").text


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        ("toss a coin", {"Heads.", "Tails."}),
        ("抛个硬币", {"正面。", "反面。"}),
        ("wirf eine Münze", {"Kopf.", "Zahl."}),
        ("lance une pièce", {"Heads.", "Tails."}),
    ],
)
def test_a_coin_is_tossed_in_the_language_of_the_words_or_in_english(
    folder: Path, said: str, replies: set[str]
) -> None:
    assert load_plugin(folder / "coin.py").ask(said, intent="toss_coin").text in replies
