"""HTTPS with the user's own certificate: browsers of phones allow the microphone and the camera only over it."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError
from assistant.settings import Serve

__all__ = ["tls_files", "trusting"]


def tls_files(serve: Serve) -> dict[str, Any]:
    """Options of uvicorn for HTTPS; empty for plain HTTP. SettingsError names an unusable file."""
    if not serve.tls_certificate and not serve.tls_key:
        return {}
    if not serve.tls_certificate or not serve.tls_key:
        raise SettingsError("HTTPS needs both [serve] tls_certificate and tls_key.")
    certificate, key = (str(Path(each).expanduser()) for each in (serve.tls_certificate, serve.tls_key))
    for file in (certificate, key):
        try:
            Path(file).read_bytes()
        except OSError as error:
            raise SettingsError(f"Cannot read {file}: {error.strerror}. [serve] in the settings names it.") from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        what = "does not belong to" if "MISMATCH" in str(error) else "(PEM, without a password) cannot be read with"
        raise SettingsError(f"The key {key} {what} the certificate {certificate}.") from error
    return {"ssl_certfile": certificate, "ssl_keyfile": key}


def trusting(serve: Serve) -> ssl.SSLContext | None:
    """TLS context for requests to this machine's own server: trusts exactly its certificate, whatever its name."""
    files = tls_files(serve)
    if not files:
        return None
    context = ssl.create_default_context(cafile=files["ssl_certfile"])
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
