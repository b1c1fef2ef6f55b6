"""One picture of an explanation, with Pillow."""

from assistant.explanation.drawing.sheet import draw, save

__all__ = ["draw", "save"]
