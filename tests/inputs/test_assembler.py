import pytest
from PIL import Image

from assistant.bus import Bus
from assistant.errors import TextError
from assistant.events import Event, ItemsDropped, Notice
from assistant.inputs.assembler import MAX_ATTACHED, TurnAssembler, clean_text
from assistant.types import Picture


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def assembler(clock: Clock, heard: list[Event]) -> TurnAssembler:
    bus = Bus()
    bus.listen(heard.append)
    return TurnAssembler("s", bus, window=20.0, max_chars=100, clock=clock)


def picture(shade: int = 0) -> Picture:
    return Picture(Image.new("RGB", (4, 4), (shade, 0, 0)))


def test_picture_and_the_words_about_it_are_one_turn(assembler: TurnAssembler) -> None:
    assembler.attach(picture())
    turn = assembler.complete("what is this")
    assert turn is not None
    assert turn.present == ("text", "image")
    assert assembler.waiting == ()


def test_picture_alone_is_a_turn_and_nothing_is_none(assembler: TurnAssembler) -> None:
    assert assembler.complete("  ") is None
    assembler.attach(picture())
    turn = assembler.complete()
    assert turn is not None
    assert turn.present == ("image",)


def test_old_attachment_is_let_go_and_the_user_is_told(
    assembler: TurnAssembler, clock: Clock, heard: list[Event]
) -> None:
    assembler.attach(picture())
    clock.now = 21.0
    turn = assembler.complete("roll a die")
    assert turn is not None
    assert turn.images == ()
    assert [event.text for event in heard if isinstance(event, Notice)] == [
        "1 attachment(s) dropped: no words came within 20 s."
    ]


def test_too_many_attachments_are_counted(assembler: TurnAssembler, heard: list[Event]) -> None:
    for shade in range(MAX_ATTACHED + 2):
        assembler.attach(picture(shade))
    assert len(assembler.waiting) == MAX_ATTACHED
    assert assembler.dropped == 2
    assert [event.count for event in heard if isinstance(event, ItemsDropped)] == [1, 2]


def test_too_long_text_keeps_what_is_attached(assembler: TurnAssembler) -> None:
    assembler.attach(picture())
    with pytest.raises(TextError, match="101 characters; the limit is 100"):
        assembler.complete("x" * 101)
    assert len(assembler.waiting) == 1


@pytest.mark.parametrize(
    ("raw", "clean"),
    [("a\x00b", "a b"), ("caf\udce9", "caf\ufffd"), ("two\nlines\t", "two\nlines"), ("\x1b[31mred", "[31mred")],
)
def test_text_is_made_readable(raw: str, clean: str) -> None:
    assert clean_text(raw, 100) == clean
