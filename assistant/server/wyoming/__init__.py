"""The Wyoming protocol, which Home Assistant and satellites speak: recognition, voice, wake words, answers."""
