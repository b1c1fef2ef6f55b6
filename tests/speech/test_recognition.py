from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import assistant.weights
from assistant.encoders.exported import release_idle
from assistant.errors import AudioError, ModelUnavailable, SettingsError
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.types import AudioClip

pytestmark = pytest.mark.models

Say = Callable[[str], AudioClip]

COMMAND = "Please turn on the lights in the kitchen and close the blinds."


def words(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum() or c == " ")


def joined(*clips: AudioClip, pause: float) -> AudioClip:
    gap = np.zeros(int(pause * 16_000), np.float32)
    return AudioClip(np.concatenate([part for clip in clips for part in (clip.samples, gap)]))


def test_a_command_is_heard_word_for_word(recognizer: SpeechRecognizer, say: Say) -> None:
    transcript = recognizer.transcribe(say(COMMAND))
    assert words(transcript.text) == words(COMMAND)
    assert transcript.language == "en"
    assert -0.5 < transcript.avg_logprob < 0
    assert transcript.no_speech < 0.5
    assert transcript.rejected == ""
    [(start, end, text)] = transcript.segments
    assert 0 <= start < 0.5 < end
    assert text == transcript.text


def test_a_processor_without_units_for_eight_bits_hears_the_same(recognizer: SpeechRecognizer, say: Say) -> None:
    clip = say(COMMAND)
    few, full = recognizer.transcribe(clip), SpeechRecognizer(precision="float32").transcribe(clip)
    assert words(few.text) == words(full.text)
    assert few.avg_logprob == pytest.approx(full.avg_logprob, abs=0.05)


def test_what_left_the_memory_is_read_again(recognizer: SpeechRecognizer, say: Say) -> None:
    clip = say(COMMAND)
    before = recognizer.transcribe(clip)
    assert release_idle(0.0) >= 3
    assert recognizer.transcribe(clip) == before


@pytest.mark.parametrize("sentence", ["Open the sliding door.", "Next track.", "Close the kitchen windows."])
def test_short_commands_are_heard_once(recognizer: SpeechRecognizer, say: Say, sentence: str) -> None:
    assert words(recognizer.transcribe(say(sentence)).text) == words(sentence)


def test_the_right_sized_window_hears_what_the_full_window_hears(say: Say) -> None:
    clip = say("Where is my order? I bought a blue kettle last Tuesday.")
    right, full = (SpeechRecognizer(right_sized=size).transcribe(clip) for size in (True, False))
    assert right.text == full.text
    assert right.avg_logprob == pytest.approx(full.avg_logprob, abs=0.1)


@pytest.mark.parametrize("kind", ["silence", "hiss", "hum", "a click", "an instant"])
def test_no_word_is_invented_where_nobody_speaks(recognizer: SpeechRecognizer, kind: str) -> None:
    random, n = np.random.default_rng(0), 80_000
    samples = {
        "silence": np.zeros(n),
        "hiss": random.normal(0, 0.1, n),
        "hum": 0.5 * np.sin(2 * np.pi * 110 * np.arange(n) / 16_000),
        "a click": np.where(np.arange(n) == 40_000, 1.0, 0.0),
        "an instant": np.zeros(3),
    }[kind]
    transcript, encoding = recognizer.listen(AudioClip(samples.astype(np.float32)))
    assert (transcript.text, transcript.language, transcript.rejected) == ("", "", "no speech")
    assert transcript.segments == ()
    assert np.isfinite(encoding.tokens).all()


def test_long_recordings_are_cut_in_the_pauses(recognizer: SpeechRecognizer, say: Say) -> None:
    said = [
        "The museum opens at nine in the morning and closes at six in the evening.",
        "Visitors may leave their coats and bags in the hall beside the entrance.",
        "A guided tour of the garden begins every hour and takes forty minutes.",
        "Children under twelve pay nothing when they come with an adult.",
    ]
    clip = joined(*(say(sentence) for sentence in [*said, *said]), pause=2.0)
    assert clip.duration > 40
    transcript, encoding = recognizer.listen(clip)
    heard = words(transcript.text).split()
    expected = words(" ".join([*said, *said])).split()
    assert abs(len(heard) - len(expected)) <= 6  # "9" may be "nine"; nothing is lost or repeated
    assert sum(a == b for a, b in zip(heard, expected, strict=False)) >= 0.9 * len(expected)
    assert len(transcript.segments) == 8
    starts = [start for start, _, _ in transcript.segments]
    assert starts == sorted(starts)
    assert float(encoding.labels[-1]) == pytest.approx(clip.duration - 2, abs=1.5)


@pytest.mark.parametrize(
    ("sentence", "times", "pause"),
    [("Help me!", 6, 0.3), ("Please send somebody, there is a man lying on the floor.", 5, 0.4)],
)
def test_who_repeats_herself_is_heard(
    recognizer: SpeechRecognizer, say: Say, sentence: str, times: int, pause: float
) -> None:
    transcript, _ = recognizer.listen(joined(*[say(sentence)] * times, pause=pause))
    assert transcript.rejected == ""
    assert set(words(sentence).split()) <= set(words(transcript.text).split())


def test_hearing_without_reading_gives_the_same_encoding_but_no_text(recognizer: SpeechRecognizer, say: Say) -> None:
    clip = say(COMMAND)
    heard, read = recognizer.hear(clip), recognizer.encode(clip)
    np.testing.assert_array_equal(heard.tokens, read.tokens)
    assert (heard.labels, heard.text) == (read.labels, "")


