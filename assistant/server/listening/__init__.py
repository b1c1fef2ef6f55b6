"""The voice loop for microphones elsewhere: `/v1/listen`. The protocol is in README.md beside this.

::

    WebSocket ─▶ microphone ─▶ VoiceLoop (assistant/voice) ─▶ loudspeaker ─▶ outbox ─▶ WebSocket
    binary       PCM, Opus     the same loop as here           paced sound    bounded    events, binary
"""
