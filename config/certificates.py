"""Whether a file has a certificate and its key."""

from pathlib import Path


def is_certificate_file(path: str, password: str | None = None) -> bool:
    """Return whether a PEM or PKCS12 file can be read and has a certificate with its key."""
    # Imported here since it loads slowly and few deployments have certificates.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
    from cryptography.x509 import load_pem_x509_certificate

    secret = password.encode() if password else None
    try:
        content = Path(path).read_bytes()
        if b"-----BEGIN" in content:
            load_pem_private_key(content, secret)
            load_pem_x509_certificate(content)
            return True
        key, certificate, _ = pkcs12.load_key_and_certificates(content, secret)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return key is not None and certificate is not None
