"""The models of wake words: those that come with pymicro-wakeword, and files of microWakeWord and openWakeWord."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelUnavailable, SettingsError
from assistant.types import FloatArray

__all__ = ["WAKE_WORDS", "WakeModels", "known"]

CUTOFFS = {"alexa": 0.88, "hey jarvis": 0.9, "hey mycroft": 0.95, "okay nabu": 0.5}
"""probabilities asked for at sensitivity 0.5, of a mean over `STEPS`: where the most false alarm and the least hit of
recordings lie far apart. "alexa" was set on people's recordings of it and an hour of other speech; the others, for
want of recordings of them, on that hour and on synthetic voices, and lower, as `wake_check` verifies them again."""
WAKE_WORDS = tuple(CUTOFFS)
"""the words whose models come with pymicro-wakeword (Apache-2.0)"""
STEPS = 10
"""steps of 30 ms over which a probability is averaged: twice what the models come with. A chance resemblance is short;
a word that was said stays likely for half a second. It costs 150 ms, which the pre-buffer gives back."""
OPEN_CUTOFF = 0.5
"""probability asked of an openWakeWord model, as its authors advise"""
FILLED = 34_000
"""samples of silence (2.1 s) that an openWakeWord model has heard at the beginning: it judges so many at once"""
BANDS, FEATURES = 40, 96
"""size of the last axis that a model of microWakeWord and of openWakeWord takes"""


@dataclass(frozen=True)
class _Model:
    """One word's model."""

    cutoff: float
    """probability asked for at sensitivity 0.5"""
    probability: Callable[[Any], float]
    """of the word's end at features, 0 to 1"""
    reset: Callable[[], None]


class WakeModels:
    """The models of several words, each a built-in one or that of a file; they share their features.

    Raises:
        SettingsError: a word has no model, or its file is none.
        ModelUnavailable: the package that runs it is missing.
    """

    def __init__(self, words: Iterable[str], files: Mapping[str, str]) -> None:
        paths = {known(word): Path(path).expanduser() for word, path in files.items()}
        self._kinds: dict[str, Any] = {}
        """streams of features by the kind of model"""
        self._models: dict[str, tuple[str, _Model]] = {}
        for word in words:
            kind, model = _of_file(word, paths[word]) if word in paths else ("micro", _builtin(word))
            self._models[word] = (kind, model)
            if kind not in self._kinds:
                self._kinds[kind] = _features(kind)

    def cutoff(self, word: str) -> float:
        """The probability asked for at sensitivity 0.5."""
        return self._models[word][1].cutoff

    def process(self, chunk: FloatArray) -> dict[str, float]:
        """The next chunk, (n,) float32 at 16 kHz, -1 to 1, to the largest probability of each word's end in it."""
        peaks, pcm = dict.fromkeys(self._models, 0.0), (chunk * 32767).astype("int16").tobytes()
        for kind, stream in self._kinds.items():
            for features in stream.process_streaming(pcm):
                for word, (its, model) in self._models.items():
                    if its == kind:
                        peaks[word] = max(peaks[word], model.probability(features))
        return peaks

    def reset(self) -> None:
        """Forgets the sound so far."""
        for kind in self._kinds:
            self._kinds[kind] = _features(kind)
        for _, model in self._models.values():
            model.reset()


def known(word: str) -> str:
    """A wake word as it is written here: lower case, single spaces."""
    return " ".join(word.lower().replace("_", " ").split())


def _builtin(word: str) -> _Model:
    if word not in WAKE_WORDS:
        raise SettingsError(
            f"There is no wake word {word!r}; there are {', '.join(WAKE_WORDS)}, and those of voice.wake_models"
        )
    config = Path(_micro().__file__).parent / "models" / f"{word.replace(' ', '_')}.json"
    return _microwakeword(config.with_suffix(".tflite"), CUTOFFS[word], STEPS)


def _of_file(word: str, path: Path) -> tuple[str, _Model]:
    """The model of a file, and its kind; a microWakeWord model has its JSON beside it."""
    taken = _input_of(word, path)
    if taken == BANDS:
        config = path.with_suffix(".json")
        try:
            about = json.loads(config.read_text())["micro"]
            cutoff, steps = float(about["probability_cutoff"]), int(about["sliding_window_size"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"The wake word {word!r} needs the file {config} that comes with its microWakeWord model: "
                "probability_cutoff and sliding_window_size stand there"
            ) from error
        return "micro", _microwakeword(path, cutoff, steps)
    if taken != FEATURES:
        raise SettingsError(f"{path} is no model of a wake word; microWakeWord and openWakeWord make them")
    model = _open().OpenWakeWord.from_model(path, _library())
    return "open", _Model(
        OPEN_CUTOFF, lambda features: max(model.process_streaming(features), default=0.0), model.reset
    )


def _microwakeword(path: Path, cutoff: float, steps: int) -> _Model:
    model = _micro().MicroWakeWord(
        id=path.stem,
        wake_word=path.stem,
        tflite_model=path,
        probability_cutoff=cutoff,
        sliding_window_size=steps,
        trained_languages=[],
        libtensorflowlite_c_path=_library(),
    )
    return _Model(cutoff, lambda features: model.process_streaming_prob(features) or 0.0, model.reset)


def _input_of(word: str, path: Path) -> int:
    """The size of the last axis that a model takes; SettingsError for a file that is not a TensorFlow Lite model."""
    from pymicro_wakeword.wakeword import TfLiteWakeWord

    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise SettingsError(f"The model of the wake word {word!r} cannot be read: {path}: {error.strerror}") from error
    lib = TfLiteWakeWord(_library()).lib
    model = lib.TfLiteModelCreateFromFile(str(path).encode()) if head[4:] == b"TFL3" else None
    if not model:
        raise SettingsError(f"{path} is no model of TensorFlow Lite; wake words need a .tflite file")
    interpreter = lib.TfLiteInterpreterCreate(model, None)
    try:
        tensor = lib.TfLiteInterpreterGetInputTensor(interpreter, 0)
        return int(lib.TfLiteTensorDim(tensor, lib.TfLiteTensorNumDims(tensor) - 1))
    finally:
        lib.TfLiteInterpreterDelete(interpreter)
        lib.TfLiteModelDelete(model)


def _micro() -> Any:
    try:
        import pymicro_wakeword
    except (ImportError, OSError) as error:
        raise ModelUnavailable("The wake words are not installed: `pip install pymicro-wakeword`") from error
    return pymicro_wakeword


def _library() -> Path:
    """The one library of TensorFlow Lite that runs every model."""
    return next((Path(_micro().__file__).parent / "lib").glob("*tensorflowlite_c.*"))


def _open() -> Any:
    try:
        import pyopen_wakeword
    except (ImportError, OSError) as error:
        raise ModelUnavailable("Wake words of openWakeWord are not installed: `pip install pyopen-wakeword`") from error
    return pyopen_wakeword


def _features(kind: str) -> Any:
    if kind == "micro":
        return _micro().MicroWakeWordFeatures()
    stream = _open().OpenWakeWordFeatures.from_builtin(Path(_open().__file__).parent / "models", _library())
    stream.new_audio_samples = FILLED  # by itself it begins with eight seconds of silence, which take half a second
    return stream
