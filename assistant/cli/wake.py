"""``assistant wake``: which wake words there are, and how well they are heard in recordings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import AudioError, ModelUnavailable, SettingsError, UserError
from assistant.settings import load_settings

if TYPE_CHECKING:
    from assistant.speech.wake import WakeHit, WakeWords
    from assistant.types import AudioClip, FloatArray

__all__ = ["wake"]

ENDINGS = {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif"}
CHUNK = 512
PAUSE = 16_000
"""samples of silence (1 s) after each recording, so that a word at its very end is heard"""

UTTERANCES = 5
"""asked for at the microphone"""


@click.group()
def wake() -> None:
    """List the wake words, try them on recordings, and enroll your voice."""


@wake.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_words(as_json: bool) -> None:
    """List the wake words there are, and those in use."""
    from assistant.speech.wake_models import WAKE_WORDS, WakeModels, known

    voice = load_settings().voice
    used = {known(word): sensitivity for word, sensitivity in voice.all_wake_words.items()}
    words = list(dict.fromkeys([*WAKE_WORDS, *used]))
    models = WakeModels(words, voice.wake_models)
    rows = [{"word": word, "sensitivity": used.get(word), "cutoff": models.cutoff(word)} for word in words]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = f"in use, sensitivity {row['sensitivity']}" if row["sensitivity"] is not None else "not in use"
        click.echo(f"{row['word']:<12} {state}")
    click.echo(
        "Set voice.wake_words to change that, voice.wake_models for words of your own; "
        "models: pymicro-wakeword, Apache-2.0."
    )


@dataclass(frozen=True)
class _Tried:
    """One recording."""

    file: str
    seconds: float
    hits: tuple[WakeHit, ...]
    taken_back: tuple[tuple[WakeHit, str], ...] = ()
    """with the reason"""


def _verifier() -> Callable[[FloatArray, WakeHit], str]:
    """Says as the running assistant does why a wake word does not count, or ""; models load when they are needed."""
    from assistant.speech import SpeechRecognizer
    from assistant.speech.wake_verifier import BEFORE, WakeVerifier
    from assistant.types import AudioClip

    settings, missing = load_settings(), False
    verify = WakeVerifier.from_settings(settings.voice, SpeechRecognizer.from_settings(settings))

    def check(samples: FloatArray, hit: WakeHit) -> str:
        nonlocal missing
        if verify.needless(hit) or (missing and not hit.faint):
            return ""
        end = round(hit.at * 16_000)
        try:
            return verify(AudioClip(samples[max(0, end - int(BEFORE * 16_000)) : end]), hit)
        except ModelUnavailable as error:  # as the running assistant does: the detector is believed
            missing = True
            click.echo(f"Not verified: {error}", err=True)
            return "not verified" if hit.faint else ""

    return check


@wake.command("test")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILES...")
@click.option(
    "--word",
    "words",
    multiple=True,
    metavar="WORD[=SENSITIVITY]",
    help="Test this wake word instead of those in use; repeatable.",
)
@click.option("--said", default="", metavar="WORD", help="Wake word that every recording holds; by default none.")
@click.option("--unchecked", is_flag=True, help="Skip the verification of detected words.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def try_words(files: tuple[Path, ...], words: tuple[str, ...], said: str, unchecked: bool, as_json: bool) -> None:
    """Listen for wake words in recordings, or in folders of them.

    Prints each hit; then the share of recordings in which the word was heard (with --said), or the false alarms per
    hour. Words that verification rejected are counted separately.
    """
    from assistant.speech.wake import WakeWords

    settings = load_settings().voice
    faint = settings.wake_check and not unchecked
    listening = WakeWords(_sensitivities(words), settings.wake_models, faint=faint)
    check = None if unchecked else _verifier()
    if said and said not in listening.words:
        raise SettingsError(f"{said!r} is not among the words tested; add --word {said!r}")
    tried, errors = [], 0
    for path in _recordings(files):
        try:
            tried.append(_listen(listening, path, check))
        except UserError as error:
            errors += 1
            click.echo(f"Error: {error}", err=True)
            continue
        if not as_json:
            _show(tried[-1])
    report = _report(tried, said)
    hits = [{"file": one.file, **asdict(hit)} for one in tried for hit in one.hits]
    click.echo(json.dumps(report | {"hits": hits}, indent=2) if as_json else _summary(report))
    if errors:
        raise SystemExit(1)


def _sensitivities(words: tuple[str, ...]) -> dict[str, float]:
    if not words:
        return load_settings().voice.all_wake_words
    found = {}
    for word in words:
        name, _, number = word.partition("=")
        try:
            found[name.strip()] = float(number or 0.5)
        except ValueError:
            raise SettingsError(f"The sensitivity in {word!r} must be a number between 0 and 1") from None
    return found


def _recordings(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(found for found in path.rglob("*") if found.suffix.lower() in ENDINGS)
        if not inside:
            raise AudioError(f"There is no recording in {path}")
        yield from inside


def _listen(words: WakeWords, path: Path, check: Callable[[FloatArray, WakeHit], str] | None) -> _Tried:
    import numpy as np

    from assistant.inputs.audio_file import read_audio

    clip = read_audio(path, load_settings().speech.max_minutes)
    samples: FloatArray = np.concatenate([clip.samples, np.zeros(PAUSE, np.float32)])
    words.reset()
    ends = range(CHUNK, len(samples) + CHUNK, CHUNK)
    hits = [hit for end in ends for hit in words.process(samples[end - CHUNK : end], end / 16_000)]
    reasons = [(hit, check(samples, hit) if check else "") for hit in hits]
    kept = tuple(hit for hit, reason in reasons if not reason)
    return _Tried(str(path), clip.duration, kept, tuple((hit, reason) for hit, reason in reasons if reason))


def _report(tried: list[_Tried], said: str) -> dict[str, Any]:
    hours = sum(one.seconds for one in tried) / 3600
    heard = sum(any(hit.word == said for hit in one.hits) for one in tried)
    false = sum(hit.word != said for one in tried for hit in one.hits)
    false += sum(max(0, sum(hit.word == said for hit in one.hits) - 1) for one in tried)
    return {
        "recordings": len(tried),
        "hours": round(hours, 4),
        "said": said or None,
        "heard": heard if said else None,
        "hit_rate": round(heard / len(tried), 4) if said and tried else None,
        "taken_back": sum(len(one.taken_back) for one in tried),
        "false_wakes": false,
        "false_wakes_per_hour": round(false / hours, 3) if hours else None,
    }


def _show(one: _Tried) -> None:
    for hit in one.hits:
        click.echo(f"{one.file}: {hit.word} at {hit.at:.2f} s ({hit.probability:.2f})")
    for hit, reason in one.taken_back:
        click.echo(f"{one.file}: {hit.word} at {hit.at:.2f} s ({hit.probability:.2f}), rejected: {reason}")


def _summary(report: dict[str, Any]) -> str:
    lines = [f"{report['recordings']} recordings, {60 * report['hours']:.1f} minutes"]
    if report["said"]:
        lines.append(f"heard {report['said']!r} in {report['heard']} ({report['hit_rate'] or 0:.1%})")
    rate = report["false_wakes_per_hour"]
    lines.append(f"false wakes: {report['false_wakes']}" + (f" ({rate:.2f} an hour)" if rate is not None else ""))
    if report["taken_back"]:
        lines.append(f"rejected by verification: {report['taken_back']}")
    return "\n".join(lines)


@wake.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILES]...")
@click.option("--name", default="", help="Whose voice it is; several may enroll, each under a name.")
@click.option("--forget", is_flag=True, help="Delete the enrolled voice of that name, or all.")
def enroll(files: tuple[Path, ...], name: str, forget: bool) -> None:
    """Enroll your voice, from recordings or at the microphone.

    With voice.only_enrolled set, only the "hey jarvis" of enrolled voices wakes it; plugins learn who speaks.
    This is a convenience, not a lock: voices can be recorded or imitated, and about 4 in 100 sound too alike. It stores
    a vector of 256 numbers, in a file that only you may read.
    """
    from assistant.speech.enrolled import forget_profiles, make_profile, profile_path, save_profile
    from assistant.speech.speaker import SpeakerEncoder

    profile_path(name)  # report a wrong name before recording
    if forget:
        names = ", ".join(each or "the voice without a name" for each in forget_profiles(name))
        click.echo(f"Forgotten: {names}." if names else "No voice was enrolled.")
        return
    profile, least = make_profile(SpeakerEncoder(), list(_clips(files) if files else _spoken()))
    path = save_profile(profile, name)
    click.echo(
        f"Enrolled (least likeness {least:.2f}) in {path}. Set voice.only_enrolled to let only enrolled voices wake it."
    )


def _clips(files: tuple[Path, ...]) -> Iterator[AudioClip]:
    from assistant.inputs.audio_file import read_audio

    most = load_settings().speech.max_minutes
    yield from (read_audio(path, most) for path in _recordings(files))


def _spoken() -> Iterator[AudioClip]:
    from assistant.inputs.live_microphone import record_until
    from assistant.speech.activity import VoiceActivity
    from assistant.speech.endpointing import AdaptiveEndpointing, EndOfSpeech

    settings = load_settings().voice
    word = next(iter(settings.all_wake_words), "hey jarvis")
    for number in range(1, UTTERANCES + 1):
        click.echo(f'{number} of {UTTERANCES}: say "{word}, what time is it?"', err=True)
        activity, end = VoiceActivity(), EndOfSpeech(AdaptiveEndpointing(0.7), patience=8.0)

        def done(chunk: FloatArray, activity: VoiceActivity = activity, end: EndOfSpeech = end) -> bool:
            return end.process(activity.probability(chunk), len(chunk) / 16_000) is not None

        yield record_until(done, 10.0, settings.input_device)
