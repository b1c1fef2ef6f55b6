"""A reply on the screen while it comes."""

from __future__ import annotations

from io import StringIO

import pytest

from assistant.bus import Bus
from assistant.events import ReplyPart
from assistant.terminal.live_text import LiveText
from assistant.terminal.render import make_console
from assistant.types import Turn


def screen(written: str) -> str:
    """Returns the content of a terminal after these characters."""
    lines = [""]
    for char in written:
        if char == "\n":
            lines.append("")
        elif char == "\b":
            lines[-1] = lines[-1][:-1]
        else:
            lines[-1] += char
    return "\n".join(line.rstrip() for line in lines)


def show(pieces: list[str], whole: str = "", width: int | None = 20) -> str:
    bus, turn, out = Bus(), Turn(), StringIO()
    with LiveText(bus, turn, make_console(file=out, width=width)) as live:
        for piece in pieces:
            bus.publish(ReplyPart(turn=turn.id, session="s", text=piece, speech=piece, start=len(live.text)))
            assert out.getvalue()
        bus.publish(ReplyPart(turn="another", session="s", text="NO", speech="", start=0))
        if whole:
            live.finish(whole)
    return out.getvalue()


def test_each_piece_is_written_at_once_and_the_rest_at_the_end() -> None:
    assert show(["Hel", "lo. ", "How"], "Hello. How are you?") == "Hello. How are you?\n"


def test_words_are_kept_whole_at_the_right_edge_even_in_pieces() -> None:
    said = screen(show([" the", " quick brown", " fo", "xglo", "ves", " jump over the lazy dogs"]))
    assert said == " the quick brown\nfoxgloves jump over\nthe lazy dogs\n"
    assert all(len(line) < 20 for line in said.splitlines())


def test_chinese_breaks_between_any_two_characters() -> None:
    assert screen(show(["今天天气很好，我们一起去公园散步吧"])) == "今天天气很好，我们\n一起去公园散步吧\n"


def test_a_word_longer_than_the_line_ends_too() -> None:
    assert "x" * 15 in screen(show(["x" * 15, "x" * 50]))


@pytest.mark.parametrize("piece", ["\x1b[2Jred", "a\x00b", "\x9b31m"])
def test_a_piece_cannot_command_the_terminal(piece: str) -> None:
    assert not {"\x1b", "\x00", "\x9b"} & set(show([piece]))


def test_a_pipe_gets_the_text_as_it_is() -> None:
    assert show(["one two three four five six seven"], width=None) == "one two three four five six seven\n"


def test_a_whole_reply_that_is_another_stands_on_its_own_line() -> None:
    assert show(["Hello. "], "Goodbye.") == "Hello. \nGoodbye.\n"
