"""A small course of our own: lessons, a glossary, quizzes, marking, and maths exercises solved step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import Manifest, Option, Register, Reply, Services, Turn, hookimpl

from .commands import add_commands
from .course import names_topic
from .explaining import asks_both, define_if_term, define_term, explain_concept, summarize_lesson
from .finding import find_in_lecture
from .follow_ups import wants_it_told
from .quizzing import asks_quiz, grade_answer, quiz_me
from .solving import asks_exercise, goes_on, solve_exercise, solve_if_exercise
from .wording import examples_of

if TYPE_CHECKING:
    import click

__all__ = ["MANIFEST", "answer_fallback", "answer_unsure", "knows", "register_commands", "register_intents"]

MANIFEST = Manifest(
    title="Education",
    summary="Explains lessons, finds the minute in a lecture, solves maths with steps, quizzes and marks.",
    translations={
        "zh": ("学习", "讲解课程，找到讲课中的位置，逐步解数学题，出题并批改。"),
        "de": (
            "Lernen",
            "Erklärt den Stoff, findet die Stelle der Vorlesung, rechnet Schritt für Schritt, fragt ab und bewertet.",
        ),
    },
    capabilities=("files",),
    timeout=40.0,
    welcome=("explain photosynthesis", "quiz me", "解释一下光合作用", "考考我"),
    tells_apart=True,
    options=(
        Option("course", "", 'folder of your own course; "" for none (`assistant course add` adds more)'),
        Option("example", True, "keep the example course beside your own"),
    ),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what the tutor does."""
    register(
        solve_exercise,
        acts=False,
        matches=asks_exercise,
        follows=goes_on,
        **examples_of("solve_exercise"),
    )
    register(explain_concept, acts=False, matches=asks_both, follows=wants_it_told, **examples_of("explain_concept"))
    for handler in (define_term, find_in_lecture, summarize_lesson, grade_answer):
        register(handler, acts=False, **examples_of(handler.__name__))
    register(
        quiz_me, acts=True, matches=asks_quiz, **examples_of("quiz_me")
    )  # it sets when each question is asked again


@hookimpl
async def answer_fallback(turn: Turn, services: Services) -> Reply | None:
    """Solve an exercise, or define a term of the course, that the intent model did not take for one: "what is 9^9"."""
    return await solve_if_exercise(turn) or await define_if_term(turn, services)


@hookimpl
async def answer_unsure(turn: Turn, services: Services) -> Reply | None:
    """Define a term of the course rather than ask which intent is meant: 什么是惯性."""
    return await define_if_term(turn, services)


@hookimpl
def knows(turn: Turn, services: Services) -> bool:
    """Returns whether the text names a lesson or a term of the course: "what is a gene"."""
    return names_topic(turn.utterance, services)


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add ``assistant course``."""
    add_commands(register)
