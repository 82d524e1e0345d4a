"""What is wrong with variables that only libraries read, which would say so at each connection."""

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit


def faults_for_libraries(given: Mapping[str, str]) -> list[str]:
    """Return the errors in them."""
    faults = []
    if (path := given.get("SSL_CERT_FILE")) and not _has_authorities(path):
        faults.append("SSL_CERT_FILE: must be a PEM file with the certificates of authorities")
    if (proxy := given.get("HTTPS_PROXY")) and not _is_proxy(proxy):
        faults.append("HTTPS_PROXY: must be an address like http://proxy.example.com:3128")
    return faults


def _has_authorities(path: str) -> bool:
    """Load them as OpenSSL does, which ignores a file that it can't read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except OSError:
        return False
    return context.cert_store_stats()["x509"] > 0


def _is_proxy(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
