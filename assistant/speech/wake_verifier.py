"""Everything that may be said against a wake word that the detector heard."""

from __future__ import annotations

from assistant.errors import AudioError
from assistant.speech.speaker import ALIKE, SpeakerEncoder, load_profile
from assistant.speech.wake_likelihood import HALF, STRANGER, LikelihoodListener, half_of, said_whole
from assistant.types import AudioClip, FloatArray

__all__ = ["WakeVerifier"]


class WakeVerifier:
    """Call it with the sound before a hit.

    Args:
        listener: Whisper; None, or one that cannot tell likelihoods, believes that every word was said whole.
        speaker: tells voices apart; None hears everybody.
    """

    def __init__(self, listener: object, speaker: SpeakerEncoder | None = None) -> None:
        self._listener = listener if isinstance(listener, LikelihoodListener) else None
        self._speaker = speaker
        self._profile: FloatArray | None = None

    def needless(self, word: str) -> bool:
        """Whether nothing can be said against this word, so that no model need be loaded."""
        return self._speaker is None and (self._listener is None or not half_of(word))

    def __call__(self, clip: AudioClip, word: str) -> str:
        """Why a wake word does not count; "" when it does.

        Args:
            clip: the `BEFORE` seconds up to the hit, 16 kHz.
            word: what the detector heard.

        Raises:
            InputError: only the enrolled speaker is to be heard, and nobody has enrolled.
            ModelUnavailable: weights cannot be had.
        """
        if self._listener is not None and not said_whole(self._listener, clip, word):
            return HALF
        return STRANGER if self._speaker is not None and not self._is_ours(self._speaker, clip) else ""

    def _is_ours(self, speaker: SpeakerEncoder, clip: AudioClip) -> bool:
        if self._profile is None:
            self._profile = load_profile()
        try:
            return speaker.likeness(clip, self._profile) >= ALIKE
        except AudioError:  # too short to tell: nobody is shut out for a quick word
            return True
