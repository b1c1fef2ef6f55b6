"""`assistant languages` shows what a test has measured: sentences of every kind in every language of the README."""

import asyncio
import os
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant import Assistant, UserError
from assistant.cli.languages import languages, understood
from assistant.language import LANGUAGES
from assistant.safety import SafetyChecks
from assistant.settings import shipped_dir
from assistant.understanding.consent import read_consent

SAID: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("languages_said.toml").read_text("utf-8")
)
SHOWN = Path(__file__).parent.parent / "assistant" / "language" / "understood.toml"
INTENTS = {
    "emergency": "medical_triage.emergency",
    "crisis": "medical_triage.crisis_support",
    "order": "customer_service.track_order",
    "return": "customer_service.return_item",
    "quiz": "education.quiz_me",
    "human": "customer_service.talk_to_person",
}
PLAINLY = 3
"""emergencies of each language that come first, and are heard without any model"""
WITHOUT_MODEL = 0.7
"""the least share of the alarms of the table that are heard without any model"""
STOPPED = ("stopped", "停")


def test_every_language_and_kind_is_in_the_table() -> None:
    shown = understood()
    assert set(shown) == set(SAID) == set(LANGUAGES)
    for language, kinds in SAID.items():
        assert {kind: of for kind, (_, of) in shown[language].items()} == {k: len(v) for k, v in kinds.items()}


def test_the_command_prints_a_line_for_each_language() -> None:
    printed = CliRunner().invoke(languages, []).output
    assert all(any(line.split()[:1] == [language] for line in printed.splitlines()) for language in SAID)


@pytest.mark.parametrize("language", SAID)
def test_emergencies_crises_yes_and_no_are_understood_as_the_table_says(language: str) -> None:
    checks = SafetyChecks(shipped_dir("plugins"))
    kinds = SAID[language]
    found = {
        kind: sum((alarm := checks.check(text)) is not None and alarm.intent == INTENTS[kind] for text in kinds[kind])
        for kind in ("emergency", "crisis")
    }
    found |= {kind: sum(read_consent(text, language) == kind for text in kinds[kind]) for kind in ("yes", "no")}
    shown = understood()[language]
    # What needs no model is heard as well as the table says, but for alarms that are told less plainly.
    assert all(
        count >= shown[kind][0] * (1 if kind in ("yes", "no") else WITHOUT_MODEL) for kind, count in found.items()
    )
    plainly = (checks.check(text) for text in kinds["emergency"][:PLAINLY])
    assert all(alarm is not None and alarm.intent == INTENTS["emergency"] for alarm in plainly)


@pytest.mark.bench
def test_the_table_is_what_the_assistant_understands() -> None:
    """Measures with all models; `ASSISTANT_WRITE=1` writes the table anew."""
    try:
        measured = asyncio.run(_measured())
    except UserError as error:
        pytest.skip(f"needs the models: {error}")
    if os.environ.get("ASSISTANT_WRITE"):
        SHOWN.write_text(_written(measured), "utf-8")
    assert understood() == measured


async def _measured() -> dict[str, dict[str, tuple[int, int]]]:
    async with Assistant() as assistant:
        return {
            language: {
                kind: (sum([await _understood(assistant, kind, text, language) for text in texts]), len(texts))
                for kind, texts in kinds.items()
            }
            for language, kinds in SAID.items()
        }


async def _understood(assistant: Assistant, kind: str, text: str, language: str) -> bool:
    if kind in ("yes", "no"):
        return read_consent(text, language) == kind
    session = f"{language} {kind} {text}"
    if kind == "stop":
        await assistant.respond("quiz me", session=session)
        result = await assistant.respond(text, session=session)
        return any(word in result.reply.text for word in STOPPED)
    return (await assistant.respond(text, session=session)).decision.intent == INTENTS[kind]


def _written(measured: dict[str, dict[str, tuple[int, int]]]) -> str:
    lines = ["# Of the sentences of each kind in tests/languages_said.toml, how many were understood, and of how many."]
    for language, kinds in measured.items():
        lines += [f"[{language}]", *(f"{kind} = [{found}, {of}]" for kind, (found, of) in kinds.items())]
    return "\n".join(lines) + "\n"
