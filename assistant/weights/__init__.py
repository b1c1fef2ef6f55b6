"""Model weights: one catalogue, several sources, one hash.

``ensure_model("whisper-base")`` returns a folder whose files are complete and have the catalogue's sha256.
"""

from assistant.weights.catalogue import Catalogue, Model, load_catalogue, models_in_use
from assistant.weights.fetching import Progress
from assistant.weights.store import ModelState, ModelStore, ensure_model

__all__ = [
    "Catalogue",
    "Model",
    "ModelState",
    "ModelStore",
    "Progress",
    "ensure_model",
    "load_catalogue",
    "models_in_use",
]
