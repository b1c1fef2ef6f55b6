"""Where input comes from: sound files, the microphone, pictures, the camera, typed text."""
