"""Says where to go with symptoms, never what they are: red flags first; every rule is in a file with its source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant import Candidate, Decision, Manifest, Register, Reply, Services, Turn, hookimpl

from .alarm_meaning import LIKELY_HEARD, possible_alarm
from .answers import crisis_support, emergency
from .checking import check_symptoms
from .commands import add_commands
from .follow_ups import medicine_meant
from .note_answer import doctor_note
from .pictures import review_skin, review_xray
from .red_flags import alarm_of, needs_questions, only_asleep
from .remaining import mildly_told, told_beside_past, told_calmly
from .remedies import first_aid, guides_in, medication_question, medicines_in
from .safety import check_safety
from .still_urgent import still_urgent
from .usual_values import only_usual_values, surely_usual
from .wording import examples_of

if TYPE_CHECKING:
    import click

__all__ = [
    "MANIFEST",
    "answer_fallback",
    "answer_unsure",
    "check_safety",
    "recognize_intent",
    "register_commands",
    "register_intents",
    "shutdown",
    "startup",
]

MANIFEST = Manifest(
    title="Medical triage",
    summary="Says how soon to see whom with symptoms, gives first aid, never diagnoses.",
    translations={
        "zh": ("就医分诊", "根据症状说明该多快找谁就医，给出急救步骤，从不下诊断。"),
        "de": (
            "Medizinische Ersteinschätzung",
            "Sagt bei Beschwerden, wie bald Sie zu wem gehen sollten, nennt Erste Hilfe, stellt keine Diagnose.",
        ),
    },
    capabilities=("files",),
    welcome=("I have a sore throat", "how do I treat a burn", "我嗓子疼", "烫伤了怎么处理"),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what triage does. It advises; the note it keeps for a doctor changes nothing."""
    for handler in (
        check_symptoms,
        emergency,
        review_xray,
        review_skin,
        medication_question,
        first_aid,
        crisis_support,
        doctor_note,
    ):
        matches = surely_usual if handler is check_symptoms else None
        urgent = handler in (emergency, crisis_support)
        register(handler, acts=False, matches=matches, urgent=urgent, **examples_of(handler.__name__))


_running: dict[str, Services] = {}
"""the services of the assistant that runs, by which a turn is understood from the one before"""


@hookimpl
def startup(services: Services) -> None:
    """Open the recorder of recent emergencies."""
    _running["services"] = services


@hookimpl
def shutdown() -> None:
    """Close it: the conversations have ended."""
    _running.clear()


@hookimpl
async def recognize_intent(turn: Turn) -> Decision | None:
    """Give emergencies and crises precedence over any score; ask about complaints for a doctor today at once."""
    alarm: str = alarm_of(turn.utterance) or ("emergency" if only_asleep(turn.utterance) else "")
    if not alarm and not turn.images and not medicines_in(turn.utterance) and needs_questions(turn.utterance):
        alarm = "check_symptoms"
    services = _running.get("services")
    if alarm:
        return _decision(turn, alarm)
    mild = mildly_told(turn.utterance) or surely_usual(turn.utterance)
    meant, heard = await possible_alarm(turn.utterance, services) if services and not mild else ("", 0.0)
    if heard >= LIKELY_HEARD:
        return replace(_decision(turn, meant), confidence=heard)
    if not turn.images and (only_usual_values(turn.utterance) or told_calmly(turn.utterance)):
        return replace(_decision(turn, "check_symptoms"), confidence=LIKELY_HEARD)
    if not turn.images and guides_in(told_beside_past(turn.utterance)):
        return replace(_decision(turn, "first_aid"), confidence=LIKELY_HEARD)
    if services and (medicine := await medicine_meant(turn, services)):
        return replace(_decision(turn, "medication_question"), slots={"medicine": medicine})
    return replace(_decision(turn, meant), confidence=heard) if meant else None


def _decision(turn: Turn, handler: str) -> Decision:
    intent = f"medical_triage.{handler}"
    return Decision(
        intent,
        confidence=1.0,
        outcome="answer",
        candidates=(Candidate(intent, 1.0),),
        contributions={"audio" if turn.transcript and not turn.text else "text": 1.0},
        source="medical_triage",
    )


@hookimpl(tryfirst=True)
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Take a turn that means nothing else right after an emergency as one about it."""
    return await still_urgent(turn, services)


@hookimpl(tryfirst=True)
async def answer_unsure(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Take an unclear turn right after an emergency as one about it; a little later, one that may be about health."""
    likely = any(each.intent.startswith("medical_triage.") for each in decision.candidates[:2])
    return await still_urgent(turn, services, **({} if likely else {"within": 1}))


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add ``assistant triage``, and ``triage`` to ``assistant evaluate``."""
    add_commands(register)
