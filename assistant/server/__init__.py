"""The assistant over HTTP: on one machine with uvicorn, or as replicas on a Ray cluster. See README.md beside this.

::

    request ─▶ authentication ─▶ routes ─▶ request_parsing ─▶ turn_service ────────▶ App.answer ─▶ JSON, or streaming
               token, size                 turn, files        session, key, limiter

FastAPI, uvicorn and Ray are imported only by those who serve.
"""
