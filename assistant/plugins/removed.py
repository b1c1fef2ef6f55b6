"""Names that the plugin API no longer has, and what to use instead."""

from __future__ import annotations

__all__ = ["REMOVED", "RENAMED"]

RENAMED = {"Evidence": "FusionInput", "Fused": "FusionOutput"}
"""Old name in `assistant` → new name. The old one works in API 2, with a `DeprecationWarning`."""

REMOVED: dict[str, str] = {
    name: f"{name} was removed in API {version}: {instead}"
    for version, gone in {
        2: {
            "prepare_turn": "answer the turn in an intent, or decide about it in recognize_intent",
            "prepare_reply": "return the finished reply from the intent",
            "track_event": "a program that embeds the assistant may listen on its bus",
            "register_encoders": "the assistant's own encoders are used; choose them in the settings",
            "register_inputs": "ask for a picture with dialogue.ask(…, kind=Picture), which the user attaches",
            "register_outputs": "deliver the reply in an intent, through dialogue.once",
            "create_fusion": "set fusion.strategy to attention, early or late",
            "Services.describe": "use services.encode_text and the phrases of looks_like",
            "Services.publish": "return a Reply; events are the assistant's own",
            "Services.take_picture": "ask for one with dialogue.ask(…, kind=Picture)",
            "Services.record": "use turn.audio, which holds what the user said",
            "Collection.count": "use len(await collection.sources())",
            "capability camera": "a picture comes with the turn or from dialogue.ask(…, kind=Picture); delete it",
            "capability microphone": "the user's words come with the turn, in turn.audio; delete it",
        },
    }.items()
    for name, instead in gone.items()
}
"""Name of a hook, ``Services.method`` or ``capability name`` → one line for the plugin's author."""
