"""The assistant inside another program: ``from assistant import Assistant``."""

from __future__ import annotations

import asyncio
import os
import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType

from PIL import Image

from assistant.app import App
from assistant.errors import AudioError, ImageError, InputError, SettingsError, TextError
from assistant.events import Event
from assistant.inputs.assembler import clean_text
from assistant.inputs.audio_file import decode_audio, read_audio
from assistant.inputs.image_file import decode_picture, picture_of, read_picture
from assistant.settings import Settings, load_settings
from assistant.types import AudioClip, Picture, Reply, Turn, TurnResult

__all__ = ["Assistant", "AudioSource", "PictureSource"]

PictureSource = str | os.PathLike[str] | bytes | Image.Image | Picture
"""a picture: the path of a file, a file's content, an image of Pillow's, or a `Picture`"""
AudioSource = str | os.PathLike[str] | bytes | AudioClip
"""a recording: the path of a file, a file's content, or a clip"""


class Assistant:
    """Answers text, pictures and recordings. Use it in ``async with``; it belongs to the event loop that entered it.

    Entering takes a fraction of a second. The models load in the background, so that the first answer takes as long
    as they do (seconds; their weights are downloaded once with ``assistant models pull``).

    Args:
        settings: None for the user's own; a TOML file, or `Settings`, for others. What a file does not name is as the
            user's settings say.

    Raises:
        SettingsError: when entered; a setting cannot work, or the file cannot be read.
    """

    def __init__(self, settings: Settings | str | os.PathLike[str] | None = None) -> None:
        self._settings = settings
        self._app: App | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Assistant:
        """Open the assistant and begin to load its models."""
        given = self._settings
        settings = given if isinstance(given, Settings) else await asyncio.to_thread(_read_settings, given)
        self._app = await App.open(settings, ahead={"text"})
        self._app.start_loading()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything; conversations stay stored."""
        await self._stack.aclose()
        app, self._app = self.app, None
        await app.close()

    @property
    def app(self) -> App:
        """The whole assistant: history, plugins, explanations; an `InputError` outside ``async with``."""
        if self._app is None:
            raise InputError("The assistant is not open: use it inside `async with Assistant() as assistant`.")
        return self._app

    async def ask(
        self,
        text: str = "",
        *,
        images: Sequence[PictureSource] = (),
        audio: AudioSource | None = None,
        session: str = "default",
    ) -> Reply:
        """Answer one turn.

        Args:
            text: typed words.
            images: pictures that belong to it.
            audio: a recording of what is said; WAV, FLAC, OGG, Opus, MP3 or AIFF.
            session: the conversation it belongs to; turns of one are answered one after another.

        Raises:
            InputError: there is nothing to answer, or a picture or recording cannot be read.
            ModelUnavailable: no text encoder's weights are here.
            DeadlineExceeded: the models took too long.
            QueueFull: the models are busy with too many turns.
        """
        return (await self.respond(text, images=images, audio=audio, session=session)).reply

    async def respond(
        self,
        text: str = "",
        *,
        images: Sequence[PictureSource] = (),
        audio: AudioSource | None = None,
        session: str = "default",
    ) -> TurnResult:
        """Like `ask`, but return the whole turn: transcript, decision, times and notices."""
        app = self.app
        turn = await asyncio.to_thread(_make_turn, app.settings, text, images, audio, session)
        return await app.respond(turn)

    def events(self, *kinds: type[Event]) -> AsyncIterator[Event]:
        """Yield all events from this call on, until the assistant is closed: ``async for event in assistant.events()``.

        Only events of these classes, if any are named. A reader that falls 256 events behind loses the oldest.
        """
        subscription = self._stack.enter_context(self.app.bus.subscribe(*kinds))

        async def until_closed() -> AsyncIterator[Event]:
            while (event := await subscription.get()) is not None:
                yield event

        return until_closed()


def _read_settings(path: str | os.PathLike[str] | None) -> Settings:
    if path is None:
        return load_settings()
    try:
        return load_settings(tomllib.loads(Path(path).read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"Cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error


def _make_turn(
    settings: Settings, text: str, images: Sequence[PictureSource], audio: AudioSource | None, session: str
) -> Turn:
    if not isinstance(text, str) or not isinstance(session, str):
        raise TextError("The question and the session's name must be str.")
    if isinstance(images, str | bytes | os.PathLike | Image.Image | Picture):
        raise ImageError("Give a list of pictures, such as images=[path], even for one.")
    words = clean_text(text, settings.text.max_chars)
    pictures = tuple(_picture(image, settings.vision.max_megapixels) for image in images)
    clip = _clip(audio, settings.speech.max_minutes) if audio is not None else None
    if not (words or pictures or clip):
        raise InputError("There is nothing to answer: give a text, pictures or a recording.")
    return Turn(session=session, text=words, images=pictures, audio=clip)


def _picture(source: PictureSource, max_megapixels: float) -> Picture:
    match source:
        case Picture():
            return source
        case Image.Image():
            return picture_of(source, max_megapixels)
        case bytes():
            return decode_picture(source, max_megapixels=max_megapixels)
        case str() | os.PathLike():
            return read_picture(Path(source), max_megapixels)
    raise ImageError(f"A picture is a path, bytes, a Pillow image or a Picture, not {type(source).__name__}.")


def _clip(source: AudioSource, max_minutes: float) -> AudioClip:
    match source:
        case AudioClip():
            return source
        case bytes():
            return decode_audio(source, max_minutes=max_minutes)
        case str() | os.PathLike():
            return read_audio(source, max_minutes)
    raise AudioError(f"A recording is a path, bytes or an AudioClip, not {type(source).__name__}.")
