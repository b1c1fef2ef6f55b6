"""Timers, alarms, reminders; the time here and elsewhere, and days counted."""

from __future__ import annotations

from assistant import Manifest, Option, Register, Services, Turn, hookimpl

from .alarms import set_alarm, snooze
from .amending import follows
from .asking import surely_means
from .kept import names_one
from .moving import change_alarm, set_another
from .reminders import remind_me
from .routing import Handler, reminds, routed
from .showing import cancel, show
from .telling import count_days, tell_time
from .timers import change_timer, set_timer
from .wording import examples_of

__all__ = ["MANIFEST", "knows", "register_intents"]

MANIFEST = Manifest(
    title="Clock",
    summary="Keeps timers, alarms and reminders; tells the time here and elsewhere, and counts days.",
    translations={
        "zh": ("时钟", "管理计时器、闹钟和提醒，告诉您各地的时间，计算天数。"),
        "de": ("Uhr", "Stellt Timer, Wecker und Erinnerungen, sagt die Zeit hier und anderswo, zählt Tage."),
    },
    tells_apart=True,
    welcome=("set a timer for 5 minutes", "设一个5分钟的计时器", "Wie spät ist es?"),
    options=(Option("snooze", 9, "minutes for which something is put off when no time is said"),),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare what the clock does."""
    acting = (set_timer, change_timer, set_alarm, remind_me, change_alarm, snooze, cancel)
    handlers: dict[str, Handler] = {handler.__name__: handler for handler in (*acting, show)}
    handlers["another"] = set_another
    for handler in acting:  # "did you set it?" is answered with what is set
        name = handler.__name__
        sure = reminds if handler is remind_me else surely_means(name)
        served = routed(name, handlers)
        register(served, acts=True, about=show, matches=sure, follows=follows(name), **examples_of(name))
    for answering in (show, tell_time, count_days):
        name = answering.__name__
        register(answering, acts=False, matches=surely_means(name), follows=follows(name), **examples_of(name))


@hookimpl
async def knows(turn: Turn, services: Services) -> bool:
    """Returns whether the text names a timer, alarm or reminder that is set."""
    return names_one(turn.utterance, await services.scheduled(turn.session))
