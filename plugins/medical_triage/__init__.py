"""Where to go with symptoms, never what they are: red flags first, every rule in a readable file with its source."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import Candidate, Decision, Manifest, Register, Turn, hookimpl

from .answers import crisis_support, emergency
from .checking import check_symptoms
from .commands import add_commands
from .note_answer import doctor_note
from .pictures import review_skin, review_xray
from .red_flags import alarm_of, needs_questions
from .remedies import first_aid, medication_question, medicines_in
from .wording import examples_of

if TYPE_CHECKING:
    import click

__all__ = ["MANIFEST", "recognize_intent", "register_commands", "register_intents"]

MANIFEST = Manifest(
    title="Medical triage",
    summary="Says how soon to see whom with symptoms, gives first aid, never diagnoses.",
    capabilities=("files",),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what triage does."""
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
        register(handler, **examples_of(handler.__name__))


@hookimpl
def recognize_intent(turn: Turn) -> Decision | None:
    """Emergencies and crises outrank any score; what must be seen today is asked about without asking what is meant."""
    alarm: str = alarm_of(turn.utterance)
    if not alarm and not turn.images and not medicines_in(turn.utterance) and needs_questions(turn.utterance):
        alarm = "check_symptoms"
    if not alarm:
        return None
    intent = f"medical_triage.{alarm}"
    return Decision(
        intent,
        confidence=1.0,
        outcome="answer",
        candidates=(Candidate(intent, 1.0),),
        contributions={"audio" if turn.transcript and not turn.text else "text": 1.0},
        source="medical_triage",
    )


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add ``assistant triage``, and ``triage`` to ``assistant evaluate``."""
    add_commands(register)
