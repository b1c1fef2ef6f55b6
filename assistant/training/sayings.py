"""What people say around a picture: our own sentences, from which training makes turns."""

from __future__ import annotations

__all__ = ["ASKING", "POINTING", "SHOWING"]

POINTING = (
    *("what is this", "look at this", "can you look at this", "what do you see here", "this one please", "here you go"),
    *("I have a photo for you", "tell me about this", "can you help me with that", "any idea what this is", "and this"),
    *("what should I do with it", "please check the picture", "see the attached image", "this is the picture I mean"),
    *(
        "could you take a look",
        "what do you think of it",
        "have a look at the photo",
        "I took this just now",
        "help me",
    ),
)
"""sentences that say nothing without a picture"""

ASKING = (
    *("tell me something about {}", "I have a question about {}", "what can you do with {}", "I need help with {}"),
    *("where do I find {}", "please explain {} to me", "I would like {}", "is there anything new about {}"),
)
"""sentences that name a subject"""

SHOWING = ("a picture of {}", "a drawing of {}", "a photo that shows {}")
"""phrases for a picture of a subject"""
