"""A conversation is drawn as a terminal, and the drawing needs nothing from elsewhere."""

from xml.etree import ElementTree

from assistant.storage import StoredTurn
from assistant.terminal.render import draw_turns


def turn(text: str, reply: str, **more: object) -> StoredTurn:
    return StoredTurn("1", "s", 0.0, text, None, (), None, "answered", reply=reply, **more)  # type: ignore[arg-type]


def test_turns_are_drawn() -> None:
    turns = [
        turn("where is <A1001>?", "On its way.\nTomorrow."),
        turn("把它取消", "好的。"),
        turn("\x1b[31mred", "a & b"),
    ]
    drawn = draw_turns(turns, title="assistant & co")
    shown = "".join(ElementTree.fromstring(drawn).itertext()).replace("\xa0", " ")
    for words in ("where is <A1001>?", "On its way.", "Tomorrow.", "把它取消", "好的。", "a & b", "assistant & co"):
        assert words in shown
    assert "url(http" not in drawn
    assert "@font-face" not in drawn
    assert "\x1b" not in drawn
