"""The note by which an audit message vouches for the events up to its own."""

from domain.audit.evidence import fingerprint


def evidence_note(number: int, link: str) -> str:
    """Say which event this is, and the fingerprint of the chain that ends in it, if there is."""
    return f"event {number} · fingerprint {fingerprint(link)}" if link else f"event {number}"
