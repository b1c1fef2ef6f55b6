"""Decides which intent a turn means: one calibrated decision from speech, pictures and text."""

from assistant.intents.model import IntentModel
from assistant.intents.report import FitReport

__all__ = ["FitReport", "IntentModel"]
