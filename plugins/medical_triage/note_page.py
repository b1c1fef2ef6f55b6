"""A triage note as a page to print, and as a few spoken sentences."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

__all__ = ["page", "spoken"]

LEVELS = {
    "emergency": "Emergency: call now",
    "urgent": "Urgent: be seen today",
    "doctor": "See a doctor in the next days",
    "self_care": "Care at home",
}
STYLE = (
    "body{font:11pt/1.4 sans-serif;max-width:44em;margin:2em auto;color:#000}h1{font-size:15pt}h2{font-size:12pt;"
    "margin:1.2em 0 .3em}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2em .5em;text-align:left;"
    "vertical-align:top}small{color:#444}.level{border:2px solid #000;padding:.4em .7em;font-weight:bold}"
    "article{break-after:page}"
)


def page(notes: Sequence[dict[str, Any]]) -> str:
    """One HTML page without scripts or outside parts; each note begins a sheet."""
    body = "".join(f"<article>{_note(note)}</article>" for note in notes)
    return f'<!doctype html><meta charset="utf-8"><title>Triage note</title><style>{STYLE}</style>{body}\n'


def _note(note: dict[str, Any]) -> str:
    said = "".join(f"<p>{_said(one)}</p>" for one in note["said"])
    facts = "".join(
        f"<tr><td>{escape(fact['name'])}</td><td>{_state(fact)}</td><td>{escape(_words(fact))}</td></tr>"
        for fact in {fact["name"]: fact for fact in note["facts"]}.values()
    )
    rules = "".join(
        f"<tr><td>{escape(rule['id'])}</td><td>{escape(rule['level'])}</td><td>{escape(rule['reason'])}</td>"
        f"<td>{escape(rule['source'])}</td></tr>"
        for rule in note["rules"]
    )
    known = (("Age", "age_years", "years"), ("For", "lasting_hours", "hours"), ("Pain", "pain_of_10", "of 10"))
    numbers = "; ".join(f"{name} {note[key]:g} {unit}" for name, key, unit in known if note[key] is not None)
    return (
        f"<h1>Triage note, {escape(note['at'])}</h1><p class=level>{LEVELS[note['level']]}</p>"
        f"<h2>What was told, word for word</h2>{said}"
        f"<p>{escape(numbers)}{'; pregnant' if note['pregnant'] else ''}</p>"
        f"<h2>What was understood</h2><table><tr><th>Finding<th></th><th>Words</th></tr>{facts}</table>"
        f"<h2>Why</h2><table><tr><th>Rule</th><th>Level</th><th>Reason</th><th>Guidance</th></tr>{rules}</table>"
        f"<h2>What was advised</h2><p>{escape(note['advice']).replace(chr(10), '<br>')}</p>"
        f"<p>{escape(note['watch'])}</p>"
        f"<p><small>Session {escape(note['session'])}, note {escape(note['key'])}, schema {note['schema']}. Written by "
        "a program from what was said; no examination, no diagnosis.</small></p>"
    )


def _said(one: dict[str, Any]) -> str:
    asked = f"<em>{escape(one['question'])}</em><br>" if one["question"] else ""
    return f"{asked}“{escape(one['words'])}” <small>({escape(one['how'])})</small>"


def _state(fact: dict[str, Any]) -> str:
    if fact["denied"]:
        return "denied"
    return "told, and also denied" if fact["said"] and fact["denied_in"] else "present"


def _words(fact: dict[str, Any]) -> str:
    return "; ".join(dict.fromkeys(place["words"] for place in fact["denied_in" if fact["denied"] else "said"]))


def spoken(note: dict[str, Any]) -> str:
    """The note in a sentence or two."""
    named = list(dict.fromkeys(fact["name"] for fact in note["facts"] if not fact["denied"]))
    return f"{LEVELS[note['level']]}. I noted: {', '.join(named[:4]) or 'no clear symptom'}."
