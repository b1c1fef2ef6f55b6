"""A small course of our own: lessons, a glossary, quizzes, marking, and maths exercises solved step by step."""

from __future__ import annotations

from assistant import Manifest, Register, hookimpl

from .explaining import define_term, explain_concept, summarize_lesson
from .quizzing import grade_answer, quiz_me
from .solving import solve_exercise
from .wording import examples_of

__all__ = ["MANIFEST", "register_intents"]

MANIFEST = Manifest(
    title="Education",
    summary="Explains lessons, defines terms, solves maths exercises with steps, quizzes and marks.",
    timeout=15.0,
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what the tutor does."""
    for handler in (explain_concept, define_term, solve_exercise, quiz_me, summarize_lesson, grade_answer):
        register(handler, **examples_of(handler.__name__))
