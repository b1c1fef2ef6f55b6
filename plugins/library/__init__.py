"""Answers from the user's own files, with page or minute, and summarises them; no language model."""

from __future__ import annotations

from assistant import Decision, Manifest, Register, Reply, Services, Turn, hookimpl

from . import answering, summarising
from .wording import examples_of

__all__ = ["MANIFEST", "answer_fallback", "answer_unsure", "register_intents"]

MANIFEST = Manifest(
    title="Library",
    summary="Finds and quotes what stands in your own files (`assistant library add FOLDER`), and summarises them.",
    translations={
        "zh": ("资料库", "在您自己的文件中查找并引用原文，也能做摘要。"),
        "de": ("Bibliothek", "Findet und zitiert, was in Ihren eigenen Dateien steht, und fasst sie zusammen."),
    },
    capabilities=("files",),
    timeout=30.0,
    welcome=("search my files for …", "summarise this letter: …", "在我的文件里找……"),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare them."""
    register(answering.find_in_files, acts=False, matches=answering.matches_find, **examples_of("find_in_files"))
    register(summarising.summarise, acts=False, matches=summarising.matches_summarise, **examples_of("summarise"))


@hookimpl
async def answer_unsure(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer an uncertain question from the files, if they hold the answer."""
    likely = decision.confidence if decision.outcome == "answer" and decision.source != "declined" else 0.0
    return await answering.answer_if_known(turn, services, likely)


@hookimpl(trylast=True)  # what the user told, and a language model, come first
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer a question that belongs to no intent from the files, if they hold the answer or something near it."""
    if decision.source == "declined":  # `answer_unsure` was asked already, and what is only near replaces no answer
        return None
    return (
        await summarising.summarise_named(turn, services)
        or await answering.answer_if_known(turn, services)
        or await answering.name_nearest(turn, services)
    )
