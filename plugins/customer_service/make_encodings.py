"""Encodes the demo shop's policy pages, so that the first question need not wait.

``python -m plugins.customer_service.make_encodings``, when the pages or the sentence encoders have changed.
"""

from __future__ import annotations

import asyncio

from .policies import ENCODED, policy_collection

__all__ = ["main"]


async def _encode() -> int:
    from assistant.app import App

    app = await App.open()
    try:
        collection = await policy_collection(app.services_for("customer_service"))
        return await collection.export(ENCODED)
    finally:
        await app.close()


def main() -> None:
    """Write the file beside the pages."""
    print(f"{asyncio.run(_encode())} sections")


if __name__ == "__main__":
    main()