def test_an_encoding_has_five_tokens_a_second(recognizer: SpeechRecognizer, say: Say) -> None:
    clip = say(COMMAND)
    encoding = recognizer.encode(clip)
    assert (encoding.modality, encoding.encoder) == ("audio", "whisper")
    assert encoding.tokens.shape == (len(encoding.labels), recognizer.dimension)
    assert len(encoding.tokens) == pytest.approx(5 * clip.duration, abs=3)
    assert encoding.tokens.dtype == encoding.pooled.dtype == np.float32
    assert encoding.mask.all()
    assert words(encoding.text) == words(COMMAND)
    assert float(encoding.labels[1]) - float(encoding.labels[0]) == pytest.approx(0.2, abs=0.11)


def test_beam_search_and_noise_reduction_hear_the_words_too(say: Say) -> None:
    settings = Settings.model_validate({"speech": {"beam_size": 3, "noise_reduction": True, "language": "en"}})
    transcript = SpeechRecognizer.from_settings(settings).transcribe(say(COMMAND))
    assert words(transcript.text) == words(COMMAND)


def test_float32_hears_what_low_precision_hears(recognizer: SpeechRecognizer, say: Say) -> None:
    clip = say(COMMAND)
    assert SpeechRecognizer(precision="float32").transcribe(clip).text == recognizer.transcribe(clip).text


@pytest.mark.parametrize(
    ("clip", "says"),
    [
        (AudioClip(np.zeros(8_000, np.float32), 8_000), "16000 Hz is needed"),
        (AudioClip(np.full(16_000, np.nan, np.float32)), "not numbers"),
    ],
)
def test_a_clip_that_cannot_be_heard_is_refused(recognizer: SpeechRecognizer, clip: AudioClip, says: str) -> None:
    with pytest.raises(AudioError, match=says):
        recognizer.transcribe(clip)


def test_an_unknown_language_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(SettingsError, match=r"speech\.language cannot be 'klingon'.* en, .* zh"):
        SpeechRecognizer(language="klingon").load()


def test_damaged_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text('{"n_mels": 80}')
    (tmp_path / "model.safetensors").write_bytes(b"not safetensors")
    monkeypatch.setattr(assistant.weights, "ensure_model", lambda name: tmp_path)
    with pytest.raises(ModelUnavailable, match=r"whisper-base .* damaged; `assistant models verify`"):
        SpeechRecognizer().load()


HEARD = {"es": 0.4, "fr": 0.3, "en": 0.2, "zh": 0.1}


@pytest.mark.parametrize(
    ("system", "languages", "chosen"),
    [
        ("C.UTF-8", (), "en"),  # 0.2 against 0.3 × 0.4
        ("fr_FR.UTF-8", (), "fr"),
        ("es_ES.UTF-8", (), "es"),
        ("C.UTF-8", ("fr", "en"), "fr"),
        ("fr_FR.UTF-8", ("zh-Hant",), "zh"),
    ],
)
def test_a_language_is_chosen_among_the_users(
    monkeypatch: pytest.MonkeyPatch, system: str, languages: tuple[str, ...], chosen: str
) -> None:
    monkeypatch.setenv("LC_ALL", system)
    assert SpeechRecognizer(languages=languages)._choose(HEARD) == chosen


def test_another_language_that_is_clearly_spoken_is_heard() -> None:
    assert SpeechRecognizer()._choose({"en": 0.1, "de": 0.9}) == "de"


@pytest.mark.parametrize(
    ("system", "languages", "traditional"),
    [("zh_TW.UTF-8", (), True), ("zh_CN.UTF-8", (), False), ("C", ("en", "zh-Hant"), True), ("zh_TW", ("zh",), False)],
)
def test_chinese_is_asked_for_in_the_users_characters(
    monkeypatch: pytest.MonkeyPatch, system: str, languages: tuple[str, ...], traditional: bool
) -> None:
    monkeypatch.setenv("LC_ALL", system)
    assert ("國" in SpeechRecognizer(languages=languages)._prompt("zh", "")) is traditional


def test_a_language_that_the_model_does_not_know_is_named() -> None:
    with pytest.raises(SettingsError, match=r"speech\.languages names 'klingon'"):
        SpeechRecognizer(languages=("en", "klingon")).load()


def test_each_word_has_its_time(recognizer: SpeechRecognizer, say: Say) -> None:
    parts = ["Yesterday morning", "we walked over the bridge", "because the train was late"]
    clips = [say(part) for part in parts]
    transcript, _ = recognizer.listen(joined(*clips, pause=0.6), words=True)
    assert words(" ".join(word for _, _, word in transcript.words)) == words(transcript.text)
    assert all(0 <= start <= end for start, end, _ in transcript.words)
    assert [start for start, _, _ in transcript.words] == sorted(start for start, _, _ in transcript.words)
    begins = {words(word): start for start, _, word in transcript.words}
    second = clips[0].duration + 0.6
    third = second + clips[1].duration + 0.6
    for word, expected in (("yesterday", 0.0), ("we", second), ("because", third)):
        assert begins[word] == pytest.approx(expected, abs=0.35), word


def test_a_prompt_gives_the_spelling(recognizer: SpeechRecognizer, say: Say) -> None:
    clip = say("The meeting with Siobhan Kelly is on Tuesday.")
    prompted, _ = recognizer.listen(clip, "en", prompt="Siobhan Kelly from Galway.")
    assert "Siobhan" in prompted.text
