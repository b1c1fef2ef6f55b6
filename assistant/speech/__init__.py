"""Hearing and speaking: voice activity, speech recognition, speech synthesis."""

from assistant.speech.recognition import SpeechRecognizer
from assistant.speech.synthesis import Synthesizer, join_clips, write_audio

__all__ = ["SpeechRecognizer", "Synthesizer", "join_clips", "write_audio"]
