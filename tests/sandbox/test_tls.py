"""The certificates that clients trust."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from sandbox.tls import prepare_tls

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_authority_stays_the_same_across_runs(tmp_path: Path) -> None:
    first = prepare_tls(tmp_path, NOW).ca.read_bytes()
    second = prepare_tls(tmp_path, NOW + timedelta(days=300)).ca.read_bytes()

    assert first == second


def test_an_authority_that_is_about_to_expire_is_replaced(tmp_path: Path) -> None:
    first = prepare_tls(tmp_path, NOW).ca.read_bytes()
    second = prepare_tls(tmp_path, NOW + timedelta(days=800)).ca.read_bytes()

    assert first != second


def test_an_authority_that_cannot_be_read_is_replaced(tmp_path: Path) -> None:
    files = prepare_tls(tmp_path, NOW)
    files.ca.write_text("not a certificate")
    prepare_tls(tmp_path, NOW)

    assert files.ca.read_text().startswith("-----BEGIN CERTIFICATE-----")


def test_an_authority_without_its_key_is_replaced(tmp_path: Path) -> None:
    other = tmp_path / "other"
    files = prepare_tls(tmp_path, NOW)
    foreign = prepare_tls(other, NOW).ca.read_bytes()
    files.ca.write_bytes(foreign)
    prepare_tls(tmp_path, NOW)

    assert foreign != files.ca.read_bytes()


def test_only_the_owner_can_read_the_keys(tmp_path: Path) -> None:
    prepare_tls(tmp_path, NOW)

    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*-key.pem")} == {0o600}


def test_the_servers_certificate_is_for_loopback_only(tmp_path: Path) -> None:
    files = prepare_tls(tmp_path, NOW)
    certificate = x509.load_pem_x509_certificate(files.server_chain.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert [str(name.value) for name in names] == ["localhost", "127.0.0.1", "::1"]
