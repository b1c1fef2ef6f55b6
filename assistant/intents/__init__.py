"""What a turn means: one calibrated decision of everything that was heard, seen and read."""

from assistant.intents.model import IntentModel
from assistant.intents.report import FitReport

__all__ = ["FitReport", "IntentModel"]
