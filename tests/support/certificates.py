"""Certificates with which an app proves itself to Entra."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class AppCertificate:
    """Hold a certificate and its private key, both in PEM."""

    certificate: str
    key: str

    @property
    def thumbprint(self) -> bytes:
        """Return the SHA-256 of the certificate."""
        read = x509.load_pem_x509_certificate(self.certificate.encode())
        return read.fingerprint(hashes.SHA256())


def an_app_certificate() -> AppCertificate:
    """Make a certificate that its own key has signed, valid for a day."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "latchkey")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return AppCertificate(
        certificate.public_bytes(serialization.Encoding.PEM).decode(), written.decode()
    )
