"""The conversation's colours; the sixteen that every terminal has and every theme defines."""

from prompt_toolkit.styles import Style

__all__ = ["STYLE"]

STYLE = Style.from_dict(
    {
        "prompt": "ansicyan bold",
        "continuation": "ansibrightblack",
        "command": "ansicyan",
        "unknown": "ansired",
        "argument": "ansigreen",
        "path": "ansigreen",
        "bottom-toolbar": "noreverse ansibrightblack",
        "toolbar.ready": "ansigreen",
        "toolbar.busy": "ansiyellow",
        "toolbar.failed": "ansired",
        "toolbar.waiting": "ansicyan",
        "auto-suggestion": "ansibrightblack",
    }
)
