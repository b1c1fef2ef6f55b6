"""One picture of an explanation, with Pillow."""

from assistant.explanation.drawing.sheet import draw, save, write_picture

__all__ = ["draw", "save", "write_picture"]
