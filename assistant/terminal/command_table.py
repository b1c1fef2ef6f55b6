"""The commands of ``assistant``, in the order in which help lists them."""

from __future__ import annotations

from assistant.terminal.lazy_group import CommandTable

__all__ = ["COMMANDS"]

COMMANDS: CommandTable = {
    "ask": ("assistant.cli.ask:ask", "Ask one question, with pictures and a recording if you like."),
    "explain": (
        "assistant.cli.explain:explain",
        "Show which words, parts of a picture and moments of sound decided.",
    ),
    "transcribe": ("assistant.cli.transcribe:transcribe", "Write down what is said in recordings."),
    "listen": ("assistant.cli.listen:listen", "Listen for the wake word and answer aloud, until Ctrl-C."),
    "wake": ("assistant.cli.wake:wake", "List the wake words, try them on recordings, and enroll your voice."),
    "service": ("assistant.cli.service:service", "Run the voice assistant in the background, from login on."),
    "web": ("assistant.cli.web:web", "Open the web page: talk, type, show pictures."),
    "serve": ("assistant.cli.serve:serve", "Answer other programs over HTTP: text, pictures, recordings."),
    "mcp": ("assistant.cli.mcp:mcp", "Offer the plugins' abilities over MCP, to a program or over HTTP."),
    "wyoming": ("assistant.cli.wyoming:wyoming", "Answer Home Assistant and satellites over the Wyoming protocol."),
    "record": ("assistant.cli.listen:record", "Listen, and record the session for replay."),
    "library": ("assistant.cli.library:library", "Find files by meaning: add folders, search them."),
    "history": ("assistant.cli.history:history", "Look at past conversations, search, export and delete them."),
    "replay": (
        "assistant.cli.replay:replay",
        "Run a past conversation through today's models and plugins, and show what changed.",
    ),
    "models": ("assistant.cli.models:models", "List, fetch and check the models."),
    "languages": ("assistant.cli.languages:languages", "Show what is understood in which language."),
    "plugins": ("assistant.cli.plugins:plugins", "List, check and start plugins."),
    "config": ("assistant.cli.config:config", "Show the settings and where they come from."),
    "completion": (
        "assistant.cli.completion:completion",
        "Print the completion script of a shell: bash, zsh or fish.",
    ),
    "doctor": ("assistant.cli.doctor:doctor", "Check that everything works, and say how to mend what does not."),
    "train": (
        "assistant.cli.train:train",
        "Train the fusion: the shared space, the shipped plugins' picture kinds and the three strategies.",
    ),
    "evaluate": ("assistant.cli.evaluate:evaluate", "Measure how good the assistant is."),
    "bench": ("assistant.cli.bench:bench", "Measure how fast the assistant is."),
}
