"""Runs conversations with handlers: a handler asks, the user answers, and a crash or a restart loses nothing.

::

    waiting ─▶ manager ─▶ conversation ─▶ journal          questions
    what is    who goes   what a handler  what happened,   what counts as
    asked now  on when    is given        event by event   an answer
"""
