"""Reads input: sound files, the microphone, pictures, the camera, typed text."""
