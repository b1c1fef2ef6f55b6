"""Dialogues: a handler asks, the user answers, and neither a crash nor a restart makes them begin again.

::

    waiting ─▶ manager ─▶ conversation ─▶ journal          questions
    what is    who goes   what a handler  what happened,   what counts as
    asked now  on when    is given        event by event   an answer
"""
