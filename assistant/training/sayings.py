"""What people say around a picture: our own sentences, from which training makes turns."""

from __future__ import annotations

__all__ = ["ASKING", "POINTING", "SAYINGS", "SHOWING"]

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

SAYINGS: dict[str, tuple[str, ...]] = {
    "xray": (
        *("please read my X-ray", "they took an X-ray of my chest", "is anything wrong on this radiograph"),
        *("the hospital gave me a scan of my lungs", "look at the X-ray of my ribs", "I had my chest X-rayed today"),
        *("what does my chest image show", "does this scan show pneumonia"),
    ),
    "skin": (
        *("there is a spot on my skin", "should I worry about this mole", "my rash does not go away"),
        *("a freckle of mine has grown", "this wart looks odd", "my skin is red and itches here"),
        *("is this birthmark harmless", "I found a dark mark on my leg"),
    ),
    "receipt": (
        *("how much did the shopping cost", "file this receipt", "what is the sum on the bill", "read my till slip"),
        *("keep this invoice for the guarantee", "when did I buy this, it is on the receipt"),
        *("add up the prices on the receipt", "which shop is this bill from"),
    ),
    "exercise": (
        *(
            "help me with my homework",
            "what is the answer to this problem",
            "solve the equation",
            "I cannot do this task",
        ),
        *("how do I work out this exercise", "explain question three on the worksheet"),
        *("find the angle in the triangle", "which answer is right, A or B"),
    ),
    "damage": (
        *("my parcel came damaged", "the screen is cracked", "someone scratched my car", "the box was crushed"),
        *("it broke during delivery", "I want to report damage", "the phone I ordered has broken glass"),
        "there is a dent in the door",
    ),
}
"""visual kind → what people say about such a picture"""
