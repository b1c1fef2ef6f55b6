"""OpenAI's addresses: thin adapters, so that its clients work with the assistant by changing one address."""

from assistant.server.openai_api.chat import chat
from assistant.server.openai_api.speech import models, speech
from assistant.server.openai_api.transcriptions import transcriptions

__all__ = ["openai_routers"]

openai_routers = (chat, transcriptions, speech, models)
